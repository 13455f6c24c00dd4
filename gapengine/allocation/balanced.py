"""The balanced rule: blocks of one dimension, even over a round, without any other state.

Over runs every item is asked equally often, and every pair of items of one dimension meets in one
run equally often. The form of a run is a function of the blueprint, a seed and a sequence number:
two processes that know these three agree.
"""

from collections.abc import Sequence
from functools import lru_cache
from itertools import combinations

from gapengine.allocation.blueprint import Blueprint, Form, asked_in_rotation, causes_for, lot
from gapengine.errors import SettingsError
from gapengine.vantage import Vantage

MAX_ROUND = 512
"""Forms after which a round ends even when its counts are not yet exactly even."""

BLOCK = 2
"""Items of one dimension that are asked together: the smallest block in which pairs meet."""

Block = tuple[str, ...]
FormBlocks = tuple[Block, ...]


def form_for(blueprint: Blueprint, *, seed: int, sequence: int, recent: Sequence[str] = ()) -> Form:
    """Choose what the run with this number asks.

    Parameters
    ----------
    blueprint
        What may be asked.
    seed
        Stored with the questionnaire and unit; another seed gives another order.
    sequence
        0, 1, 2, ...: number of this run among those of the seed. Stored by whoever counts runs.
    recent
        Items and causes this person was asked before, oldest first. They are avoided until the
        person's rotation is through. Leave it empty where runs are anonymous: what somebody was
        asked, kept beside the person, could be matched with the anonymous answers.

    Returns
    -------
    Form
        At most ``blueprint.taps`` answers. Without ``recent`` a function of the other three
        arguments alone, with even counts over every full round.

    Raises
    ------
    SettingsError
        When ``sequence`` is negative.
    """
    if sequence < 0:
        raise SettingsError(f"sequence {sequence} is negative")
    items = _chosen_items(blueprint, seed=seed, sequence=sequence, recent=recent)
    causes = causes_for(blueprint, seed=seed, sequence=sequence, recent=recent)
    left = blueprint.taps - len(items) * len(blueprint.together) - len(causes)
    extra = _extra_asks(blueprint, items, left=left, salt=(seed, sequence))
    asks = [
        (item, vantage) for item in items for vantage in (*blueprint.together, *extra.get(item, ()))
    ]
    return Form(tuple(asks), causes)


def round_length(blueprint: Blueprint, *, seed: int) -> int:
    """Count the forms after which all items, and all pairs of a dimension, are even again."""
    return len(_round(blueprint, seed, 0))


def _chosen_items(
    blueprint: Blueprint, *, seed: int, sequence: int, recent: Sequence[str]
) -> tuple[str, ...]:
    if not blueprint.items_per_form:
        return ()
    length = len(_round(blueprint, seed, 0))
    number, position = divmod(sequence, length)
    forms = _round(blueprint, seed, number)
    planned = forms[position]
    asked = asked_in_rotation(blueprint.items, recent)
    if asked.isdisjoint(_flat(planned)):
        return _flat(planned)
    upcoming = [block for form in forms[position:] + forms[:position] for block in form]
    return _fresh_items(blueprint, planned, upcoming, asked=asked)


def _fresh_items(
    blueprint: Blueprint, planned: FormBlocks, upcoming: Sequence[Block], *, asked: set[str]
) -> tuple[str, ...]:
    """Replace each planned block by the next one of its size that repeats least for this person."""
    chosen: list[str] = []
    for size in map(len, planned):
        taken = {blueprint.dimension_of[item] for item in chosen}
        costs = [
            (len(asked.intersection(block)), blueprint.dimension_of[block[0]] in taken, place)
            for place, block in enumerate(upcoming)
            if len(block) == size and not set(block) & set(chosen)
        ]
        if not costs:
            return _flat(planned)
        chosen += upcoming[min(costs)[2]]
    return tuple(chosen)


def _flat(blocks: FormBlocks) -> tuple[str, ...]:
    return tuple(item for block in blocks for item in block)


def _extra_asks(
    blueprint: Blueprint, items: tuple[str, ...], *, left: int, salt: tuple[int, int]
) -> dict[str, tuple[Vantage, ...]]:
    """Spend the taps that are left on further vantage points of the chosen items, by lot."""
    candidates = [(item, vantage) for item, vantage in blueprint.extra if item in items]
    candidates.sort(key=lambda ask: lot(*salt, *ask))
    chosen: dict[str, tuple[Vantage, ...]] = {}
    for item, vantage in candidates[: max(0, left)]:
        chosen[item] = (*chosen.get(item, ()), vantage)
    return chosen


@lru_cache(maxsize=64)
def _round(blueprint: Blueprint, seed: int, number: int) -> tuple[FormBlocks, ...]:
    """Lay out one round: forms drawn one after the other, each from what was asked least.

    Every round has the length of the first, so that a sequence number finds its round.
    """
    draw = _Draw(blueprint, f"{seed}/{number}")
    if number:
        return tuple(draw.next_form() for _ in _round(blueprint, seed, 0))
    forms = [draw.next_form()]
    while not draw.is_even() and len(forms) < MAX_ROUND:
        forms.append(draw.next_form())
    return tuple(forms)


class _Draw:
    """Counts of a round so far; the next form takes what has the lowest ones."""

    def __init__(self, blueprint: Blueprint, salt: str) -> None:
        self._blueprint = blueprint
        self._salt = salt
        self._drawn = 0
        self._times = dict.fromkeys(blueprint.items, 0)
        self._meetings = {
            frozenset(pair): 0
            for _, items in blueprint.items_by_dimension
            for pair in combinations(items, 2)
        }

    def is_even(self) -> bool:
        """Tell whether all items, and all pairs within each dimension, stand at one count."""
        if len(set(self._times.values())) > 1:
            return False
        pairs_by_dimension: dict[str, set[int]] = {}
        for pair, count in self._meetings.items():
            name = self._blueprint.dimension_of[min(pair)]
            pairs_by_dimension.setdefault(name, set()).add(count)
        return all(len(counts) == 1 for counts in pairs_by_dimension.values())

    def next_form(self) -> FormBlocks:
        """Draw blocks from the least asked dimensions until the form is full."""
        blocks: list[Block] = []
        form: list[str] = []
        slots = self._blueprint.items_per_form
        while len(form) < slots:
            size = slots if slots == BLOCK + 1 else BLOCK
            blocks.append(self._block(form, size=min(size, slots - len(form))))
            form += blocks[-1]
            self._drawn += 1
        self._count(form)
        return tuple(blocks)

    def _block(self, form: Sequence[str], *, size: int) -> Block:
        """Take items of one dimension that is not in the form yet, if there is one."""
        taken = {self._blueprint.dimension_of[item] for item in form}
        _, items = min(
            self._open_dimensions(form),
            key=lambda found: (found[0] in taken, self._mean_times(found[0]), self._lot(found[0])),
        )
        chosen = list(self._best_start(items, min(size, len(items))))
        while len(chosen) < min(size, len(items)):
            rest = [item for item in items if item not in chosen]
            chosen.append(min(rest, key=lambda item: self._cost([*chosen, item])))
        return tuple(chosen)

    def _open_dimensions(self, form: Sequence[str]) -> list[tuple[str, list[str]]]:
        found = [
            (name, [item for item in items if item not in form])
            for name, items in self._blueprint.items_by_dimension
        ]
        return [(name, items) for name, items in found if items]

    def _best_start(self, items: Sequence[str], size: int) -> Sequence[str]:
        starts = combinations(items, min(size, BLOCK))
        return min(starts, key=self._cost)

    def _cost(self, block: Sequence[str]) -> tuple[int, int, int, bytes]:
        """Order blocks: pairs met least, then items asked least, then the lot."""
        met = sum(self._meetings[frozenset(pair)] for pair in combinations(block, 2))
        times = [self._times[item] for item in block]
        return met, sum(times), max(times), self._lot(*block)

    def _mean_times(self, dimension: str) -> float:
        items = dict(self._blueprint.items_by_dimension)[dimension]
        return sum(self._times[item] for item in items) / len(items)

    def _count(self, form: Sequence[str]) -> None:
        for item in form:
            self._times[item] += 1
        for pair in combinations(form, 2):
            if frozenset(pair) in self._meetings:
                self._meetings[frozenset(pair)] += 1

    def _lot(self, *parts: str) -> bytes:
        return lot(self._salt, self._drawn, *parts)
