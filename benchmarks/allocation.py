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
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from benchmarks.allocation_rules import (
    BLUEPRINTS,
    FULL_FORMS,
    GAPS,
    ITEMS,
    LEVELS,
    NAMES,
    REFRESH,
    RULES,
    Company,
    E,
    P,
    Rule,
)
from gapengine.allocation import adaptive_form, standing_of
from gapengine.levels import FloatArray
from gapengine.vantage import GROUPS, SEED_GAPS, Group, Vantage

SHARES = np.round(np.arange(0.04, 0.9, 0.01), 2)


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
            cells = " | ".join(_told(means[name][row, column]) for name in names)
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


def _told(share: float) -> str:
    """A share in words; some cells need more than was tried."""
    return f"{share:.1%}" if np.isfinite(share) else f"over {SHARES[-1]:.0%}"


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
            cells = f"{_told(mean[:, 0].mean())} | {_told(mean[:, 1:].mean())}"
            print(f"| {within}, {across} | {name} | {cells} |")


def print_items_per_form(company: Company) -> None:
    """What the number of items per form does: even forms spread over dimensions, D overall."""
    alike = _correlations(company)
    many, dimensions = len(ITEMS), len(LEVELS.dimensions)
    partners = many / dimensions - 1
    full = (1 + partners * alike[0] + (many - 1 - partners) * alike[1]) / many
    print("\n| items per form | taps for the full form's error, overall | persons per full form |")
    print("|---|---|---|")
    for items in (1, 2, 3, 4, 5, 8, 11, many):
        same = max(0.0, items / dimensions - 1)
        each = (1 + same * alike[0] + (items - 1 - same) * alike[1]) / items
        share = each * items / (full * many)
        print(f"| {items} | {share:.0%} | {share * many / items:.1f} |")


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
