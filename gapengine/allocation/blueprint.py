"""What a questionnaire may ask, what one run asks of it, and the lots both rules draw."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from gapengine.errors import SettingsError
from gapengine.vantage import Vantage

AGREEMENT = "A"
"""Stands where a vantage point would, in a question that asks for agreement with a cause."""


@dataclass(frozen=True)
class Blueprint:
    """What a questionnaire may ask, and how much of it at once.

    Attributes
    ----------
    items_by_dimension
        Each dimension's item ids, in the order of the questionnaire.
    together
        Vantage points asked of every chosen item, one after the other, such as E and P.
    extra
        Items that are also asked from one more vantage point (C) when a tap is left.
    causes
        Ids of the antecedent statements, asked in rotation after the items.
    taps, causes_per_form
        Answers per run at most, and how many of them are kept for causes.
    """

    items_by_dimension: tuple[tuple[str, tuple[str, ...]], ...]
    together: tuple[Vantage, ...]
    extra: tuple[tuple[str, Vantage], ...] = ()
    causes: tuple[str, ...] = ()
    taps: int = 5
    causes_per_form: int = 0

    def __post_init__(self) -> None:
        """Refuse what could never be asked."""
        if len(set(self.items)) != len(self.items):
            raise SettingsError("an item stands twice in the blueprint")
        if self.items and not self.together:
            raise SettingsError("a blueprint with items needs a vantage point")
        if self.items_per_form < 1 and not self.cause_slots:
            raise SettingsError(f"{self.taps} taps are too few to ask one item or cause")

    @cached_property
    def items(self) -> tuple[str, ...]:
        """All item ids, dimension by dimension."""
        return tuple(item for _, items in self.items_by_dimension for item in items)

    @property
    def cause_slots(self) -> int:
        """Causes that one form asks."""
        wanted = self.causes_per_form if self.items else self.taps
        return min(wanted, len(self.causes), self.taps)

    @property
    def items_per_form(self) -> int:
        """Items that one form asks, each from all of ``together``."""
        free = self.taps - self.cause_slots
        return min(free // len(self.together), len(self.items)) if self.items else 0

    @cached_property
    def dimension_of(self) -> Mapping[str, str]:
        """The dimension of each item."""
        return {item: name for name, items in self.items_by_dimension for item in items}


@dataclass(frozen=True, slots=True)
class Form:
    """What one run asks: (item, vantage point) in order, then causes."""

    asks: tuple[tuple[str, Vantage], ...]
    causes: tuple[str, ...]

    @property
    def items(self) -> tuple[str, ...]:
        """The items, each once, in order."""
        return tuple(dict.fromkeys(item for item, _ in self.asks))

    @property
    def questions(self) -> tuple[tuple[str, str], ...]:
        """All that is asked, one pair per tap: (item, vantage point), then (cause, "A")."""
        asks = tuple((item, str(vantage)) for item, vantage in self.asks)
        return asks + tuple((cause, AGREEMENT) for cause in self.causes)


def asked_in_rotation(everything: Iterable[str], recent: Sequence[str]) -> set[str]:
    """Return what a person was asked since they had last been asked everything.

    >>> sorted(asked_in_rotation("abc", ["a", "b", "c", "b"]))
    ['b']
    """
    wanted, asked = set(everything), set[str]()
    for key in recent:
        asked |= {key} & wanted
        if asked == wanted:
            asked = set()
    return asked


def causes_for(
    blueprint: Blueprint, *, seed: int, sequence: int, recent: Sequence[str]
) -> tuple[str, ...]:
    """Draw the causes a run asks: in rotation, those the person was asked lately last."""
    slots, causes = blueprint.cause_slots, blueprint.causes
    if not slots:
        return ()
    asked = asked_in_rotation(causes, recent)
    start = sequence * slots
    upcoming = [_cause_at(causes, seed=seed, turn=start + step) for step in range(2 * len(causes))]
    fresh = dict.fromkeys(sorted(upcoming, key=lambda cause: cause in asked))
    return tuple(fresh)[:slots]


def _cause_at(causes: tuple[str, ...], *, seed: int, turn: int) -> str:
    number, position = divmod(turn, len(causes))
    return _shuffled(causes, seed, number)[position]


@lru_cache(maxsize=256)
def _shuffled(causes: tuple[str, ...], seed: int, number: int) -> tuple[str, ...]:
    return tuple(sorted(causes, key=lambda cause: lot(seed, "causes", number, cause)))


def lot(*parts: str | int) -> bytes:
    """Draw a lot that is the same in every process and version of Python."""
    return hashlib.blake2b(json.dumps(parts).encode(), digest_size=8).digest()
