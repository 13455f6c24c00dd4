"""A change between two weeks is claimed only where so few answers establish it."""

from collections.abc import Sequence
from functools import cache
from math import sqrt

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.special import stdtrit

from gapengine.allocation import Blueprint, form_for
from gapengine.change import Change, Movement, WeekMoments, weekly_change
from gapengine.disclosure import Floors
from gapengine.folding import AnswerColumns, fold, fold_blocks
from gapengine.moments import Moments
from gapengine.simulate import Asks, simulate_forms
from gapengine.vantage import GROUPS, Group, Vantage, group_of

DIMENSION_OF = {"a": "x", "b": "x", "c": "y"}
KEYS = list(DIMENSION_OF)
FIVE = (("tangibles", 4), ("reliability", 5), ("responsiveness", 4), ("assurance", 4))
MANY = tuple((name, tuple(f"{name}{k}" for k in range(n))) for name, n in (*FIVE, ("empathy", 5)))
ITEMS = {item: name for name, items in MANY for item in items}
E, M, S, D, C, P = Vantage
FORMS = {
    Group.CUSTOMER: Blueprint(MANY, (E, P), tuple((item, C) for item in list(ITEMS)[4:12])),
    Group.STAFF: Blueprint(MANY, (D,), taps=4),
}
LEVEL = {E: 6.2, P: 5.2, C: 5.6, D: 5.4}

Row = tuple[int, str, str, int]


def week_of(rows: Sequence[Row]) -> dict[Group, Moments]:
    """Fold rows (who, item, vantage, score) into one week's moments."""
    week = {}
    for group in (Group.CUSTOMER, Group.STAFF):
        own = [r for r in rows if group_of(Vantage(r[2])) is group]
        columns = AnswerColumns.of(
            [r[0] for r in own],
            [KEYS.index(r[1]) for r in own],
            vantage=[GROUPS[group].index(Vantage(r[2])) for r in own],
            score=[r[3] for r in own],
        )
        week[group] = fold(group, DIMENSION_OF, columns)
    return week


def pairs(differences: Sequence[int], item: str = "a") -> list[Row]:
    """E always 5, P so much above it; one pair per person."""
    return [
        row
        for who, difference in enumerate(differences)
        for row in ((who, item, "E", 5), (who, item, "P", 5 + difference))
    ]


def customer_gap(earlier: Sequence[Row], later: Sequence[Row]) -> Change:
    return weekly_change(week_of(earlier), week_of(later))[0]


def test_matches_the_worked_example() -> None:
    """By hand: means -1 and 1, variances 1/2 and 1/2 of 5 people each: SE^2 0.1 + 0.1, df 8."""
    change = customer_gap(pairs([-2, -1, -1, -1, 0]), pairs([0, 1, 1, 1, 2]))

    assert change.gap == "G5"
    assert change.estimate == pytest.approx(2.0)
    assert change.se == pytest.approx(sqrt(0.2))
    assert change.df == pytest.approx(8)
    assert change.low == pytest.approx(2 - float(stdtrit(8, 0.975)) * sqrt(0.2))
    assert change.verdict is Movement.UP
    assert change.to_plain()["verdict"] == "up"


def test_a_gap_of_two_groups_adds_all_four_variances() -> None:
    """By hand: P 4 4 5 6 6 then 3 3 4 5 5, D 5 5 6 7 7 in both weeks: each variance 1 over 5."""
    staff = [(who, "a", "D", score) for who, score in enumerate((5, 5, 6, 7, 7))]
    earlier = [(who, "a", "P", score) for who, score in enumerate((4, 4, 5, 6, 6))]
    later = [(who, "a", "P", score - 1) for who, _, _, score in earlier]

    change = weekly_change(week_of([*staff, *earlier]), week_of([*staff, *later]))[1]

    assert change.gap == "perception"
    assert change.estimate == pytest.approx(-1.0)
    assert change.se == pytest.approx(sqrt(4 * 0.2))
    assert change.df == pytest.approx(16)


def test_another_mix_of_questions_is_no_change() -> None:
    """Dimension y lives three points above x; the second week only asks it more often."""
    low, high = [-3, -2, -2, -1], [0, 1, 1, 2]
    earlier = pairs([*low, *low, *low]) + [(20 + r[0], *r[1:]) for r in pairs(high, "c")]
    later = pairs(low) + [(20 + r[0], *r[1:]) for r in pairs([*high, *high, *high], "c")]

    change = customer_gap(earlier, later)

    assert change.estimate == pytest.approx(0.0)
    assert change.verdict is Movement.NO_EVIDENCE


def test_a_dimension_that_one_week_lacks_is_left_out() -> None:
    later = pairs([-1, 0, 0, 0, 1]) + [(20 + r[0], *r[1:]) for r in pairs([1, 2, 1, 2, 2], "c")]

    change = customer_gap(pairs([-1, 0, 0, 0, 1]), later)

    assert change.estimate == pytest.approx(0.0)


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        (pairs([-1, 0, 1, 0]), pairs([0, 1, 1, 1, 2])),
        (pairs([0, 1, 1, 1, 2]), []),
        (pairs([0, 1, 1, 1, 2]), pairs([0, 1, 1, 1, 2], "c")),
        (pairs([1, 1, 1, 1, 1]), pairs([0, 0, 0, 0, 0])),
    ],
    ids=["a week of four people", "an empty week", "no common dimension", "no spread at all"],
)
def test_what_cannot_be_told_is_too_few(earlier: list[Row], later: list[Row]) -> None:
    change = customer_gap(earlier, later)

    assert change.verdict is Movement.TOO_FEW
    assert (change.estimate, change.low, change.p) == (None, None, None)


def test_a_raised_floor_hides_the_change() -> None:
    week = week_of(pairs([0, 1, 1, 1, 2]))

    assert weekly_change(week, week)[0].estimate == 0
    assert weekly_change(week, week, floors=Floors(customer=6))[0].estimate is None


def test_no_moments_at_all_give_every_gap_as_too_few() -> None:
    changes = weekly_change({}, {})

    assert [one.gap for one in changes] == ["G5", "perception", "delivery", "communication"]
    assert {one.verdict for one in changes} == {Movement.TOO_FEW}


@settings(max_examples=60, deadline=None)
@given(*(st.lists(st.integers(-4, 2), min_size=5, max_size=9) for _ in range(2)))
def test_swapping_the_weeks_mirrors_the_change(one: list[int], two: list[int]) -> None:
    assume(len(set(one)) > 1 and len(set(two)) > 1)

    there, back = customer_gap(pairs(one), pairs(two)), customer_gap(pairs(two), pairs(one))

    mirrored = [-number for number in (back.estimate, back.high, back.low) if number is not None]
    assert [there.estimate, there.low, there.high] == pytest.approx(mirrored, abs=1e-9)


@cache
def forms_of(group: Group) -> tuple[Asks, ...]:
    return tuple(form_for(FORMS[group], seed=3, sequence=k).asks for k in range(300))


def simulated_weeks(runs: dict[Group, int], *, units: int, shift: float) -> list[list[WeekMoments]]:
    """Two weeks of so many units with the next forms of one rotation; P moves by ``shift``."""
    rng = np.random.default_rng(20)
    starts = rng.integers(0, 300, units)
    weeks: list[list[dict[Group, Moments]]] = []
    for week in (0, 1):
        level = LEVEL | {P: LEVEL[P] + week * shift}
        truth = {v: dict.fromkeys(ITEMS.values(), mean) for v, mean in level.items()}
        own: list[dict[Group, Moments]] = [{} for _ in range(units)]
        for group, many in runs.items():
            forms = forms_of(group)
            asked = [
                forms[(int(start) + week * many + k) % 300] for start in starts for k in range(many)
            ]
            drawn = simulate_forms(rng, truth=truth, items=ITEMS, forms={group: asked})[group]
            unit = drawn.answers.respondent // many
            for k, moments in fold_blocks(group, ITEMS, drawn.answers, block=unit).items():
                own[k][group] = moments
        weeks.append(own)
    return [list(pair) for pair in zip(*weeks, strict=True)]


@pytest.mark.parametrize(("customers", "staff"), [(15, 6), (40, 12)])
def test_where_nothing_changes_at_most_one_digest_in_twenty_claims_so(
    customers: int, staff: int
) -> None:
    """500 pairs of weeks; the standard error of a share of 0.05 is 0.01."""
    runs = {Group.CUSTOMER: customers, Group.STAFF: staff}

    found = [weekly_change(*pair) for pair in simulated_weeks(runs, units=500, shift=0.0)]

    claims = [any(one.verdict in {Movement.UP, Movement.DOWN} for one in own) for own in found]
    assert np.mean(claims) <= 0.05
    for k in range(4):
        known = [(own[k].low, own[k].high) for own in found]
        covered = [low <= 0 <= high for low, high in known if low is not None and high is not None]
        assert len(covered) > 100
        assert 0.93 <= np.mean(covered) <= 0.985


def test_half_a_point_is_found_by_forty_runs_in_a_fair_share_of_weeks() -> None:
    runs = {Group.CUSTOMER: 40, Group.STAFF: 12}

    found = [weekly_change(*pair) for pair in simulated_weeks(runs, units=300, shift=-0.5)]

    assert np.mean([own[0].verdict is Movement.DOWN for own in found]) > 0.35
    assert not any(own[0].verdict is Movement.UP for own in found)
    estimates = [own[0].estimate for own in found if own[0].estimate is not None]
    assert np.mean(estimates) == pytest.approx(-0.5, abs=0.05)
