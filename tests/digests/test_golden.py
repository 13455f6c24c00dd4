"""Every message of a digest in every language, compared letter by letter with a kept copy.

GAPBOT_REWRITE_GOLDEN=1 pytest tests/digests/test_golden.py   writes the copies anew: read the diff.
"""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.core.html import split_html, visible_length
from bot.core.i18n import LANGUAGES
from bot.core.render import Texts
from bot.digests import message, pages
from bot.digests.measured import like_for_like
from bot.digests.view import DigestView, Page, Response
from bot.improvement.catalogue import Fix, load_fixes
from bot.improvement.words import GAPS
from gapengine.scale import FIVE

GOLDEN = Path(__file__).parents[1] / "golden" / "digests"
REWRITE = os.environ.get("GAPBOT_REWRITE_GOLDEN") == "1"
ITEMS = {"reliability": ["reliability.on_time"]}

MakeView = Callable[..., DigestView]
MakeUnit = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def texts() -> Texts:
    return Texts()


@pytest.fixture(scope="module")
def fixes() -> tuple[Fix, ...]:
    return load_fixes()


def written(pages_of_it: list[Page]) -> str:
    parts = []
    for page in pages_of_it:
        rows = [
            "  ".join(f"[{button.label} → {button.action} {button.argument}]" for button in row)
            for row in page.buttons
        ]
        parts.append("\n".join([page.text, *rows]))
    return "\n\n=====\n\n".join(parts) + "\n"


def with_promises(report: dict[str, Any]) -> dict[str, Any]:
    """Let promises be about one item of eight, as the shipped questionnaire's are."""
    figures = {"estimate": -0.4, "low": -0.7, "high": -0.1, "n_minuend": 9, "n_subtrahend": 21}
    for entry in report["gaps"]:
        if entry["subtrahend"] == "C" and entry["level"] != "item":
            entry["like_for_like"] = figures | {"items": 8 if entry["level"] == "overall" else 1}
    return report


def compare(name: str, language: str, text: str) -> None:
    path = GOLDEN / f"{name}.{language}.txt"
    if REWRITE:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text, f"{path.name} differs; see this module's top"
    for part in text.split("\n\n=====\n\n"):
        assert visible_length(part) <= 4096
        assert len(split_html(part)) == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_full_week(
    *, texts: Texts, fixes: tuple[Fix, ...], make_view: MakeView, language: str
) -> None:
    digest = message.compose(texts, make_view(language=language), language, fixes=fixes)

    assert len(digest.charts) == 2
    compare("full", language, written([Page(digest.caption), *digest.pages]))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_full_week_on_five_levels(
    *,
    texts: Texts,
    fixes: tuple[Fix, ...],
    make_view: MakeView,
    unit: MakeUnit,
    language: str,
) -> None:
    """Every page names the scale; nothing speaks of seven."""
    levels = {"E": 4.4, "M": 4.3, "S": 4.2, "D": 3.7, "C": 4.1, "P": 3.5}
    view = make_view(language=language, report_unit=unit(levels), scale=FIVE)
    digest = message.compose(texts, view, language, fixes=fixes)
    more = [
        pages.gaps_page(texts, view, language),
        pages.gap_page(texts, view, language, gap="G5"),
        pages.dimension_page(
            texts,
            view,
            language,
            gap="G5",
            dimension="reliability",
            items=ITEMS,
            item_names={"reliability.on_time": "…"},
        ),
    ]

    compare("five", language, written([Page(digest.caption), *digest.pages, *more]))
    assert len(digest.charts) == 2
    shown = [digest.caption, digest.pages[-1].text, *(page.text for page in more)]
    assert all("5" in re.sub(r"[0-9]*[.,٫][0-9]+", "", text) for text in shown)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_first_week_with_hidden_managers_and_few_comments(
    *, texts: Texts, fixes: tuple[Fix, ...], make_view: MakeView, unit: MakeUnit, language: str
) -> None:
    view = make_view(
        language=language,
        report_unit=unit(hidden="M"),
        change=[],
        comments=[],
        weeks_of_history=1,
        earlier_actions=(),
        advice=[],
    )

    digest = message.compose(texts, view, language, fixes=fixes)

    compare("first", language, written([Page(digest.caption), *digest.pages]))


@pytest.mark.parametrize("language", LANGUAGES)
def test_quiet_weeks(
    *, texts: Texts, fixes: tuple[Fix, ...], make_view: MakeView, unit: MakeUnit, language: str
) -> None:
    quiet = [
        make_view(response=Response(96, 0), language=language),
        make_view(report_unit=unit(hidden="EMSDCP"), change=[], advice=[]),
        make_view(report_unit=unit(width=9), change=[], advice=[], weeks_of_history=9),
    ]

    shown = [message.compose(texts, view, language, fixes=fixes) for view in quiet]

    assert [digest.charts for digest in shown] == [(), (), ()]
    compare("quiet", language, written([page for digest in shown for page in digest.pages]))


@pytest.mark.parametrize("hidden", ["E", "P", "C", "D", "M", "EPC", "EMC", "MS", "PD"])
def test_whatever_is_hidden_the_digest_and_its_pages_can_be_written(
    *, texts: Texts, fixes: tuple[Fix, ...], make_view: MakeView, unit: MakeUnit, hidden: str
) -> None:
    view = make_view(report_unit=unit(hidden=hidden))

    digest = message.compose(texts, view, "en", fixes=fixes)
    shown = [pages.gaps_page(texts, view, "en")]
    shown += [pages.gap_page(texts, view, "en", gap=gap) for gap in GAPS]

    assert digest.pages[-1].text
    assert all("hidden" in page.text for page in shown[:1])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_behind_a_digest(
    *, texts: Texts, fixes: tuple[Fix, ...], make_view: MakeView, unit: MakeUnit, language: str
) -> None:
    view = make_view(report_unit=unit(hidden="C"))
    alike = make_view(report_unit=like_for_like(with_promises(unit())))
    names = {"reliability.on_time": "Done <on time>"}

    shown = [
        pages.gaps_page(texts, view, language),
        pages.gap_page(texts, view, language, gap="specification"),
        pages.dimension_page(
            texts,
            view,
            language,
            gap="specification",
            dimension="reliability",
            items=ITEMS,
            item_names=names,
        ),
        pages.fixes_page(texts, view, language, fixes=fixes),
        pages.fix_page(texts, language, fix=fixes[-1]),
        pages.gap_page(texts, alike, language, gap="communication"),
    ]

    compare("pages", language, written(shown))


SECOND = {
    "dimensions": {
        "reliability.on_time": "reliability",
        "reliability.correct": "reliability",
        "responsiveness.prompt": "responsiveness",
    },
    "D": {"reliability.on_time": {"level": 3.2, "n": 40}, "reliability.correct": {"level": 4.0}},
    "S": {"reliability.on_time": {"level": 6}, "responsiveness.prompt": {"level": 5}},
}
"""Two features that are measured, two that have a rule."""


def said_of_items(report: dict[str, Any]) -> dict[str, Any]:
    """Let staff's word on one of the measured features be shown, the other's be hidden."""
    shown, hidden = {"mean": 4.74, "n_respondents": 14}, {"mean": None, "suppressed": True}
    report["vantage"]["D"]["items"] = {"reliability.on_time": shown, "reliability.correct": hidden}
    report["vantage"]["S"]["items"] = {
        "reliability.on_time": {"mean": 5.9},
        "responsiveness.prompt": {"mean": 5.5},
    }
    return report


@pytest.mark.parametrize("language", LANGUAGES)
def test_where_delivery_is_measured_and_rules_are_written_both_sources_stand(
    *, texts: Texts, fixes: tuple[Fix, ...], make_view: MakeView, unit: MakeUnit, language: str
) -> None:
    view = make_view(language=language, report_unit=said_of_items(unit()), sources=SECOND)
    lone = make_view(language=language, report_unit=unit(), sources=SECOND)
    names = {"reliability.on_time": "Done <on time>"}

    digest = message.compose(texts, view, language, fixes=fixes)
    shown = [
        Page(digest.caption),
        digest.pages[0],
        pages.gaps_page(texts, view, language),
        pages.gap_page(texts, view, language, gap="specification"),
        pages.gap_page(texts, view, language, gap="G5"),
        pages.dimension_page(
            texts,
            view,
            language,
            gap="specification",
            dimension="reliability",
            items=ITEMS,
            item_names=names,
        ),
        pages.gaps_page(texts, lone, language),
    ]

    compare("sources", language, written(shown))
