"""What a digest says of a unit's cases."""

from datetime import datetime

from sqlmodel import Session

from bot.cases.counting import later_rating, summary
from bot.core.dialogue import Button, Section
from bot.core.render import Texts


def section(
    session: Session,
    texts: Texts,
    *,
    unit_id: int,
    language: str,
    since: datetime,
    now: datetime,
) -> Section | None:
    """Write how many cases wait, and what came of the others; None where there were none."""
    counted = summary(session, unit_id, since=since, now=now)
    if not (counted.open or counted.closed or counted.opened):
        return None
    text = texts.render(
        "cases/section.html", language, cases=counted, later=later_rating(session, unit_id)
    )
    to_list = Button(texts.label(language, "Customers to contact"), f"cases:{unit_id}")
    return Section(text, [[to_list]])
