"""Keeping ways in: made once for each place, found again, counted by the week, closed.

The payload is random. It depends neither on the secret that signs buttons nor on the key of the
database: what is printed stays good when either is changed.
"""

import secrets
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import delete, func, select, update
from sqlmodel import Session, col

from bot.core import audit
from bot.core.clock import monday_of
from bot.core.database import insert_into
from bot.core.dialogue import CUSTOMER
from bot.core.schedule import local_day
from bot.people.invitations import UNTIL_CLOSED, invite, opened
from bot.people.registry import name_key, the_organisation
from bot.people.tables import Invitation, Person, Role, Unit
from bot.surveys.desk import Kinds
from bot.surveys.segments import UNSAID, Kind
from bot.surveys.waves import unit_zone
from bot.ways.tables import CameBy, WayIn, WayWeek
from bot.ways.words import LETTERS, PLACES, UNIT
from gapengine.disclosure import Floors
from gapengine.vantage import Group

RECENT = timedelta(weeks=4)
MOST_LANGUAGES = 3


class Spot(NamedTuple):
    """Where a way in hangs, within its unit; ``label`` is empty for the unit as a whole."""

    kind: str = UNIT
    label: str = ""


class Use(NamedTuple):
    """How often a way in was used this week, and in the four weeks up to it."""

    this_week: int
    lately: int


def new_payload() -> str:
    """Return a payload that nobody guesses (99 bits) and everybody can type.

    >>> len(new_payload())
    24
    """
    groups = ("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(5))
    return "-".join(groups)


def open_way(
    session: Session,
    unit_id: int,
    spot: Spot,
    *,
    now: datetime,
    channel: str = "counter",
    created_by: int | None = None,
) -> WayIn:
    """Return the open way in of a place, making it where there is none.

    Of two who make it at once one finds the other's.
    """
    known = find_way(session, unit_id, spot)
    if known is not None:
        return known
    payload = invite(
        session,
        role=CUSTOMER,
        unit_id=unit_id,
        max_uses=None,
        expires_at=UNTIL_CLOSED,
        created_by=created_by,
        payload=new_payload(),
    )
    invitation = opened(session, payload)
    made = session.execute(
        insert_into(session, WayIn)
        .values(
            invitation_id=invitation.id if invitation else None,
            unit_id=unit_id,
            kind=spot.kind,
            label=spot.label,
            label_key=name_key(spot.label),
            channel=channel,
            payload=payload,
        )
        .on_conflict_do_nothing()
        .returning(col(WayIn.id))
    ).first()
    if made is None:
        session.delete(invitation)
        session.flush()
        return open_way(session, unit_id, spot, now=now, channel=channel, created_by=created_by)
    audit.record(
        session,
        "way.opened",
        now=now,
        subject=f"way {made[0]}",
        person_id=created_by,
        unit_id=unit_id,
        detail=spot.kind,
    )
    return session.get_one(WayIn, made[0])


def find_way(session: Session, unit_id: int, spot: Spot) -> WayIn | None:
    """Return the open way in of a place, or None."""
    return session.scalars(
        select(WayIn).where(
            col(WayIn.unit_id) == unit_id,
            col(WayIn.kind) == spot.kind,
            col(WayIn.label_key) == name_key(spot.label),
            col(WayIn.closed_on).is_(None),
        )
    ).one_or_none()


def ways_of(session: Session, unit_id: int) -> list[WayIn]:
    """Return the open ways in of a unit: its own first, then the others in the order they came."""
    return list(
        session.scalars(
            select(WayIn)
            .where(col(WayIn.unit_id) == unit_id, col(WayIn.closed_on).is_(None))
            .order_by(col(WayIn.kind) != UNIT, col(WayIn.id))
        )
    )


def way_of(session: Session, invitation: Invitation) -> WayIn | None:
    """Return the way in that an invitation belongs to; None for any other invitation."""
    return session.scalars(
        select(WayIn).where(col(WayIn.invitation_id) == invitation.id)
    ).one_or_none()


def close_way(session: Session, way: WayIn, *, now: datetime, person_id: int | None = None) -> bool:
    """Let nobody in by this way from now on; False when it was closed already."""
    done = session.execute(
        update(WayIn)
        .where(col(WayIn.id) == way.id, col(WayIn.closed_on).is_(None))
        .values(closed_on=now.date())
        .execution_options(synchronize_session=False)
    )
    if done.rowcount != 1:  # type: ignore[attr-defined]
        return False
    session.execute(
        update(Invitation)
        .where(col(Invitation.id) == way.invitation_id)
        .values(expires_at=now)
        .execution_options(synchronize_session=False)
    )
    audit.record(
        session,
        "way.closed",
        now=now,
        subject=f"way {way.id}",
        person_id=person_id,
        unit_id=way.unit_id,
        detail=way.kind,
    )
    return True


def came_in(session: Session, way: WayIn, person_id: int, now: datetime) -> None:
    """Count one use, by the week alone, and note by which way this person came."""
    session.execute(
        insert_into(session, WayWeek)
        .values(way_id=way.id, week=_week(session, way, now), uses=1)
        .on_conflict_do_update(
            index_elements=["way_id", "week"], set_={"uses": col(WayWeek.uses) + 1}
        )
    )
    session.execute(
        insert_into(session, CameBy)
        .values(person_id=person_id, way_id=way.id)
        .on_conflict_do_update(index_elements=["person_id"], set_={"way_id": way.id})
    )


def uses_of(session: Session, ways: Sequence[WayIn], now: datetime) -> Mapping[int, Use]:
    """Return how often each of these ways was used, by its id."""
    found = {}
    for way in ways:
        week = _week(session, way, now)
        rows = session.execute(
            select(col(WayWeek.week), col(WayWeek.uses)).where(
                col(WayWeek.way_id) == way.id, col(WayWeek.week) > week - RECENT
            )
        ).all()
        this = sum(uses for at, uses in rows if at == week)
        found[way.id or 0] = Use(this, sum(uses for _, uses in rows))
    return found


def kinds_by_way(known: Kinds) -> Kinds:
    """Return what tells kinds of customers, with what the code tells by which somebody came.

    What a CRM says of somebody goes first; of others channel and touchpoint are told, and that as
    coarsely as every kind (``bot.surveys.segments``). A shift is no touchpoint: its figures would
    be those of the few people who work then.
    """

    def kinds(session: Session, unit_id: int, people: Sequence[int]) -> Mapping[int, Kind]:
        found = _by_way(session, unit_id, people)
        for person, kind in known(session, unit_id, people).items():
            way = found.get(person, UNSAID)
            found[person] = Kind(
                kind.tenure, kind.channel or way.channel, kind.touchpoint or way.touchpoint
            )
        return found

    return kinds


def languages_of(session: Session, unit_id: int) -> list[str]:
    """Return the languages to print for a unit: the organisation's, then its customers'.

    A language counts that at least as many of the unit's customers read as figures need, so that
    a poster tells of no single one of them.
    """
    many = func.count()
    read = session.scalars(
        select(col(Person.language))
        .join(Role, col(Role.person_id) == col(Person.id))
        .where(col(Role.unit_id) == unit_id, col(Role.kind) == CUSTOMER)
        .group_by(col(Person.language))
        .having(many >= Floors().of(Group.CUSTOMER))
        .order_by(many.desc(), col(Person.language))
    )
    own = the_organisation(session).language
    return list(dict.fromkeys([own, *read]))[:MOST_LANGUAGES]


def forget_weeks(session: Session, now: datetime, *, kept: timedelta = timedelta(weeks=52)) -> None:
    """Forget the counts of weeks that are long over."""
    session.execute(delete(WayWeek).where(col(WayWeek.week) < (now - kept).date()))


def _by_way(session: Session, unit_id: int, people: Sequence[int]) -> dict[int, Kind]:
    rows = session.execute(
        select(col(CameBy.person_id), WayIn)
        .join(WayIn, col(WayIn.id) == col(CameBy.way_id))
        .where(col(CameBy.person_id).in_(people))
    )
    return {
        person: Kind(
            channel=way.channel,
            touchpoint=way.label if way.unit_id == unit_id and way.kind in PLACES else "",
        )
        for person, way in rows
    }


def _week(session: Session, way: WayIn, now: datetime) -> date:
    unit = session.get_one(Unit, way.unit_id)
    return monday_of(local_day(now, unit_zone(session, unit)))
