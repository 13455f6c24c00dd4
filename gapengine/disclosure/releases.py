"""Editions: which weeks of answers may be told next, so that no two reports can be subtracted.

Figures of a sliding window leak: the report of weeks 2 to 5 less that of weeks 1 to 4 tells of week
5 less week 1, which may be one person. So figures come in editions. An edition holds the answers of
the weeks since the last one; each answer is part of one edition only, and an edition that was told
is never recomputed. What two editions tell is then about different runs, and subtracting them gives
nothing that they do not tell by themselves. Answers that come late, are corrected or erased after
their week was told change no figure that was told, and no later one.

An edition is due as soon as the new answers alone carry nine in ten of the units' figures (overall
and by dimension) that the answers of the ``longest`` last weeks would carry, or when so many weeks
have passed. Until then the last edition is repeated as it was.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Self

from gapengine.disclosure.threshold import Floors
from gapengine.errors import SettingsError
from gapengine.levels import DIMENSION, OVERALL
from gapengine.moments import SHAPES, Moments
from gapengine.vantage import GROUPS, Group

SCHEMA = "gapbot.edition/1"
_WEEK = timedelta(days=7)

Blocks = Mapping[str, Mapping[date, Moments]]
"""Unit to week (its Monday) to the moments of one group's answers in that week."""

ENOUGH = 0.9
"""Share of the figures a full span would show that an earlier edition must show."""

_Carried = set[tuple[str, str, str, str]]


@dataclass(frozen=True)
class Edition:
    """The weeks one group's figures were last told of; ``first`` and ``last`` are Mondays.

    Store it beside the report that was made of it: it is all that the next one must know.
    """

    group: Group
    first: date
    last: date

    @property
    def weeks(self) -> tuple[date, ...]:
        """The Mondays of its weeks."""
        many = (self.last - self.first) // _WEEK + 1
        return tuple(self.first + k * _WEEK for k in range(many))

    def to_plain(self) -> dict[str, Any]:
        """As dicts, lists and strings."""
        return {
            "schema": SCHEMA,
            "group": self.group.value,
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        """Read back what ``to_plain`` gave.

        Raises
        ------
        SettingsError
            If it is of another schema.
        """
        if plain.get("schema") != SCHEMA:
            raise SettingsError(
                f"edition has schema {plain.get('schema')!r}, wanted {SCHEMA!r}; start a new one"
            )
        return cls(
            group=Group(plain["group"]),
            first=date.fromisoformat(plain["first"]),
            last=date.fromisoformat(plain["last"]),
        )


def next_edition(
    group: Group,
    blocks: Blocks,
    *,
    told: Edition | None,
    week: date,
    longest: int,
    floors: Floors | None = None,
    shortest: int = 1,
) -> Edition | None:
    """The edition that may be told after ``week``, or None: repeat the last one.

    Parameters
    ----------
    group, blocks
        One group's answers by unit and week, those of the ``longest`` last weeks at least; those
        of told weeks only serve to see what a full span would show.
    told
        The last edition of this group, None before the first.
    week
        Monday of the last complete week. Answers that come for it later are told nowhere.
    longest
        Weeks after which an edition comes even if it must show less; also its greatest length.
    shortest
        Weeks an edition has at least.

    Returns
    -------
    Edition
        Its weeks; sum the blocks of these weeks, analyse them and keep the report as it is.

    Raises
    ------
    SettingsError
        If the lengths are not 1 <= shortest <= longest, ``told`` is of another group, or a date is
        not a Monday.
    """
    _check(group, told, week=week, lengths=(shortest, longest))
    since = week - (longest - 1) * _WEEK
    first = since if told is None else max(since, told.last + _WEEK)
    many = (week - first) // _WEEK + 1
    if many < shortest:
        return None
    edition = Edition(group, first=first, last=week)
    if told is None or many >= longest:
        return edition
    full = Edition(group, first=since, last=week)
    new, all_of = (_carried(one, blocks, floors or Floors()) for one in (edition, full))
    return edition if len(new) >= ENOUGH * len(all_of) else None


def _carried(edition: Edition, blocks: Blocks, floors: Floors) -> _Carried:
    """(unit, vantage point, level, key) of what an edition's answers carry above the items."""
    result = set()
    for unit, by_week in blocks.items():
        people: Counter[tuple[str, str, str]] = Counter()
        for monday in by_week.keys() & set(edition.weeks):
            people.update(_people(by_week[monday]))
        floor = floors.of(edition.group)
        result |= {(unit, *cell) for cell, many in people.items() if many >= floor}
    return result


def _people(block: Moments) -> dict[tuple[str, str, str], int]:
    """Respondents by vantage point, level and key, above the items."""
    keys = [(OVERALL, OVERALL), *((DIMENSION, name) for name in block.dimensions)]
    subsets = SHAPES[block.group].subsets
    return {
        (vantage.value, *key): int(people)
        for vantage in GROUPS[block.group]
        for key, people in zip(
            keys, block.respondents[:, subsets.index(frozenset({vantage}))], strict=False
        )
    }


def _check(group: Group, told: Edition | None, *, week: date, lengths: Sequence[int]) -> None:
    shortest, longest = lengths
    if not 1 <= shortest <= longest:
        raise SettingsError(
            f"an edition of {shortest} to {longest} weeks; give 1 <= shortest <= longest"
        )
    if told is not None and told.group is not group:
        raise SettingsError(
            f"the last edition is of {told.group}, not of {group}; give that of the same group"
        )
    if week.weekday() != 0:
        raise SettingsError(f"week {week} is not a Monday; name a week by its Monday")
