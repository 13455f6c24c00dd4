"""What a digest says of a unit's actions: what needs a hand, and what was closed since the last."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import or_, select
from sqlmodel import Session, col

from bot.core.dialogue import Button, Section
from bot.core.render import Texts
from bot.improvement.actions import DONE, LIVE, UNDONE
from bot.improvement.desk import ActionDesk, today_for
from bot.improvement.tables import Action
from bot.people import roster

SOON = timedelta(days=7)
MOST_LINES = 6
PER_ROW = 3


@dataclass(frozen=True, slots=True)
class Line:
    """An action in a digest, numbered as its button."""

    number: int
    title: str
    owner: str
    asked: str
    due_on: date | None
    days_left: int | None


def sections(desk: ActionDesk) -> Callable[..., Section | None]:
    """Return the maker of this section, for the digest's list of sections."""

    def made(
        session: Session,
        texts: Texts,
        *,
        unit_id: int,
        language: str,
        since: datetime,
        now: datetime,
    ) -> Section | None:
        return section(
            session, texts, desk, unit_id=unit_id, language=language, since=since, now=now
        )

    return made


def section(
    session: Session,
    texts: Texts,
    desk: ActionDesk,
    *,
    unit_id: int,
    language: str,
    since: datetime,
    now: datetime,
) -> Section | None:
    """Write the lines on what is under way, overdue first, and on what was closed since then."""
    today = today_for(session, None, unit_id, now=now)
    found = _concerning(session, unit_id, since)
    live = [one for one in found if one.state in LIVE]
    closed = [one for one in found if one.state not in LIVE]
    if not found:
        return None
    pressing = [one for one in live if _is_pressing(one, today)]
    lines = _lines(session, desk, pressing[:MOST_LINES], language=language, today=today)
    text = texts.render(
        "improvement/section.html",
        language,
        lines=lines,
        more=len(live) - len(lines),
        done=[desk.title_of(one, language) for one in closed if one.state == DONE],
        dropped=[desk.title_of(one, language) for one in closed if one.state != DONE],
    )
    numbers = [
        Button(str(line.number), f"ac:{one.id}:-")
        for line, one in zip(lines, pressing, strict=False)
    ]
    rows = [numbers[start : start + PER_ROW] for start in range(0, len(numbers), PER_ROW)]
    to_list = Button(texts.label(language, "What is being done"), f"actions:{unit_id}:0")
    return Section(text, (*rows, [to_list]))


def _concerning(session: Session, unit_id: int, since: datetime) -> Sequence[Action]:
    """Return what is under way by due day, those without one last, and what was closed since."""
    return session.scalars(
        select(Action)
        .where(
            col(Action.unit_id) == unit_id,
            or_(
                col(Action.state).in_(LIVE),
                (col(Action.closed_at) >= since) & (col(Action.dropped_reason) != UNDONE),
            ),
        )
        .order_by(col(Action.due_on).is_(None), col(Action.due_on), col(Action.id))
    ).all()


def _is_pressing(action: Action, today: date) -> bool:
    """Tell whether somebody has to do something: it is due soon, or lacks a day or an owner."""
    if action.due_on is None or action.owner_id is None or action.asked_id is not None:
        return True
    return action.due_on <= today + SOON


def _lines(
    session: Session, desk: ActionDesk, found: Sequence[Action], *, language: str, today: date
) -> list[Line]:
    return [
        Line(
            number=number,
            title=desk.title_of(one, language),
            owner=roster.person_name(session, one.owner_id),
            asked=roster.person_name(session, one.asked_id),
            due_on=one.due_on,
            days_left=(one.due_on - today).days if one.due_on else None,
        )
        for number, one in enumerate(found, start=1)
    ]
