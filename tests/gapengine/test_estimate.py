"""Means, gaps and clustered errors from moments equal a direct computation from the rows."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from math import sqrt
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.special import stdtrit

from gapengine.errors import MixedMomentsError, SettingsError
from gapengine.estimate import NAMED, PAIRS, Figures, Pair, figures
from gapengine.folding import AnswerColumns, fold
from gapengine.importance import PUBLISHED, weighted_overall
from gapengine.intervals import (
    TEXTBOOK,
    USUAL,
    Method,
    Spread,
    one_group,
    t_bounds,
    two_groups,
)
from gapengine.levels import Levels
from gapengine.moments import Moments, merge
from gapengine.stacking import stack
from gapengine.vantage import GROUPS, Group, Vantage, group_of

CASES = Path(__file__).parents[1] / "cases"
TABLES = json.loads((CASES / "published_tables.json").read_text())

DIMENSION_OF = {"a": "x", "b": "x", "c": "x", "d": "y", "e": "y"}
ITEMS = list(DIMENSION_OF)

Row = tuple[int, str, str, int]
Unit = dict[Group, Moments]
Who = tuple[Group, int]


def moments_of(rows: Sequence[Row]) -> Unit:
    """Fold rows (who, item, vantage, score) into one unit's moments."""
    unit = {}
    for group in Group:
        own = [r for r in rows if group_of(Vantage(r[2])) is group]
        unit[group] = fold(
            group,
            DIMENSION_OF,
            AnswerColumns.of(
                [r[0] for r in own],
                [ITEMS.index(r[1]) for r in own],
                vantage=[GROUPS[group].index(Vantage(r[2])) for r in own],
                score=[r[3] for r in own],
            ),
        )
    return unit


def pair_of(label: str) -> Pair:
    return Vantage(label[0]), Vantage(label[1])


def estimated(
    units: Sequence[Unit],
    *,
    weights: Mapping[str, float] | None = None,
    method: Method = USUAL,
) -> Figures:
    levels = Levels.of(DIMENSION_OF, weights=weights)
    stacked = {group: stack(group, [unit[group] for unit in units], levels) for group in Group}
    return figures(stacked, method=method)


class Direct:
    """The same estimators, written from the rows alone, one respondent at a time."""

    def __init__(self, rows: Sequence[Row], items: Sequence[str]) -> None:
        self.items = items
        self.scores: dict[tuple[str, str], list[tuple[Who, int]]] = defaultdict(list)
        for who, item, vantage, score in rows:
            self.scores[vantage, item].append(((group_of(Vantage(vantage)), who), score))

    def item_mean(self, vantage: Vantage, item: str) -> float:
        given_scores = [score for _, score in self.scores[vantage, item]]
        return sum(given_scores) / len(given_scores)

    def weights(self, vantage: Vantage, level: str, key: str) -> dict[str, float]:
        asked = [item for item in self.items if self.scores[vantage, item]]
        if level == "item":
            return {key: 1.0} if key in asked else {}
        kept = [d for d in ("x", "y") if level == "overall" or d == key]
        by_dimension = {d: [i for i in asked if DIMENSION_OF[i] == d] for d in kept}
        present = {d: own for d, own in by_dimension.items() if own}
        return {i: 1 / len(own) / len(present) for own in present.values() for i in own}

    def mean(self, vantage: Vantage, level: str, key: str) -> float:
        weights = self.weights(vantage, level, key)
        if not weights:
            return float("nan")
        return sum(w * self.item_mean(vantage, item) for item, w in weights.items())

    def contributions(self, vantage: Vantage, level: str, key: str) -> dict[Who, float]:
        z: dict[Who, float] = defaultdict(float)
        for item, weight in self.weights(vantage, level, key).items():
            mean, answers = self.item_mean(vantage, item), self.scores[vantage, item]
            for who, score in answers:
                z[who] += weight * (score - mean) / len(answers)
        return z

    def gap(self, pair: Pair, level: str, key: str) -> tuple[float, float | None, float | None]:
        """Estimate, se, df."""
        minuend, subtrahend = pair
        left = self.contributions(minuend, level, key)
        right = self.contributions(subtrahend, level, key)
        estimate = self.mean(minuend, level, key) - self.mean(subtrahend, level, key)
        if group_of(minuend) is group_of(subtrahend):
            people = set(left) | set(right)
            z = [left.get(who, 0.0) - right.get(who, 0.0) for who in people]
            parts = [clustered(z)]
        else:
            parts = [clustered(list(left.values())), clustered(list(right.values()))]
        if any(n < 2 for _, n in parts):
            return estimate, None, None
        total = sum(variance for variance, _ in parts)
        below = sum(variance**2 / (n - 1) for variance, n in parts)
        if len(parts) == 1:
            return estimate, sqrt(total), parts[0][1] - 1
        return estimate, sqrt(total), total**2 / below if total > 1e-18 else None


def clustered(z: Sequence[float]) -> tuple[float, int]:
    n = len(z)
    return (n / (n - 1) * sum(value**2 for value in z) if n > 1 else float("nan")), n


row = st.tuples(
    st.integers(0, 5), st.sampled_from(ITEMS), st.sampled_from("EMSDCP"), st.integers(1, 7)
)
tables = st.lists(row, min_size=4, max_size=60)


@settings(max_examples=150, deadline=None)
@given(tables)
def test_gaps_and_errors_from_moments_equal_those_from_the_rows(rows: list[Row]) -> None:
    """To nine decimals; a zero error may be off by rounding in the direct computation."""
    raw, direct = estimated([moments_of(rows)]), Direct(rows, ITEMS)

    for pair in PAIRS:
        gap = raw.gaps[pair]
        for at, (level, key) in enumerate(raw.levels.keys):
            estimate, se, df = direct.gap(pair, level, key)
            assert gap.estimate[0, at] == pytest.approx(estimate, abs=1e-9, nan_ok=True)
            if np.isnan(estimate):
                assert np.isnan(gap.se[0, at])
                continue
            if se is None:
                assert np.isnan(gap.se[0, at])
                continue
            assert gap.se[0, at] == pytest.approx(se if se > 1e-7 else 0.0, abs=1e-9)
            if se > 1e-7:
                assert gap.df[0, at] == pytest.approx(df, abs=1e-9, rel=1e-9)


@settings(max_examples=40, deadline=None)
@given(tables)
def test_like_for_like_uses_the_common_items_alone(rows: list[Row]) -> None:
    raw = estimated([moments_of(rows)])
    for pair in NAMED:
        common = [
            item for item in ITEMS if all(any(r[1:3] == (item, v) for r in rows) for v in pair)
        ]
        kept = [r for r in rows if r[2] not in pair or r[1] in common]
        direct = Direct(kept, common)

        like = raw.like_for_like[pair]

        for at, (level, key) in enumerate(raw.levels.keys[: raw.levels.upper]):
            inside = [i for i in ITEMS if level == "overall" or DIMENSION_OF[i] == key]
            asked = [{r[1] for r in rows if r[2] == v and r[1] in inside} for v in pair]
            assert raw.common_items[pair][0, at] == len(set(common) & set(inside))
            if asked[0] == asked[1]:
                assert np.isnan(like.estimate[0, at])
                continue
            estimate, _, _ = direct.gap(pair, level, key)
            assert like.estimate[0, at] == pytest.approx(estimate, abs=1e-9, nan_ok=True)
            for vantage, bound in zip(pair, (like.n_minuend, like.n_subtrahend), strict=True):
                union = len({r[0] for r in kept if r[2] == vantage and r[1] in inside})
                assert bound[0, at] <= union
                assert (bound[0, at] > 0) == (union > 0)


@settings(max_examples=40, deadline=None)
@given(tables, st.integers(-1, 2))
def test_a_shift_of_the_whole_scale_changes_no_gap(rows: list[Row], shift: int) -> None:
    narrow = [(*r[:3], 2 + r[3] % 4) for r in rows]
    before = estimated([moments_of(narrow)], method=TEXTBOOK)
    moved = [(*r[:3], r[3] + shift) for r in narrow]
    after = estimated([moments_of(moved)], method=TEXTBOOK)

    for pair in PAIRS:
        for name in ("estimate", "se", "low", "high"):
            one, two = getattr(before.gaps[pair], name), getattr(after.gaps[pair], name)
            np.testing.assert_allclose(one, two, atol=1e-7)


@settings(max_examples=30, deadline=None)
@given(tables)
def test_the_chain_adds_up_at_every_level_at_which_all_points_are_known(rows: list[Row]) -> None:
    raw = estimated([moments_of(rows)])
    total = sum(raw.gaps[pair].estimate for pair in (pair_of("PD"), pair_of("DS"), pair_of("SM")))
    total = total + raw.gaps[pair_of("ME")].estimate

    known = ~np.isnan(total)

    np.testing.assert_allclose(total[known], raw.gaps[pair_of("PE")].estimate[known], atol=1e-12)


def test_a_dimension_is_the_mean_of_its_items_and_not_of_its_answers() -> None:
    """By hand: item a has answers 2, 2, 2 (mean 2), item b has 6; the dimension is 4, not 3."""
    rows = [(k, "a", "E", 2) for k in range(3)] + [(3, "b", "E", 6), (4, "d", "E", 7)]

    cells = estimated([moments_of(rows)]).cells[Vantage.EXPECTED]

    assert cells.mean[0].tolist()[:3] == [5.5, 4.0, 7.0]
    assert cells.respondents[0].tolist()[:3] == [5, 4, 1]
    assert cells.answers[0].tolist()[:3] == [5, 4, 1]


def test_weights_add_a_figure_and_change_no_other() -> None:
    """By hand: dimensions 4 and 7: 5.5 overall, and with weights 3 to 1 4.75."""
    rows = [(k, "a", "E", 4) for k in range(3)] + [(4, "d", "E", 7)]

    cells = estimated([moments_of(rows)], weights={"x": 3, "y": 1}).cells[Vantage.EXPECTED]

    assert cells.mean[0].tolist()[:4] == [5.5, 4.75, 4.0, 7.0]
    assert cells.respondents[0].tolist()[:4] == [4, 4, 3, 1]


def test_the_paired_gap_matches_the_worked_example() -> None:
    """By hand: P-E differences -1 -2 0 0 -1 -2; mean -1, variance 0.8, t(0.975, 5) = 2.570582."""
    pairs = [(7, 6), (7, 5), (6, 6), (5, 5), (6, 5), (7, 5)]
    rows = [r for k, (e, p) in enumerate(pairs) for r in ((k, "a", "E", e), (k, "a", "P", p))]

    raw = estimated([moments_of(rows)], method=TEXTBOOK)

    se = sqrt(0.8 / 6)
    for gap in (raw.gaps[pair_of("PE")], raw.paired):
        assert gap.estimate[0, 0] == pytest.approx(-1.0)
        assert gap.se[0, 0] == pytest.approx(se)
        assert gap.df[0, 0] == 5
        assert gap.low[0, 0] == pytest.approx(-1 - 2.570582 * se, abs=1e-6)


def test_the_paired_gap_uses_complete_pairs_alone() -> None:
    """By hand: pairs (7, 5) and (6, 5) give -1.5; the lone E of 1 moves the means' gap only."""
    rows = [
        (0, "a", "E", 7),
        (0, "a", "P", 5),
        (1, "a", "E", 6),
        (1, "a", "P", 5),
        (2, "a", "E", 1),
    ]

    raw = estimated([moments_of(rows)])

    assert raw.paired.estimate[0, 0] == pytest.approx(-1.5)
    assert raw.paired.n_minuend[0, 0] == 2
    assert raw.gaps[pair_of("PE")].estimate[0, 0] == pytest.approx(5 - 14 / 3)


def test_two_groups_match_welch_in_a_worked_example() -> None:
    """By hand: D 4 5 6 (variance 1), E 7 7 5 5 (variance 4/3): SE^2 = 1/3 + 1/3, df = 4.8."""
    rows = [(k, "a", "D", s) for k, s in enumerate((4, 5, 6))]
    rows += [(k, "a", "E", s) for k, s in enumerate((7, 7, 5, 5))]

    gap = estimated([moments_of(rows)]).gaps[pair_of("DE")]

    assert gap.estimate[0, 0] == -1.0
    assert gap.se[0, 0] == pytest.approx(sqrt(2 / 3))
    assert gap.df[0, 0] == pytest.approx((2 / 3) ** 2 / ((1 / 9) / 2 + (1 / 9) / 3))


def test_one_respondent_gives_an_estimate_without_an_error() -> None:
    raw = estimated([moments_of([(0, "a", "E", 6), (0, "a", "P", 4)])])

    gap = raw.gaps[pair_of("PE")]

    assert gap.estimate[0, 0] == -2.0
    assert np.isnan([gap.se[0, 0], gap.low[0, 0], gap.high[0, 0], gap.df[0, 0]]).all()


def test_answers_that_do_not_vary_have_a_textbook_interval_of_no_width() -> None:
    rows = [(k, "a", v, s) for k in range(3) for v, s in (("D", 5), ("E", 6))]

    gap = estimated([moments_of(rows)], method=TEXTBOOK).gaps[pair_of("DE")]

    assert (gap.se[0, 0], gap.low[0, 0], gap.high[0, 0], gap.df[0, 0]) == (0.0, -1.0, -1.0, 4.0)


def test_many_units_at_once_give_what_each_gives_alone() -> None:
    rng = np.random.default_rng(8)
    tables = [
        [
            (int(rng.integers(9)), ITEMS[rng.integers(5)], "EMSDCP"[rng.integers(6)], int(score))
            for score in rng.integers(1, 8, 50)
        ]
        for _ in range(20)
    ]
    tables = [  # every second unit was not asked item e, the last asked nothing but item b
        [row for row in rows if k % 2 or row[1] != "e"] for k, rows in enumerate(tables)
    ]
    tables[-1] = [row for row in tables[-1] if row[1] == "b"]
    units = [moments_of(rows) for rows in tables]

    together = estimated(units)

    for k, unit in enumerate(units):
        alone = estimated([unit])
        for pair in PAIRS:
            for name in ("estimate", "se", "df", "low"):
                one, two = getattr(together.gaps[pair], name), getattr(alone.gaps[pair], name)
                np.testing.assert_allclose(one[k], two[0], rtol=1e-12, atol=1e-12)


def test_moments_that_the_levels_do_not_know_are_refused() -> None:
    moments = moments_of([(0, "a", "D", 5)])[Group.STAFF]

    with pytest.raises(MixedMomentsError, match="'a'"):
        stack(Group.STAFF, [moments], Levels.of({"b": "x"}))
    with pytest.raises(MixedMomentsError, match="cannot stand for"):
        stack(Group.MANAGER, [moments], Levels.of(DIMENSION_OF))


def test_settings_that_cannot_be_used_are_refused() -> None:
    with pytest.raises(SettingsError, match="no items"):
        Levels.of({})
    for weights in ({"x": 1}, {"x": 1, "y": 0}, {"x": 1, "y": float("nan")}):
        with pytest.raises(SettingsError, match="weight of dimension 'y'"):
            Levels.of(DIMENSION_OF, weights=weights)
    with pytest.raises(SettingsError, match="confidence"):
        t_bounds(np.zeros(1), Spread(np.ones(1), np.ones(1)), confidence=95)


@pytest.mark.parametrize("dimension", ["TAN", "REL", "RES", "ASS", "EMP"])
def test_the_restaurant_table_is_reproduced(dimension: str) -> None:
    """n = 51 and the SD of the differences are printed, so SE, interval and t follow."""
    table = TABLES["B_restaurant_with_gap_sd"]["printed"]
    printed, n = table["rows"][dimension], table["N"]
    squares = np.array([printed["gap"][1] ** 2 * (n - 1) / n**2])

    spread = one_group(squares, np.array([float(n)]))
    estimate = np.array([printed["derived"]["gap_from_means"]])
    low, high = t_bounds(estimate, spread, confidence=0.95)

    assert printed["P"][0] - printed["E"][0] == pytest.approx(printed["gap"][0], abs=1.5e-4)
    assert spread.se[0] == pytest.approx(printed["derived"]["se_paired"], abs=1e-6)
    assert spread.df[0] == 50
    assert [low[0], high[0]] == pytest.approx(printed["derived"]["ci95"], abs=2e-4)
    assert estimate[0] / spread.se[0] == pytest.approx(printed["derived"]["t"], abs=2e-3)


def test_treating_paired_answers_as_two_groups_would_overstate_the_error() -> None:
    """The same table gives the error of the wrong, unpaired treatment."""
    table = TABLES["B_restaurant_with_gap_sd"]["printed"]
    for printed in table["rows"].values():
        n = np.array([51.0])
        squares = [np.array([printed[point][1] ** 2 * 50 / 51**2]) for point in "PE"]

        wrong = two_groups((squares[0], squares[1]), (n, n)).se[0]

        assert wrong == pytest.approx(printed["derived"]["se_if_wrongly_unpaired"], abs=1e-6)
        assert wrong > printed["derived"]["se_paired"]


def test_the_weighted_example_is_reproduced_on_the_rating_scale() -> None:
    case = TABLES["C_unweighted_and_weighted_example"]
    names = {
        "TAN": "tangibles",
        "REL": "reliability",
        "RES": "responsiveness",
        "ASS": "assurance",
        "EMP": "empathy",
    }
    gaps = {names[short]: gap for short, gap in case["gaps"].items()}

    points = {name: 100 * share for name, share in PUBLISHED.items()}

    assert weighted_overall(gaps, PUBLISHED) == pytest.approx(
        case["derived_weighted_with_PZB_weights"], abs=5e-5
    )
    assert weighted_overall(gaps, points) == pytest.approx(weighted_overall(gaps, PUBLISHED))
    assert weighted_overall(gaps, dict.fromkeys(gaps, 1.0)) == pytest.approx(
        case["derived_unweighted_exact"]
    )


def test_a_reversed_scale_flips_the_gap_and_the_misprint_is_recomputed() -> None:
    case = TABLES["E_reversed_scale_items"]
    for key, short in (("assurance_items", "ASS"), ("empathy_items", "EMP")):
        recomputed = [row["P"] - row["E"] for row in case[key]]
        recoded = [(6 - row["P"]) - (6 - row["E"]) for row in case[key]]
        wrong = [
            row["item"]
            for row, gap in zip(case[key], recomputed, strict=True)
            if abs(row["printed_gap"] - gap) > 1.5e-4
        ]

        mean = sum(recoded) / len(recoded)

        assert mean == pytest.approx(case["derived"][f"{short}_gap_after_recoding"], abs=1e-4)
        assert wrong == ([16] if short == "ASS" else [])


def test_the_t_interval_uses_the_exact_quantile() -> None:
    low, high = t_bounds(np.zeros(2), Spread(np.ones(2), np.array([5.0, 4.8])), confidence=0.95)

    assert high == pytest.approx([stdtrit(5.0, 0.975), stdtrit(4.8, 0.975)], rel=1e-12)
    assert (low == -high).all()


@given(tables)
@settings(max_examples=20, deadline=None)
def test_a_unit_split_in_two_and_merged_gives_the_same_figures(rows: list[Row]) -> None:
    assume(len({r[0] for r in rows}) > 1)
    halves = [moments_of([r for r in rows if r[0] % 2 == k]) for k in (0, 1)]
    merged = {group: merge(group, [half[group] for half in halves]) for group in Group}

    one, two = estimated([moments_of(rows)]), estimated([merged])

    for pair in PAIRS:
        np.testing.assert_array_equal(one.gaps[pair].se, two.gaps[pair].se)
