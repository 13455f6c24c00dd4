"""What a check finds: a problem with its code, place, cause and cure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from bot.core.errors import GapbotError

Severity = Literal["error", "warning"]

Path = tuple[str | int, ...]
"""Where in a file: keys and list positions from the top, such as ("items", 3, "text")."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule finds, before it is known on which line of which file."""

    code: str
    path: Path
    cause: str
    cure: str
    severity: Severity = "error"


@dataclass(frozen=True, slots=True)
class Problem:
    """A finding in a file, as it is shown: place, cause, cure and a stable code."""

    code: str
    place: str
    cause: str
    cure: str
    severity: Severity
    line: int | None = None

    @property
    def is_error(self) -> bool:
        """Tell whether the questionnaire cannot be used until this is put right."""
        return self.severity == "error"

    def __str__(self) -> str:
        """One line: where, what was found, what to do, code."""
        line = f" (line {self.line})" if self.line else ""
        mark = "" if self.is_error else " (warning)"
        return f"{self.place}{line}: {self.cause} {self.cure} [{self.code}]{mark}"


class QuestionnaireError(GapbotError):
    """A questionnaire file cannot be used; ``problems`` holds every reason."""

    exit_code = 65

    def __init__(self, problems: Iterable[Problem]) -> None:
        """Read as the first error; the others are counted, and all are kept."""
        self.problems = tuple(problem for problem in problems if problem.is_error)
        first, others = self.problems[0], len(self.problems) - 1
        more = f" ({others} more: see `gapbot check`)" if others else ""
        place = f"{first.place} (line {first.line})" if first.line else first.place
        super().__init__(first.code, place, first.cause, first.cure + more)


def written(path: Path) -> str:
    """Write a path as people do.

    >>> written(("items", 3, "text", "P"))
    'items[3].text.P'
    """
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text
