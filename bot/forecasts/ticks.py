"""What the clock does: on the last working day of the week it asks managers for a forecast."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import exists, select
from sqlmodel import Session, col

from bot.analysis.tables import MomentBlock
from bot.core.clock import monday_of
from bot.core.dialogue import MANAGER
from bot.core.logs import Events
from bot.core.notices import notify
from bot.core.outbox import Lane
from bot.forecasts import forecasts
from bot.forecasts.forecasts import ForecastDesk
from bot.forecasts.rules import is_asked, slots_of, week_of
from bot.forecasts.tables import ForecastCard
from bot.improvement.desk import zone_for
from bot.improvement.words import DIMENSIONS, spelled
from bot.people import roster
from bot.people.tables import Person, Role, Unit
from bot.reach import contact
from bot.reach.contact import Occasion
from bot.reach.moments import Times

_log = Events("gapbot.forecasts")
HEARD_LATELY = timedelta(weeks=4)
WHAT = "forecast"
"""How this is called where everything is counted that people are asked."""
ASKED_WITHIN = timedelta(hours=20)
"""Until the next day: later than that the digest is near."""


def ask_due(session: Session, now: datetime, desk: ForecastDesk) -> int:
    """Send the card to managers whose hour has come and who have not seen the figures."""
    if desk.weekday is None or not _may_be_the_day(now, desk.weekday):
        return 0
    asked = 0
    for person_id, unit_id in list(_unasked(session, now)):
        zone = zone_for(session, person_id, unit_id)
        if not is_asked(now, zone, weekday=desk.weekday, hour=desk.hour):
            continue
        week = week_of(now, zone)
        if not forecasts.is_open(
            session,
            person_id=person_id,
            unit_id=unit_id,
            week=week,
            now=now,
            digest_hour=desk.digest_hour,
        ):
            continue
        occasion = _occasion(session, unit_id, now)
        due_at = contact.ask(session, desk.reach, occasion, person_id, now=now)
        if due_at is None:
            continue
        card = forecasts.make_card(
            session, person_id=person_id, unit_id=unit_id, week=week, now=now
        )
        asked += card is not None and _send(session, card, now, due_at=due_at)
    return asked


def _occasion(session: Session, unit_id: int, now: datetime) -> Occasion:
    return Occasion(
        what=WHAT,
        role=MANAGER,
        unit=session.get_one(Unit, unit_id),
        times=Times(until=now + ASKED_WITHIN),
        every_days=7,
    )


def _send(session: Session, card: ForecastCard, now: datetime, *, due_at: datetime) -> bool:
    first = slots_of(card.dimensions)[0]
    _log.info("forecast.asked", card=card.id)
    return notify(
        session,
        card.person_id,
        "forecasts/ask.html",
        key=f"forecast:{card.id}",
        now=now,
        due_at=due_at,
        lane=Lane.QUESTIONNAIRE,
        offers=[[(level, f"fc:{card.id}:0:{level}") for level in forecasts.levels_of(card)]],
        values={
            "number": 1,
            "most": len(slots_of(card.dimensions)),
            "unit": roster.unit_name(session, card.unit_id),
            "dimension": DIMENSIONS.get(first.dimension, spelled(first.dimension)),
            "vantage": first.vantage,
            "points": card.points,
        },
    )


def _may_be_the_day(now: datetime, weekday: int) -> bool:
    """Tell whether it is that weekday anywhere on earth."""
    return any((now + timedelta(hours=hours)).weekday() == weekday for hours in (-12, 0, 14))


def _unasked(session: Session, now: datetime) -> Iterator[tuple[int, int]]:
    """Return the managers of units that customers spoke of lately, who have no card of the week
    and were not passed over in it.

    Where the week of UTC is not the manager's, the key of the message keeps it from coming twice.
    """
    since = monday_of(now.date()) - HEARD_LATELY
    asked = exists().where(
        col(ForecastCard.person_id) == col(Role.person_id),
        col(ForecastCard.unit_id) == col(Role.unit_id),
        col(ForecastCard.week) == monday_of(now.date()),
    )
    heard = exists().where(
        col(MomentBlock.unit_id) == col(Role.unit_id),
        col(MomentBlock.audience) == "customer",
        col(MomentBlock.week) >= since,
    )
    rows = session.execute(
        select(col(Role.person_id), col(Role.unit_id))
        .join(Person, col(Person.id) == col(Role.person_id))
        .where(
            col(Role.kind) == MANAGER,
            heard,
            ~asked,
            ~contact.was_skipped(WHAT, week=monday_of(now.date())),
        )
        .order_by(col(Role.unit_id), col(Role.person_id))
    )
    for person_id, unit_id in rows:
        if unit_id is not None:
            yield person_id, unit_id
