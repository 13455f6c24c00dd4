"""When a questionnaire is due, who is asked, and why somebody is not: rules without a database."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from bot.core.i18n import N_
from bot.core.schedule import local_to_utc, next_allowed
from bot.surveys.definition import Cadence, Window

BUDGET_DAYS = 7
"""At most one questionnaire within so many days, counted over all of them."""

STOPPED, BLOCKED, PAUSED = "stopped", "blocked", "paused"
BUSY, BUDGET, NO_TIME = "busy", "budget", "no_time"

REASONS: Mapping[str, str] = {
    STOPPED: N_("want no messages"),
    BLOCKED: N_("have blocked this bot"),
    PAUSED: N_("take a break"),
    BUSY: N_("have another questionnaire open"),
    BUDGET: N_("were asked within the last 7 days"),
    NO_TIME: N_("have no suitable hour before it closes"),
}
"""What a manager reads behind the number of those who were skipped."""

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody of the audience, as planning sees them."""

    person_id: int
    state: str
    paused_until: datetime | None
    zone: str
    was_asked_lately: bool = False
    is_busy: bool = False


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Local hours in which nothing is sent unasked, for everybody."""

    start: int = 21
    end: int = 8


def reason_to_skip(candidate: Candidate, *, now: datetime, at_once: bool) -> str:
    """Say why somebody is not asked; empty when they are.

    ``at_once`` sets aside the contact budget and the question that is still open, never what the
    person decided.
    """
    if candidate.state in {STOPPED, BLOCKED}:
        return candidate.state
    if candidate.paused_until is not None and candidate.paused_until > now:
        return PAUSED
    if at_once:
        return ""
    if candidate.is_busy:
        return BUSY
    return BUDGET if candidate.was_asked_lately else ""


def budget_since(today: date, zone: str) -> datetime:
    """Return the moment from which a questionnaire counts against today's budget.

    Whole local days count, so that a weekly questionnaire fits although its hour wanders.
    """
    return local_to_utc(today - timedelta(days=BUDGET_DAYS - 1), time(0), zone)


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


def next_day(cadence: Cadence, *, due: date, today: date) -> date:
    """Return the day after ``today`` on which it is due again; what was missed is left out."""
    if cadence.weekdays:
        return first_day(cadence, start=today + timedelta(days=1))
    step = cadence.every_days or 1
    missed = max(0, (today - due).days // step)
    return due + timedelta(days=step * (missed + 1))


def card_due(now: datetime, zone: str, *, window: Window, quiet: QuietHours) -> datetime:
    """Return the first moment from ``now`` on at which a card may arrive in this zone."""
    return next_allowed(
        now,
        zone,
        window_from=time.fromisoformat(window.opens),
        window_to=time.fromisoformat(window.closes),
        quiet_from=quiet.start,
        quiet_until=quiet.end,
    )
