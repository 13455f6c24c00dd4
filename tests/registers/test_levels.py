"""From measurements to levels."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.registers.levels import AT_LEAST, AT_MOST, BadRule, checked, level_of, read_points

RULE = ((60.0, 7.0), (180.0, 6.0), (600.0, 3.0), (1800.0, 1.0))


@pytest.mark.parametrize(
    ("value", "level"), [(0, 7), (60, 7), (120, 6.5), (390, 4.5), (1200, 2), (1800, 1), (9999, 1)]
)
def test_levels_lie_on_straight_lines_between_the_points(value: float, level: float) -> None:
    """By hand: 390 is halfway from 180 to 600, so halfway from 6 to 3."""
    assert level_of(RULE, value) == pytest.approx(level)


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_a_longer_wait_never_gives_a_higher_level(one: float, two: float) -> None:
    low, high = sorted((one, two))

    assert 1 <= level_of(RULE, high) <= level_of(RULE, low) <= 7


def test_points_are_read_as_they_are_written() -> None:
    assert read_points("60:7 180:6 600:3 1800:1", AT_MOST) == RULE
    assert read_points("50:1, 90.5:6, 100:7", AT_LEAST) == ((50, 1), (90.5, 6), (100, 7))


@pytest.mark.parametrize(
    ("points", "comparison"),
    [
        ([(60, 7)], AT_MOST),
        ([(60, 7), (60, 6)], AT_MOST),
        ([(60, 6), (180, 7)], AT_MOST),
        ([(60, 7), (180, 6)], AT_LEAST),
        ([(60, 7), (180, 3), (600, 5)], AT_MOST),
        ([(60, 5), (180, 5)], AT_MOST),
        ([(60, 8), (180, 6)], AT_MOST),
    ],
)
def test_points_that_make_no_rule_are_refused(
    points: list[tuple[float, float]], comparison: str
) -> None:
    with pytest.raises(BadRule):
        checked(points, comparison)
