"""How many taps each way of choosing questions needs for the same standard error of the gaps.

    python -m benchmarks.allocation [--seed 1] [--replicates 10] [--quick]

A synthetic company: customers tell E and P of 22 items and C of eight, managers M and S, staff D.
Items differ in mean, spread and ceiling; one person's answers go together, within a dimension more
than across. The yardstick is everybody answering the full form. Every rule then asks new people,
form by form, each group in step, until a gap's standard error is down to that of the full form;
printed is the share of the full form's taps this took, for each gap overall and in each dimension.

Sampling variances are exact given who was asked what: they come from the covariance of 20,000
people of the same kind, not from the few answers at hand. The adaptive rule knows none of that; it
works with the answers it has. Then: what the rule does to the means themselves, how much hangs on
the correlations, and how long one form takes.
"""

import argparse
import statistics
import time
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
SHARES = np.round(np.arange(0.04, 0.9, 0.01), 2)
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


@dataclass(frozen=True)
class Track:
    """One group under one rule: at every share of the full form's taps, variances and errors.

    ``variance`` has shape (shares, columns, levels) with the columns of ``columns_of``;
    ``error`` is estimate less truth per vantage point, (shares, vantage points, levels).
    """

    variance: FloatArray
    error: FloatArray


def columns_of(group: Group) -> list[tuple[Vantage, ...]]:
    """Every vantage point of a group, and P-E for customers."""
    return [*((v,) for v in GROUPS[group]), *([(P, E)] if group is Group.CUSTOMER else [])]


def contrast(group: Group, column: tuple[Vantage, ...], asked: NDArray[np.bool_]) -> FloatArray:
    """Weights of the item means in a column at every level, shape (levels, points x items)."""
    vantages = GROUPS[group]
    result = np.zeros((len(NAMES), len(vantages), len(ITEMS)))
    for sign, vantage in zip((1, -1), column, strict=False):
        place = vantages.index(vantage)
        result[:, place] = sign * LEVELS.shares(asked[place][None])[0]
    return result.reshape(len(NAMES), -1)


def full_taps(group: Group) -> int:
    """Taps when everybody answers everything."""
    blueprint = BLUEPRINTS[group]
    each = len(blueprint.items) * len(blueprint.together) + len(blueprint.extra)
    return each * FULL_FORMS[group]


def full_variance(company: Company, group: Group) -> FloatArray:
    """Variances of the full form, shape (columns, levels)."""
    asked = company.groups[group].asked
    sigma = company.covariance[group] / FULL_FORMS[group]
    stacked = np.array([contrast(group, column, asked) for column in columns_of(group)])
    found: FloatArray = np.einsum("cla,ab,clb->cl", stacked, sigma, stacked, optimize=True)
    return found


def track(
    company: Company, rng: Generator, group: Group, *, rule: Rule, answers: FloatArray
) -> Track:
    """Ask form after form and note the variances at every share of the full form's taps."""
    own = company.groups[group]
    budget = SHARES * full_taps(group)
    place = {
        (item, vantage): v * len(ITEMS) + k
        for v, vantage in enumerate(GROUPS[group])
        for k, item in enumerate(ITEMS)
    }
    together = np.zeros((own.asked.size, own.asked.size))
    total, taps = np.zeros(own.asked.size), 0
    noted: list[tuple[FloatArray, FloatArray]] = []
    for number, form in enumerate(rule(rng, group, answers)):
        spots = np.array([place[ask] for ask in form.asks])
        if taps + len(spots) > budget[len(noted)]:
            noted.append(_note(company, group, together, total=total))
            if len(noted) == len(budget):
                break
        together[spots[:, None], spots] += 1
        total[spots] += answers[number, spots]
        taps += len(spots)
    return Track(np.array([one for one, _ in noted]), np.array([two for _, two in noted]))


def _note(
    company: Company, group: Group, together: FloatArray, *, total: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Exact variances given the counts so far, and what the means are off by."""
    many = np.diagonal(together)
    inverse = np.divide(1, many, out=np.zeros_like(many), where=many > 0)
    scaled = company.covariance[group] * together * np.outer(inverse, inverse)
    asked = company.groups[group].asked
    stacked = np.array([contrast(group, column, asked) for column in columns_of(group)])
    variance = np.einsum("cla,ab,clb->cl", stacked, scaled, stacked, optimize=True)
    unknown = (np.abs(stacked) @ (many == 0)) > 0
    off = np.where(many > 0, total * inverse - company.truth[group], 0.0)
    points = stacked[: len(GROUPS[group])]
    return np.where(unknown, np.inf, variance), points @ off


def needed(company: Company, tracks: dict[Group, Track]) -> FloatArray:
    """Share of the full form's taps each gap needs, shape (gaps, levels); inf if above all."""
    result = np.full((len(GAPS), len(NAMES)), np.inf)
    full = {group: full_variance(company, group) for group in Group}
    for row, gap in enumerate(GAPS):
        parts = [
            (group, columns_of(group).index(column))
            for group in Group
            for column in [gap.pair, (gap.minuend,), (gap.subtrahend,)]
            if column in columns_of(group)
        ]
        if any(len(columns_of(group)[k]) == 2 for group, k in parts):
            parts = [(g, k) for g, k in parts if len(columns_of(g)[k]) == 2]
        target = np.sum([full[group][k] for group, k in parts], axis=0)
        variance = np.sum([tracks[group].variance[:, k] for group, k in parts], axis=0)
        result[row] = [_crossing(variance[:, level], target[level]) for level in range(len(NAMES))]
    return result


def _crossing(variance: FloatArray, target: float) -> float:
    """Where a falling variance first meets its target, between two shares by interpolation."""
    met = np.nonzero(variance <= target)[0]
    if not len(met):
        return float(np.inf)
    k = int(met[0])
    if k == 0 or not np.isfinite(variance[k - 1]):
        return float(SHARES[k])
    part = (variance[k - 1] - target) / (variance[k - 1] - variance[k])
    return float(SHARES[k - 1] + part * (SHARES[k] - SHARES[k - 1]))


RULES: dict[str, Rule] = {
    "single questions": unpaired_forms,
    "random": random_forms,
    "balanced": balanced_forms,
    "adaptive": adaptive_forms,
    "steered": partial(adaptive_forms, priorities=STEERED),
}


def measure(
    options: argparse.Namespace, rules: Sequence[str], *, within: float, across: float
) -> tuple[dict[str, FloatArray], dict[str, FloatArray]]:
    """Shares needed (replicates, gaps, levels) and errors of E and P at a quarter, per rule."""
    shares: dict[str, list[FloatArray]] = {name: [] for name in rules}
    errors: dict[str, list[FloatArray]] = {name: [] for name in rules}
    quarter = int(np.argmin(np.abs(SHARES - 0.15)))
    for replicate in range(options.replicates):
        rng = np.random.default_rng([options.seed, replicate])
        company = Company.of(rng, within=within, across=across)
        answers = {
            group: own.answers(rng, int(SHARES[-1] * full_taps(group) / 3.9) + REFRESH + 1)
            for group, own in company.groups.items()
        }
        for name in rules:
            tracks = {
                group: track(company, rng, group, rule=RULES[name], answers=answers[group])
                for group in Group
            }
            shares[name].append(needed(company, tracks))
            errors[name].append(tracks[Group.CUSTOMER].error[quarter, :2, 1:])
    return (
        {name: np.array(own) for name, own in shares.items()},
        {name: np.array(own) for name, own in errors.items()},
    )


def print_needed(shares: dict[str, FloatArray]) -> None:
    """One row per gap and level: mean share of taps by rule; then what is flagged."""
    names = list(shares)
    print(f"| gap | level | {' | '.join(names)} | adaptive / random (standard error) |")
    print("|---|---|" + "---|" * (len(names) + 1))
    means = {name: own.mean(axis=0) for name, own in shares.items()}
    ratio = means["adaptive"] / means["random"]
    apart = shares["adaptive"] - shares["random"]
    noise = apart.std(axis=0, ddof=1) / len(apart) ** 0.5 / means["random"]
    for row, gap in enumerate(GAPS):
        for column, level in enumerate(NAMES):
            cells = " | ".join(f"{means[name][row, column]:.1%}" for name in names)
            told = f"{ratio[row, column]:.2f} ({noise[row, column]:.2f})"
            print(f"| {gap.label} | {level} | {cells} | {told} |")
    worse = [f"{GAPS[r].label} {NAMES[c]} ({ratio[r, c]:.2f})" for r, c in np.argwhere(ratio > 1)]
    print(f"\nAdaptive needs more taps than random in: {', '.join(worse) or 'no cell'}")
    five = slice(0, len(SEED_GAPS))
    for name in names:
        print(
            f"{name}: the five gaps overall {means[name][five, 0].mean():.1%}"
            f" (worst {means[name][five, 0].max():.1%}),"
            f" by dimension {means[name][five, 1:].mean():.1%}"
            f" (worst {means[name][five, 1:].max():.1%})"
        )


def print_errors(errors: dict[str, FloatArray]) -> None:
    """Mean error of the means of E and P, to see whether looking at answers bends them."""
    print("\nMean error of dimension means at 15 % of the taps, in points (its standard error)")
    for name, own in errors.items():
        each = own.mean(axis=(2,))
        told = [
            f"{point} {each[:, k].mean():+.4f} ({each[:, k].std(ddof=1) / len(each) ** 0.5:.4f})"
            for k, point in enumerate("EP")
        ]
        print(f"{name}: {', '.join(told)}; typical size {np.sqrt((own**2).mean()):.3f}")


def print_correlations(options: argparse.Namespace) -> None:
    """How much of the saving hangs on how alike one person's answers are."""
    print("\n| latent correlation within, across | rule | five gaps overall | by dimension |")
    print("|---|---|---|---|")
    few = argparse.Namespace(seed=options.seed, replicates=min(3, options.replicates))
    for within, across in ((0.3, 0.1), (0.4, 0.25), (0.6, 0.45), (0.8, 0.65), (0.95, 0.9)):
        shares, _ = measure(few, ("random", "adaptive"), within=within, across=across)
        for name, own in shares.items():
            mean = own.mean(axis=0)[: len(SEED_GAPS)]
            print(f"| {within}, {across} | {name} | {mean[:, 0].mean():.1%} ", end="")
            print(f"| {mean[:, 1:].mean():.1%} |")


def print_items_per_form(company: Company) -> None:
    """What the number of items per form does: even forms spread over dimensions, D overall."""
    alike = _correlations(company)
    many, dimensions = len(ITEMS), len(LEVELS.dimensions)
    full = (1 + _partners(many - 1) * alike[0] + (many - 1 - _partners(many - 1)) * alike[1]) / many
    print("\n| items per form | taps for the full form's error, overall | persons per full form |")
    print("|---|---|---|")
    for items in (1, 2, 3, 4, 5, 8, 11, many):
        same = max(0, items - dimensions) / max(1, items - 1) * _partners(many - 1)
        same = min(same, items - 1.0)
        each = (1 + same * alike[0] + (items - 1 - same) * alike[1]) / items
        share = each * items / (full * many)
        print(f"| {items} | {share:.0%} | {share * many / items:.1f} |")


def _partners(others: int) -> float:
    """Of all other items, how many on average are of the same dimension."""
    sizes = np.array(list(SIZES.values()))
    return float((sizes * (sizes - 1)).sum() / sizes.sum() * others / (len(ITEMS) - 1))


def print_speed() -> None:
    """Median time to draw one person's form and to count it."""
    for group, blueprint in BLUEPRINTS.items():
        state, times = standing_of(blueprint), []
        for number in range(2000):
            start = time.perf_counter()
            form = adaptive_form(blueprint, state=state, seed=1, sequence=number)
            state = state.after(form)
            times.append(1000 * (time.perf_counter() - start))
        print(f"one form for a {group}: {statistics.median(times):.3f} ms", end="")
        print(f" (99 in 100 below {statistics.quantiles(times, n=100)[-1]:.3f} ms)")


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--replicates", type=int, default=10)
    parser.add_argument("--within", type=float, default=0.6)
    parser.add_argument("--across", type=float, default=0.45)
    parser.add_argument("--quick", action="store_true", help="leave out the table of correlations")
    options = parser.parse_args()
    rng = np.random.default_rng(options.seed)
    company = Company.of(rng, within=options.within, across=options.across)
    shares, errors = measure(options, tuple(RULES), within=options.within, across=options.across)
    print(f"Taps for the full form's standard error; {options.replicates} companies;", end=" ")
    print(", ".join(f"{n} full forms of a {g}" for g, n in FULL_FORMS.items()))
    within, across, paired = _correlations(company)
    print(f"Observed correlations: {within:.2f} within a dimension,", end=" ")
    print(f"{across:.2f} across, {paired:.2f} of an item's E with its P\n")
    print_needed(shares)
    print_errors(errors)
    if not options.quick:
        print_correlations(options)
    print_items_per_form(company)
    print()
    print_speed()


def _correlations(company: Company) -> tuple[float, float, float]:
    """Observed among customers: within a dimension, across, and an item's E with its P."""
    sigma = company.covariance[Group.CUSTOMER]
    sizes = np.sqrt(np.diagonal(sigma))
    alike = sigma / np.outer(sizes, sizes)
    many, same = len(ITEMS), LEVELS.member.T @ LEVELS.member > 0
    own = alike[:many, :many]
    within = own[same & ~np.eye(many, dtype=bool)].mean()
    paired = np.diagonal(alike[:many, many : 2 * many]).mean()
    return float(within), float(own[~same].mean()), float(paired)


if __name__ == "__main__":
    main()
