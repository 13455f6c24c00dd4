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
from gapengine.change import (
    APART,
    Change,
    Comparison,
    Movement,
    Overlap,
    paired_change,
    recent_change,
    recent_changes,
    week_points,
    weekly_change,
)
from gapengine.disclosure import Floors
from gapengine.errors import SettingsError
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


def test_the_latest_week_is_held_against_all_weeks_before_it() -> None:
    """By hand: earlier ten people's squares around -1 add up to 4, later five people's to 2."""
    quiet, high = pairs([-2, -1, -1, -1, 0]), pairs([0, 1, 1, 1, 2])

    change = recent_change(
        [week_of(quiet), week_of(quiet), week_of(high)], comparison=Comparison(looks=(1,))
    )[0]

    earlier = (4 / 10**2) * 10 / 9
    later = 2 / 5**2 * 5 / 4
    assert change.estimate == pytest.approx(2.0)
    assert change.se == pytest.approx(sqrt(earlier + later))
    assert change.df == pytest.approx((earlier + later) ** 2 / (earlier**2 / 9 + later**2 / 4))
    assert (change.weeks, change.against) == (1, 2)
    assert change.to_plain()["against"] == 2


def test_a_slide_is_told_of_the_latest_three_weeks_together() -> None:
    weeks = [week_of(pairs([-2, -1, -1, 0, 0, 1, 1, 2])) for _ in range(4)]
    weeks += [week_of(pairs([-3, -2, -2, -1, -1, 0, 0, 1])) for _ in range(3)]

    change = recent_change(weeks)[0]

    assert (change.weeks, change.against) == (3, 4)
    assert change.estimate == pytest.approx(-1.0)
    assert change.verdict is Movement.DOWN
    one_look = recent_change(weeks, comparison=Comparison(looks=(3,)))[0]
    assert change.p == pytest.approx(2 * (one_look.p or 0))
    assert change.low is not None
    assert one_look.low is not None
    assert change.low < one_look.low


def test_weeks_before_the_last_eleven_are_not_used() -> None:
    quiet, odd = week_of(pairs([-1, 0, 0, 0, 1])), week_of(pairs([2, 1, 2, 1, 2]))

    assert recent_change([odd, odd, *[quiet] * 11]) == recent_change([quiet] * 11)


def test_without_a_latest_week_there_is_nothing_new_to_tell() -> None:
    quiet, high = week_of(pairs([-1, 0, 0, 0, 1])), week_of(pairs([0, 1, 1, 1, 2]))

    changes = recent_change([quiet, quiet, quiet, high, high, {}])

    assert {one.verdict for one in changes} == {Movement.TOO_FEW}


def test_a_missing_week_in_between_is_passed_over() -> None:
    quiet, high = week_of(pairs([-1, 0, 0, 0, 1])), week_of(pairs([0, 1, 1, 1, 2]))
    only = Comparison(looks=(1,))

    whole = recent_change([quiet, quiet, high], comparison=only)[0]
    gapped = recent_change([quiet, {}, quiet, high], comparison=only)[0]

    assert (gapped.estimate, gapped.se) == (whole.estimate, whole.se)


def test_dimensions_are_looked_at_only_below_a_claimed_gap() -> None:
    """Item a (dimension x) falls by two, item c (dimension y) stays."""

    def week(a: int, offset: int) -> dict[Group, Moments]:
        rows = pairs([a - 1, a, a, a, a + 1, a, a, a - 1, a + 1, a])
        return week_of([*rows, *((20 + r[0], *r[1:]) for r in pairs([-1, 0, 0, 1, 0, 0], "c"))])

    still = recent_change([week(0, 0), week(0, 0)])
    fallen = recent_change([week(0, 0), week(-2, 0)])

    assert [one.level for one in still] == ["overall"] * 4
    told = {one.key: one.verdict for one in fallen if one.gap == "G5"}
    assert told == {"overall": Movement.DOWN, "x": Movement.DOWN, "y": Movement.NO_EVIDENCE}


def test_units_side_by_side_are_compared_as_if_alone() -> None:
    weeks = [week_of(pairs(one)) for one in ([-1, 0, 0, 0, 1], [0, 1, 1, 1, 2], [2, 1, 1, 0, 2])]
    units = [[weeks[0], weeks[1]], [weeks[1], {}], [weeks[2], weeks[0]]]

    assert recent_changes(units) == [recent_change(unit) for unit in units]
    assert recent_changes([]) == []


def test_people_who_come_back_equally_often_need_no_wider_interval() -> None:
    weeks = [week_of(pairs(one)) for one in ([-1, 0, 0, 0, 1], [0, 1, 1, 1, 2], [2, 1, 1, 0, 2])]

    def se(overlap: Overlap, looks: int = 1) -> float:
        settings = Comparison(looks=(looks,), overlap={Group.CUSTOMER: overlap})
        return recent_change(weeks, comparison=settings)[0].se or 0.0

    assert se(Overlap(0.8, 0.8)) == se(APART)
    assert se(Overlap(0.0, 0.5)) == se(APART)
    assert se(Overlap(0.5, 0.0)) > se(APART)


def test_regulars_of_one_window_only_count_as_one_sample() -> None:
    """By hand: earlier variance v of two weeks grows to v (1 + 1 x 0.5) in the worst case."""
    week = week_of(pairs([-1, 0, 0, 0, 1]))
    settings = Comparison(looks=(1,), overlap={Group.CUSTOMER: Overlap(0.5, 0.0)})

    change = recent_change([week, week, week], comparison=settings)[0]

    assert change.se == pytest.approx(sqrt(1.5 * 4 / 90 * 1.0 + 2 / 20))


def test_named_people_are_each_compared_with_themselves() -> None:
    """By hand: five people's P-E falls by 1 1 1 1 2 from wherever it was: mean -1.2, S^2 0.2."""
    before, falls = [-3, -1, 0, 1, 1], [1, 1, 1, 1, 2]
    later = [-1 * fall + was for was, fall in zip(before, falls, strict=True)]
    rows = [*pairs(before, "a"), *pairs(later, "b")]

    paired = paired_change(week_of(rows), {"a": "b"})[0]
    apart = customer_gap(pairs(before), pairs(later))

    assert paired.estimate == pytest.approx(-1.2)
    assert paired.se == pytest.approx(sqrt(0.2 / 5))
    assert paired.df == pytest.approx(4)
    assert paired.verdict is Movement.DOWN
    assert apart.estimate == pytest.approx(-1.2)
    assert (apart.se or 0) > 4 * (paired.se or 9)
    assert apart.verdict is Movement.NO_EVIDENCE


def test_weeks_that_cannot_be_paired_are_refused_or_too_few() -> None:
    both = week_of([*pairs([0, 1, 0, 1, 2], "a"), *pairs([0, 1, 0, 1, 2], "c")])

    with pytest.raises(SettingsError, match="different dimensions"):
        paired_change(both, {"a": "c"})
    with pytest.raises(SettingsError, match="both weeks"):
        paired_change(both, {"a": "a"})
    assert paired_change({}, {"a": "b"})[0].verdict is Movement.TOO_FEW
    assert paired_change(both, {"a": "b"})[0].verdict is Movement.TOO_FEW


def test_settings_that_compare_nothing_are_refused() -> None:
    with pytest.raises(SettingsError, match="an overlap is"):
        Overlap(1.5, 0.0)
    with pytest.raises(SettingsError, match="looks are"):
        Comparison(looks=())
    with pytest.raises(SettingsError, match="confidence is 95"):
        Comparison(confidence=95)
    with pytest.raises(SettingsError, match="number of weeks"):
        recent_changes([[{}], [{}, {}]])
    with pytest.raises(SettingsError, match="weekly series"):
        week_points([[{}]], ["w0"], gap="G1")
    with pytest.raises(SettingsError, match="not 2 weeks"):
        week_points([[{}]], ["w0", "w1"], gap="G5")


def test_a_weeks_point_is_its_mean_with_the_error_over_persons() -> None:
    """By hand: mean of five differences 1, variance 1/2, over 5 people; then too few, then none."""
    units = [[week_of(pairs([0, 1, 1, 1, 2])), week_of(pairs([0, 1, 1])), {}]]

    points = week_points(units, ["w0", "w1", "w2"], gap="G5")

    assert points.estimate[0, 0] == pytest.approx(1.0)
    assert points.se[0, 0] == pytest.approx(sqrt(0.1))
    assert (points.df[0, 0], points.n[0, 0]) == (pytest.approx(4), 5)
    assert points.known.tolist() == [[True, False, False]]
    assert not week_points([[{}, {}]], ["w0", "w1"], gap="G5").known.any()
    assert week_points([], ["w0", "w1"], gap="G5").known.shape == (0, 2)
    assert week_points([[], []], [], gap="G5").known.shape == (2, 0)


def test_every_week_of_a_series_weighs_the_dimensions_alike() -> None:
    """Dimension y lives three points above x; weeks ask it more or less often, and once not."""
    low, high = pairs([-3, -2, -2, -1]), pairs([0, 1, 1, 2], "c")
    some = [(20 + r[0], *r[1:]) for r in high]
    more = [(40 + r[0], *r[1:]) for r in high]
    week = [week_of([*low, *some]), week_of([*low, *some, *more]), week_of([*low, *more])]

    points = week_points([[*week, week_of(pairs([-3, -2, -2, -1, -2]))]], list("abcd"), gap="G5")

    assert points.estimate[0, :3].tolist() == pytest.approx([-0.5, -0.5, -0.5], abs=0.2)
    assert np.ptp(points.estimate[0, :3]) == pytest.approx(0, abs=1e-9)
    assert np.isnan(points.estimate[0, 3])


@cache
def forms_of(group: Group) -> tuple[Asks, ...]:
    return tuple(form_for(FORMS[group], seed=3, sequence=k).asks for k in range(300))


def simulated_weeks(
    runs: dict[Group, int], *, units: int, shifts: Sequence[float]
) -> list[list[dict[Group, Moments]]]:
    """One week per shift of P, of so many units, with the next forms of one rotation."""
    rng = np.random.default_rng(20)
    starts = rng.integers(0, 300, units)
    weeks: list[list[dict[Group, Moments]]] = [[] for _ in range(units)]
    for week, shift in enumerate(shifts):
        level = LEVEL | {P: LEVEL[P] + shift}
        truth = {v: dict.fromkeys(ITEMS.values(), mean) for v, mean in level.items()}
        for own in weeks:
            own.append({})
        for group, many in runs.items():
            forms = forms_of(group)
            asked = [
                forms[(int(start) + week * many + k) % 300] for start in starts for k in range(many)
            ]
            drawn = simulate_forms(rng, truth=truth, items=ITEMS, forms={group: asked})[group]
            unit = drawn.answers.respondent // many
            for k, moments in fold_blocks(group, ITEMS, drawn.answers, block=unit).items():
                weeks[k][week][group] = moments
    return weeks


def claims(found: Sequence[Sequence[Change]]) -> float:
    return float(
        np.mean([any(one.verdict in {Movement.UP, Movement.DOWN} for one in own) for own in found])
    )


@pytest.mark.parametrize(("customers", "staff"), [(15, 6), (40, 12)])
def test_where_nothing_changes_at_most_one_digest_in_twenty_claims_so(
    customers: int, staff: int
) -> None:
    """120 units, weeks 2 to 5: 480 digests; the standard error of a share of 0.04 is 0.009."""
    runs = {Group.CUSTOMER: customers, Group.STAFF: staff}
    weeks = simulated_weeks(runs, units=120, shifts=[0.0] * 5)

    found = [recent_changes([unit[:many] for unit in weeks]) for many in (2, 3, 4, 5)]

    assert np.mean([claims(own) for own in found]) <= 0.05
    for k in range(4):
        known = [(own[k].low, own[k].high) for own in found[0]]
        covered = [low <= 0 <= high for low, high in known if low is not None and high is not None]
        assert len(covered) > 25
        assert np.mean(covered) >= 0.88


def test_half_a_point_is_found_within_three_weeks_by_forty_runs_a_week() -> None:
    runs = {Group.CUSTOMER: 40, Group.STAFF: 12}
    weeks = simulated_weeks(runs, units=60, shifts=[0.0] * 6 + [-0.5] * 3)

    found = [recent_changes([unit[:many] for unit in weeks]) for many in (7, 8, 9)]

    down = np.array([[own[0].verdict is Movement.DOWN for own in week] for week in found])
    assert down.any(axis=0).mean() >= 0.8
    assert not any(own[0].verdict is Movement.UP for week in found for own in week)
    estimates = [own[0].estimate for own in found[2] if own[0].estimate is not None]
    assert np.mean(estimates) == pytest.approx(-0.5, abs=0.08)
