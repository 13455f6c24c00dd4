"""When the owner of an action is reminded, and when those in charge hear that it is late. Pure."""

from dataclasses import dataclass
from datetime import date, timedelta

BEFORE = timedelta(days=3)
OVERDUE = tuple(timedelta(weeks=weeks) for weeks in (1, 2, 3, 4))
"""How long after the due day one is reminded again: once a week, four times at most."""
LATE = timedelta(weeks=2)
STALE = timedelta(days=3)
"""A reminder that could not be sent for so long, because the bot stood still, is left out."""
HORIZON = OVERDUE[-1] + STALE


@dataclass(frozen=True, slots=True)
class Reminding:
    """What a reminder depends on."""

    due_on: date | None
    remind_on: date | None = None
    reminded_on: date | None = None


def is_reminded(action: Reminding, today: date) -> bool:
    """Tell whether the owner is reminded on this day: three days before, on the day, and after.

    A snooze holds every reminder back until its day, and gives one then.
    """
    if action.remind_on is not None:
        return action.remind_on <= today
    if action.due_on is None:
        return False
    steps = [action.due_on - BEFORE, action.due_on, *(action.due_on + late for late in OVERDUE)]
    reached = [step for step in steps if step <= today]
    if not reached or today - reached[-1] > STALE:
        return False
    return action.reminded_on is None or action.reminded_on < reached[-1]


def is_late(due_on: date | None, told_of: date | None, today: date) -> bool:
    """Tell whether those in charge are to hear that an action is long overdue; once a due day."""
    return due_on is not None and told_of != due_on and due_on + LATE <= today
