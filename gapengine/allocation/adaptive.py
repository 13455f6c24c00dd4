"""The adaptive rule: ask next what lowers the variance of the gaps that matter most.

A form is filled item by item. Each time the rule looks at every cell (a vantage point overall or
in one dimension) and acts on the first of these that applies:

1. *Nobody twice*: what the person was asked in the present rotation is left out.
2. *Meetings*: a fixed share of forms starts with two items of one dimension, the pair that met
   least and is next by turns, because reliability needs every pair: as many such forms as there
   are pairs bring each pair together, whatever is known. All other forms spread over dimensions:
   answers of one person are alike, most of all within a dimension, so spreading tells more per tap.
3. *Laggards*: an item asked less than half as often as the mean goes first; one asked more than
   twice as often waits, because what people skip on purpose is not learned by asking more.
4. *The guard*: a cell that is no better off than random forms would have left it goes first,
   the worst one before the others. So no cell pays for the priorities.
5. *The priorities*: the item that lowers the weighted variance of the gaps most.

Among nearly equal items a lot decides, drawn from the stored seed: the chance of an item rises with
the tenth power of what it gains. The form is a function of blueprint, standing, seed and sequence.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import shake_256
from itertools import combinations
from math import comb
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gapengine.allocation.blueprint import Blueprint, Form, asked_in_rotation, causes_for, lot
from gapengine.allocation.criterion import BoolArray, Criterion, Tally, criterion_of
from gapengine.allocation.standing import Standing
from gapengine.errors import SettingsError
from gapengine.levels import FloatArray
from gapengine.vantage import Vantage

RULE = "adaptive-2"
"""Name and version of the rule, for the log. Any change that moves a form needs a new one."""

MEETINGS = 0.06
"""Share of the pairs of a form's items that are of one dimension; at random it is 0.16 of 22."""
GUARD = 0.95
"""Variance of a cell over that of random forms above which the cell goes first."""
FLOOR = 0.5
"""Share of the mean number of asks below which an item goes first."""
CEILING = 2.0
"""Times the mean number of asks above which an item waits: people may skip it on purpose."""
TEMPER = 0.1
"""How far the lot may bend the choice: 0 always takes the best item."""

Pair = tuple[int, int]
"""Two items, as places in the blueprint."""

_SMALLEST = 1e-12
_DIGITS = 9


@dataclass(frozen=True)
class Draw:
    """A form and all that is needed to draw it again: what a log keeps."""

    form: Form
    rule: str
    seed: int
    sequence: int
    standing: str
    """Fingerprint of the standing."""

    def plain(self) -> dict[str, Any]:
        """Everything as lists, strings and numbers, for JSON."""
        return {
            "rule": self.rule,
            "seed": self.seed,
            "sequence": self.sequence,
            "standing": self.standing,
            "questions": [list(question) for question in self.form.questions],
        }


def adaptive_form(
    blueprint: Blueprint,
    *,
    state: Standing,
    seed: int,
    sequence: int,
    recent: Sequence[str] = (),
) -> Form:
    """Choose what the run with this number asks, given what was answered so far.

    Parameters
    ----------
    blueprint
        What may be asked.
    state
        How far the answers have come: ``standing_of(blueprint, moments)``. Within a wave, move it
        on with ``state.after(form)`` so that the next person's form takes this one into account.
    seed, sequence, recent
        As for ``form_for``: leave ``recent`` empty where runs are anonymous.

    Returns
    -------
    Form
        At most ``blueprint.taps`` answers, as many items as ``form_for`` asks, the same for the
        same arguments on every machine.

    Raises
    ------
    SettingsError
        When ``sequence`` is negative, or the standing is of another blueprint.
    """
    if sequence < 0:
        raise SettingsError(f"sequence {sequence} is negative; count runs from 0")
    if (state.items, state.extra) != (blueprint.items, blueprint.extra):
        raise SettingsError(
            "the standing is of another blueprint; make one with standing_of(blueprint, moments)"
        )
    causes = causes_for(blueprint, seed=seed, sequence=sequence, recent=recent)
    if not blueprint.items_per_form:
        return Form((), causes)
    filling = _Filling(blueprint, state, lots=_Lots(seed, sequence))
    filling.fill(asked_in_rotation(blueprint.items, recent), _meeting(blueprint, seed, sequence))
    left = blueprint.taps - len(filling.chosen) * len(blueprint.together) - len(causes)
    return Form(filling.asks(left), causes)


def adaptive_draw(
    blueprint: Blueprint,
    *,
    state: Standing,
    seed: int,
    sequence: int,
    recent: Sequence[str] = (),
) -> Draw:
    """Choose a form as ``adaptive_form`` does, with what a log needs to replay the choice."""
    form = adaptive_form(blueprint, state=state, seed=seed, sequence=sequence, recent=recent)
    return Draw(form, RULE, seed=seed, sequence=sequence, standing=state.fingerprint)


def _meeting(blueprint: Blueprint, seed: int, sequence: int) -> Sequence[Pair]:
    """The pairs of which one starts this form, next one first; none for most forms.

    Forms with a meeting are evenly spaced, and each round of them goes through all pairs.
    """
    slots = blueprint.items_per_form
    rate = min(MEETINGS * comb(slots, 2), 1.0)
    turn = int(rate * (sequence + 1))
    pairs = _pairs(blueprint, seed)
    if turn == int(rate * sequence) or not pairs:
        return ()
    start = turn % len(pairs)
    return pairs[start:] + pairs[:start]


@lru_cache(maxsize=256)
def _pairs(blueprint: Blueprint, seed: int) -> tuple[Pair, ...]:
    """All pairs of items of one dimension, as places, in an order drawn from the seed."""
    items, dimension_of = blueprint.items, blueprint.dimension_of
    same = [
        (one, other)
        for one, other in combinations(range(len(items)), 2)
        if dimension_of[items[one]] == dimension_of[items[other]]
    ]
    return tuple(sorted(same, key=lambda pair: lot(RULE, seed, items[pair[0]], items[pair[1]])))


class _Lots:
    """Uniform numbers from a seed and a sequence, the same in every process and version."""

    def __init__(self, seed: int, sequence: int) -> None:
        self._salt = f"{RULE}/{seed}/{sequence}"
        self._drawn = 0

    def uniform(self, many: int) -> FloatArray:
        """Numbers strictly between 0 and 1."""
        self._drawn += 1
        stream = shake_256(f"{self._salt}/{self._drawn}".encode()).digest(4 * many)
        return (np.frombuffer(stream, dtype="<u4") + 0.5) / 2.0**32


class _Filling:
    """One form being filled, item by item."""

    def __init__(self, blueprint: Blueprint, state: Standing, *, lots: _Lots) -> None:
        self._blueprint = blueprint
        self._lots = lots
        self._criterion: Criterion = criterion_of(blueprint, state.outlook)
        self._tally = Tally(self._criterion, state, blueprint.items_per_form)
        self.chosen: list[int] = []

    def fill(self, rotation: set[str], turns: Sequence[Pair]) -> None:
        """Choose the items, those of the person's present rotation last.

        ``turns`` are the pairs of which one starts the form, next one first; empty for none.
        """
        slots = self._blueprint.items_per_form
        fresh = np.array([item not in rotation for item in self._blueprint.items])
        self._meet([pair for pair in turns if fresh[[*pair]].all()])
        while len(self.chosen) < slots:
            self._take(self._next(self._open(fresh)))

    def asks(self, left: int) -> tuple[tuple[str, Vantage], ...]:
        """Items in the order they were chosen, each from all points of view, extras after it."""
        items, extra = self._blueprint.items, self._blueprint.extra
        spent = self._extras(left)
        asks: list[tuple[str, Vantage]] = []
        for place in self.chosen:
            asks += [(items[place], vantage) for vantage in self._blueprint.together]
            asks += [extra[k] for k in spent if self._criterion.extra_item[k] == place]
        return tuple(asks)

    def _take(self, place: int) -> None:
        self._tally.add(place, self.chosen)
        self.chosen.append(place)

    def _meet(self, turns: Sequence[Pair]) -> None:
        """Take the pair that met least, the earlier one by turns among equals."""
        if turns:
            for place in min(turns, key=lambda pair: float(self._tally.pairs[pair])):
                self._take(place)

    def _open(self, fresh: BoolArray) -> BoolArray:
        """Items that may come next: fresh ones of a new dimension, else fresh ones, else others."""
        free = np.ones_like(fresh)
        free[self.chosen] = False
        apart = free & ~np.isin(self._criterion.dimension, self._criterion.dimension[self.chosen])
        for wanted in (apart & fresh, free & fresh, apart):
            if wanted.any():
                return wanted
        return free

    def _next(self, allowed: BoolArray) -> int:
        """Choose one of the allowed items: laggards, the guard, the priorities."""
        tally, criterion = self._tally, self._criterion
        mean = tally.asked.mean()
        for wanted in (tally.asked <= CEILING * mean + 1, tally.asked + 1 < FLOOR * mean):
            allowed = allowed & wanted if (allowed & wanted).any() else allowed
        cell = self._worst(allowed)
        if cell is None:
            return self._pick(tally.gains(criterion.total, self.chosen), allowed)
        if cell < len(criterion.kernels):
            allowed = allowed & criterion.reach[cell]
            return self._pick(tally.gains(criterion.kernels[cell], self.chosen), allowed)
        extra = cell - len(criterion.kernels)
        gains = np.zeros(len(allowed))
        each = tally.extra_gains(criterion.extra_kernels[extra])
        np.maximum.at(gains, criterion.extra_item, each)
        return self._pick(gains, allowed & criterion.extra_reach[extra])

    def _worst(self, allowed: BoolArray) -> int | None:
        """The cell that most needs one of the allowed items; None if the guard has no say."""
        criterion = self._criterion
        reach = np.concatenate([criterion.reach, criterion.extra_reach])
        ratios = np.where((reach & allowed).any(axis=1), self._tally.ratios(), 0.0)
        worst = int(np.argmax(np.round(ratios, _DIGITS)))
        return worst if ratios[worst] > GUARD else None

    def _extras(self, left: int) -> list[int]:
        """Spend the taps that are left on the extra asks that gain most."""
        open_asks = np.isin(self._criterion.extra_item, self.chosen)
        gains = self._tally.extra_gains(self._criterion.extra_total)
        spent: list[int] = []
        while len(spent) < left and open_asks.any():
            spent.append(self._pick(gains, open_asks))
            open_asks[spent[-1]] = False
        return spent

    def _pick(self, gains: FloatArray, allowed: NDArray[np.bool_]) -> int:
        """Draw one with chances by gain**(1/TEMPER): the Gumbel-max form of a softmax."""
        lots = -np.log(-np.log(self._lots.uniform(len(gains))))
        scores = np.log(np.maximum(gains, _SMALLEST)) + TEMPER * lots
        return int(np.argmax(np.where(allowed, np.round(scores, _DIGITS), -np.inf)))
