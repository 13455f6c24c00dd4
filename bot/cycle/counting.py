"""The numbers of circles, of many units in a few queries; only reads."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import exists, func, select
from sqlmodel import Session, col

from bot.core.schedule import local_day
from bot.cycle.rules import PERIOD, Circle
from bot.improvement.actions import DONE, DROPPED, LIVE, UNDONE
from bot.improvement.desk import zone_for
from bot.improvement.effects_tables import ActionEffect
from bot.improvement.effects_wording import MEASURED
from bot.improvement.tables import Action
from bot.improvement.told import LOOKS_BACK, SENT
from bot.improvement.told_tables import ToldNote

_VERDICTS = {"improved": "improved", "no evidence": "no_evidence", "worse": "worse"}
_AT_ONCE = 500


def circles(session: Session, units: Sequence[int], now: datetime) -> dict[int, Circle]:
    """Return the circle of each of these units, in their order."""
    found = {unit_id: Circle(unit_id) for unit_id in units}
    for start in range(0, len(units), _AT_ONCE):
        some = units[start : start + _AT_ONCE]
        today = local_day(now, zone_for(session, None, some[0]))
        for values in (
            _actions(session, some, now, today),
            _effects(session, some, now),
            _looks(session, some, today),
            _told(session, some, now),
            _untold(session, some, now),
        ):
            for unit_id, own in values.items():
                found[unit_id] = replace(found[unit_id], **own)
    return found


def circle(session: Session, unit_id: int, now: datetime) -> Circle:
    """Return the circle of one unit."""
    return circles(session, [unit_id], now)[unit_id]


def next_looks(session: Session, unit_id: int, today: date) -> Sequence[Action]:
    """Return the actions of a unit that one will look at, the next one first."""
    query = select(Action).where(col(Action.unit_id) == unit_id, *_is_to_be_looked_at(today))
    return session.scalars(query.order_by(col(Action.check_on), col(Action.id))).all()


def _actions(
    session: Session, units: Sequence[int], now: datetime, today: date
) -> dict[int, dict[str, Any]]:
    is_live = col(Action.state).in_(LIVE)
    lately = col(Action.closed_at) >= now - PERIOD
    counts = {
        "live": is_live,
        "late": is_live & (col(Action.due_on) < today),
        "done": (col(Action.state) == DONE) & lately,
        "dropped": (col(Action.state) == DROPPED) & lately & (col(Action.dropped_reason) != UNDONE),
    }
    rows = session.execute(
        select(col(Action.unit_id), *(func.count().filter(one) for one in counts.values()))
        .where(col(Action.unit_id).in_(units))
        .group_by(col(Action.unit_id))
    )
    return {unit_id: dict(zip(counts, own, strict=True)) for unit_id, *own in rows}


def _effects(session: Session, units: Sequence[int], now: datetime) -> dict[int, dict[str, Any]]:
    """Count the newest verdict of each action that was looked at in the period."""
    rows = session.execute(
        select(col(Action.unit_id), col(Action.id), col(ActionEffect.verdict))
        .join(Action, col(Action.id) == col(ActionEffect.action_id))
        .where(
            col(Action.unit_id).in_(units),
            col(Action.state) != DROPPED,
            col(ActionEffect.computed_at) >= now - PERIOD,
        )
        .order_by(col(ActionEffect.computed_at), col(ActionEffect.id))
    )
    newest = {(unit_id, action_id): verdict for unit_id, action_id, verdict in rows}
    found: dict[int, dict[str, Any]] = {}
    for (unit_id, _), verdict in newest.items():
        name = _VERDICTS.get(verdict, "unknown")
        own = found.setdefault(unit_id, {})
        own[name] = own.get(name, 0) + 1
    return found


def _looks(session: Session, units: Sequence[int], today: date) -> dict[int, dict[str, Any]]:
    rows = session.execute(
        select(col(Action.unit_id), func.min(col(Action.check_on)))
        .where(col(Action.unit_id).in_(units), *_is_to_be_looked_at(today))
        .group_by(col(Action.unit_id))
    )
    return {unit_id: {"next_look": day} for unit_id, day in rows}


def _is_to_be_looked_at(today: date) -> tuple[Any, ...]:
    looked = exists().where(
        col(ActionEffect.action_id) == col(Action.id),
        col(ActionEffect.planned_on) >= col(Action.check_on),
    )
    return (
        col(Action.state) != DROPPED,
        col(Action.gap).in_(MEASURED),
        col(Action.check_on) >= today,
        ~looked,
    )


def _told(session: Session, units: Sequence[int], now: datetime) -> dict[int, dict[str, Any]]:
    rows = session.execute(
        select(
            col(ToldNote.unit_id),
            func.count(),
            func.sum(col(ToldNote.recipients)),
            func.max(col(ToldNote.sent_at)),
        )
        .where(
            col(ToldNote.unit_id).in_(units),
            col(ToldNote.state) == SENT,
            col(ToldNote.sent_at) >= now - PERIOD,
        )
        .group_by(col(ToldNote.unit_id))
    )
    return {
        unit_id: {
            "notes": notes,
            "heard": heard,
            "told_on": local_day(at, zone_for(session, None, unit_id)),
        }
        for unit_id, notes, heard, at in rows
    }


def _untold(session: Session, units: Sequence[int], now: datetime) -> dict[int, dict[str, Any]]:
    """Count what was done a week ago or longer, not too long ago, and told to nobody."""
    told = exists().where(col(ToldNote.action_id) == col(Action.id), col(ToldNote.state) == SENT)
    rows = session.execute(
        select(col(Action.unit_id), func.count())
        .where(
            col(Action.unit_id).in_(units),
            col(Action.state) == DONE,
            col(Action.closed_at).between(now - LOOKS_BACK, now - timedelta(days=7)),
            ~told,
        )
        .group_by(col(Action.unit_id))
    )
    return {unit_id: {"untold": many} for unit_id, many in rows}
