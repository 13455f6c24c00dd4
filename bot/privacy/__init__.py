"""What people may know and decide about what is held of them."""
