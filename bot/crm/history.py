"""What is known of one customer, as far as a reader's roles go; never an anonymous answer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import select
from sqlmodel import Session, col

from bot.core.schedule import local_day
from bot.crm.desk import CaseLine, CustomerDesk
from bot.crm.tables import Customer, Visit
from bot.people.tables import Unit
from bot.registers.desk import zone_for
from bot.surveys.tables import Answer, Comment, Invitee, QuestionnaireVersion, Run, Wave
from gapengine.vantage import Vantage

VISITS_SHOWN, SAID_SHOWN = 8, 3

MaySee = Callable[[int], bool]
"""Tells whether the reader may see what happens in a unit."""


@dataclass(frozen=True, slots=True)
class VisitLine:
    """One visit as it is shown; ``asking`` and ``reason`` say what became of asking about it."""

    on: date
    unit: str
    kind: str
    touchpoint: str
    channel: str
    asking: str
    reason: str


@dataclass(frozen=True, slots=True)
class Said:
    """What a customer said by name in one questionnaire: items with what was expected and lived."""

    on: date
    unit: str
    ratings: tuple[tuple[str, int | None, int | None], ...]
    comment: str
    points: int = 7


@dataclass(frozen=True, slots=True)
class History:
    """A customer with what this reader may see. ``unit_id`` is that of the latest visit seen."""

    customer: Customer
    unit_id: int | None
    visits: Sequence[VisitLine]
    more_visits: int
    cases: Sequence[CaseLine]
    said: Sequence[Said]


def history_of(
    session: Session,
    customer: Customer,
    desk: CustomerDesk,
    *,
    may_see: MaySee,
    sees_all: bool,
    language: str,
) -> History | None:
    """Return the history of a customer; None when nothing of it is open to this reader.

    Whoever sees all units sees every customer; others those who came to a unit of theirs, and of
    these only what happened there.
    """
    visits = session.scalars(
        select(Visit)
        .where(col(Visit.customer_id) == customer.id)
        .order_by(col(Visit.at).desc(), col(Visit.id).desc())
    ).all()
    seen = [one for one in visits if sees_all or may_see(one.unit_id)]
    if not seen and not sees_all:
        return None
    units = None if sees_all else sorted({one.unit_id for one in seen})
    person = customer.person_id
    return History(
        customer=customer,
        unit_id=seen[0].unit_id if seen else None,
        visits=[_line(session, one) for one in seen[:VISITS_SHOWN]],
        more_visits=max(0, len(seen) - VISITS_SHOWN),
        cases=() if person is None else desk.cases_of(session, person, units),
        said=() if person is None else _said(session, person, units, desk, language=language),
    )


def _line(session: Session, visit: Visit) -> VisitLine:
    return VisitLine(
        on=local_day(visit.at, zone_for(session, visit.unit_id)),
        unit=session.get_one(Unit, visit.unit_id).name,
        kind=visit.kind,
        touchpoint=visit.touchpoint,
        channel=visit.channel,
        asking=visit.asking,
        reason=visit.reason,
    )


def _said(
    session: Session,
    person_id: int,
    units: Sequence[int] | None,
    desk: CustomerDesk,
    *,
    language: str,
) -> list[Said]:
    """Return a person's latest questionnaires with their name on them, as a customer."""
    query = (
        select(Run, col(Wave.due_on), col(Invitee.about_on), QuestionnaireVersion, col(Unit.name))
        .join(Invitee, col(Invitee.id) == col(Run.invitee_id))
        .join(Wave, col(Wave.id) == col(Run.wave_id))
        .join(QuestionnaireVersion, col(QuestionnaireVersion.id) == col(Run.version_id))
        .join(Unit, col(Unit.id) == col(Run.unit_id))
        .where(
            col(Invitee.person_id) == person_id,
            ~col(Run.anonymous),
            col(QuestionnaireVersion.audience) == "customer",
        )
        .order_by(col(Invitee.id).desc())
        .limit(SAID_SHOWN * 4)
    )
    if units is not None:
        query = query.where(col(Run.unit_id).in_(units))
    found = []
    for run, due_on, about_on, version, unit in session.execute(query):
        names = _item_names(session, desk, version, language=language)
        said = _of_run(session, run.key, about_on or due_on, unit=unit, names=names)
        said = replace(said, points=version.points)
        if said.ratings or said.comment:
            found.append(said)
    return found[:SAID_SHOWN]


def _of_run(session: Session, key: str, on: date, *, unit: str, names: dict[str, str]) -> Said:
    scores: dict[str, dict[str, int | None]] = {}
    for item, vantage, score in session.execute(
        select(col(Answer.item), col(Answer.vantage), col(Answer.score)).where(
            col(Answer.run_key) == key
        )
    ):
        scores.setdefault(item, {})[vantage] = score
    comment = session.get(Comment, key)
    ratings = tuple(
        (names.get(item, item), own.get("E"), own.get("P")) for item, own in sorted(scores.items())
    )
    return Said(on, unit, ratings, comment.text if comment else "")


def _item_names(
    session: Session, desk: CustomerDesk, version: QuestionnaireVersion, *, language: str
) -> dict[str, str]:
    paper = desk.surveys.library.paper(session, version.id or 0, version.fingerprint)
    content = paper.content
    names = {}
    for item in content.items:
        point = Vantage.PERCEIVED if Vantage.PERCEIVED in item.text else next(iter(item.text))
        names[item.id] = content.say(item.text[point], language)
    return names
