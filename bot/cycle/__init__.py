"""The circle of improvement: what was found, done, achieved and told, by unit and over units."""
