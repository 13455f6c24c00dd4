"""Who takes part: persons, roles, units, invitations, consent."""
