"""What the clock does about actions: remind their owners, and tell those in charge of late ones."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from sqlalchemy import and_, or_, select
from sqlmodel import Session, col

from bot.core import audit
from bot.core.i18n import N_
from bot.core.logs import Events
from bot.core.rows import change_row
from bot.core.schedule import local_day
from bot.improvement.actions import LIVE
from bot.improvement.desk import ActionDesk, kind_moment, today_for, zone_for
from bot.improvement.reminding import BEFORE, HORIZON, Reminding, is_late, is_reminded
from bot.improvement.tables import Action
from bot.improvement.telling import is_concerned, tell
from bot.people import roster
from bot.people.tables import Person

_log = Events("gapbot.actions")
_ZONES = timedelta(days=1)  # somewhere it is another day than in UTC


def remind_owners(session: Session, now: datetime, desk: ActionDesk) -> int:
    """Remind the owners of actions that are due soon, due, or overdue; return how many."""
    reminded = 0
    for action in list(_near_their_day(session, now.date())):
        owner = session.get(Person, action.owner_id) if action.owner_id is not None else None
        if owner is None or _is_away(owner, now):
            continue
        zone = zone_for(session, owner.id, action.unit_id)
        if kind_moment(now, zone, desk.quiet) > now:
            continue  # the day may bring that it is done
        today = local_day(now, zone)
        state = Reminding(action.due_on, action.remind_on, action.reminded_on)
        if not is_concerned(session, owner, action.unit_id) or not is_reminded(state, today):
            continue
        reminded += _remind(session, desk, action, today=today, now=now)
    return reminded


def tell_of_late(session: Session, now: datetime, desk: ActionDesk) -> int:
    """Tell those in charge of a unit, once, that an action is two weeks overdue."""
    told = 0
    for action in list(_long_overdue(session, now.date())):
        today = today_for(session, None, action.unit_id, now=now)
        if not is_late(action.due_on, action.late_on, today):
            continue
        others = _others_in_charge(session, action)
        if not _claim(session, action, late_on=action.due_on):
            continue
        told += tell(
            session,
            desk,
            action,
            "improvement/late.html",
            to=others,
            occasion=f"late:{action.due_on}",
            now=now,
            offers=[[(N_("Open it"), f"ac:{action.id}:-")]],
            due_on=action.due_on,
            owner=roster.person_name(session, action.owner_id),
        )
        audit.record(
            session,
            "action.late",
            now=now,
            subject=f"action {action.id}",
            unit_id=action.unit_id,
        )
        _log.info("action.late", action=action.id)
    return told


def _others_in_charge(session: Session, action: Action) -> list[int | None]:
    """Return who is told of a late action: the managers, or who is above its only manager."""
    managers = [one.id for one in roster.in_charge(session, action.unit_id)]
    others = [one for one in managers if one != action.owner_id]
    over = [one.id for one in roster.above(session, action.unit_id) if one.id != action.owner_id]
    if others or over:
        return others or over
    return [one.id for one in roster.owners(session) if one.id != action.owner_id]


def _remind(
    session: Session, desk: ActionDesk, action: Action, *, today: date, now: datetime
) -> int:
    if not _claim(session, action, reminded_on=today, remind_on=None):
        return 0
    key = f"{action.id}:-"
    _log.info("action.reminded", action=action.id)
    return tell(
        session,
        desk,
        action,
        "improvement/reminder.html",
        to=[action.owner_id],
        occasion=f"remind:{today}",
        now=now,
        offers=[
            [(N_("✅ Done"), f"acx:{key}"), (N_("Another day"), f"acd:{key}")],
            [(N_("In a day"), f"acs:{key}:d"), (N_("In a week"), f"acs:{key}:w")],
            [(N_("Open it"), f"ac:{key}")],
        ],
        due_on=action.due_on,
        days=(action.due_on - today).days if action.due_on else None,
    )


def _claim(session: Session, action: Action, **values: date | None) -> bool:
    """Note what is done now; False where another process did it since the row was read."""
    return change_row(
        session,
        action,
        col(Action.state).in_(LIVE),
        col(Action.reminded_on).is_not_distinct_from(action.reminded_on),
        col(Action.remind_on).is_not_distinct_from(action.remind_on),
        col(Action.late_on).is_not_distinct_from(action.late_on),
        **values,
    )


def _near_their_day(session: Session, today: date) -> Iterator[Action]:
    dated = and_(
        col(Action.due_on) >= today - HORIZON - _ZONES,
        col(Action.due_on) <= today + BEFORE + _ZONES,
    )
    snoozed = col(Action.remind_on) <= today + _ZONES
    yield from session.scalars(
        select(Action).where(col(Action.state).in_(LIVE), or_(dated, snoozed))
    )


def _long_overdue(session: Session, today: date) -> Iterator[Action]:
    yield from session.scalars(
        select(Action).where(
            col(Action.state).in_(LIVE),
            col(Action.due_on) <= today + _ZONES - timedelta(weeks=2),
            col(Action.late_on).is_distinct_from(col(Action.due_on)),
        )
    )


def _is_away(person: Person, now: datetime) -> bool:
    return person.paused_until is not None and person.paused_until > now
