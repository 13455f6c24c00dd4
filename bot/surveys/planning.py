"""When a questionnaire is due again, and the terms on which it asks: rules without a database."""

from datetime import date, datetime, time, timedelta

from bot.core.schedule import Span
from bot.reach.budget import Limit
from bot.reach.moments import QuietHours as QuietHours  # noqa: PLC0414 - known from here
from bot.reach.moments import Times
from bot.surveys.definition import Cadence, Questionnaire, Window

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def first_day(cadence: Cadence, *, start: date) -> date:
    """Return the first day on or after ``start`` on which a questionnaire is due."""
    if not cadence.weekdays:
        return start
    wanted = {_WEEKDAYS.index(name) for name in cadence.weekdays}
    return next(
        day
        for day in (start + timedelta(days=ahead) for ahead in range(7))
        if day.weekday() in wanted
    )


def very_first_day(cadence: Cadence, *, start: date) -> date:
    """Return the first day of all, for a unit where questionnaires begin on ``start``."""
    wait = timedelta(days=cadence.starts_after_days or 0)
    return first_day(cadence, start=start + wait)


def next_day(cadence: Cadence, *, due: date, today: date) -> date:
    """Return the day after ``today`` on which it is due again; what was missed is left out."""
    if cadence.weekdays:
        return first_day(cadence, start=today + timedelta(days=1))
    step = cadence.every_days or 1
    missed = max(0, (today - due).days // step)
    return due + timedelta(days=step * (missed + 1))


def times_of(content: Questionnaire, *, until: datetime) -> Times:
    """Say when a card may arrive; whoever is asked as staff is asked on their shift."""
    return Times(
        until=until,
        window=_span(content.window),
        weekdays=frozenset(_WEEKDAYS.index(name) for name in content.window.weekdays or ()),
        at_work=content.audience == "staff",
    )


def limit_of(content: Questionnaire) -> Limit | None:
    """Return the budget of its own that a questionnaire names; None where it names none."""
    own = content.contact
    if own is None:
        return None
    return Limit(own.days_apart, own.most_in_30_days or 30, 30)


def usual_days(cadence: Cadence) -> int:
    """Return how many days lie between two sendings at the usual pace."""
    if cadence.weekdays:
        return 7 // len(cadence.weekdays)
    return cadence.every_days or 1


def _span(window: Window) -> Span:
    return time.fromisoformat(window.opens), time.fromisoformat(window.closes)
