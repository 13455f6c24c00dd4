"""Two sources of D and of S: compared over the same items, never mixed."""

import pytest

from bot.digests.second import Beside, Sources, read_sources

REPORT = {
    "vantage": {
        "D": {"items": {"on_time": {"mean": 5.0}, "prompt": {"mean": 6.0}}},
        "S": {"items": {"on_time": {"mean": 6.0}, "prompt": {"mean": None, "suppressed": True}}},
    }
}
KEPT = {
    "dimensions": {"on_time": "reliability", "correct": "reliability", "prompt": "responsiveness"},
    "D": {"on_time": {"level": 4.0}, "correct": {"level": 2.0}, "prompt": {"level": 6.5}},
    "S": {"prompt": {"level": 5}},
}


def found() -> Sources:
    return read_sources(REPORT, KEPT)


def test_both_sources_are_compared_over_the_items_of_which_both_speak() -> None:
    """Measured and rated: on_time 4 and 5, prompt 6.5 and 6; nobody rates correct."""
    assert found().at("D") == Beside("D", said=5.5, other=5.25, items=2)


def test_a_dimension_and_an_item_have_their_own_sources() -> None:
    assert found().at("D", "dimension", "reliability") == Beside("D", 5.0, 4.0, 1)
    assert found().at("D", "item", "prompt") == Beside("D", 6.0, 6.5, 1)
    assert found().at("D", "dimension", "empathy") is None


def test_what_people_say_may_be_hidden_while_the_other_source_is_not() -> None:
    assert found().at("D", "item", "correct") == Beside("D", None, 2.0, 1)
    assert found().at("S") == Beside("S", None, 5.0, 1)


def test_a_gap_has_the_sources_of_its_two_sides() -> None:
    assert [one.vantage for one in found().of("DS")] == ["D", "S"]
    assert [one.vantage for one in found().of("PD")] == ["D"]
    assert found().of("PE") == []


@pytest.mark.parametrize(
    ("said", "measured", "apart"), [(5.0, 4.0, False), (5.04, 4.0, False), (5.2, 4.0, True)]
)
def test_more_than_a_point_between_staff_and_measurement_is_marked(
    said: float, measured: float, *, apart: bool
) -> None:
    assert Beside("D", said, measured, 1).is_apart is apart


def test_a_rule_that_asks_for_more_than_managers_say_is_not_marked() -> None:
    assert not Beside("S", 3.0, 7.0, 1).is_apart


def test_an_older_report_without_second_sources_has_none() -> None:
    assert read_sources(REPORT, {}) == Sources()
