"""Advice names an established gap, the step where it arises, its weakest cause and fixes."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gapengine.advice import (
    Advice,
    Antecedent,
    Choice,
    Fix,
    Reason,
    advise,
    counsel,
    priorities_of,
)
from gapengine.importance import Weights
from gapengine.vantage import CHAIN_ORDER, CLASSIC_GAPS, SEED_GAPS, Vantage, chain_over

EQUAL = Weights({"reliability": 0.5, "empathy": 0.5}, source="test")


Means = Mapping[Vantage, float]


def figures(estimate: float, se: float, df: float = 50.0) -> dict[str, Any]:
    reach = 2.0 * se
    return {
        "estimate": estimate,
        "se": se,
        "df": df,
        "low": estimate - reach,
        "high": estimate + reach,
        "n_minuend": 40,
        "n_subtrahend": 9,
    }


def unit_of(
    means_by_dimension: Mapping[str, Means], *, se: float = 0.1, missing: str = ""
) -> dict[str, Any]:
    """A report unit with these vantage means per dimension, every gap with the same error."""
    gaps: list[dict[str, Any]] = []
    chains: dict[str, list[dict[str, Any]]] = {}
    for dimension, means in means_by_dimension.items():
        for gap in (*SEED_GAPS, *CLASSIC_GAPS):
            place = {
                "name": gap.name,
                "minuend": gap.minuend.value,
                "subtrahend": gap.subtrahend.value,
                "level": "overall" if dimension == "overall" else "dimension",
                "key": dimension,
            }
            if set(gap.pair) & set(missing):
                numbers = dict.fromkeys(figures(0, 1)) | {"suppressed": True, "reason": "too few"}
            else:
                numbers = figures(means[gap.minuend] - means[gap.subtrahend], se)
            gaps.append(place | numbers)
        links = chain_over([v for v in CHAIN_ORDER if v not in missing])
        chains[dimension] = [
            {"minuend": k.minuend.value, "subtrahend": k.subtrahend.value, "label": k.label}
            | figures(means[k.minuend] - means[k.subtrahend], se)
            for k in links
        ]
    whole = chains.pop("overall", [])
    return {"gaps": gaps, "chain": whole, "chain_by_dimension": chains}


def means(**points: float) -> dict[Vantage, float]:
    return {Vantage(point): mean for point, mean in points.items()}


LOSES_IN_STANDARDS = means(E=6.0, M=6.0, S=4.8, D=4.8, C=4.8, P=4.8)
LEVEL = means(E=6.0, M=6.0, S=6.0, D=6.0, C=6.0, P=6.0)

CAUSES = [
    Antecedent("goal_setting", "G2", 3.1, 7),
    Antecedent("feasibility", "S-M", 5.9, 7),
    Antecedent("teamwork", "G3", 1.2, 9),
]
FIXES = [
    Fix("standards.any", ("G2",)),
    Fix("standards.pilot", ("G2",), causes=("feasibility",)),
    Fix("standards.goals", ("G2",), causes=("goal_setting",)),
    Fix("standards.proven", ("G2",), record=0.4),
    Fix("standards.warmth", ("G2",), dimensions=("empathy",)),
    Fix("teamwork", ("specification",)),
]


def test_a_composite_gap_is_traced_to_the_step_that_loses_most() -> None:
    unit = unit_of({"reliability": LOSES_IN_STANDARDS, "empathy": LEVEL})

    (advice,) = advise(unit, CAUSES, FIXES, weights=EQUAL)

    assert (advice.gap, advice.segment, advice.dimension) == ("G2", "S-M", "reliability")
    assert advice.cause == "goal_setting"
    assert advice.fixes == ("standards.goals", "standards.proven", "standards.any")
    assert advice.evidence.share_of_customer_gap == pytest.approx(1.0)
    assert advice.evidence.cause_respondents == 7
    assert advice.evidence.weight_source == "test"
    assert "100% of P-E" in advice.evidence.why


def test_the_priority_is_weight_times_gap_times_probability() -> None:
    """By hand: 0.5 * 1.2 * P(t50 < (-0.25 + 1.2) / 0.1) = 0.6 to nine decimals."""
    unit = unit_of({"reliability": LOSES_IN_STANDARDS, "empathy": LEVEL})

    (advice,) = advise(unit, [], [], weights=EQUAL)

    assert advice.priority == pytest.approx(0.6, abs=1e-6)
    assert (advice.cause, advice.fixes) == (None, ())


def test_the_more_important_dimension_comes_first() -> None:
    unit = unit_of({"reliability": LOSES_IN_STANDARDS, "empathy": LOSES_IN_STANDARDS})
    lean = Weights({"reliability": 0.2, "empathy": 0.8}, source="customers")

    order = [advice.dimension for advice in advise(unit, [], FIXES, weights=lean)]

    assert order == ["empathy", "reliability"]
    prior = [advice.dimension for advice in advise(unit, [], FIXES)]
    assert prior == ["reliability", "empathy"]


def test_an_interval_that_covers_zero_is_never_advised_on() -> None:
    unit = unit_of({"reliability": LOSES_IN_STANDARDS, "empathy": LEVEL}, se=0.7)

    assert advise(unit, CAUSES, FIXES) == []


def test_a_suppressed_cell_is_never_advised_on() -> None:
    unit = unit_of({"reliability": LOSES_IN_STANDARDS, "empathy": LEVEL}, missing="EMSDCP")

    assert advise(unit, CAUSES, FIXES) == []


def test_a_joined_step_takes_the_causes_and_fixes_of_the_steps_it_runs_across() -> None:
    loses = means(E=6.0, M=6.0, S=6.0, D=6.0, C=6.0, P=5.0)
    unit = unit_of({"reliability": loses, "empathy": LEVEL}, missing="D")

    (advice,) = advise(unit, CAUSES, FIXES, weights=EQUAL)

    assert (advice.segment, advice.cause, advice.fixes) == ("P-S", "teamwork", ("teamwork",))


def test_a_gap_off_the_chain_is_advised_on_as_it_is() -> None:
    promises = LEVEL | {Vantage.COMMUNICATED: 6.9}
    unit = unit_of({"reliability": promises, "empathy": LEVEL})

    (advice,) = advise(unit, [], [Fix("promises", ("communication",))], weights=EQUAL)

    assert (advice.gap, advice.segment, advice.fixes) == ("communication", "D-C", ("promises",))
    assert advice.evidence.share_of_customer_gap is None


def test_the_whole_is_advised_on_only_where_no_dimension_is() -> None:
    overall_alone = unit_of({"overall": LOSES_IN_STANDARDS, "reliability": LEVEL})
    both = unit_of({"overall": LOSES_IN_STANDARDS, "reliability": LOSES_IN_STANDARDS})

    assert [a.dimension for a in advise(overall_alone, [], [])] == [None]
    assert [a.dimension for a in advise(both, [], [])] == ["reliability"]


def test_a_gap_without_any_variation_is_certain() -> None:
    unit = unit_of({"reliability": LOSES_IN_STANDARDS, "empathy": LEVEL}, se=0.0)

    (advice,) = advise(unit, [], [], weights=EQUAL)

    assert advice.evidence.probability == 1.0


def test_managers_who_expect_too_much_are_not_a_shortfall() -> None:
    unit = unit_of({"reliability": LEVEL | {Vantage.EXPECTED: 4.0}, "empathy": LEVEL})

    assert advise(unit, CAUSES, FIXES) == []


def entry_of(unit: dict[str, Any], name: str, key: str) -> dict[str, Any]:
    found: list[dict[str, Any]] = [e for e in unit["gaps"] if (e["name"], e["key"]) == (name, key)]
    return found[0]


def reasons(advice: Advice, choice: Choice) -> dict[str, Reason]:
    return {one.name: one.reason for one in advice.passed_over if one.choice is choice}


def test_the_shrunken_gap_sets_the_priority_where_the_report_has_it() -> None:
    """By hand: 0.5 * 0.8 * 0.97 from the shrunken gap, instead of 0.5 * 1.2 * 1 from the raw."""
    unit = unit_of({"reliability": LOSES_IN_STANDARDS, "empathy": LEVEL})
    for entry in unit["gaps"]:
        if entry["key"] == "reliability":
            entry["shrunken"] = {"estimate": -0.8, "low": -1.3, "high": -0.3, "p_below": 0.97}

    (advice,) = advise(unit, [], [], weights=EQUAL)

    assert advice.priority == pytest.approx(0.5 * 0.8 * 0.97)
    assert (advice.evidence.basis, advice.evidence.found_estimate) == ("shrunken", -0.8)
    assert advice.why[0].because["basis"] == "shrunken"


def test_a_figure_of_pooling_is_understood_and_one_not_pooled_counts_raw() -> None:
    unit = unit_of({"reliability": LOSES_IN_STANDARDS, "empathy": LEVEL})
    below = {"threshold": -0.25, "probability": 0.9}
    drawn = {"pooled": True, "shrunken": -0.5, "low": -0.9, "high": -0.1, "below": below}
    for entry in unit["gaps"]:
        entry["shrunken"] = drawn

    (pooled,) = advise(unit, [], [], weights=EQUAL)
    drawn["pooled"] = False
    (raw,) = advise(unit, [], [], weights=EQUAL)

    assert pooled.priority == pytest.approx(0.5 * 0.5 * 0.9)
    assert raw.evidence.basis == "raw"
    assert raw.evidence.found_estimate == pytest.approx(-1.2)


def test_a_gap_whose_shrunken_interval_covers_zero_is_not_advised_on() -> None:
    unit = unit_of({"reliability": LOSES_IN_STANDARDS, "empathy": LEVEL})
    for entry in unit["gaps"]:
        entry["shrunken"] = {"estimate": -0.2, "low": -0.6, "high": 0.2, "p_below": 0.4}

    found = counsel(unit, CAUSES, FIXES, weights=EQUAL)

    assert found.advice == ()
    told = {(one.name, one.dimension): one.reason for one in found.passed_over}
    assert told["P-E", "reliability"] is Reason.SHRUNKEN_COVERS_ZERO
    assert told["P-E", "empathy"] is Reason.COVERS_ZERO


def test_every_gap_is_either_advised_on_or_passed_over_with_a_reason() -> None:
    promises = LEVEL | {Vantage.COMMUNICATED: 6.9, Vantage.EXPECTED: 4.0}
    unit = unit_of(
        {"overall": LOSES_IN_STANDARDS, "reliability": LOSES_IN_STANDARDS} | {"empathy": promises}
    )
    entry_of(unit, "perception", "empathy").update(low=None, high=None, se=None)

    found = counsel(unit, CAUSES, FIXES, weights=EQUAL)

    told = {(one.name, one.dimension): one.reason for one in found.passed_over}
    advised = {(one.found, one.dimension) for one in found.advice}
    gaps = {(f"{e['minuend']}-{e['subtrahend']}", e["key"]) for e in unit["gaps"]}
    named = {(name, None if key == "overall" else key) for name, key in gaps}
    assert set(told) | advised == named
    assert not set(told) & advised
    assert told["S-M", "reliability"] is Reason.SAME_STEP
    assert told["S-M", None] is Reason.SHOWN_BY_DIMENSION
    assert told["P-D", "empathy"] is Reason.NO_INTERVAL
    assert told["M-E", "empathy"] is Reason.NO_SHORTFALL


def test_advice_tells_each_choice_and_its_runners_up() -> None:
    unit = unit_of({"reliability": LOSES_IN_STANDARDS, "empathy": LEVEL})
    late = [*FIXES, Fix("standards.failed", ("G2",), causes=("goal_setting",), record=-0.5)]
    few = [*CAUSES, Antecedent("commitment", "G2", 1.1, 2)]

    (advice,) = advise(unit, few, late, weights=EQUAL)

    assert [(step.choice, step.chosen) for step in advice.why] == [
        (Choice.GAP, "P-E"),
        (Choice.SEGMENT, "S-M"),
        (Choice.CAUSE, "goal_setting"),
        (Choice.FIX, "standards.goals"),
    ]
    assert advice.fixes[-1] == "standards.failed"
    assert reasons(advice, Choice.SEGMENT) == {
        "P-E": Reason.TRACED,
        "P-D": Reason.COVERS_ZERO,
        "D-S": Reason.COVERS_ZERO,
        "M-E": Reason.COVERS_ZERO,
    }
    assert reasons(advice, Choice.CAUSE) == {
        "feasibility": Reason.HEALTHIER,
        "commitment": Reason.FEW_RATINGS,
    }
    assert reasons(advice, Choice.FIX) == {
        "standards.any": Reason.LESS_SPECIFIC,
        "standards.pilot": Reason.OTHER_CAUSE,
        "standards.proven": Reason.LESS_SPECIFIC,
        "standards.warmth": Reason.OTHER_DIMENSION,
        "standards.failed": Reason.DID_NOT_HELP,
    }


def test_the_better_record_decides_between_fixes_that_fit_alike() -> None:
    unit = unit_of({"reliability": LOSES_IN_STANDARDS, "empathy": LEVEL})
    choice = [Fix("b", ("G2",), record=0.1), Fix("a", ("G2",)), Fix("c", ("G2",), record=0.1)]

    (advice,) = advise(unit, [], choice, weights=EQUAL)

    assert advice.fixes == ("b", "c", "a")
    assert reasons(advice, Choice.FIX) == {"a": Reason.WORSE_RECORD, "c": Reason.SAME_MERIT}


def test_a_step_that_loses_less_is_named_and_later_advice_too() -> None:
    loses = means(E=6.0, M=6.0, S=5.6, D=4.8, C=4.8, P=4.8)
    unit = unit_of({"reliability": loses, "empathy": LOSES_IN_STANDARDS})

    lean = Weights({"reliability": 0.4, "empathy": 0.6}, source="test")

    first, *others = advise(unit, [], [], weights=lean)

    assert (first.dimension, first.segment) == ("empathy", "S-M")
    assert others[0].segment == "D-S"
    assert reasons(others[0], Choice.SEGMENT)["S-M"] is Reason.LOSES_LESS
    behind = [one for one in first.passed_over if one.reason is Reason.SMALLER_PRIORITY]
    assert [(one.name, one.dimension) for one in behind] == [
        (one.found, one.dimension) for one in others
    ]


def test_no_number_of_a_suppressed_figure_leaks_into_the_reasons() -> None:
    unit = unit_of({"reliability": LOSES_IN_STANDARDS, "empathy": LEVEL}, missing="D")
    entry_of(unit, "perception", "empathy")["reason"] = "not asked"

    found = counsel(unit, [Antecedent("tools", "S-M", 1.5, 1)], [], weights=EQUAL)

    told = {(one.name, one.dimension): one for one in found.passed_over}
    assert told["P-D", "reliability"].reason is Reason.SUPPRESSED
    assert told["P-D", "empathy"].reason is Reason.NOT_ASKED
    hidden = [one for one in told.values() if one.reason in (Reason.SUPPRESSED, Reason.NOT_ASKED)]
    assert all(one.value is None for one in hidden)
    (cause,) = [o for o in found.advice[0].passed_over if o.choice is Choice.CAUSE]
    assert cause.to_plain() == {
        "choice": "cause",
        "name": "tools",
        "dimension": "reliability",
        "reason": "few_ratings",
        "words": "too few rated it",
        "value": None,
    }


@settings(max_examples=25, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_the_inputs_changes_nothing(random) -> None:
    unit = unit_of({"reliability": LOSES_IN_STANDARDS, "empathy": LOSES_IN_STANDARDS})
    turned = {**unit, "gaps": random.sample(unit["gaps"], len(unit["gaps"]))}

    one = advise(unit, CAUSES, FIXES, weights=EQUAL)
    other = advise(turned, random.sample(CAUSES, 3), random.sample(FIXES, 6), weights=EQUAL)

    assert [(a.segment, a.dimension, a.cause, a.fixes, a.why) for a in other] == [
        (a.segment, a.dimension, a.cause, a.fixes, a.why) for a in one
    ]


def test_reasons_can_be_written_as_json() -> None:
    unit = unit_of({"reliability": LOSES_IN_STANDARDS, "empathy": LEVEL})

    (advice,) = advise(unit, CAUSES, FIXES, weights=EQUAL)

    steps = [one.to_plain() for one in advice.why]
    others = [one.to_plain() for one in advice.passed_over]
    assert json.loads(json.dumps(steps)) == steps
    assert json.loads(json.dumps(others)) == others
    assert steps[1]["chosen"] == "S-M"


def test_each_choice_carries_the_numbers_that_decided_it() -> None:
    """By hand: S-M and P-E are -1.2, the interval two standard errors of 0.1 to each side."""
    unit = unit_of({"reliability": LOSES_IN_STANDARDS, "empathy": LEVEL})
    proven = [Fix("goals", ("G2",), causes=("goal_setting",), record=0.4), *FIXES]

    (advice,) = advise(unit, CAUSES, proven, weights=EQUAL)

    gap, segment, cause, fix = (dict(step.because) for step in advice.why)
    assert gap == {
        "estimate": pytest.approx(-1.2),
        "basis": "raw",
        "probability": pytest.approx(1.0),
        "weight": 0.5,
        "weight_source": "test",
        "low": pytest.approx(-1.4),
        "high": pytest.approx(-1.0),
    }
    assert segment == {
        "estimate": pytest.approx(-1.2),
        "low": pytest.approx(-1.4),
        "high": pytest.approx(-1.0),
        "share_of_customer_gap": pytest.approx(1.0),
    }
    assert cause == {"score": 3.1, "n_respondents": 7}
    assert fix == {"aimed_at_cause": True, "record": 0.4}


def test_what_was_passed_over_carries_what_was_compared() -> None:
    """A gap its priority, a step its estimate, a fix its record."""
    unit = unit_of({"reliability": LOSES_IN_STANDARDS, "empathy": LOSES_IN_STANDARDS})
    lean = Weights({"reliability": 0.4, "empathy": 0.6}, source="test")

    first, second, *_ = advise(unit, CAUSES, FIXES, weights=lean)

    passed = {(one.choice, one.name, one.dimension): one.value for one in first.passed_over}
    assert passed[Choice.GAP, second.found, second.dimension] == pytest.approx(second.priority)
    assert passed[Choice.SEGMENT, "P-E", "empathy"] == pytest.approx(-1.2)
    assert passed[Choice.FIX, "standards.proven", "empathy"] == 0.4


def test_priorities_that_differ_in_the_third_decimal_decide() -> None:
    unit = unit_of({"reliability": LOSES_IN_STANDARDS, "empathy": LOSES_IN_STANDARDS})
    lean = Weights({"reliability": 0.501, "empathy": 0.499}, source="test")

    order = [advice.dimension for advice in advise(unit, [], [], weights=lean)]

    assert order == ["reliability", "empathy"]


def test_without_a_standard_error_a_quarter_of_the_interval_stands_in() -> None:
    """By hand: -1.2 (-1.6 to -0.8), so Phi((-0.25 + 1.2) / 0.2) = Phi(4.75) = 0.999998983."""
    unit = unit_of({"reliability": LOSES_IN_STANDARDS, "empathy": LEVEL})
    for gap in [*unit["gaps"], *unit["chain_by_dimension"]["reliability"]]:
        if gap["estimate"] == pytest.approx(-1.2):
            gap |= {"se": None, "df": None, "low": -1.6, "high": -0.8}

    (advice,) = advise(unit, [], [], weights=EQUAL)

    assert advice.evidence.probability == pytest.approx(0.999998983, abs=1e-9)


def test_every_shown_gap_presses_by_its_size_and_probability() -> None:
    """By hand: -1.2 with certainty, times a weight of 0.8 over the mean weight of 0.5."""
    unit = unit_of({"reliability": LOSES_IN_STANDARDS, "empathy": LEVEL}, missing="C")
    lean = Weights({"reliability": 0.8, "empathy": 0.2}, source="test")

    pressing = priorities_of(unit, weights=lean)

    assert pressing["P-E", "reliability"] == pytest.approx(1.6 * 1.2, abs=1e-6)
    assert pressing["S-M", "reliability"] == pytest.approx(1.6 * 1.2, abs=1e-6)
    assert pressing["M-E", "reliability"] == pressing["P-E", "empathy"] == 0.0
    assert ("D-C", "reliability") not in pressing


def test_a_gap_that_is_not_established_presses_too() -> None:
    """By hand: -1.2 with a standard error of 0.7: P(t50 < 0.95 / 0.7) = 0.9097."""
    unit = unit_of({"overall": LOSES_IN_STANDARDS}, se=0.7)

    pressing = priorities_of(unit)

    assert advise(unit, [], []) == []
    assert pressing["P-E", "overall"] == pytest.approx(1.2 * 0.9097, abs=1e-3)
