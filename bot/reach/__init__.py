"""When and how often somebody is asked unasked: one budget, calendars, wishes, their commands."""
