"""The organisation's shape: units and regions, and who holds which role in them."""
