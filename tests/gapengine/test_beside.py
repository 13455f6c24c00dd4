"""What stands beside the gaps: siblings, reliability, likeness, limits of shares."""

import numpy as np
import pytest

from gapengine.beside import parents
from gapengine.folding import fold
from gapengine.moments import Moments
from gapengine.pooling import pool
from gapengine.report import analyse
from gapengine.shares import wilson
from gapengine.simulate import simulate_answers
from gapengine.vantage import Group, Vantage

ITEMS = {
    f"{dimension}_{k}": dimension
    for dimension in ("tangibles", "reliability", "assurance", "empathy")
    for k in range(3)
}
LEVELS = {Vantage.EXPECTED: 6.0, Vantage.PERCEIVED: 5.0, Vantage.COMMUNICATED: 5.5}
STAFFED = {Vantage.DELIVERED: 5.2}
MANAGED = {Vantage.BELIEVED: 5.7, Vantage.SPECIFIED: 5.6}


def unit_of(seed: int, *, customers: int, shift: float = 0.0) -> dict[Group, Moments]:
    rng = np.random.default_rng(seed)
    drawn = {}
    for group, levels, runs in (
        (Group.CUSTOMER, LEVELS, customers),
        (Group.STAFF, STAFFED, 8),
        (Group.MANAGER, MANAGED, 5),
    ):
        truth = {
            vantage: {
                name: mean + (shift if vantage is Vantage.PERCEIVED else 0.0) + 0.2 * place
                for place, name in enumerate(dict.fromkeys(ITEMS.values()))
            }
            for vantage, mean in levels.items()
        }
        simulated = simulate_answers(
            rng, truth=truth, items=ITEMS, runs={group: runs}, items_per_run={group: len(ITEMS)}
        )[group]
        drawn[group] = fold(group, ITEMS, simulated.answers)
    return drawn


@pytest.fixture(scope="module")
def report():
    units = {
        name: unit_of(seed, customers=many, shift=shift)
        for seed, (name, many, shift) in enumerate(
            [
                ("A", 40, 0.0),
                ("B", 40, -0.8),
                ("C", 12, 0.4),
                ("D", 30, 0.2),
                ("E", 4, 0.0),
                ("F", 3, 0.0),
            ]
        )
    }
    return analyse(units, ITEMS, regions={"North": ["A", "B", "C", "D"], "All": list("ABCDEF")})


def gap(unit, label: str, level: str = "overall", key: str = "overall"):
    return next(
        one
        for one in unit["gaps"]
        if (one["minuend"], one["subtrahend"]) == tuple(label.split("-"))
        and (one["level"], one["key"]) == (level, key)
    )


def test_a_shrunken_gap_is_what_pooling_its_shown_siblings_gives(report):
    raw = [gap(report.units[name], "P-E") for name in "ABCD"]
    columns = ([one[name] for one in raw] for name in ("estimate", "se", "df"))
    estimate, se, df = (np.array(column)[:, None] for column in columns)

    by_hand = pool(estimate, se**2, parent=np.zeros(4, dtype=np.int64), df=df)

    shrunken = {"estimate": by_hand.shrunken, "low": by_hand.low, "high": by_hand.high}
    for name, column in {**shrunken, "p_below": by_hand.below, "own_weight": by_hand.own}.items():
        written = [one["shrunken"][name] for one in raw]
        assert written == pytest.approx(column[:, 0].tolist(), abs=1e-9)
    assert {one["shrunken"]["threshold"] for one in raw} == {by_hand.threshold}
    assert raw[1]["shrunken"]["rank"] < raw[0]["shrunken"]["rank"]  # 1 is the largest shortfall


def test_a_hidden_unit_has_no_shrunken_gap_and_lends_nothing_to_the_others(report):
    hidden = gap(report.units["E"], "P-E")

    assert hidden["suppressed"]
    assert "shrunken" not in hidden
    assert gap(report.units["A"], "P-E")["shrunken"]["siblings"] == 4


def test_sums_of_units_and_items_are_not_shrunken_and_m_e_has_no_rank(report):
    unit = report.units["A"]

    assert "shrunken" not in gap(report.units["*"], "P-E")
    assert "shrunken" not in gap(report.regions["North"], "P-E")
    assert "shrunken" not in gap(unit, "P-E", "item", "empathy_0")
    assert "rank" not in gap(unit, "M-E")["shrunken"]


def test_siblings_are_the_units_of_the_smallest_region():
    regions = {"All": ["a", "b", "c", "d"], "North": ["b", "c"], "South": ["c", "d", "e"]}

    label = parents(["a", "b", "c", "d", "e", "f", "g"], regions)

    assert label.tolist() == [1, 2, 2, 3, 3, 0, 0]


def test_reliability_is_told_where_a_dimension_is_shown_and_withheld_elsewhere(report):
    shown = report.units["A"]["reliability"]["vantage"]["P"]["empathy"]
    hidden = report.units["E"]["reliability"]["vantage"]["P"]["empathy"]

    assert shown["low"] < shown["alpha"] < shown["high"]
    assert hidden["alpha"] is None
    assert hidden["not_estimable"] == "too few"


def test_the_interval_of_alpha_has_the_level_of_the_report():
    units = {"A": unit_of(0, customers=40)}

    wide, narrow = (
        analyse(units, ITEMS, confidence=share).units["A"]["reliability"]["vantage"]["P"]["empathy"]
        for share in (0.95, 0.8)
    )

    assert wide["low"] < narrow["low"] < narrow["alpha"] == wide["alpha"]
    assert narrow["high"] < wide["high"]


def test_the_limits_of_an_items_share_are_wilsons(report):
    cell = report.units["A"]["vantage"]["P"]["items"]["empathy_0"]

    limits = wilson(round(cell["share_6_7"] * cell["n_answers"]), cell["n_answers"])

    assert cell["share_6_7_low"] == pytest.approx(float(limits.low), abs=1e-12)
    assert cell["share_6_7_high"] == pytest.approx(float(limits.high), abs=1e-12)


def test_above_the_items_the_limits_are_wider_than_if_every_answer_were_a_person(report):
    cell = report.units["A"]["vantage"]["P"]["overall"]
    naive = wilson(cell["share_6_7"] * cell["n_answers"], cell["n_answers"])

    assert cell["share_6_7_high"] - cell["share_6_7_low"] > float(naive.high - naive.low)
    assert report.units["E"]["vantage"]["P"]["overall"]["share_6_7_low"] is None


def test_the_profile_compares_managers_order_with_customers(report):
    assert report.units["*"]["profile"]["points"] == 4
    assert -1 <= report.units["*"]["profile"]["rank_correlation"] <= 1
    assert report.units["E"]["profile"]["rank_correlation"] is None
