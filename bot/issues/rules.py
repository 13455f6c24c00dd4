"""Rules of issues: what a report can say, how its buttons carry it, when something is late."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

NEW, ACKNOWLEDGED, ASSIGNED = "new", "acknowledged", "assigned"
RESOLVED, MERGED = "resolved", "merged"
OPEN = (NEW, ACKNOWLEDGED, ASSIGNED)
DANGER = "danger"

ANONYMOUS, BY_NAME = "a", "n"
NOT_SURE = "x"
"""Stands in a button for no dimension; in the table that is the empty text."""

KINDS: Mapping[str, str] = {
    "p": "promise",
    "u": "untold",
    "t": "teams",
    "r": "rule",
    "w": "tool",
    "o": "other",
}
DIMENSIONS: Mapping[str, str] = {
    "r": "reliability",
    "q": "responsiveness",
    "s": "assurance",
    "e": "empathy",
    "t": "tangibles",
    NOT_SURE: "",
}
OFTEN: Mapping[str, str] = {"o": "once", "s": "sometimes", "w": "weekly", "d": "daily"}
SEVERITIES: Mapping[str, str] = {"a": "annoying", "c": "costly", "d": DANGER}
"""What the letters in buttons stand for, in the order in which they are offered."""

GAPS_OF: Mapping[str, tuple[str, ...]] = {
    "promise": ("communication", "G4"),
    "untold": ("communication", "G4"),
    "teams": ("delivery", "G4", "G3"),
    "rule": ("specification", "G2", "G3"),
    "tool": ("specification", "G3"),
    "other": (),
}
"""Under which gaps of both sets a kind of report counts as evidence."""

FLOOR = 5
"""The fewest reports of which a number is given; below it one says "fewer than five"."""

ALIKE_DAYS = timedelta(days=60)
LONGEST_TEXT, LONGEST_WORD = 2000, 500


class Step(NamedTuple):
    """One question of the guided report: its name, and its answers by their letters."""

    name: str
    answers: Mapping[str, str]


STEPS = (
    Step("kind", KINDS),
    Step("dimension", DIMENSIONS),
    Step("often", OFTEN),
    Step("severity", SEVERITIES),
)


@dataclass(frozen=True, slots=True)
class Draft:
    """A report on its way: who, where, and the answers so far, all of it carried in buttons."""

    who: str
    unit_id: int
    answers: tuple[str, ...] = ()

    @property
    def is_anonymous(self) -> bool:
        """Tell whether nobody is to learn who reports."""
        return self.who == ANONYMOUS

    @property
    def step(self) -> Step | None:
        """Return the question that comes next; None when all are answered."""
        return STEPS[len(self.answers)] if len(self.answers) < len(STEPS) else None

    def with_answer(self, letter: str) -> "Draft":
        """Return the report one answer further."""
        return Draft(self.who, self.unit_id, (*self.answers, letter))

    def before(self) -> "Draft":
        """Return the report one answer back."""
        return Draft(self.who, self.unit_id, self.answers[:-1])

    def words(self) -> tuple[str, ...]:
        """Return the parts as a button carries them."""
        return (self.who, str(self.unit_id), "".join(self.answers))

    def value(self, step: str) -> str:
        """Return the answer to a question, as the table keeps it."""
        place = [one.name for one in STEPS].index(step)
        return STEPS[place].answers[self.answers[place]]


def draft_in(words: tuple[str, ...]) -> Draft | None:
    """Read a report from the parts of a button; None where they make no sense."""
    who, unit, letters = (*words[:3], "", "", "")[:3]
    fits = who in {ANONYMOUS, BY_NAME} and unit.isascii() and unit.isdigit() and len(unit) < 10
    if not fits or len(letters) > len(STEPS):
        return None
    if any(letter not in step.answers for letter, step in zip(letters, STEPS, strict=False)):
        return None
    return Draft(who, int(unit), tuple(letters))


def worse(first: str, second: str) -> str:
    """Return the graver of two severities."""
    order = list(SEVERITIES.values())
    return max(first, second, key=order.index)


def more_often(first: str, second: str) -> str:
    """Return the more frequent of two."""
    order = list(OFTEN.values())
    return max(first, second, key=order.index)


def is_overdue(opened_on: date, today: date, *, within: timedelta) -> bool:
    """Tell whether the days that are allowed have passed; the last of them still counts."""
    return today > opened_on + within


def shown_number(number: int) -> int | None:
    """Return a number of reports where it may be given; None stands for "fewer than five"."""
    return number if number >= FLOOR else None
