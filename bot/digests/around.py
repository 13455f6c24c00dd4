"""What stands beside the figures in a digest: the other features' sections, in one message."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from sqlmodel import Session

from bot.core.dialogue import Section
from bot.core.render import Texts

PERIOD = timedelta(days=7)
"""A digest tells what happened since the one before."""


class SectionMaker(Protocol):
    """What a feature offers: its lines on a unit, or None where it has nothing to say."""

    def __call__(
        self,
        session: Session,
        texts: Texts,
        *,
        unit_id: int,
        language: str,
        since: datetime,
        now: datetime,
    ) -> Section | None:
        """Write the section in this language."""


def around(
    session: Session,
    texts: Texts,
    makers: Sequence[SectionMaker],
    *,
    unit_id: int,
    language: str,
    now: datetime,
) -> Section | None:
    """Join what the features have to say, in their order; None where none has anything."""
    made = [
        maker(session, texts, unit_id=unit_id, language=language, since=now - PERIOD, now=now)
        for maker in makers
    ]
    sections = [section for section in made if section is not None]
    if not sections:
        return None
    text = "\n\n".join(section.text for section in sections)
    return Section(text, tuple(row for section in sections for row in section.rows))
