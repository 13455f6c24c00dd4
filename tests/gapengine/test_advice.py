"""Advice names an established gap, the step where it arises, its weakest cause and fixes."""

from collections.abc import Mapping
from typing import Any

import pytest

from gapengine.advice import Antecedent, Fix, advise
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
