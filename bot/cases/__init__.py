"""Customers who rated low and wish to be contacted."""
