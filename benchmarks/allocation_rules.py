"""A synthetic company, and the rules by which its people may be asked; for ``allocation``."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from gapengine.allocation import Blueprint, Form, adaptive_form, form_for, standing_of
from gapengine.folding import AnswerColumns, fold
from gapengine.levels import FloatArray, Levels
from gapengine.moments import Moments
from gapengine.vantage import CLASSIC_GAPS, GROUPS, SEED_GAPS, Group, Vantage, group_of

E, M, S, D, C, P = Vantage
SIZES = {"tangibles": 4, "reliability": 5, "responsiveness": 4, "assurance": 4, "empathy": 5}
SERVICE = tuple((name, tuple(f"{name}.{k}" for k in range(n))) for name, n in SIZES.items())
ITEMS = {item: name for name, items in SERVICE for item in items}
PROMISED = tuple(f"{name}.{k}" for name, n in SIZES.items() for k in range(1 if n == 4 else 2))
PROMISED = (*PROMISED, "assurance.1")
LEVELS = Levels.of(ITEMS)
NAMES = ("overall", *LEVELS.dimensions)
FULL_FORMS = {Group.CUSTOMER: 200, Group.STAFF: 60, Group.MANAGER: 40}
BLUEPRINTS = {
    Group.CUSTOMER: Blueprint(SERVICE, (E, P), extra=tuple((item, C) for item in PROMISED), taps=5),
    Group.STAFF: Blueprint(SERVICE, (D,), taps=4),
    Group.MANAGER: Blueprint(SERVICE, (M, S), taps=4),
}
MEANS = {E: 6.0, M: 5.8, S: 5.5, D: 5.3, C: 5.6, P: 5.0}
GAPS = (*SEED_GAPS, CLASSIC_GAPS[-1])
STEERED = {("P-D", "reliability"): 10.0, ("P-D", "overall"): 10.0}
REFRESH = 25
KNOWN_FROM = 20_000

Rule = Callable[[Generator, Group, FloatArray], Iterator[Form]]


@dataclass(frozen=True)
class Population:
    """Latent means, spreads and the root of the covariance of one group's answers."""

    latent: FloatArray
    spread: FloatArray
    root: FloatArray
    asked: NDArray[np.bool_]

    @classmethod
    def of(cls, rng: Generator, group: Group, *, within: float, across: float) -> "Population":
        """Draw items that differ by up to two points in mean and by a factor of two in spread."""
        vantages = GROUPS[group]
        many = len(ITEMS)
        item = np.where(LEVELS.member.T @ LEVELS.member > 0, within, across)
        np.fill_diagonal(item, 1.0)
        between = np.full((len(vantages), len(vantages)), 0.4)
        np.fill_diagonal(between, 1.0)
        asked = np.ones((len(vantages), many), dtype=bool)
        if C in vantages:
            asked[vantages.index(C)] = [name in PROMISED for name in ITEMS]
        means = np.array([MEANS[v] for v in vantages])[:, None]
        return cls(
            latent=means + rng.uniform(-1, 1, (len(vantages), many)),
            spread=rng.uniform(0.8, 1.9, (len(vantages), many)),
            root=np.linalg.cholesky(np.kron(between, item)),
            asked=asked,
        )

    def answers(self, rng: Generator, people: int) -> FloatArray:
        """Scores 1..7, shape (people, vantage points x items)."""
        drawn = rng.standard_normal((people, len(self.root))) @ self.root.T
        return np.clip(np.rint(self.latent.ravel() + drawn * self.spread.ravel()), 1, 7)


@dataclass(frozen=True)
class Company:
    """The three groups and what is true of them."""

    groups: dict[Group, Population]
    covariance: dict[Group, FloatArray]
    truth: dict[Group, FloatArray]

    @classmethod
    def of(cls, rng: Generator, *, within: float, across: float) -> "Company":
        """Draw a company, and learn its covariances from many people."""
        groups = {g: Population.of(rng, g, within=within, across=across) for g in Group}
        many = {g: own.answers(rng, KNOWN_FROM) for g, own in groups.items()}
        return cls(
            groups,
            covariance={g: np.cov(own, rowvar=False) for g, own in many.items()},
            truth={g: own.mean(axis=0) for g, own in many.items()},
        )


def random_forms(rng: Generator, group: Group, _: FloatArray) -> Iterator[Form]:
    """Items by lot, each from all points of view; a tap that is left by lot as well."""
    blueprint = BLUEPRINTS[group]
    while True:
        chosen = rng.choice(blueprint.items, blueprint.items_per_form, replace=False).tolist()
        asks = [(item, vantage) for item in chosen for vantage in blueprint.together]
        extra = [ask for ask in blueprint.extra if ask[0] in chosen]
        left = blueprint.taps - len(asks)
        picked = rng.permutation(len(extra))[:left].tolist()
        yield Form((*asks, *(extra[k] for k in picked)), ())


def unpaired_forms(rng: Generator, group: Group, _: FloatArray) -> Iterator[Form]:
    """Single questions by lot: an item's E without its P."""
    blueprint = BLUEPRINTS[group]
    pool = [(item, v) for item in blueprint.items for v in blueprint.together]
    pool += blueprint.extra
    while True:
        yield Form(tuple(pool[k] for k in rng.permutation(len(pool))[: blueprint.taps]), ())


def balanced_forms(rng: Generator, group: Group, _: FloatArray) -> Iterator[Form]:
    """Pairs of one dimension, even over a round."""
    seed, number = int(rng.integers(2**31)), 0
    while True:
        yield form_for(BLUEPRINTS[group], seed=seed, sequence=number)
        number += 1


def adaptive_forms(
    rng: Generator,
    group: Group,
    answers: FloatArray,
    *,
    priorities: dict[tuple[str, str], float] | None = None,
) -> Iterator[Form]:
    """The adaptive rule; what was answered is looked at every so many forms."""
    blueprint, seed, number = BLUEPRINTS[group], int(rng.integers(2**31)), 0
    known = {key: value for key, value in (priorities or {}).items() if _concerns(group, key[0])}
    moments = Moments.empty(group, ITEMS)
    while True:
        state = standing_of(blueprint, moments, priorities=known, gaps=GAPS)
        batch = []
        for _ in range(REFRESH):
            form = adaptive_form(blueprint, state=state, seed=seed, sequence=number)
            state = state.after(form)
            batch.append(form)
            number += 1
            yield form
        moments += _folded(group, batch, answers[number - REFRESH : number])


def _concerns(group: Group, label: str) -> bool:
    return any(group_of(Vantage(point)) is group for point in label.split("-"))


def _folded(group: Group, forms: Sequence[Form], answers: FloatArray) -> Moments:
    item_at = {item: k for k, item in enumerate(ITEMS)}
    rows = [
        (who, item_at[item], GROUPS[group].index(vantage))
        for who, form in enumerate(forms)
        for item, vantage in form.asks
    ]
    who, item, vantage = np.array(rows).T
    score = answers[who, vantage * len(ITEMS) + item]
    return fold(group, ITEMS, AnswerColumns.of(who, item, vantage=vantage, score=score))


RULES: dict[str, Rule] = {
    "single questions": unpaired_forms,
    "random": random_forms,
    "balanced": balanced_forms,
    "adaptive": adaptive_forms,
    "steered": partial(adaptive_forms, priorities=STEERED),
}
