"""What staff report, and the thread with whoever mends it."""
