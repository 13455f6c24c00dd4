"""The weekly digest: what a manager sees, as picture, message and buttons."""
