"""What stands beside the figures in a digest: the other features' sections, in one message.

A manager reads it on Monday morning. So where there is much, each section is told by its heading
and the one line that matters most, and a button shows everything at length in the same place.
"""

import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple, Protocol

from sqlmodel import Session

from bot.core.dialogue import Button, Rows, Section
from bot.core.render import Texts
from bot.digests.layout import cells

PERIOD = timedelta(days=7)
"""A digest tells what happened since the one before."""

MOST_LINES = 14
"""More lines than these are told in short."""

_URGENT = ("⚠", "⏰", "🔴")
_NUMBERED = re.compile(r"\d+\. ")
_TAG = re.compile(r"<(/?)(\w+)")
_HALF_A_ROW = 18


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


class Reading(NamedTuple):
    """Of which unit and report somebody reads, and as whom."""

    unit_id: int
    report_id: int
    reader_id: int
    language: str
    now: datetime


class Beside:
    """All that features add to a digest, in short or at length."""

    def __init__(
        self,
        texts: Texts,
        makers: Sequence[SectionMaker] = (),
        personal: Sequence[Callable[..., Section | None]] = (),
    ) -> None:
        """``personal`` makers are like the others, and take ``reader_id`` and ``report_id``."""
        self._texts = texts
        self._makers = makers
        self._personal = personal

    def sections(self, session: Session, to: Reading, *, of_unit: bool) -> list[Section]:
        """Write what the features have to say, in their order.

        ``of_unit``: a unit is read of; of a region only what is the reader's own is told.
        """
        own = {"reader_id": to.reader_id, "report_id": to.report_id}
        makers: list[Callable[..., Section | None]] = [
            *(self._makers if of_unit else ()),
            *(partial(maker, **own) for maker in self._personal),
        ]
        made = [
            maker(
                session,
                self._texts,
                unit_id=to.unit_id,
                language=to.language,
                since=to.now - PERIOD,
                now=to.now,
            )
            for maker in makers
        ]
        return [section for section in made if section is not None]

    def in_short(self, sections: Sequence[Section], to: Reading) -> Section | None:
        """Join the sections so that they are read at a glance; None where there are none."""
        if sum(len(section.text.splitlines()) for section in sections) <= MOST_LINES:
            return at_length(sections)
        more = self._texts.label(to.language, "Everything at length")
        return Section(
            "\n".join(_brief(section.text) for section in sections),
            [*_leads(sections), [Button(more, f"whole:{to.unit_id}:{to.report_id}")]],
        )

    def way_back(self, to: Reading) -> list[Button]:
        """Return the button that leads back to the short form."""
        label = self._texts.label(to.language, "In short")
        return [Button(label, f"brief:{to.unit_id}:{to.report_id}")]


def at_length(sections: Sequence[Section]) -> Section | None:
    """Join the sections with all they say; None where there are none."""
    if not sections:
        return None
    text = "\n\n".join(section.text for section in sections)
    return Section(text, tuple(row for section in sections for row in section.rows))


def _brief(text: str) -> str:
    """Return a section's heading, and the line below it that matters most."""
    heading, *body = (line for line in text.splitlines() if line.strip())
    whole = [line for line in body if _is_whole(line)]
    urgent = (at for at, line in enumerate(whole) if any(sign in line for sign in _URGENT))
    at = next(urgent, 0)
    first = at - 1 if at and _NUMBERED.match(whole[at - 1]) else at  # what the line is about
    return "\n".join([heading, *whole[first : at + 1]])


def _is_whole(line: str) -> bool:
    """Tell whether a line closes every mark that it opens."""
    marks = [(slash, name) for slash, name in _TAG.findall(line)]
    opened = sorted(name for slash, name in marks if not slash)
    return opened == sorted(name for slash, name in marks if slash)


def _leads(sections: Sequence[Section]) -> Rows:
    """Return the button of each section that leads to all of it, two beside each other."""
    found = [section.rows[-1][0] for section in sections if section.rows and section.rows[-1]]
    leads = [one for one in found if not one.label[:1].isdigit()]
    rows: list[list[Button]] = []
    for one in leads:
        is_short = cells(one.label) <= _HALF_A_ROW
        if rows and is_short and len(rows[-1]) == 1 and cells(rows[-1][0].label) <= _HALF_A_ROW:
            rows[-1].append(one)
        else:
            rows.append([one])
    return rows
