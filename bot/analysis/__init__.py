"""From answers to stored reports."""
