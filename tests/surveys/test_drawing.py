"""How the forms of a wave are drawn: by which rule, even among all, and again from what is kept."""

import json
import zlib
from collections import Counter
from itertools import combinations

import pytest

from bot.surveys.drawing import BALANCED, Drawing
from bot.surveys.versions import Library
from gapengine.allocation import RULE, Blueprint, form_for, standing_of
from gapengine.errors import SettingsError

CUSTOMERS = Library().read("customers").blueprint()
MANAGERS = Library().read("managers").blueprint()


def pairs_of_a_dimension(blueprint: Blueprint) -> set[frozenset[str]]:
    return {
        frozenset(pair)
        for _, items in blueprint.items_by_dimension
        for pair in combinations(items, 2)
    }


def test_without_a_standing_forms_go_by_turns_from_the_first_number_on() -> None:
    drawing = Drawing(seed=7, first=100)

    forms = drawing.forms(CUSTOMERS, [()] * 5)

    assert forms == [form_for(CUSTOMERS, seed=7, sequence=100 + k) for k in range(5)]
    assert drawing.rule == BALANCED


@pytest.mark.parametrize("adaptive", [False, True])
def test_e_goes_with_p_and_every_pair_of_a_dimension_meets(adaptive: bool) -> None:
    """38 pairs, and the adaptive rule starts 6 forms in 100 with one of them: 634 forms."""
    drawing = Drawing(seed=3, first=0, standing=standing_of(CUSTOMERS) if adaptive else None)

    forms = drawing.forms(CUSTOMERS, [()] * 634)

    for form in forms:
        seen = {vantage for _, vantage in form.asks}
        by_item = Counter(item for item, vantage in form.asks if vantage in {"E", "P"})
        assert {"E", "P"} <= seen
        assert set(by_item.values()) == {2}
    met = {frozenset(pair) for form in forms for pair in combinations(form.items, 2)}
    assert pairs_of_a_dimension(CUSTOMERS) <= met


def test_each_form_of_a_wave_takes_those_before_it_into_account() -> None:
    """11 forms of two items can ask 22 items once each; drawn apart they would repeat some."""
    drawing = Drawing(seed=3, first=0, standing=standing_of(CUSTOMERS))

    asked = Counter(item for form in drawing.forms(CUSTOMERS, [()] * 22) for item in form.items)

    assert len(asked) == 22
    assert max(asked.values()) <= 3


def test_nobody_with_a_name_is_asked_the_same_twice_in_a_rotation() -> None:
    before = list(MANAGERS.items[:-2])
    drawing = Drawing(seed=3, first=0, standing=standing_of(MANAGERS))

    [form] = drawing.forms(MANAGERS, [before])

    assert set(form.items) == set(MANAGERS.items[-2:])


@pytest.mark.parametrize("adaptive", [False, True])
def test_what_a_wave_keeps_draws_the_same_forms_again(adaptive: bool) -> None:
    standing = standing_of(CUSTOMERS, priorities={("P-D", "empathy"): 10.0}) if adaptive else None
    drawing = Drawing(seed=2**52 + 1, first=41, standing=standing)

    again = Drawing.unpacked(drawing.packed(), seed=drawing.seed)

    assert again == drawing
    assert again.forms(CUSTOMERS, [()] * 9) == drawing.forms(CUSTOMERS, [()] * 9)
    assert again.rule == (RULE if adaptive else BALANCED)


def test_a_wave_of_another_rule_is_not_replayed_by_this_one() -> None:
    kept = zlib.compress(
        json.dumps({"rule": "balanced-0", "first": 0, "promised": [], "left_out": []}).encode()
    )

    with pytest.raises(SettingsError, match="drawn by balanced-0"):
        Drawing.unpacked(kept, seed=1)
