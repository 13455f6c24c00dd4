"""What the organisation asks of itself and promises others: standards, promises, measurements."""
