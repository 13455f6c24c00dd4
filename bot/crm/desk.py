"""What the CRM needs of the features above and below it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from sqlmodel import Session

from bot.surveys.desk import SurveyDesk


class CaseLine(NamedTuple):
    """A case of a customer as their history shows it: no words, only what became of it."""

    number: int
    unit: str
    opened_on: date
    state: str


CasesOf = Callable[[Session, int, Sequence[int] | None], Sequence[CaseLine]]
"""Returns a person's cases with these units; with all, where None is given."""


def _no_cases(
    session: Session,  # noqa: ARG001
    person_id: int,  # noqa: ARG001
    units: Sequence[int] | None,  # noqa: ARG001
) -> Sequence[CaseLine]:
    return ()


def _no_name() -> str:
    return ""


@dataclass(frozen=True, slots=True)
class CustomerDesk:
    """The questionnaires, the bot's name at Telegram, and where cases are looked up."""

    surveys: SurveyDesk = field(default_factory=SurveyDesk)
    cases_of: CasesOf = _no_cases
    username: Callable[[], str] = _no_name
    invitation_days: int = 30
