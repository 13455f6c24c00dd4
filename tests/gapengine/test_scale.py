"""On five points the engine means the same share of the way from end to end as on seven."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gapengine.advice import Antecedent, Fix, advise
from gapengine.allocation import Blueprint, standing_of
from gapengine.errors import AnswersError, SettingsError
from gapengine.report import analyse
from gapengine.scale import FIVE, SEVEN, Scale
from gapengine.vantage import Vantage
from tests.gapengine.test_report import ITEMS, KEYS, Row, asked, gap, unit_of

THREE_LEVELS = {1: 1, 4: 3, 7: 5}
"""The levels of seven that lie straight above one of five."""

SIZES = ("estimate", "se", "low", "high")


def on_five(rows: list[Row]) -> list[Row]:
    return [(who, item, vantage, THREE_LEVELS[score]) for who, item, vantage, score in rows]


def reports(*units: list[Row]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The same answers, told on seven and on five."""
    named = dict(zip("ABCDEFGH", units, strict=False))
    seven = analyse({name: unit_of(rows) for name, rows in named.items()}, ITEMS)
    five = analyse(
        {name: unit_of(on_five(rows)) for name, rows in named.items()}, ITEMS, scale=FIVE
    )
    return seven.to_plain(), five.to_plain()


@st.composite
def answers(draw: st.DrawFn) -> list[Row]:
    """Customers, managers and staff, each of whom answers every item with 1, 4 or 7."""
    groups = (("EPC", st.integers(5, 12)), ("MS", st.integers(3, 7)), ("D", st.integers(5, 12)))
    rows: list[Row] = []
    for points, many in groups:
        for who in range(draw(many)):
            for item in KEYS:
                rows += [(who, item, v, draw(st.sampled_from([1, 4, 7]))) for v in points]
    return rows


@settings(max_examples=30)
@given(answers())
def test_the_same_answers_on_five_have_the_same_figures_in_its_points(rows: list[Row]) -> None:
    seven, five = (plain["units"]["A"] for plain in reports(rows))

    for on_seven, own in zip(seven["gaps"], five["gaps"], strict=True):
        assert own.get("interval") == on_seven.get("interval")
        for name in SIZES:
            if on_seven[name] is None:
                assert own[name] is None
            else:
                assert own[name] == pytest.approx(on_seven[name] * 4 / 6, abs=1e-9)
    for point, cells in seven["vantage"].items():
        on_seven, own = cells["overall"], five["vantage"][point]["overall"]
        assert own["interval"] == on_seven["interval"]
        for name in ("mean", "low", "high"):
            if on_seven[name] is not None:
                assert own[name] == pytest.approx(1 + (on_seven[name] - 1) * 4 / 6, abs=1e-9)


def test_shares_are_those_of_the_highest_levels_and_bear_their_names() -> None:
    """Of eight answers 3 4 5 3 4 5 3 4: two are 5 (the ceiling), five are 4 or 5."""
    unit = unit_of([row for v in "EP" for row in asked(v, 8, scores=(3, 4, 5))])

    plain = analyse({"A": unit}, ITEMS, scale=FIVE).to_plain()

    assert plain["scale"] == [1, 5]
    vantage = plain["units"]["A"]["vantage"]
    assert vantage["E"]["overall"]["share_5"] == 2 / 8
    assert vantage["P"]["overall"]["share_4_5"] == 5 / 8
    assert vantage["P"]["items"]["on_time"]["share_4_5_low"] < 5 / 8
    assert "share_7" not in vantage["E"]["overall"]


def test_a_gap_worth_acting_on_is_a_sixth_of_a_point_on_five() -> None:
    """-0.25 of seven is -1/6 of five, for single units and for those shrunken to siblings."""
    short = [
        [
            (who, item, v, 4 if v == "P" and who % 4 <= fewer else 7)
            for who in range(20)
            for item in KEYS
            for v in "EP"
        ]
        for fewer in (2, 1, 0, 0, 1, 0)
    ]
    seven, five = reports(*short)

    fixes = [Fix("any", ("G5",))]
    told = [
        advise(plain["units"]["A"], [Antecedent("teamwork", "G5", 2.0, 9)], fixes, scale=scale)[0]
        for plain, scale in ((seven, SEVEN), (five, FIVE))
    ]

    drawn = gap(five["units"]["A"], "G5")["shrunken"]
    assert drawn["threshold"] == pytest.approx(-1 / 6)
    assert drawn["p_below"] == pytest.approx(gap(seven["units"]["A"], "G5")["shrunken"]["p_below"])
    assert told[1].evidence.probability == pytest.approx(told[0].evidence.probability)
    assert told[1].priority == pytest.approx(told[0].priority * 4 / 6)
    assert (told[0].gap, told[0].dimension) == (told[1].gap, told[1].dimension)
    assert told[1].evidence.why.endswith("weakest cause teamwork at 2.0 of 5")


def test_forms_are_drawn_with_the_spread_that_is_usual_on_the_scale() -> None:
    blueprint = Blueprint((("reliability", ("a", "b")),), (Vantage.DELIVERED,), taps=1)

    seven, five = (standing_of(blueprint, scale=scale).outlook for scale in (SEVEN, FIVE))

    assert seven.variance == ((1.5, 1.5),)
    assert five.variance[0] == pytest.approx((1.5 * 16 / 36,) * 2, abs=1e-4)


def test_answers_above_the_scale_and_scales_beyond_seven_are_refused() -> None:
    with pytest.raises(AnswersError, match="unit 'A' has answers above 5"):
        analyse({"A": unit_of(asked("E", 6))}, ITEMS, scale=FIVE)
    for points in (2, 8):
        with pytest.raises(SettingsError, match=f"scale of {points} points"):
            Scale(points)
