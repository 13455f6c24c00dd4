"""What one digest may claim of everything it could claim.

A digest looks at many figures at once, and some of them look changed by chance. Statements form a
tree: a gap, below it its dimensions, below these their items. First the gatekeeper: the statements
without a parent are tested together at a strict rate, which bounds the share of digests that claim
anything where nothing is so. Only below a claimed statement is anything else looked at, each depth
together, at the usual rate of false discoveries.

Sources: Benjamini and Hochberg (1995), J. R. Statist. Soc. B 57, 289-300; weights: Genovese,
Roeder and Wasserman (2006), Biometrika 93, 509-524; families along a tree: Yekutieli (2008),
J. Am. Statist. Assoc. 103, 309-316.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gapengine.errors import SettingsError
from gapengine.levels import FloatArray

GATE = 0.04
"""Rate at the top: about so many digests claim something where nothing is so; at most 5 % must.

Intervals from few people are not exact, so a hundredth is kept in hand (``benchmarks.change``).
"""

FALSE_DISCOVERIES = 0.10
"""Rate below a claimed statement: the expected share of false ones among what is claimed."""


@dataclass(frozen=True)
class Candidate:
    """A statement that could be made.

    ``p`` is the probability of evidence as strong if it were false, None where it cannot be tested.
    ``weight`` says how much of the rate it gets beside its siblings: twice the weight, twice the
    limit.
    """

    key: str
    p: float | None
    parent: str | None = None
    weight: float = 1.0


def claimed(
    candidates: Sequence[Candidate], *, gate: float = GATE, rate: float = FALSE_DISCOVERIES
) -> frozenset[str]:
    """Keys of the statements that may be made.

    Below a statement that is not claimed, or cannot be tested, nothing is claimed. The order of
    the candidates does not matter.

    Raises
    ------
    SettingsError
        If a key comes twice, a parent is unknown or below itself, a probability is not between 0
        and 1, a weight is not positive, or a rate is not between 0 and 1.
    """
    _check(candidates, gate, rate)
    said: set[str] = set()
    opened: set[str | None] = {None}
    while family := [one for one in candidates if one.parent in opened and one.p is not None]:
        kept = discoveries(
            np.array([one.p for one in family]),
            rate=gate if None in opened else rate,
            weights=np.array([one.weight for one in family]),
        )
        opened = {one.key for one, keep in zip(family, kept.tolist(), strict=True) if keep}
        said |= {key for key in opened if key is not None}
    return frozenset(said)


def discoveries(
    p: FloatArray, *, rate: float, weights: FloatArray | None = None
) -> NDArray[np.bool_]:
    """Which of some tests Benjamini and Hochberg's procedure keeps.

    Parameters
    ----------
    p
        Probabilities along the last axis; NaN is a test that was not made, and does not count.
    rate
        Expected share of false ones among those kept.
    weights
        Of the same shape or one that fits; they are scaled to the mean 1 among tests made. None
        weighs all the same.

    Returns
    -------
    Array of the shape of ``p``, true where kept.
    """
    made = np.isfinite(p)
    weight = np.where(made, np.ones_like(p) if weights is None else weights, 0.0)
    many = made.sum(axis=-1, keepdims=True)
    total = weight.sum(axis=-1, keepdims=True)
    share = np.divide(weight * many, total, out=np.zeros_like(p), where=made)
    scaled = np.divide(p, share, out=np.full_like(p, np.inf), where=made)
    place = np.arange(1, p.shape[-1] + 1)
    passed = np.sort(scaled, axis=-1) <= rate * place / np.maximum(many, 1)
    kept = np.where(passed, place, 0).max(axis=-1, keepdims=True, initial=0)
    limit = np.where(kept > 0, rate * kept / np.maximum(many, 1), -1.0)
    discovered: NDArray[np.bool_] = scaled <= limit
    return discovered


def _check(candidates: Sequence[Candidate], gate: float, rate: float) -> None:
    for name, value in (("gate", gate), ("rate", rate)):
        if not 0 < value < 1:
            raise SettingsError(f"{name} is {value}; give a share such as 0.05")
    parents = {one.key: one.parent for one in candidates}
    if len(parents) < len(candidates):
        raise SettingsError("two statements have the same key; give each its own")
    for one in candidates:
        if one.p is not None and not 0 <= one.p <= 1:
            raise SettingsError(f"p of {one.key!r} is {one.p}; give a probability, or None")
        if not one.weight > 0:
            raise SettingsError(f"weight of {one.key!r} is {one.weight}; give a positive number")
        if one.parent is not None and one.parent not in parents:
            raise SettingsError(f"parent {one.parent!r} of {one.key!r} is unknown; list it as well")
        if _circles(one.key, parents):
            raise SettingsError(f"{one.key!r} lies below itself; give it another parent")


def _circles(key: str, parents: dict[str, str | None]) -> bool:
    above, seen = parents[key], {key}
    while above is not None and above not in seen:
        seen.add(above)
        above = parents.get(above)
    return above is not None
