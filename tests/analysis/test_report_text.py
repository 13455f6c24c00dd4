"""The text of a report: plots that mean what they show, sections that may be missing."""

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.analysis.report_text import report_text
from bot.analysis.terminal_plot import (
    Axis,
    fitted,
    interval_row,
    level_row,
    spark_line,
    step_row,
)
from bot.analysis.wording import interval, padded, signed, why_hidden, width_of
from tests.support.reports import example_report, with_every_section

POINTS = st.floats(-6, 6)


def test_an_interval_is_drawn_to_scale_and_filled_where_it_leaves_out_zero() -> None:
    """By hand: on -2..2 in 41 columns a column is a tenth; zero is the 21st, -1.5 the 6th."""
    axis = Axis(-2.0, 2.0, 41)

    sure = interval_row(axis, -1.0, (-1.5, -0.5))
    open_ = interval_row(axis, 0.2, (-0.3, 0.7))

    assert sure == "     ├────●────┤    │"
    assert open_ == " " * 17 + "├────○────┤"
    assert interval_row(axis, 1.0, None) == " " * 20 + "│" + " " * 9 + "○"


def test_a_step_reaches_from_level_to_level_and_is_solid_where_it_is_sure() -> None:
    """By hand: on 4..6 in 21 columns a column is a tenth; 5.8 is the 19th, 5.0 the 11th."""
    axis = Axis(4.0, 6.0, 21)

    assert level_row(axis, 5.8) == " " * 18 + "◆"
    assert step_row(axis, 5.8, 5.0, sure=True) == " " * 10 + "█" * 9
    assert step_row(axis, 5.0, 5.8, sure=False) == " " * 10 + "░" * 9
    assert step_row(axis, 5.0, 5.01, sure=False) == " " * 10 + "┊"


@given(st.lists(POINTS, min_size=1, max_size=8), st.integers(12, 60))
def test_no_plot_leaves_its_columns_and_marks_keep_their_order(
    numbers: list[float], columns: int
) -> None:
    axis = Axis.over(numbers, columns)

    places = [axis.at(number) for number in sorted(numbers)]

    assert axis.low <= min(numbers)
    assert max(numbers) <= axis.high
    assert places == sorted(places)
    assert 0 <= places[0] <= places[-1] < columns
    assert len(axis.scale()) <= columns + 2
    assert all(axis.low <= tick <= axis.high for tick in axis.ticks())
    row = interval_row(axis, numbers[0], (min(numbers), max(numbers)))
    assert width_of(row) <= columns


def test_a_series_shows_gaps_and_new_beginnings() -> None:
    assert spark_line([0.0, 0.5, None, 1.0], [False, False, False, True]) == "▁▅ │█"
    assert spark_line([None], [False]) == " "
    assert spark_line([2.0, 2.0], [False, False]) == "▅▅"


def test_a_stream_that_knows_no_plots_gets_ascii_of_the_same_width() -> None:
    line = "  −0.47*  ├──●──┤ │ ░░██ ◆"

    assert fitted(line, "utf-8") == line
    assert fitted(line, "ascii") == "  -0.47*  [--*--] | ::## +"
    assert fitted("Straße −1", "latin-1") == "Straße -1"
    assert fitted("河畔 −1", "ascii") == "?? -1"
    assert fitted(line, None) == line


def test_names_in_wide_letters_take_two_columns_each() -> None:
    assert padded("河畔店", 8) == "河畔店  "
    assert padded("河畔店", 5) == "河畔…"
    assert width_of(unicodedata.normalize("NFD", "é")) == 1


def test_numbers_and_reasons_read_well() -> None:
    assert [signed(number) for number in (0.004, -0.004, 1.0, -1.25, None)] == [
        "0.00",
        "0.00",
        "+1.00",
        "−1.25",
        "–",
    ]
    assert interval({"low": -1.54, "high": -0.004}) == "[−1.54, −0.01]"
    one = {"low": None, "high": None, "n_minuend": 1, "n_subtrahend": 9}
    assert interval(one) == "no interval (n 1)"
    assert interval(one | {"n_minuend": 7}) == "no interval (spread unknown)"
    causes = [
        {"vantage": "D", "reason": "too few", "floor": 5},
        {"vantage": "S", "reason": "not asked"},
        {"vantage": "P", "reason": "protects others"},
    ]
    assert why_hidden({"because": causes}) == (
        "fewer than 5 staff answered D; S was not asked; P would give hidden figures away"
    )


def test_units_are_ranked_by_what_the_ranks_may_be() -> None:
    text = report_text(with_every_section(example_report()))

    lines = text.splitlines()
    start = lines.index("The 4 units by customer gap P-E")
    rows = [line for line in lines[start:] if line.startswith(("H", "M", "S"))][:4]
    assert [row.split()[0] for row in rows] == ["Station", "Market", "Hill", "Harbour"]
    assert "1–2 of 4" in rows[0]
    assert "70%" in rows[0]
    assert "Worst: the chance of rank 1." in " ".join(text.split())


def test_raw_figures_alone_make_no_ranking() -> None:
    plain = example_report()
    bare = {
        name: unit | {"gaps": [without(gap, "shrunken") for gap in unit["gaps"]]}
        for name, unit in plain["units"].items()
    }

    text = report_text(plain | {"units": bare})

    lines = text.splitlines()
    start = lines.index("The 4 units by customer gap P-E")
    assert lines[start + 2].startswith("By name, not ranked")
    assert [line.split()[0] for line in lines[start + 4 : start + 8]] == sorted(
        name for name in plain["units"] if name != "*"
    )


def without(entry: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if name != key}


SECTIONS = ("reliability", "profile", "series", "changes", "importance", "advice")


def test_every_section_is_told_where_the_report_has_it() -> None:
    text = report_text(with_every_section(example_report()))

    assert "    P empathy " in text
    assert "of one person's difference" in text
    assert "no likeness established (+0.50)" in text
    assert "G5 by week, 2026-W02 to 2026-W09: still learning" in text
    assert "perception by week" not in text
    assert "G5 up by +0.31 [+0.02, +0.60], the last 2 weeks against 4 before" in text
    assert "drawn towards the other units" in text


@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_that_is_missing_is_left_out(section: str) -> None:
    plain = with_every_section(example_report())
    whole = without(plain["units"]["*"], section)

    shorter = report_text(plain | {"units": plain["units"] | {"*": whole}})

    assert len(shorter.splitlines()) < len(report_text(plain).splitlines())


def test_no_line_is_wider_than_the_terminal() -> None:
    plain = with_every_section(example_report())

    for width in (72, 80, 100):
        lines = report_text(plain, width=width).splitlines()
        plots = [line for line in lines if set(line) & set("├█░●○◆")]
        assert len(plots) > 40
        assert max(width_of(line) for line in plots) <= width
