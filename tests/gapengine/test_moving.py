"""Units move, merge and close, and nobody is given away by what was told before and after."""

import numpy as np
import pytest

from gapengine.disclosure import Leaf, sums_over
from tests.gapengine.movers import attack, by_leaf, by_tree, moving

CASES = range(12)


def test_a_unit_of_one_leaf_is_told_by_itself_and_of_two_as_their_sum():
    leaves = {
        "A": Leaf("A", frozenset({"North"})),
        "B until Monday": Leaf("B", frozenset({"North"})),
        "B since": Leaf("B", frozenset({"South"})),
        "C": Leaf("C", frozenset({"South"})),
    }

    assert sums_over(leaves) == {
        "North": ["A", "B until Monday"],
        "South": ["B since", "C"],
        "B": ["B until Monday", "B since"],
    }


@pytest.mark.parametrize("number", CASES)
def test_nothing_is_won_where_answers_count_where_they_were_given(number: int):
    rng = np.random.default_rng([3, number])
    case = moving(rng)

    for shares in (False, True):
        found = attack(case, by_leaf(case, shares=shares), rng=rng, shares=shares)
        assert found.won == 0


def test_the_same_attacker_wins_where_every_report_goes_by_the_tree_of_its_day():
    won = 0
    for number in CASES:
        rng = np.random.default_rng([3, number])
        case = moving(rng)
        won += attack(case, by_tree(case), rng=rng).won > 0

    assert won >= 3
