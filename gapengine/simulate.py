"""Synthetic respondents with chosen gaps: for tests, the demo's company, calibration.

Scores are rounded, clipped normal answers. The latent mean is solved for, so that the expected
score equals the truth asked for even where the scale's ceiling bends it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.special import ndtr

from gapengine.errors import SettingsError
from gapengine.folding import AnswerColumns
from gapengine.vantage import GROUPS, Group, Vantage

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]

SPREAD: Mapping[Vantage, float] = {
    Vantage.EXPECTED: 1.0,
    Vantage.BELIEVED: 0.9,
    Vantage.SPECIFIED: 0.9,
    Vantage.DELIVERED: 1.1,
    Vantage.COMMUNICATED: 1.3,
    Vantage.PERCEIVED: 1.4,
}
"""Standard deviation of the latent answer, in points."""

PERSONAL = 0.4
"""Share of that variance a person takes along from item to item and from E to P."""

_THRESHOLDS = np.arange(1.5, 7.0)
_HALVINGS = 60

Asks = tuple[tuple[str, Vantage], ...]
"""What one run asks: (item, vantage point) in order, as ``gapengine.allocation.Form.asks``."""


@dataclass(frozen=True)
class Simulated:
    """Answers of one group: the columns, and what their indices stand for."""

    group: Group
    items: tuple[str, ...]
    vantages: tuple[Vantage, ...]
    answers: AnswerColumns


def latent_mean(expected_score: FloatArray, spread: FloatArray) -> FloatArray:
    """Latent mean whose rounded, clipped answers average to the expected score (1 < x < 7).

    By bisection: the expected score rises with the latent mean.
    """
    low, high = np.full_like(expected_score, -20.0), np.full_like(expected_score, 28.0)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        above = ndtr((middle[..., None] - _THRESHOLDS) / spread[..., None]).sum(axis=-1) + 1
        low, high = (
            np.where(above < expected_score, middle, low),
            np.where(above < expected_score, high, middle),
        )
    return (low + high) / 2


def simulate_answers(
    rng: Generator,
    *,
    truth: Mapping[Vantage, Mapping[str, float]],
    items: Mapping[str, str],
    runs: Mapping[Group, int],
    items_per_run: Mapping[Group, int],
) -> dict[Group, Simulated]:
    """Draw the answers of some customers, managers and staff.

    Parameters
    ----------
    truth
        Expected score by vantage point and dimension, strictly between 1 and 7. A vantage point
        or dimension that is absent is not asked.
    items
        The dimension of each item.
    runs
        Respondents per group; each answers one run.
    items_per_run
        Items a run of a group asks, each from every vantage point of the group that ``truth``
        names. Items are drawn at random without repetition: planned missingness.

    Raises
    ------
    SettingsError
        If a truth is not between 1 and 7.
    """
    return {
        group: _simulate_group(rng, group, truth, items=items, people=people, asked=asked)
        for group, people in runs.items()
        if people > 0 and (asked := min(items_per_run[group], len(items))) > 0
    }


def simulate_forms(
    rng: Generator,
    *,
    truth: Mapping[Vantage, Mapping[str, float]],
    items: Mapping[str, str],
    forms: Mapping[Group, Sequence[Asks]],
) -> dict[Group, Simulated]:
    """Draw the answers of respondents of whom each is asked a given form.

    ``truth`` and ``items`` as for ``simulate_answers``; respondent k of a group answers
    ``forms[group][k]``, all of it.

    Raises
    ------
    SettingsError
        If a truth is not between 1 and 7, or missing for what a form asks.
    """
    return {
        group: _answer_forms(rng, group, truth, items=items, forms=own)
        for group, own in forms.items()
        if own
    }


def _answer_forms(
    rng: Generator,
    group: Group,
    truth: Mapping[Vantage, Mapping[str, float]],
    *,
    items: Mapping[str, str],
    forms: Sequence[Asks],
) -> Simulated:
    vantages = GROUPS[group]
    latent, spread = _latent(truth, vantages, items)
    item_at = {item: k for k, item in enumerate(items)}
    vantage_at = {vantage: k for k, vantage in enumerate(vantages)}
    cells = {
        asks: np.array([(item_at[item], vantage_at[vantage]) for item, vantage in asks])
        for asks in set(forms)
    }
    item, vantage = np.concatenate([cells[asks] for asks in forms]).T
    who = np.repeat(np.arange(len(forms)), [len(asks) for asks in forms])
    middle = latent[vantage, item]
    if np.isnan(middle).any():
        raise SettingsError("a form asks what has no truth; name a true score for it")
    person = rng.standard_normal(len(forms))[who] * np.sqrt(PERSONAL)
    noise = rng.standard_normal(len(who)) * np.sqrt(1 - PERSONAL)
    score = np.clip(np.rint(middle + (person + noise) * spread[vantage, item]), 1, 7)
    columns = AnswerColumns.of(who, item, vantage=vantage, score=score)
    return Simulated(group, tuple(items), vantages, columns)


def _simulate_group(
    rng: Generator,
    group: Group,
    truth: Mapping[Vantage, Mapping[str, float]],
    *,
    items: Mapping[str, str],
    people: int,
    asked: int,
) -> Simulated:
    vantages = GROUPS[group]
    latent, spread = _latent(truth, vantages, items)
    drawn = rng.random((people, len(items))).argsort(axis=1)[:, :asked]
    person = rng.standard_normal((people, 1, 1)) * np.sqrt(PERSONAL)
    noise = rng.standard_normal((people, len(vantages), asked)) * np.sqrt(1 - PERSONAL)
    middle = latent[:, drawn].transpose(1, 0, 2)
    answer = middle + (person + noise) * spread[:, drawn].transpose(1, 0, 2)
    who, vantage, place = np.nonzero(np.isfinite(middle))
    score = np.clip(np.rint(answer[who, vantage, place]), 1, 7)
    columns = AnswerColumns.of(who, drawn[who, place], vantage=vantage, score=score)
    return Simulated(group, tuple(items), vantages, columns)


def _latent(
    truth: Mapping[Vantage, Mapping[str, float]],
    vantages: tuple[Vantage, ...],
    items: Mapping[str, str],
) -> tuple[FloatArray, FloatArray]:
    """Latent means and spreads, shape (vantage points, items); NaN means where not asked."""
    target = _targets(truth, vantages, items)
    latent = np.full_like(target, np.nan)
    spread = np.array([SPREAD[v] for v in vantages])[:, None] * np.ones_like(target)
    known = np.isfinite(target)
    latent[known] = latent_mean(target[known], spread[known])
    return latent, spread


def _targets(
    truth: Mapping[Vantage, Mapping[str, float]],
    vantages: tuple[Vantage, ...],
    items: Mapping[str, str],
) -> FloatArray:
    """Expected scores, shape (vantage points, items); NaN where not asked."""
    rows = [
        [truth.get(vantage, {}).get(dimension, np.nan) for dimension in items.values()]
        for vantage in vantages
    ]
    target = np.array(rows, dtype=np.float64)
    if (target <= 1).any() or (target >= 7).any():
        raise SettingsError("a true score is not between 1 and 7; choose one that is, such as 5.4")
    return target
