"""The circle in a digest: once a month, in the first one of the month."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from bot.core.dialogue import Button, Section
from bot.core.i18n import N_
from bot.core.render import Texts
from bot.core.schedule import local_day
from bot.cycle.counting import circle
from bot.cycle.pages import unit_values
from bot.cycle.rules import is_monthly
from bot.improvement.desk import ActionDesk, zone_for

_LABEL = N_("The whole circle")


@dataclass(frozen=True, slots=True)
class CycleSection:
    """Writes the section; the desk names what was done."""

    desk: ActionDesk

    def __call__(
        self,
        session: Session,
        texts: Texts,
        *,
        unit_id: int,
        language: str,
        since: datetime,  # noqa: ARG002 - the sections' common shape
        now: datetime,
    ) -> Section | None:
        """Write what came of the last quarter; None in any other week of the month."""
        if not is_monthly(local_day(now, zone_for(session, None, unit_id))):
            return None
        own = circle(session, unit_id, now)
        values = unit_values(session, self.desk, own, language=language, now=now)
        text = texts.render("cycle/section.html", language, **values)
        return Section(text, [[Button(texts.label(language, _LABEL), f"cyu:{unit_id}")]])
