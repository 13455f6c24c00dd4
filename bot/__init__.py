"""gapbot: measures in chat where a service falls short, and gets it fixed."""

__version__ = "0.1.0"
