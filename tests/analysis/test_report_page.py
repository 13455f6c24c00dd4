"""The page: it stands alone, can be read without being seen, and shows what the report holds."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest

from bot.analysis.page_charts import Axis, Tone, interval_chart, tone_of, waterfall
from bot.analysis.page_plots import importance_grid, series_line
from bot.analysis.report_page import report_page
from bot.analysis.unit_text import unit_lines
from tests.support.reports import example_report, with_every_section

VOID = {"meta", "br", "path", "circle", "rect", "polyline"}


class Reader(HTMLParser):
    """Reads a page, checks that every element is closed, keeps what is there."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.attributes: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.attributes if name == tag]


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    assert reader.open == []
    return reader


@pytest.fixture(scope="module")
def page() -> str:
    return report_page(with_every_section(example_report()), title="bakeries")


def test_the_page_stands_alone(page: str) -> None:
    assert re.findall(r"(?:src|href)=\"(?!#)", page) == []
    assert "url(" not in page
    assert "<script" not in page
    assert "@import" not in page
    assert "http" not in page


def test_the_page_can_be_read_without_being_seen(page: str) -> None:
    reader = read(page)

    assert reader.of("html") == [{"lang": "en"}]
    known = {own["id"] for _, own in reader.attributes if "id" in own}
    drawings = reader.of("svg")
    assert len(drawings) > 50
    for drawing in drawings:
        assert drawing["role"] == "img"
        named = (drawing.get("aria-labelledby") or "").split()
        assert drawing.get("aria-label") or (len(named) == 2 and known.issuperset(named))
    assert all(own.get("scope") in {"col", "row"} for own in reader.of("th"))
    targets = {(own["href"] or "")[1:] for own in reader.of("a")}
    assert targets <= known
    assert len(known) == len([own for _, own in reader.attributes if "id" in own])


def test_light_and_dark_and_narrow_screens_are_provided_for(page: str) -> None:
    assert "prefers-color-scheme: dark" in page
    assert "max-width: 40rem" in page
    assert "tabular-nums" in page
    assert 'name="viewport"' in page


def test_the_page_shows_the_figures_of_the_report(page: str) -> None:
    plain = example_report()
    text = read(page).text

    for name in plain["units"]:
        assert ("All units together (*)" if name == "*" else f"Unit {name}") in text
    for name in plain["regions"]:
        assert f"Region {name} (2 units)" in text
    gap = next(gap for gap in plain["units"]["Hill"]["gaps"] if gap["name"] == "G5")
    assert f"−{abs(gap['estimate']):.2f}" in text
    assert "fewer than 5 staff answered D" in text
    assert "Look at this first" in text
    assert "concentrate here" in text
    assert "How the 4 units stand" in text
    assert "G5 by week" in text
    assert "no likeness established (+0.50)" in text
    assert "G5 up by +0.31 [+0.02, +0.60], the last 2 weeks against 4 before" in text


def test_the_paired_gap_stands_beside_the_chain_where_it_differs(page: str) -> None:
    """The engine gives ``paired`` only where it differs by more than 0.05."""
    report = with_every_section(example_report())
    whole = report["units"]["*"]
    paired = {"estimate": -1.31, "low": -1.6, "high": -1.02, "n_minuend": 30, "n_subtrahend": 30}
    gaps = [
        gap | {"paired": paired} if (gap["name"], gap["level"]) == ("G5", "overall") else gap
        for gap in whole["gaps"]
    ]

    differing = whole | {"gaps": gaps}
    shown = report_page(report | {"units": report["units"] | {"*": differing}}, title="bakeries")

    words = "P−E of the same person and item alone: −1.31 [−1.60, −1.02]"
    assert words in read(shown).text
    assert any(words in line for line in unit_lines(differing, width=100))
    assert words not in read(page).text


def test_names_from_the_table_cannot_become_markup() -> None:
    plain = example_report()
    evil = "<script>alert(1)</script>"
    units = {"*": plain["units"]["*"], evil: plain["units"]["Hill"]}

    page = report_page(plain | {"units": units}, title=evil)

    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_only_the_chosen_units_are_on_the_page() -> None:
    text = read(report_page(example_report(), title="t", chosen=["Hill"])).text

    assert "Unit Hill" in text
    assert "Unit Market" not in text
    assert "All units" not in text
    assert "units stand" not in text


def test_an_unsuppressed_report_warns_its_reader() -> None:
    text = read(report_page(example_report() | {"floors": None}, title="t", note="odd")).text

    assert "Do not pass this page on." in text
    assert "Weeks: odd." in text


def gap(estimate: float | None, low: float | None, high: float | None) -> dict[str, Any]:
    hidden = {"because": [{"vantage": "D", "reason": "too few", "floor": 5}]}
    figures = {"estimate": estimate, "low": low, "high": high, "minuend": "M", "subtrahend": "E"}
    return hidden | figures | {"n_minuend": 9, "n_subtrahend": 9}


@pytest.mark.parametrize(
    ("figures", "pair", "tone"),
    [
        ((-1.0, -1.5, -0.5), "PE", Tone.SHORT),
        ((-0.1, -0.5, 0.3), "PE", Tone.OPEN),
        ((1.0, None, None), "PE", Tone.OPEN),
        ((1.0, 0.5, 1.5), "DS", Tone.ABOVE),
        ((1.0, 0.5, 1.5), "ME", Tone.OVER),
        ((None, None, None), "ME", Tone.HIDDEN),
    ],
)
def test_colours_follow_harm_and_evidence_not_the_sign(
    figures: tuple[float | None, float | None, float | None], pair: str, tone: Tone
) -> None:
    assert tone_of(gap(*figures) | {"minuend": pair[0], "subtrahend": pair[1]}) is tone


def test_an_interval_lies_where_the_axis_says() -> None:
    """By hand: -2..2 over 0..400 is 100 to a point."""
    axis = Axis(-2.0, 2.0, left=0.0, right=400.0)

    chart = interval_chart("t", [("a", gap(-1.0, -1.5, -0.5)), ("b", gap(None, None, None))], axis)

    first, second = chart.rows
    assert (first.x, first.whisker) == (100.0, (50.0, 150.0))
    assert (second.x, second.figure) == (None, "fewer than 5 staff answered D")
    assert axis.zero == 200.0
    assert ("−1", 100.0) in axis.ticks


def test_the_steps_of_the_chain_hang_together() -> None:
    unit = example_report()["units"]["*"]

    chart = waterfall(unit)

    assert chart is not None
    assert [step.label for step in chart.steps] == ["M−E", "S−M", "D−S", "P−D"]
    ends = [chart.first.x, *(step.end for step in chart.steps)]
    for step, before, after in zip(chart.steps, ends, ends[1:], strict=False):
        assert step.x == min(before, after)  # type: ignore[type-var]
        assert step.width >= 1.5
    assert ends[-1] == pytest.approx(chart.last.x, abs=0.11)
    assert waterfall({"chain": [], "vantage": {}}) is None


def test_importance_needs_two_dimensions_to_compare() -> None:
    row = {"dimension": "a", "weight": 0.6, "low": 0.5, "high": 0.7, "quadrant": "undecided"}
    other = row | {"dimension": "b", "weight": 0.4, "low": None, "high": None}

    grid = importance_grid([row, other], [gap(-1.0, -1.5, -0.5), gap(-0.2, None, None)])

    assert grid is not None
    assert grid.spots[0].y < grid.line_y < grid.spots[1].y
    assert grid.spots[0].x < grid.spots[1].x < grid.line_x
    assert (grid.spots[1].up, grid.spots[1].across) == (None, None)
    assert importance_grid([row], [gap(-1.0, -1.5, -0.5)]) is None


def test_no_line_is_drawn_across_a_new_wording() -> None:
    points = [
        {"week": f"w{k}", "estimate": level, "low": None, "high": None, "break": k == 2}
        for k, level in enumerate([-1.0, -0.5, 0.0, None, -0.5])
    ]
    one = {"gap": "G5", "key": "empathy", "points": points, "verdict": "still learning"}

    line = series_line(one)

    assert line is not None
    assert [len(run.split()) for run in line.stretches] == [2, 2]
    assert len(line.breaks) == 1
    assert line.title == "G5 · empathy"
    assert series_line(one | {"points": [points[3]]}) is None


def many_units(count: int) -> dict[str, Any]:
    """The example's report with one unit many times over."""
    plain = example_report()
    own = next(unit for name, unit in plain["units"].items() if name != "*")
    named = {f"Branch {k:02d}": own for k in range(count)}
    return plain | {"units": {"*": plain["units"]["*"]} | named}


@pytest.mark.parametrize(("count", "folded"), [(6, 0), (7, 7)])
def test_parts_of_many_units_open_by_a_press_and_their_anchors_lie_inside(
    count: int, folded: int
) -> None:
    """A browser opens a closed part when a link leads to something inside of it."""
    page = report_page(many_units(count), title="many")

    assert page.count('<details class="part">') == folded
    inside = re.findall(
        r'<details class="part"><summary>[^<]*</summary>\s*<section id="([^"]+)"', page
    )
    assert len(inside) == folded
    assert all(f'href="#{anchor}"' in page for anchor in inside)
