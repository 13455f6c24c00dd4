"""What is known when the next form is drawn: counts, spreads, and which gaps matter how much.

A ``Standing`` is made from the moments of a unit (or of a whole organisation) and moved on by each
form drawn since. It holds whole numbers and rounded figures only, so that it can be stored, hashed
and handed to another machine, where the same form is drawn from it.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from gapengine.allocation.blueprint import Blueprint, Form
from gapengine.allocation.spreads import Column, Outlook, counts_of, outlook_of
from gapengine.errors import SettingsError
from gapengine.moments import Moments
from gapengine.scale import SEVEN, Scale
from gapengine.vantage import SEED_GAPS, Gap, Vantage

Counts = tuple[int, ...]


@dataclass(frozen=True)
class Standing:
    """How far a group's answers have come.

    Attributes
    ----------
    items, extra
        The blueprint's items, and its asks of one more vantage point, which the counts go with.
    answered, asked
        Per item: runs that answered it, and runs that were asked. Skips make the difference.
    met
        Shape (items, items): runs that answered both items; the diagonal is ``answered``.
    extra_answered
        Per extra ask: its answers.
    outlook
        Spreads, correlations and weights, as of when the moments were taken.
    """

    items: tuple[str, ...]
    extra: tuple[tuple[str, Vantage], ...]
    answered: Counts
    asked: Counts
    met: tuple[Counts, ...]
    extra_answered: Counts
    outlook: Outlook

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of ``plain`` in hexadecimal: what a log needs to name this standing."""
        return hashlib.sha256(json.dumps(self.plain(), sort_keys=True).encode()).hexdigest()

    def plain(self) -> dict[str, Any]:
        """Everything as lists, strings and numbers, for JSON."""
        listed: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return listed

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> "Standing":
        """Read what ``plain`` wrote, perhaps through JSON."""
        return cls(
            items=tuple(plain["items"]),
            extra=tuple((item, Vantage(vantage)) for item, vantage in plain["extra"]),
            answered=tuple(plain["answered"]),
            asked=tuple(plain["asked"]),
            met=tuple(tuple(row) for row in plain["met"]),
            extra_answered=tuple(plain["extra_answered"]),
            outlook=_outlook_from(plain["outlook"]),
        )

    def after(self, form: Form) -> "Standing":
        """Count a form that was drawn, as if it will be answered, before the next one is."""
        chosen = [self._place[item] for item in form.items]
        answered, asked = list(self.answered), list(self.asked)
        met = list(self.met)
        for place in chosen:
            answered[place] += 1
            asked[place] += 1
            row = list(met[place])
            for other in chosen:
                row[other] += 1
            met[place] = tuple(row)
        wanted = set(form.asks)
        extra = tuple(
            count + (ask in wanted)
            for ask, count in zip(self.extra, self.extra_answered, strict=True)
        )
        return replace(
            self,
            answered=tuple(answered),
            asked=tuple(asked),
            met=tuple(met),
            extra_answered=extra,
        )

    @cached_property
    def _place(self) -> dict[str, int]:
        return {item: place for place, item in enumerate(self.items)}


def standing_of(
    blueprint: Blueprint,
    moments: Moments | None = None,
    *,
    asked: Mapping[str, int] | None = None,
    gaps: Sequence[Gap] = SEED_GAPS,
    priorities: Mapping[tuple[str, str], float] | None = None,
    importance: Mapping[str, float] | None = None,
    scale: Scale = SEVEN,
) -> Standing:
    """Say how far a group's answers have come, and what matters.

    Parameters
    ----------
    blueprint
        What the group may be asked; its vantage points are all of one group.
    moments
        The group's answers so far; None before the first one. Other items than the blueprint's
        are left aside.
    asked
        How often each item was asked, answered or not. Without it every ask counts as answered,
        and an item that everybody skips would be asked again and again.
    gaps
        The gaps whose variance shall fall; those without a vantage point of the blueprint do not
        matter here.
    priorities
        Weight of a gap's variance by (label such as "P-D", level): level is "overall" or a
        dimension. What is not named weighs 1; all must be 0 or more.
    importance
        Weights of the dimensions in the overall figure; None for the plain mean.
    scale
        On which the answers are given: how much they usually differ depends on it.

    Raises
    ------
    SettingsError
        When the blueprint has no item, the moments are of another group, no gap has a vantage
        point of the blueprint, or a priority is negative or names no gap and level.
    """
    if not blueprint.items:
        raise SettingsError("the blueprint has no items; adaptive forms need some")
    counts = counts_of(blueprint, moments)
    outlook = outlook_of(
        blueprint,
        moments,
        gaps=gaps,
        priorities=priorities or {},
        importance=importance,
        scale=scale,
    )
    answered = np.diagonal(counts.met)
    asks = [
        max(many, (asked or {}).get(item, 0))
        for item, many in zip(blueprint.items, answered.tolist(), strict=True)
    ]
    return Standing(
        items=blueprint.items,
        extra=blueprint.extra,
        answered=tuple(answered.tolist()),
        asked=tuple(asks),
        met=tuple(tuple(row) for row in counts.met.tolist()),
        extra_answered=tuple(counts.extra.tolist()),
        outlook=outlook,
    )


def _outlook_from(plain: Mapping[str, Any]) -> Outlook:
    columns: tuple[Column, ...] = tuple(
        tuple(Vantage(vantage) for vantage in column) for column in plain["columns"]
    )
    importance = plain["importance"]
    return Outlook(
        columns=columns,
        variance=tuple(tuple(row) for row in plain["variance"]),
        within=plain["within"],
        across=plain["across"],
        weights=tuple(tuple(row) for row in plain["weights"]),
        importance=None if importance is None else tuple(importance),
    )
