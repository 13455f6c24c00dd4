"""Words for what keeps a question away, as a manager reads them behind a number of people."""

from collections.abc import Mapping

from bot.core.i18n import N_
from bot.reach.contact import BLOCKED, BUDGET, BUSY, SLOW, STOPPED
from bot.reach.moments import AWAY, NO_TIME, PAUSED
from bot.reach.waiting import TALKING

REASONS: Mapping[str, str] = {
    STOPPED: N_("want no messages"),
    BLOCKED: N_("have blocked this bot"),
    PAUSED: N_("take a break"),
    AWAY: N_("are away"),
    BUSY: N_("have another questionnaire open"),
    BUDGET: N_("were asked as often as we promised at most"),
    SLOW: N_("did not react lately and are asked less often"),
    NO_TIME: N_("have no suitable hour before it closes"),
    TALKING: N_("were in the middle of something here"),
}
"""What a manager reads behind the number of those who were skipped."""
