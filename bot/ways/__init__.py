"""Ways in: links of units, touchpoints, counters and shifts; posters; staff groups."""
