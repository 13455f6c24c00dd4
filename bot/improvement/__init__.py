"""Fixes: the catalogue, and what managers do with them."""
