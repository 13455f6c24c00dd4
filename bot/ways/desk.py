"""What the ways in need besides the database: questionnaires, the bot's name, how long to wait."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from bot.surveys.desk import SurveyDesk


def _no_name() -> str:
    return ""


@dataclass(frozen=True, slots=True)
class WayDesk:
    """``delay`` is how long after coming in somebody is asked: not in front of who served them."""

    surveys: SurveyDesk = field(default_factory=SurveyDesk)
    username: Callable[[], str] = _no_name
    delay: timedelta = timedelta(hours=3)
