"""The pictures of a digest: in every language, with any figures, nothing leaves the paper."""

import struct
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.core.i18n import LANGUAGES
from bot.core.render import Texts
from bot.core.typeface import text_width
from bot.digests.chart import chain_svg, draw_png, gaps_svg
from bot.digests.view import DigestView

MakeView = Callable[..., DigestView]
MakeUnit = Callable[..., dict[str, Any]]
SVG = "{http://www.w3.org/2000/svg}"
TEXTS = Texts()


def elements(svg: str, name: str) -> list[ET.Element]:
    return list(ET.fromstring(svg).iter(f"{SVG}{name}"))  # noqa: S314 - our own drawing


def lines_outside(svg: str) -> list[str]:
    """Texts that reach over the edge of the paper, measured as the fonts draw them."""
    outside = []
    for text in elements(svg, "text"):
        parts = [(text, text.text or "")]
        parts += [(span, span.text or "") for span in text.iter(f"{SVG}tspan")]
        width = sum(
            text_width(
                shown.strip("\n"),
                float(part.get("font-size") or text.get("font-size") or 0),
                bold=part.get("font-weight") == "bold",
            )
            for part, shown in parts
        )
        x, anchor = float(text.get("x", 0)), text.get("anchor") or text.get("text-anchor")
        left = {"end": x - width, "middle": x - width / 2}.get(anchor or "start", x)
        if left < 0 or left + width > 1080:
            outside.append("".join(text.itertext()))
    return outside


def shown_texts(svg: str) -> str:
    return " ".join("".join(text.itertext()) for text in elements(svg, "text"))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("draw", [chain_svg, gaps_svg])
def test_a_chart_is_a_png_that_fits_a_phone(
    *, draw: Callable[..., str | None], language: str, full_view: DigestView
) -> None:
    svg = draw(TEXTS, full_view, language)

    assert svg is not None
    png = draw_png(svg, language)
    assert png.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", png[16:24])
    assert width == 1080
    assert 900 < height < 1400
    assert lines_outside(svg) == []


@pytest.mark.parametrize("name", ["Hauptfiliale " * 9, "河畔店" * 30, "فرع " * 30, "ไทย", "<&>"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_name_leaves_the_paper(*, language: str, name: str, make_view: MakeView) -> None:
    view = make_view(unit_name=name)

    for svg in (chain_svg(TEXTS, view, language), gaps_svg(TEXTS, view, language)):
        assert svg is not None
        assert lines_outside(svg) == []


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    levels=st.dictionaries(st.sampled_from("EMSDCP"), st.floats(1, 7), min_size=2),
    hidden=st.sets(st.sampled_from("EMSDCP"), max_size=3),
    width=st.floats(0.1, 6),
    language=st.sampled_from(LANGUAGES),
)
def test_whatever_the_figures_nothing_leaves_the_paper(
    *,
    levels: dict[str, float],
    hidden: set[str],
    width: float,
    language: str,
    make_view: MakeView,
    unit: MakeUnit,
) -> None:
    report = unit(levels, hidden="".join(sorted(hidden)), width=width)
    view = make_view(report_unit=report, change=[], advice=[])

    for svg in (chain_svg(TEXTS, view, language), gaps_svg(TEXTS, view, language)):
        if svg is not None:
            assert lines_outside(svg) == []
            for bar in elements(svg, "rect"):
                assert float(bar.get("x", 0)) >= 0
                assert float(bar.get("x", 0)) + float(bar.get("width", 0)) <= 1080


def test_the_chart_of_an_arabic_reader_is_mirrored(full_view: DigestView) -> None:
    arabic, english = (chain_svg(TEXTS, full_view, language) or "" for language in ("ar", "en"))

    def ticks(svg: str) -> dict[str, float]:
        return {
            text.text or "": float(text.get("x", 0))
            for text in elements(svg, "text")
            if text.get("text-anchor") == "middle" and (text.text or "").isdigit()
        }

    assert ticks(english)["1"] < ticks(english)["7"]
    assert ticks(arabic)["1"] > ticks(arabic)["7"]


def test_the_waterfall_shows_levels_steps_intervals_and_the_sum(full_view: DigestView) -> None:
    shown = shown_texts(chain_svg(TEXTS, full_view, "en") or "").translate(
        {0x2068: None, 0x2069: None}
    )

    for figure in ("6.1", "5.9", "5.8", "5.0", "4.8", "−0.8  (−1.2 to −0.4)", "in all −1.3"):
        assert figure in shown
    assert "not what causes it" in shown


def test_meaning_never_rests_on_colour_alone(full_view: DigestView) -> None:
    shown = shown_texts(gaps_svg(TEXTS, full_view, "en") or "")

    assert "falls short" in shown
    assert "not established" in shown


def test_a_hidden_level_is_named_in_the_picture(make_view: MakeView, unit: MakeUnit) -> None:
    shown = shown_texts(chain_svg(TEXTS, make_view(report_unit=unit(hidden="M")), "en") or "")

    assert "What managers think customers expect (hidden: too few answers)" in shown
    assert "Several steps together" in shown


def test_nothing_to_draw_makes_no_picture(make_view: MakeView, unit: MakeUnit) -> None:
    hidden = make_view(report_unit=unit(hidden="EMSDCP"))

    assert chain_svg(TEXTS, hidden, "en") is None
    assert gaps_svg(TEXTS, hidden, "en") is None


def test_a_unit_without_a_chain_still_has_the_gaps(make_view: MakeView, unit: MakeUnit) -> None:
    without_chain = make_view(report_unit=unit({"D": 5.0, "C": 6.0}))

    assert [step.end for step in without_chain.chain] == []
    assert chain_svg(TEXTS, without_chain, "en") is None
    assert "−1.0" in (gaps_svg(TEXTS, without_chain, "en") or "")


def test_the_same_view_gives_the_same_picture(full_view: DigestView) -> None:
    first, second = (draw_png(chain_svg(TEXTS, full_view, "ar") or "", "ar") for _ in range(2))

    assert first == second
