"""What the buttons of the list of links say and mean."""

from bot.core.i18n import N_

LIST, ONE, CLOSE = "lk", "lko", "lkx"
LINKS = N_("Links that still work")
