"""What customers and staff propose, and who is for it."""
