"""Editions: which weeks of answers may be told next, so that no two reports can be subtracted.

Figures of a sliding window leak: the report of weeks 2 to 5 less that of weeks 1 to 4 tells of week
5 less week 1, which may be one person. So figures come in editions. An edition holds the answers of
the weeks since the last one; each answer is part of one edition only, and an edition that was told
is never recomputed. What two editions tell is then about different runs, and subtracting them gives
nothing that they do not tell by themselves. Answers that come late, are corrected or erased after
their week was told change no figure that was told, and no later one.

An edition is due as soon as the new answers alone carry every figure the last edition showed for a
unit (overall and by dimension), or when ``longest`` weeks have passed. Until then the last edition
is repeated as it was.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
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

Carried = frozenset[tuple[str, str, str]]
"""(vantage point, level, key) of figures that are shown of a unit."""


@dataclass(frozen=True)
class Edition:
    """The weeks one group's figures were last told of, and what was shown of each unit.

    ``first`` and ``last`` are Mondays. Store it beside the report; it holds no answers.
    """

    group: Group
    first: date
    last: date
    shown: Mapping[str, Carried]

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
            "shown": {unit: sorted(map(list, cells)) for unit, cells in self.shown.items()},
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
            shown={
                unit: frozenset((v, level, key) for v, level, key in cells)
                for unit, cells in plain["shown"].items()
            },
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
        One group's answers by unit and week; weeks already told may be there and are left out.
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
        Its weeks; sum the blocks of these weeks and analyse them. ``shown`` is what the floors
        alone let through, before remainders.

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
    weeks = frozenset(first + k * _WEEK for k in range(many))
    shown = shown_cells(group, blocks, weeks, floors=floors or Floors())
    if told is not None and many < longest and not _carries(shown, told.shown, blocks):
        return None
    return Edition(group, first=first, last=week, shown=shown)


def shown_cells(
    group: Group, blocks: Blocks, weeks: Collection[date], *, floors: Floors
) -> dict[str, Carried]:
    """What each unit's answers of some weeks can carry above its items."""
    result = {}
    for unit, by_week in blocks.items():
        people: Counter[tuple[str, str, str]] = Counter()
        for monday in by_week.keys() & weeks:
            people.update(_people(by_week[monday]))
        carried = frozenset(cell for cell, many in people.items() if many >= floors.of(group))
        if carried:
            result[unit] = carried
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


def _carries(new: Mapping[str, Carried], old: Mapping[str, Carried], blocks: Blocks) -> bool:
    """Whether units that are still there show at least what they showed."""
    return all(cells <= new.get(unit, frozenset()) for unit, cells in old.items() if unit in blocks)


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
