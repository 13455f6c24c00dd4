"""Promises and their versions: what customers may count on, who answers for it, until when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, select, update
from sqlmodel import Session, col

from bot.core import audit
from bot.core.database import insert_into
from bot.registers.tables import Promise, PromiseVersion
from bot.surveys.definition import POINTS

CHANNELS = ("advert", "site", "contract", "staff", "other")


@dataclass(frozen=True, slots=True)
class Pledge:
    """What a promise says: a level in words, from a day on, until a day where that is known.

    The level is on a scale of so many ``points``.
    """

    level: int
    wording: str
    valid_from: date
    valid_to: date | None = None
    points: int = POINTS


@dataclass(frozen=True, slots=True)
class Standing:
    """A promise in its newest version; ``unit_id`` None is all units."""

    id: int
    item: str
    unit_id: int | None
    channel: str
    owner_id: int | None
    ended_on: date | None
    number: int
    pledge: Pledge

    def is_live(self, day: date) -> bool:
        """Tell whether it is made on this day, or will be: neither ended nor over."""
        until = self.pledge.valid_to
        is_over = until is not None and until < day
        return not is_over and (self.ended_on is None or day < self.ended_on)

    def holds(self, day: date) -> bool:
        """Tell whether customers may count on it on this day."""
        return self.is_live(day) and self.pledge.valid_from <= day


def live_promises(session: Session, unit_id: int | None, day: date) -> list[Standing]:
    """Return what a unit promises on a day or later: its own promises and those of all units."""
    return [one for one in all_promises(session, unit_id) if one.is_live(day)]


def all_promises(session: Session, unit_id: int | None) -> list[Standing]:
    """Return every promise ever made for a unit: its own and those of all units."""
    scope: Any = col(Promise.unit_id).is_(None)
    if unit_id is not None:
        scope = or_(scope, col(Promise.unit_id) == unit_id)
    return _standings(session, scope)


def promised_items(session: Session, unit_id: int, day: date) -> frozenset[str]:
    """Return the items of which a unit's customers are promised something on a day."""
    return frozenset(one.item for one in live_promises(session, unit_id, day) if one.holds(day))


def promise_of(session: Session, promise_id: int) -> Standing | None:
    """Return a promise as it stands, ended or not."""
    found = _standings(session, col(Promise.id) == promise_id)
    return found[0] if found else None


def versions_of(session: Session, promise_id: int) -> list[PromiseVersion]:
    """Return all versions of a promise, the newest first."""
    query = select(PromiseVersion).where(col(PromiseVersion.promise_id) == promise_id)
    return list(session.scalars(query.order_by(col(PromiseVersion.number).desc())))


def add_promise(
    session: Session,
    pledge: Pledge,
    *,
    item: str,
    unit_id: int | None,
    channel: str,
    owner_id: int | None,
    source: str,
    author_id: int | None,
    now: datetime,
) -> int:
    """Write a promise down; return its id."""
    promise = Promise(item=item, unit_id=unit_id, channel=channel, owner_id=owner_id)
    session.add(promise)
    session.flush()
    promise_id = promise.id or 0
    _insert(session, promise_id, pledge, number=1, source=source, author_id=author_id, now=now)
    audit.record(
        session,
        "promise.made",
        now=now,
        subject=f"promise {promise_id}",
        person_id=author_id,
        unit_id=unit_id,
        detail=f"level {pledge.level}, {channel}, {source}",
    )
    return promise_id


def change_promise(
    session: Session,
    promise: Standing,
    pledge: Pledge,
    *,
    source: str,
    author_id: int | None,
    now: datetime,
) -> bool:
    """Write the version that follows; False when somebody changed it or ended it meanwhile."""
    if promise.ended_on is not None:
        return False
    written = _insert(
        session,
        promise.id,
        pledge,
        number=promise.number + 1,
        source=source,
        author_id=author_id,
        now=now,
    )
    if written:
        _record(session, promise, "promise.changed", by=author_id, now=now, more=pledge)
    return written


def end_promise(
    session: Session, promise: Standing, day: date, *, by: int | None, now: datetime
) -> bool:
    """Say that it is no longer made from a day on; False when it was ended before."""
    ended = _update(session, promise.id, ended_on=day)
    if ended:
        _record(session, promise, "promise.ended", by=by, now=now)
    return ended


def give_promise(
    session: Session, promise: Standing, owner_id: int, *, by: int | None, now: datetime
) -> bool:
    """Say who answers for a promise; False when it has ended."""
    given = _update(session, promise.id, owner_id=owner_id)
    if given:
        _record(session, promise, "promise.owned", by=by, now=now)
    return given


def _update(session: Session, promise_id: int, **values: Any) -> bool:
    result = session.execute(
        update(Promise)
        .where(col(Promise.id) == promise_id, col(Promise.ended_on).is_(None))
        .values(**values)
    )
    return bool(result.rowcount == 1)  # type: ignore[attr-defined]


def _insert(
    session: Session,
    promise_id: int,
    pledge: Pledge,
    *,
    number: int,
    source: str,
    author_id: int | None,
    now: datetime,
) -> bool:
    inserted = session.execute(
        insert_into(session, PromiseVersion)
        .values(
            promise_id=promise_id,
            number=number,
            valid_from=pledge.valid_from,
            valid_to=pledge.valid_to,
            level=pledge.level,
            points=pledge.points,
            wording=pledge.wording,
            source=source,
            author_id=author_id,
            written_at=now,
        )
        .on_conflict_do_nothing(index_elements=["promise_id", "number"])
        .returning(col(PromiseVersion.id))
    )
    return inserted.first() is not None


def _record(
    session: Session,
    promise: Standing,
    what: str,
    *,
    by: int | None,
    now: datetime,
    more: Pledge | None = None,
) -> None:
    audit.record(
        session,
        what,
        now=now,
        subject=f"promise {promise.id}",
        person_id=by,
        unit_id=promise.unit_id,
        detail=f"version {promise.number + 1}, level {more.level}" if more else "",
    )


def _standings(session: Session, *where: Any) -> list[Standing]:
    rows: Sequence[Any] = session.execute(
        select(Promise, PromiseVersion)
        .join(PromiseVersion, col(PromiseVersion.promise_id) == col(Promise.id))
        .where(*where)
        .order_by(col(Promise.item), col(Promise.id), col(PromiseVersion.number))
    ).all()
    newest = {promise.id: (promise, version) for promise, version in rows}
    return [
        Standing(
            id=promise.id or 0,
            item=promise.item,
            unit_id=promise.unit_id,
            channel=promise.channel,
            owner_id=promise.owner_id,
            ended_on=promise.ended_on,
            number=version.number,
            pledge=Pledge(
                version.level,
                version.wording,
                version.valid_from,
                version.valid_to,
                points=version.points,
            ),
        )
        for promise, version in newest.values()
    ]
