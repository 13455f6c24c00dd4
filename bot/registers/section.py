"""What the registers add to a digest: items without a rule, promises that are too high."""

from datetime import date, datetime

from sqlmodel import Session

from bot.core.dialogue import Button, Section
from bot.core.render import Texts
from bot.registers.checking import too_high
from bot.registers.desk import RegisterDesk, today_in
from bot.registers.items import known_items, named
from bot.registers.promises import live_promises
from bot.registers.standards import in_force
from bot.surveys.scales import main_points

_NAMED = 3


class RegisterSection:
    """Writes the section; the desk knows what is delivered."""

    def __init__(self, desk: RegisterDesk) -> None:
        """Write with the figures of this desk."""
        self._desk = desk

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
        """Return the lines and the ways on; None where nothing is missing, too high or apart."""
        today = today_in(session, unit_id, now)
        items = known_items(session, self._desk.library)
        rules = in_force(session, unit_id, today)
        missing = [one.name(language) for one in items.values() if one.id not in rules]
        high = too_high(
            live_promises(session, unit_id, today), self._desk.delivered(session, unit_id, now)
        )
        apart = self._desk.disagreements(session, unit_id, now)
        otherwise = self._on_another_scale(session, unit_id, today)
        if not missing and not high and not apart and not otherwise:
            return None
        text = texts.render(
            "registers/section.html",
            language,
            missing=missing[:_NAMED],
            missing_count=len(missing),
            high=[
                {"wording": one.pledge.wording, "level": one.pledge.level} for one in high[:_NAMED]
            ],
            high_count=len(high),
            otherwise=otherwise,
            apart=[
                {
                    "item": named(items, one.item, language),
                    "rated": one.rated,
                    "measured": one.measured,
                }
                for one in apart[:_NAMED]
            ],
        )
        rows = []
        if missing or otherwise:
            rows.append(Button(texts.label(language, "Rules"), f"standards:{unit_id}"))
        if high or otherwise:
            rows.append(Button(texts.label(language, "Promises"), f"promises:{unit_id}"))
        return Section(text, [rows] if rows else ())

    def _on_another_scale(self, session: Session, unit_id: int, today: date) -> int:
        """Count the rules and promises whose level is none of the main scale."""
        points = main_points(session)
        rules = in_force(session, unit_id, today).values()
        said = [
            *(one.content.points for one in rules),
            *(one.pledge.points for one in live_promises(session, unit_id, today)),
        ]
        return sum(one != points for one in said)
