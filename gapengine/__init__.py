"""From answers to findings: the gap model as pure functions over numpy arrays."""

__version__ = "0.1.0"
