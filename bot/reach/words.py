"""Words for what keeps a question away, as a manager reads them behind a number of people."""

from collections.abc import Mapping

from bot.core.i18n import N_
from bot.reach.contact import BLOCKED, BUDGET, BUSY, CONSENT, SLOW, STOPPED
from bot.reach.moments import AWAY, NO_TIME, PAUSED
from bot.reach.waiting import TALKING

REASONS: Mapping[str, str] = {
    STOPPED: N_("want no messages"),
    BLOCKED: N_("have blocked this bot"),
    PAUSED: N_("take a break"),
    CONSENT: N_("have not agreed to the new terms yet"),
    AWAY: N_("are away"),
    BUSY: N_("have another questionnaire open"),
    BUDGET: N_("were asked as often as we promised at most"),
    SLOW: N_("did not react lately and are asked less often"),
    NO_TIME: N_("have no suitable hour before it closes"),
    TALKING: N_("were in the middle of something here"),
}
"""What a manager reads behind the number of those who were skipped."""

HOURS: Mapping[str, str] = {
    "-": N_("As for everybody"),
    "m": N_("Mornings, 8 to 12"),
    "a": N_("Afternoons, 12 to 17"),
    "e": N_("Evenings, 17 to 21"),
    "l": N_("Not before 10"),
}
"""Hours in which somebody may be written to, by the letter of their button."""

SHIFTS: Mapping[str, str] = {
    "-": N_("At different hours"),
    "e": N_("Early, 6 to 14"),
    "d": N_("Day, 8 to 17"),
    "l": N_("Late, 14 to 22"),
    "n": N_("Night, 22 to 6"),
}
