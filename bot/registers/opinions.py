"""Whether staff know the rules and can keep them: one question a month, counted, never kept.

In each month a unit asks about a few of its rules, the next ones in the month after. Who is asked
gets a card under a random key; ``standard_asked`` remembers that the person was asked, the card
what about, and nothing joins the two. Figures are shown of months that are over and never change
again, and only where enough people have answered, each of them once.
"""

import secrets
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import SystemRandom

from sqlalchemy import delete, select, update
from sqlmodel import Session, col

from bot.core import notices
from bot.core.database import insert_into
from bot.core.dialogue import STAFF
from bot.core.i18n import N_
from bot.core.logs import Events
from bot.core.outbox import Lane
from bot.core.schedule import local_day
from bot.people.registry import all_units
from bot.people.tables import Person, Role, Unit
from bot.reach import contact
from bot.reach.contact import Occasion
from bot.reach.moments import Times
from bot.registers.desk import WORKING_HOURS, RegisterDesk, kind_moment, zone_for
from bot.registers.standards import Ruling, in_force
from bot.registers.tables import (
    StandardAsked,
    StandardCard,
    StandardOpinion,
    StandardVersion,
)
from bot.surveys.definition import POINTS
from gapengine.scale import Scale

_log = Events("gapbot.registers")

KNOW, KEEP = "know", "keep"
FLOOR = 5
"""Fewest people of a unit who must have answered a question before their answers are shown."""

PER_STANDARD = 8
"""How many people are asked about one rule in a month, where a unit has so many."""

PER_TICK = 200
SCORES: Mapping[str, tuple[float, ...]] = {KNOW: (7.0, 4.0, 1.0), KEEP: (7.0, 5.0, 3.0, 1.0)}
"""Levels of seven that the answers stand for, from the best one."""

CAUSES: Mapping[str, tuple[str, str]] = {
    KNOW: ("task_standardisation", "G2"),
    KEEP: ("perceived_control", "G3"),
}
"""Which cause a question rates, and the gap under which it lies."""

KEPT_MONTHS = 6
"""How many months of answers count."""

WHAT = "rule"
"""How this is called where everything is counted that people are asked."""

_LAST_ASKED_BEFORE_END = timedelta(days=7)
_ASKED_WITHIN = timedelta(days=7)
_EVERY_DAYS = 28


@dataclass(frozen=True, slots=True)
class Opinions:
    """Answers to one question that may be shown: how many gave each, from the best one."""

    counts: tuple[int, ...]

    @property
    def n(self) -> int:
        """How many answered."""
        return sum(self.counts)


def month_of(day: date) -> date:
    """Return the first day of a month."""
    return day.replace(day=1)


def ask_staff(session: Session, now: datetime, desk: RegisterDesk) -> int:
    """Ask those staff who were not asked this month, at a kind hour; return how many."""
    asked = 0
    for unit in all_units(session):
        zone = zone_for(session, unit.id)
        today = local_day(now, zone)
        if _ends_soon(today) or kind_moment(now, zone, desk.quiet) > now:
            continue
        people = _not_asked(session, unit, month_of(today))
        if people:
            asked += _ask_in(
                session, unit, people[: PER_TICK - asked], today=today, now=now, desk=desk
            )
        if asked >= PER_TICK:
            break
    return asked


def forget_cards(session: Session, now: datetime) -> int:
    """Take back the questions of months that are over everywhere; return how many."""
    month = month_of(now.date() - timedelta(days=1))
    gone = session.execute(delete(StandardCard).where(col(StandardCard.month) < month))
    earlier = month_of(month - timedelta(days=1))
    session.execute(delete(StandardAsked).where(col(StandardAsked.month) < earlier))
    return int(gone.rowcount)  # type: ignore[attr-defined]


def answer(session: Session, key: str, question: str, choice: int, *, now: datetime) -> str | None:
    """Count an answer; return the next question, "" after the last, None when it is too late.

    The card itself is the lock: of two presses only one moves it on.
    """
    card = session.get(StandardCard, key)
    if card is None or question not in SCORES or not 1 <= choice <= len(SCORES[question]):
        return None
    if card.month != month_of(local_day(now, zone_for(session, card.unit_id))):
        return None
    if not _moved_on(session, key, question):
        return None
    values = {
        "unit_id": card.unit_id,
        "standard_id": card.standard_id,
        "month": card.month,
        "question": question,
        "answer": choice,
    }
    session.execute(
        insert_into(session, StandardOpinion)
        .values(**values, times=1)
        .on_conflict_do_update(
            index_elements=list(values), set_={"times": col(StandardOpinion.times) + 1}
        )
    )
    return KEEP if question == KNOW and choice < len(SCORES[KNOW]) else ""


def wording_of(session: Session, key: str) -> str:
    """Return the words of the rule that a card asks about."""
    query = (
        select(col(StandardVersion.wording))
        .join(StandardCard, col(StandardCard.standard_id) == col(StandardVersion.standard_id))
        .where(col(StandardCard.key) == key)
        .order_by(col(StandardVersion.number).desc())
        .limit(1)
    )
    return session.scalar(query) or ""


def opinions_on(
    session: Session, unit_id: int, standard_id: int, today: date
) -> dict[str, Opinions]:
    """Return by question what may be shown of the answers about one rule."""
    found: dict[str, list[Opinions]] = defaultdict(list)
    for (standard, question), one in _released(session, unit_id, today):
        if standard == standard_id:
            found[question].append(one)
    return {question: _together(own) for question, own in found.items()}


def antecedents(
    session: Session, unit_id: int, today: date, points: int = POINTS
) -> list[dict[str, str | float | int]]:
    """Return what staff's answers say of causes: cause, gap, mean score (high = healthy), n.

    The answers are words; they are told as levels of a scale of so many ``points``.
    """
    scale = Scale(points)
    by_question: dict[str, list[Opinions]] = defaultdict(list)
    for (_, question), one in _released(session, unit_id, today):
        by_question[question].append(one)
    rated: list[dict[str, str | float | int]] = []
    for question, own in by_question.items():
        cause, gap = CAUSES[question]
        counts = _together(own).counts
        scores = [1 + scale.of_seven(score - 1) for score in SCORES[question]]
        total = sum(times * score for times, score in zip(counts, scores, strict=True))
        rated.append({"cause": cause, "gap": gap, "score": total / sum(counts), "n": sum(counts)})
    return rated


def _released(
    session: Session, unit_id: int, today: date
) -> list[tuple[tuple[int, str], Opinions]]:
    """Return each month's answers about a rule where the month is over and enough answered."""
    last = month_of(today)
    first = last
    for _ in range(KEPT_MONTHS):
        first = month_of(first - timedelta(days=1))
    rows = session.scalars(
        select(StandardOpinion).where(
            col(StandardOpinion.unit_id) == unit_id,
            col(StandardOpinion.month) >= first,
            col(StandardOpinion.month) < last,
        )
    )
    months: dict[tuple[int, str, date], list[int]] = {}
    for one in rows:
        key = one.standard_id, one.question, one.month
        months.setdefault(key, [0] * len(SCORES[one.question]))[one.answer - 1] += one.times
    return [
        ((standard, question), Opinions(tuple(counts)))
        for (standard, question, _), counts in sorted(months.items())
        if sum(counts) >= FLOOR
    ]


def _together(several: Sequence[Opinions]) -> Opinions:
    return Opinions(tuple(sum(own) for own in zip(*(one.counts for one in several), strict=True)))


def _moved_on(session: Session, key: str, question: str) -> bool:
    where = (col(StandardCard.key) == key, col(StandardCard.question) == question)
    step = (
        update(StandardCard).where(*where).values(question=KEEP)
        if question == KNOW
        else delete(StandardCard).where(*where)
    )
    done = session.execute(step.execution_options(synchronize_session=False))
    return bool(done.rowcount == 1)  # type: ignore[attr-defined]


def _not_asked(session: Session, unit: Unit, month: date) -> list[Person]:
    """Return a unit's staff who were not asked this month, by lot."""
    asked = select(col(StandardAsked.person_id)).where(col(StandardAsked.month) == month)
    people = session.scalars(
        select(Person)
        .join(Role, col(Role.person_id) == col(Person.id))
        .where(
            col(Role.unit_id) == unit.id,
            col(Role.kind) == STAFF,
            col(Person.id).not_in(asked),
        )
    ).all()
    return SystemRandom().sample(people, len(people))


def _ask_in(
    session: Session,
    unit: Unit,
    people: Sequence[Person],
    *,
    today: date,
    now: datetime,
    desk: RegisterDesk,
) -> int:
    turns = rotation(
        list(in_force(session, unit.id, today).values()), today, staff=_staff(session, unit)
    )
    if not turns:
        return 0
    occasion = Occasion(
        what=WHAT,
        role=STAFF,
        unit=unit,
        times=Times(until=now + _ASKED_WITHIN, window=WORKING_HOURS, at_work=True),
        every_days=_EVERY_DAYS,
    )
    due = contact.ask_many(
        session, desk.reach, occasion, [person.id or 0 for person in people], now=now
    )
    free = [person for person in people if person.id in due]
    return sum(
        _ask(
            session,
            person,
            unit,
            turns[number % len(turns)],
            month=month_of(today),
            due=due[person.id or 0],
        )
        for number, person in enumerate(free)
    )


def rotation(rules: Sequence[Ruling], day: date, *, staff: int) -> list[Ruling]:
    """Return the rules that a unit asks about in a month: others than in the month before.

    One for every ``PER_STANDARD`` members of staff, so that each is rated by enough; none where
    there are too few people for anything to be shown.
    """
    if not rules or staff < FLOOR:
        return []
    ordered = sorted(rules, key=lambda one: one.standard_id)
    many = min(len(ordered), max(1, staff // PER_STANDARD))
    start = (day.year * 12 + day.month) * many
    return [ordered[(start + step) % len(ordered)] for step in range(many)]


def _ask(
    session: Session, person: Person, unit: Unit, ruling: Ruling, *, month: date, due: datetime
) -> int:
    noted = session.execute(
        insert_into(session, StandardAsked)
        .values(person_id=person.id, month=month)
        .on_conflict_do_nothing()
        .returning(col(StandardAsked.person_id))
    )
    if noted.first() is None:
        return 0
    key = secrets.token_hex(8)
    session.add(
        StandardCard(
            key=key,
            unit_id=unit.id or 0,
            standard_id=ruling.standard_id,
            month=month,
            question=KNOW,
        )
    )
    session.flush()
    notices.notify(
        session,
        person.id or 0,
        "registers/know.html",
        key=f"standard:{person.id}:{month:%Y%m}",
        now=due,
        values={"wording": ruling.content.wording, "unit": unit.name},
        offers=[
            [(N_("Yes, exactly"), f"stk:{key}:{KNOW}:1"), (N_("Roughly"), f"stk:{key}:{KNOW}:2")],
            [(N_("I do not know it"), f"stk:{key}:{KNOW}:3")],
        ],
        lane=Lane.QUESTIONNAIRE,
    )
    _log.info("standard.asked", person=person.id)
    return 1


def _staff(session: Session, unit: Unit) -> int:
    query = select(col(Role.id)).where(col(Role.unit_id) == unit.id, col(Role.kind) == "staff")
    return len(session.scalars(query).all())


def _ends_soon(day: date) -> bool:
    """Tell whether the month is so near its end that a question could hardly be answered."""
    return month_of(day + _LAST_ASKED_BEFORE_END) != month_of(day)
