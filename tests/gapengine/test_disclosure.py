"""Small groups stay hidden against an attacker who can subtract, within and across weeks."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gapengine.disclosure import (
    Edition,
    Floors,
    Hidden,
    Released,
    Verdict,
    next_edition,
    release,
    remainder,
    rounded,
    withhold,
)
from gapengine.disclosure.pools import Pools
from gapengine.disclosure.remainder import DIMENSION, ITEMS, Settled, settle
from gapengine.disclosure.within import Column, computable_common, open_cells
from gapengine.errors import SettingsError
from gapengine.estimate import figures
from gapengine.folding import AnswerColumns, fold
from gapengine.levels import FloatArray, Levels
from gapengine.moments import Moments
from gapengine.report import analyse, analyse_own_table
from gapengine.stacking import stack
from gapengine.vantage import Group, Vantage
from tests.gapengine.attacker import Report, attack, editions, organisation, settled_of, weeks_of

ONE = Levels.of({"polite": "assurance"})
TWO = Levels.of({"on_time": "reliability", "first_time": "reliability"})
MONDAY = date(2026, 1, 5)
ORGANISATIONS = 30


def staff(scores: Sequence[int], item: str = "polite") -> dict[Group, Moments]:
    """One unit's staff, each answering D of one item."""
    many = len(scores)
    columns = AnswerColumns.of(range(many), [0] * many, vantage=[0] * many, score=scores)
    return {Group.STAFF: fold(Group.STAFF, {item: "assurance"}, columns)}


def counted(items: Sequence[Sequence[int]], levels: Levels) -> Column:
    """People who answered one item each, shape (units, items): nobody answered two."""
    cells = np.array(items, dtype=np.float64)
    above = cells @ levels.reach.T
    people = np.concatenate([above, cells], axis=1)
    return Column(people, people, 5)


def whole_of(units: int) -> FloatArray:
    return np.ones((1, units))


def test_the_next_smallest_sibling_is_hidden_with_a_small_one():
    """By hand: 20 + 9 + 2 people. The whole less the two large ones would be the small one."""
    units = {"A": staff([5] * 20), "B": staff([6] * 9), "C": staff([1, 2])}

    plain = analyse(units, {"polite": "assurance"}).units

    cell = {name: plain[name]["vantage"]["D"]["overall"] for name in ("A", "B", "C", "*")}
    assert cell["A"]["mean"] == 5
    assert (cell["B"]["reason"], cell["C"]["reason"]) == ("protects others", "too few")
    assert cell["B"]["mean"] is None
    assert cell["*"]["n_respondents"] == 31


def test_nothing_is_withheld_where_nothing_is_small():
    units = {"A": staff([5] * 20), "B": staff([6] * 9), "C": staff([1, 2, 3, 4, 5])}

    plain = analyse(units, {"polite": "assurance"}).units

    assert not any(plain[name]["vantage"]["D"]["overall"].get("suppressed") for name in plain)


def test_an_item_that_its_dimension_would_give_away_takes_another_along():
    """By hand: 12 and 3 people; the dimension's mean and the large item give the small one."""
    opened = open_cells(counted([[12, 3]], TWO), TWO)

    assert opened.tolist() == [[False, False, True, True]]


def test_a_dimension_that_overall_would_give_away_takes_another_along():
    levels = Levels.of({"a": "one", "b": "two", "c": "three"})

    opened = open_cells(counted([[12, 9, 3]], levels), levels)

    assert opened[0, levels.top : levels.upper].tolist() == [False, True, True]


def test_with_a_weighted_figure_two_more_dimensions_are_taken_along():
    """Overall and weighted are two equations: of two open dimensions both would be known."""
    weights = {"one": 1.0, "two": 2.0, "three": 3.0}
    levels = Levels.of({"a": "one", "b": "two", "c": "three"}, weights=weights)

    opened = open_cells(counted([[12, 9, 3]], levels), levels)

    assert opened[0, levels.top : levels.upper].all()
    assert not opened[0, : levels.top].any()


def test_a_region_of_one_unit_shows_no_more_than_the_unit():
    units = {"A": staff([5] * 20), "B": staff([6] * 9), "C": staff([1, 2])}

    report = analyse(units, {"polite": "assurance"}, regions={"south": ["C"], "west": ["B"]})

    for region in ("south", "west"):
        assert report.regions[region]["vantage"]["D"]["overall"]["mean"] is None


@pytest.mark.parametrize("first", range(3))
def test_the_attacker_recovers_nothing_from_half_a_year_of_editions(first: int):
    """All editions, means and shares, of random organisations; the benchmark tries a thousand."""
    tried = 0
    for number in range(first, ORGANISATIONS, 3):
        rng = np.random.default_rng([7, number])
        org = organisation(rng)
        told = [weeks_of(edition) for edition in editions(org)]

        assert len({week for weeks in told for week in weeks}) == sum(map(len, told))
        for weeks in told[:1]:
            means, shares = Report.both(org, weeks)
            found = attack(org, [means], rng=rng), attack(org, [shares], rng=rng, shares=True)
            assert [one.won for one in found] == [0, 0]
            tried += sum(one.tried for one in found)

    assert tried > 500


def test_the_same_attacker_succeeds_where_only_floors_hide():
    won = 0
    for seed in range(4):
        rng = np.random.default_rng(seed)
        org = organisation(rng, weeks=4)
        won += attack(org, [Report.floors_alone(org, range(4))], rng=rng).won > 0

    assert won > 0


def test_the_same_attacker_succeeds_where_each_unit_is_only_looked_at_by_itself(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(remainder, "_mended", lambda settled: False)
    won = 0
    for seed in range(4):
        rng = np.random.default_rng(seed)
        org = organisation(rng, weeks=4)
        won += attack(org, [Report.both(org, range(4))[0]], rng=rng).won > 0

    assert won > 0


def test_the_same_attacker_succeeds_against_sliding_windows():
    won = 0
    for seed in range(4):
        rng = np.random.default_rng(seed)
        org = organisation(rng, weeks=6)
        reports = [Report.both(org, span)[0] for span in (range(4), range(1, 5))]
        won += attack(org, reports, rng=rng).won > 0

    assert won > 0


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6))
def test_a_sum_less_its_shown_units_never_leaves_a_few(seed: int):
    """Plain subtraction, cell by cell: shares of answers add up over units."""
    rng = np.random.default_rng(seed)
    org = organisation(rng, weeks=4)
    settled = settled_of(org, range(4), shares=True)
    people, opened, sums = settled.column.people, settled.shares(), settled.share_sums()

    for row, hidden in zip(org.member, sums, strict=True):
        left = np.where(opened & row[:, None], people, 0.0).sum(axis=0)
        place = org.levels.top
        told = ~hidden[place:] & (left[place:] > 0)
        assert (left[place:][told] >= 5).all()


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6))
def test_a_sum_under_a_second_name_is_told_as_the_first_and_hides_nothing_more(seed: int):
    """A region over all units is the whole again."""
    rng = np.random.default_rng(seed)
    org = organisation(rng, weeks=4)
    once = settled_of(org, range(4))
    again = int(rng.integers(len(org.member)))

    twice = settle(once.column, org.levels, np.vstack([org.member, org.member[again]]) > 0)

    assert (twice.opened == once.opened).all()
    expected = np.vstack([once.opened_sums(), once.opened_sums()[again]])
    assert (twice.opened_sums() == expected).all()


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(st.integers(0, 9), min_size=2, max_size=2), min_size=1, max_size=6))
def test_withholding_looks_at_counts_alone_and_keeps_every_floor(items: list[list[int]]):
    column = counted(items, TWO)

    settled = settle(column, TWO, whole_of(len(items)) > 0)

    small = (column.people > 0) & (column.people < 5)
    assert settled.opened[small].all()
    assert not settled.opened[column.people == 0].any()
    sums = column.people.sum(axis=0)
    assert (settled.opened_sums()[0] | (sums >= 5) | (sums == 0)).all()


def test_an_analysts_own_table_hides_nothing():
    units = {"A": staff([5] * 20), "B": staff([6] * 9), "C": staff([1, 2])}

    plain = analyse_own_table(units, {"polite": "assurance"}).units

    assert plain["C"]["vantage"]["D"]["overall"]["mean"] == 1.5


def customers(perceived_only: int) -> dict[Group, Moments]:
    """Six people rate E 6 and P 5; some more rate P alone, with 1."""
    who = [*range(6), *range(6 + perceived_only)]
    vantage = [0] * 6 + [1] * (6 + perceived_only)
    score = [6] * 6 + [5] * 6 + [1] * perceived_only
    columns = AnswerColumns.of(who, [0] * len(who), vantage=vantage, score=score)
    return {Group.CUSTOMER: fold(Group.CUSTOMER, {"polite": "assurance"}, columns)}


@pytest.mark.parametrize(("single", "told"), [(1, False), (4, False), (5, True)])
def test_complete_pairs_are_not_told_where_they_leave_out_a_few(single: int, told: bool):
    """P of all less the pairs' own mean is what those said who gave no E."""
    items = {"polite": "assurance"}
    own = analyse_own_table({"A": customers(single)}, items).units["A"]["gaps"]

    unit = analyse({"A": customers(single)}, items).units["A"]["gaps"]

    assert [gap["paired"]["estimate"] for gap in own if "paired" in gap] == [-1, -1, -1]
    assert any("paired" in gap for gap in unit) == told


@pytest.mark.parametrize(("others", "told"), [((2,), False), ((2, 2), False), ((3, 3), True)])
def test_a_sum_tells_pairs_only_if_enough_are_left_out_where_units_do_not(
    others: Sequence[int], told: bool
):
    """The first unit's six are known apart, so the few of the others would be left over."""
    singles = (6, *others)
    units = {f"unit {k}": customers(single) for k, single in enumerate(singles)}

    report = analyse(units, {"polite": "assurance"})

    assert any("paired" in gap for gap in report.units["unit 0"]["gaps"])
    assert not any("paired" in gap for gap in report.units["unit 1"]["gaps"])
    assert any("paired" in gap for gap in report.units["*"]["gaps"]) == told


def test_pairs_of_one_item_are_told_of_a_sum_where_those_of_another_are_not():
    """Nobody is left out of the second item; of the first, two in one unit."""
    pairs = [(who, item, vantage) for who in range(6) for item in (0, 1) for vantage in (0, 1)]
    rows = [*pairs, (6, 0, 1), (7, 0, 1)]
    who, item, vantage = zip(*rows, strict=True)
    answers = AnswerColumns.of(who, item, vantage=vantage, score=[5] * len(rows))
    dimension_by_item = dict(zip(TWO.items, TWO.dimension_of, strict=True))
    moments = fold(Group.CUSTOMER, dimension_by_item, answers)
    stacked = {g: stack(g, [moments if g is Group.CUSTOMER else None] * 2, TWO) for g in Group}

    hidden = withhold([figures(stacked)], whole_of(2), floors=Floors())

    assert hidden.sums.paired is not None
    items = dict(zip(TWO.items, hidden.sums.paired[0, TWO.upper :].tolist(), strict=True))
    assert items == {"on_time": True, "first_time": False}


@pytest.mark.parametrize(("apart", "leaks"), [(1, True), (2, False)])
def test_people_of_a_shown_dimension_and_of_a_hidden_one_count_together(apart: int, leaks: bool):
    """By hand: 3 people are tied by a shown dimension; with 2 that are not they are five."""
    column = replace(counted([[3, 3], [apart, 4]], TWO), has_means=False, has_shares=True)
    opened = np.array([[False, False, True, True], [True, True, True, True]])

    pools = Pools(
        column,
        TWO,
        opened,
        classes=np.zeros((1, 2), dtype=np.int64),
        itemised=np.ones((1, 2), dtype=bool),
        reference=np.zeros((2, 2), dtype=np.int64),
    )

    assert (pools.leaking(0).tolist() == [0]) == leaks


def test_a_sum_that_tells_a_dimension_alone_binds_the_units_in_no_other_sum():
    """By hand: the whole is 4 + 1 + 2 and 6 + 2 + 3; the first two lie in a region as well."""
    column = counted([[4, 6], [1, 2], [2, 3]], TWO)
    settled = Settled(
        column,
        TWO,
        member=np.array([[True, True, True], [True, True, False]]),
        opened=np.zeros((3, 4), dtype=bool),
        told=np.array([[DIMENSION], [ITEMS]]),
        mirror=np.array([-1, -1]),
    )

    assert settled.pools().reference.tolist() == [[0, 0], [0, 0], [7, 11]]
    assert settled.pools().itemised.tolist() == [[True, True, False]]


def test_common_items_are_not_told_where_they_single_out_an_open_one():
    """By hand: items of 12, 3 and 4 people; without the last, the second could be solved for."""
    levels = Levels.of({"a": "one", "b": "one", "c": "one"})
    opened = open_cells(counted([[12, 3, 4]], levels), levels)

    told = computable_common(opened, np.array([[1.0, 1.0, 0.0]]), levels)

    assert opened[0, levels.upper :].tolist() == [False, True, True]
    assert not told[0, : levels.upper].any()
    assert computable_common(opened, np.array([[1.0, 0.0, 0.0]]), levels).all()


def released_of(units: Sequence[dict[Group, Moments]], hidden: Hidden | None = None) -> Released:
    stacked = {g: stack(g, [unit.get(g) for unit in units], ONE) for g in Group}
    return release(figures(stacked), Floors(), hidden=hidden or Hidden())


def test_release_keeps_floors_whatever_is_asked_to_be_hidden():
    hidden = Hidden(cells={Vantage.DELIVERED: np.zeros((1, 3), dtype=bool)})

    released = released_of([staff([1, 2, 3, 4])], hidden)

    assert (released.cell_verdicts[Vantage.DELIVERED] == Verdict.TOO_FEW).all()


def test_what_is_withheld_of_a_portion_is_that_portions_own():
    units = [staff([5] * 20), staff([6] * 9), staff([1, 2])]
    stacked = {g: stack(g, [unit.get(g) for unit in units], ONE) for g in Group}

    withheld = withhold([figures(stacked)], whole_of(3), floors=Floors())

    assert withheld.units.some(slice(1, 2)).cells[Vantage.DELIVERED].tolist() == [[True] * 3]
    assert withheld.units.some(slice(0, 1)).cells[Vantage.DELIVERED].tolist() == [[False] * 3]


def test_published_figures_are_rounded_to_a_tenth_of_a_point():
    """By hand: five times 5 and once 6 is 5.1666..., shown as 5.2."""
    released = rounded(released_of([staff([5, 5, 5, 5, 5, 6])]))

    assert released.cells[Vantage.DELIVERED].mean[0].tolist() == [5.2, 5.2, 5.2]


def test_published_limits_and_shares_are_rounded_as_well():
    """E 6 in all, P by hand 5.1666...: a gap of -0.8333... with limits around it."""
    released = released_of([customers_rating([5, 5, 5, 5, 5, 6])])
    own = released.gaps[Vantage.PERCEIVED, Vantage.EXPECTED]

    told = rounded(released).gaps[Vantage.PERCEIVED, Vantage.EXPECTED]

    assert told.estimate[0].tolist() == [-0.8, -0.8, -0.8]
    for part in ("low", "high"):
        exact, shown = getattr(own, part)[0], getattr(told, part)[0]
        assert shown.tolist() == [round(value, 1) for value in exact.tolist()]
        assert (abs(shown - exact) > 1e-6).all()
    share = rounded(released).cells[Vantage.PERCEIVED].share[0]
    assert share.tolist() == [0.17, 0.17, 0.17]  # one of six rated 6 or 7


def customers_rating(perceived: Sequence[int]) -> dict[Group, Moments]:
    """So many people rate E 6, and P as given."""
    many = len(perceived)
    columns = AnswerColumns.of(
        [*range(many)] * 2, [0] * 2 * many, vantage=[0] * many + [1] * many,
        score=[6] * many + list(perceived),
    )  # fmt: skip
    return {Group.CUSTOMER: fold(Group.CUSTOMER, {"polite": "assurance"}, columns)}


@pytest.mark.parametrize(("singles", "told"), [((2, 2), False), ((5, 5), True), ((2, 3), True)])
def test_pairs_of_a_sum_leave_out_nobody_or_enough_over_its_units(
    singles: tuple[int, int], told: bool
):
    """By hand: 2 + 2 people without a pair are fewer than five, 2 + 3 are not."""
    items = {"polite": "assurance"}
    units = {name: customers(single) for name, single in zip("AB", singles, strict=True)}

    whole = analyse(units, items).units["*"]["gaps"]

    assert any("paired" in gap for gap in whole) == told


def blocks(people: Sequence[int]) -> dict[str, dict[date, Moments]]:
    """One unit with so many people each week."""
    return {
        "A": {
            MONDAY + k * timedelta(days=7): staff([5] * many)[Group.STAFF]
            for k, many in enumerate(people)
            if many
        }
    }


def monday(number: int) -> date:
    return MONDAY + number * timedelta(days=7)


def edition_after(people: Sequence[int], told: Edition | None, longest: int = 4) -> Edition | None:
    week = monday(len(people) - 1)
    return next_edition(Group.STAFF, blocks(people), told=told, week=week, longest=longest)


def test_an_edition_comes_as_soon_as_new_answers_carry_what_a_full_span_would():
    first = edition_after([2, 2, 2, 2], None)
    assert first is not None
    assert first.weeks == tuple(map(monday, range(4)))

    assert edition_after([2, 2, 2, 2, 4], first) is None
    second = edition_after([2, 2, 2, 2, 4, 1], first)

    assert second is not None
    assert second.weeks == (monday(4), monday(5))


def test_an_edition_comes_at_last_even_with_nothing_to_show():
    first = edition_after([2, 2, 2, 2], None)

    second = edition_after([2, 2, 2, 2, 0, 1, 0, 1], first)

    assert second is not None
    assert second.weeks == tuple(map(monday, range(4, 8)))


def test_late_answers_to_a_week_that_was_told_hasten_nothing():
    first = edition_after([2, 2, 2, 2], None)

    assert edition_after([2, 2, 2, 9, 1], first) is None


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 7), min_size=4, max_size=14), st.integers(1, 4))
def test_no_week_is_part_of_two_editions(people: list[int], longest: int):
    told: Edition | None = None
    seen: list[date] = []
    for week in range(len(people)):
        edition = edition_after(people[: week + 1], told, longest)
        if edition is not None:
            seen.extend(edition.weeks)
            told = Edition.from_plain(edition.to_plain())
            assert told == edition

    assert len(seen) == len(set(seen))


def test_editions_refuse_what_they_cannot_count():
    with pytest.raises(SettingsError, match="not a Monday"):
        next_edition(Group.STAFF, {}, told=None, week=date(2026, 1, 6), longest=4)
    with pytest.raises(SettingsError, match="shortest"):
        next_edition(Group.STAFF, {}, told=None, week=MONDAY, longest=0)
    told = Edition(Group.MANAGER, MONDAY, MONDAY)
    with pytest.raises(SettingsError, match="same group"):
        next_edition(Group.STAFF, {}, told=told, week=MONDAY, longest=4)
    with pytest.raises(SettingsError, match="schema"):
        Edition.from_plain({"schema": "gapbot.edition/9"})
