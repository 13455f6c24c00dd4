"""The contact budget: how often somebody may be asked, whatever asks."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reach.budget import Limit, allows, loosest

DAY = date(2026, 3, 4)
USUAL = Limit(days_apart=7, most=2, within_days=30)

limits = st.builds(
    Limit,
    days_apart=st.integers(1, 60),
    most=st.integers(1, 10),
    within_days=st.integers(1, 90),
)


@pytest.mark.parametrize(
    ("days_ago", "is_allowed"),
    [
        ([], True),
        ([0], False),
        ([6], False),
        ([7], True),
        ([7, 29], False),  # two in the thirty days before; a third would be one too many
        ([7, 30], True),
        ([-3], False),  # promised for in three days
        ([-7], True),
        ([-10, 10], False),  # 10 days ago, today, in 10 days: three within 21 days
    ],
)
def test_seven_days_apart_and_at_most_two_in_thirty(days_ago: list[int], is_allowed: bool):
    asked = [DAY - timedelta(days=ago) for ago in days_ago]

    assert allows(USUAL, asked, DAY) is is_allowed


@given(limits, st.lists(st.integers(0, 200), max_size=120))
def test_whatever_asks_and_however_often_the_budget_is_kept(limit: Limit, wanted: list[int]):
    """Days are offered in any order, also such as lie ahead; what is allowed is then asked."""
    asked: list[date] = []

    for offset in wanted:
        day = DAY + timedelta(days=offset)
        if allows(limit, asked, day):
            asked.append(day)

    ordered = sorted(asked)
    for earlier, later in pairwise(ordered):
        assert (later - earlier).days >= limit.days_apart
    for start in ordered:
        within = [one for one in ordered if 0 <= (one - start).days < limit.within_days]
        assert len(within) <= limit.most


@given(limits, limits, st.lists(st.integers(-60, 60), max_size=5))
def test_a_limit_of_its_own_only_tightens(one: Limit, other: Limit, days: list[int]):
    asked = [DAY + timedelta(days=offset) for offset in days]

    if allows(one.tightened(other), asked, DAY):
        assert allows(one, asked, DAY)


def test_a_persons_own_distance_is_kept_beside_the_budget():
    assert USUAL.spaced(30) == Limit(30, 2, 30)
    assert USUAL.spaced(3) == USUAL
    assert USUAL.spaced(None) == USUAL


def test_somebody_with_two_roles_is_told_what_comes_at_most():
    assert loosest([USUAL, Limit(2, 6, 30)]) == Limit(2, 6, 30)
