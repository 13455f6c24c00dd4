"""The picture of an effect: what it shows and what it keeps back, in every language."""

import struct
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from bot.core.i18n import LANGUAGES
from bot.core.render import Texts
from bot.digests.chart import draw_png, effect_svg
from bot.digests.effect_chart import VERDICTS
from tests.digests.test_chart import lines_outside, shown_texts

SVG = "{http://www.w3.org/2000/svg}"
TEXTS = Texts()
MONDAYS = ["2026-01-05", "2026-01-12", "2026-01-19", "2026-01-26", "2026-02-02", "2026-02-09"]


def span(week: str, own: float | None, others: float | None = -1.1) -> dict[str, Any]:
    shown = None if own is None else {"estimate": own, "low": own - 0.3, "high": own + 0.3}
    return {"from": week, "to": week, "own": shown, "others": others}


def content(**effect: Any) -> dict[str, Any]:
    """Three weeks before, the one that gave rise to it, and two after."""
    levels = (-1.2, -1.0, -1.1, -1.6, -0.4, -0.5)
    return {
        "gap": "G5",
        "dimension": "reliability",
        "upwards": True,
        "by": "weeks",
        "before": [MONDAYS[0], MONDAYS[2]],
        "trigger": MONDAYS[3],
        "after": [MONDAYS[4], MONDAYS[5]],
        "series": [span(week, own) for week, own in zip(MONDAYS, levels, strict=True)],
        "effect": {
            "estimate": 0.6,
            "low": 0.3,
            "high": 0.9,
            "before": -1.1,
            "after": -0.45,
            "comparison_change": 0.05,
            "comparisons": [2, 3, 4],
        }
        | effect,
    }


def drawn(
    made: dict[str, Any],
    *,
    verdict: str = "improved",
    name: str = "Riverside",
    language: str = "en",
) -> str:
    svg = effect_svg(TEXTS, made, verdict=verdict, unit_name=name, language=language)
    assert svg is not None
    return svg


def circles(svg: str) -> list[tuple[float, float]]:
    """Return where the dots of the weeks are; the last one belongs to the legend."""
    found = ET.fromstring(svg).iter(f"{SVG}circle")  # noqa: S314 - our own drawing
    dots = [(float(one.get("cx", 0)), float(one.get("cy", 0))) for one in found]
    return [dot for dot in dots if dot[0] not in {78, 1080 - 78}]


@pytest.mark.parametrize("verdict", VERDICTS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_a_png_that_fits_a_phone(language: str, verdict: str) -> None:
    svg = drawn(content(), verdict=verdict, language=language)

    png = draw_png(svg, language)

    width, height = struct.unpack(">II", png[16:24])
    assert width == 1080
    assert 700 < height < 1100
    assert lines_outside(svg) == []
    assert TEXTS.label(language, VERDICTS[verdict]).rstrip(".。") in shown_texts(svg)


@pytest.mark.parametrize("name", ["Hauptfiliale " * 9, "河畔店" * 30, "فرع " * 30, "ไทย", "<&>"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_name_leaves_the_paper(language: str, name: str) -> None:
    assert lines_outside(drawn(content(), name=name, language=language)) == []


def test_each_week_has_a_dot_and_time_goes_on_as_one_reads() -> None:
    xs = [x for x, _ in circles(drawn(content()))]
    turned = [x for x, _ in circles(drawn(content(), language="ar"))]

    assert len(xs) == 6
    assert xs == sorted(xs)
    assert turned == sorted(turned, reverse=True)


def test_a_week_that_may_not_be_shown_has_no_dot_and_breaks_the_line() -> None:
    made = content()
    made["series"][1]["own"] = None

    svg = drawn(made)

    assert len(circles(svg)) == 5
    lines = [path.get("d", "") for path in ET.fromstring(svg).iter(f"{SVG}path")]  # noqa: S314
    assert any(line.count("M") == 2 and line.count("L") == 3 for line in lines)


def test_without_comparable_units_none_are_spoken_of() -> None:
    made = content(comparisons=[], comparison_change=None)
    made["series"] = [one | {"others": None} for one in made["series"]]

    told = shown_texts(drawn(made))

    assert "comparable" not in told
    assert "elsewhere" not in told
    assert "gave rise" in told


def test_a_surplus_that_shrank_is_said_to_have_helped() -> None:
    """A change of -0.6, from -0.9 to -0.3, where less is better: +0.6, from +0.3 to +0.9."""
    made = content(estimate=-0.6, low=-0.9, high=-0.3, before=0.9, after=0.35) | {"upwards": False}

    told = shown_texts(drawn(made)).replace("\u2068", "").replace("\u2069", "")

    assert "+0.6" in told
    assert "+0.3 to +0.9" in told


@pytest.mark.parametrize("value", [-9.0, 9.0])
def test_figures_far_out_stay_on_the_paper(value: float) -> None:
    svg = drawn(content(low=value - 1, high=value + 1, estimate=value))

    assert all(0 < y < 900 for _, y in circles(svg))
    assert lines_outside(svg) == []


def test_what_has_no_figures_is_not_drawn() -> None:
    without = content(estimate=None)
    hidden = content()
    hidden["series"] = [one | {"own": None} for one in hidden["series"]]
    older = {name: value for name, value in content().items() if name != "series"}

    for made in (without, hidden, older):
        shown = effect_svg(TEXTS, made, verdict="improved", unit_name="x", language="en")
        assert shown is None
    early = effect_svg(TEXTS, content(), verdict="too early", unit_name="x", language="en")
    assert early is None
