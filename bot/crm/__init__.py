"""Customers of a CRM, their visits, and what follows from a visit."""
