"""What a manager's weekly digest says of staff's reports, in a few lines."""

from datetime import datetime

from sqlmodel import Session

from bot.core.dialogue import Button, Section
from bot.core.i18n import N_
from bot.core.render import Texts
from bot.issues import evidence, words
from bot.issues.desk import IssueDesk

MOST_THEMES = 3
_LABEL = N_("What staff report")


def section(
    session: Session,
    texts: Texts,
    *,
    unit_id: int,
    language: str,
    since: datetime,
    now: datetime,
    desk: IssueDesk | None = None,
) -> Section | None:
    """Return the lines; None where nothing is open and nothing was resolved."""
    found = evidence.summary(session, desk or IssueDesk(), unit_id, since=since, now=now)
    told = evidence.themes(session, unit_id, since, now)
    if not (found.open or found.resolved or told):
        return None
    text = texts.render(
        "issues/section.html",
        language,
        found=found,
        themes=[
            (words.subject_of(texts, language, one.kind, one.dimension), one.reports)
            for one in told[:MOST_THEMES]
        ],
    )
    return Section(text, ((Button(texts.label(language, _LABEL), f"issues:{unit_id}"),),))
