"""The methods of the Bot API that the offline chat has, by subject."""
