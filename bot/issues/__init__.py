"""What staff report as going wrong: reports, their threads, and what managers do about them."""
