"""What a digest decides to say."""

from collections.abc import Callable
from typing import Any

import pytest

from bot.core.render import Texts
from bot.digests.measured import Tone, like_for_like, tone_of
from bot.digests.pages import gaps_page
from bot.digests.view import Comment, DigestView, Direction, Kind, Response

MakeView = Callable[..., DigestView]
MakeUnit = Callable[..., dict[str, Any]]


@pytest.mark.parametrize(
    ("pair", "estimate", "low", "high", "tone"),
    [
        (("P", "E"), -0.9, -1.2, -0.6, Tone.SHORT),
        (("D", "S"), 0.8, 0.4, 1.2, Tone.ABOVE),
        (("M", "E"), 0.8, 0.4, 1.2, Tone.OVER),
        (("M", "E"), -0.8, -1.2, -0.4, Tone.SHORT),
        (("P", "E"), -0.3, -0.9, 0.3, Tone.OPEN),
        (("P", "E"), 0.0, -0.2, 0.2, Tone.EVEN),
        (("P", "E"), -0.9, None, None, Tone.OPEN),
        (("P", "E"), None, None, None, Tone.HIDDEN),
    ],
)
def test_the_rule_of_harm_decides_not_the_sign(
    *,
    pair: tuple[str, str],
    estimate: float | None,
    low: float | None,
    high: float | None,
    tone: Tone,
) -> None:
    assert tone_of(pair, estimate, low=low, high=high) is tone


def test_a_hidden_figure_is_told_from_one_that_was_not_asked(
    make_view: MakeView, unit: MakeUnit
) -> None:
    report = unit({"E": 6.0, "P": 5.0, "C": 5.5}, hidden="C")

    view = make_view(report_unit=report)

    assert view.level("C").withheld is Tone.HIDDEN
    assert view.level("D").withheld is Tone.NOT_ASKED
    assert view.gap("delivery").tone is Tone.NOT_ASKED
    assert view.gap("no such gap").tone is Tone.NOT_ASKED


def test_the_floor_of_the_report_is_kept(make_view: MakeView, unit: MakeUnit) -> None:
    report = unit(hidden="M")
    for entry in report["gaps"]:
        if entry.get("suppressed"):
            entry["because"] = [{"vantage": "M", "reason": "too few", "floor": 3}]

    assert make_view(report_unit=report).gap("expectation").floor == 3


def test_a_hidden_gap_carries_no_figure_even_if_the_report_does(
    make_view: MakeView, unit: MakeUnit
) -> None:
    report = unit()
    report["gaps"][0] |= {"suppressed": True, "reason": "too few"}

    gap = make_view(report_unit=report).gap("expectation")

    assert (gap.estimate, gap.low, gap.high, gap.minuend_count) == (None, None, None, None)


def test_the_chain_leads_from_what_is_expected_to_what_is_experienced(
    full_view: DigestView,
) -> None:
    steps = full_view.chain

    assert [(step.start, step.end) for step in steps] == [
        ("E", "M"),
        ("M", "S"),
        ("S", "D"),
        ("D", "P"),
    ]
    assert sum(step.estimate or 0.0 for step in steps) == pytest.approx(4.8 - 6.1)
    assert not any(step.joined for step in steps)


def test_a_missing_level_joins_its_neighbours(make_view: MakeView, unit: MakeUnit) -> None:
    view = make_view(report_unit=unit(hidden="M"))

    assert [step.joined for step in view.chain] == [True, False, False]


def test_better_and_worse_follow_the_direction_of_the_shortfall(full_view: DigestView) -> None:
    directions = {move.gap: move.direction for move in full_view.moves}

    assert directions == {
        "G5": Direction.BETTER,
        "expectation": Direction.STEADY,
        "specification": Direction.WORSE,
    }
    assert full_view.moves[0].size == pytest.approx(0.4)
    assert (full_view.moves[2].low, full_view.moves[2].high) == (0.1, 0.9)


def test_the_expectation_gap_gets_better_when_it_nears_zero_from_above(
    make_view: MakeView, unit: MakeUnit
) -> None:
    down = [{"gap": "expectation", "estimate": -0.5, "low": -0.9, "high": -0.1, "verdict": "down"}]

    above = make_view(report_unit=unit({"E": 5.0, "M": 5.6, "P": 5.0}), change=down)
    below = make_view(report_unit=unit({"E": 6.0, "M": 5.6, "P": 5.0}), change=down)

    assert above.moves[0].direction is Direction.BETTER
    assert below.moves[0].direction is Direction.WORSE


def test_a_change_of_too_few_people_is_no_steady_week(make_view: MakeView) -> None:
    change = [{"gap": "G5", "estimate": None, "low": None, "high": None, "verdict": "too few"}]

    assert make_view(change=change).moves[0].direction is Direction.TOO_FEW


def test_changes_below_the_whole_are_left_out(make_view: MakeView) -> None:
    change = [
        {"gap": "G5", "level": "dimension", "key": "empathy", "estimate": 1.0}
        | {"low": 0.5, "high": 1.5, "verdict": "up"}
    ]

    assert make_view(change=change).moves == ()


@pytest.mark.parametrize("count", [0, 1, 7])
def test_fewer_than_eight_comments_are_never_shown_nor_counted(
    make_view: MakeView, count: int
) -> None:
    view = make_view(comments=[Comment(f"text {number}", "en") for number in range(count)])

    assert (view.voices.count, view.voices.quotes) == (0, ())


def test_eight_comments_are_enough_and_empty_ones_do_not_count(make_view: MakeView) -> None:
    eight = [Comment(f"text {number}", "en") for number in range(8)]

    assert make_view(comments=eight).voices.count == 8
    assert make_view(comments=[*eight[:7], Comment("  ", "en")]).voices.count == 0


def test_a_quoted_comment_holds_nothing_to_tap_and_turns_no_text(make_view: MakeView) -> None:
    comments = [Comment(f"\u2069\u202eSee t.me/x{number}", "en") for number in range(8)]

    quotes = make_view(comments=comments).voices.quotes

    assert all(one.startswith("See t.\u2060me/\u2060x") for one in quotes)


def test_comments_in_the_readers_language_come_first_and_long_ones_are_clipped(
    make_view: MakeView,
) -> None:
    comments = [Comment(f"hello {number}", "en") for number in range(8)]
    comments.append(Comment("ola " * 200, "es"))

    quotes = make_view(comments=comments, language="es").voices.quotes

    assert quotes[0].startswith("ola ola")
    assert quotes[0].endswith("…")
    assert len(quotes[0]) <= 220
    assert len(quotes) == 3


def test_the_same_words_are_quoted_once_and_still_counted(make_view: MakeView) -> None:
    comments = [Comment("Too slow.", "en"), Comment("too  slow", "en")] * 4
    comments.append(Comment("Friendly!", "en"))

    voices = make_view(comments=comments).voices

    assert voices.quotes == ("Too slow.", "Friendly!")
    assert voices.count == 9


def test_weeks_are_compared_only_where_both_had_enough_answers(make_view: MakeView) -> None:
    few = {"estimate": None, "low": None, "high": None, "verdict": "too few"}

    assert make_view().compared
    assert not make_view(change=[]).compared
    assert not make_view(change=[few | {"gap": "G5"}, few | {"gap": "perception"}]).compared


def test_promises_are_compared_on_the_items_they_are_about(
    make_view: MakeView, unit: MakeUnit
) -> None:
    report = unit()
    for entry in report["gaps"]:
        if (entry["minuend"], entry["subtrahend"]) == ("D", "C"):
            entry["like_for_like"] = {
                "estimate": -0.2,
                "low": -0.5,
                "high": 0.1,
                "n_minuend": 9,
                "n_subtrahend": 20,
                "items": 8,
            }

    gap = make_view(report_unit=like_for_like(report)).gap("communication")

    assert (gap.estimate, gap.minuend_count, gap.alike_items) == (-0.2, 9, 8)
    assert gap.tone is Tone.OPEN
    assert make_view(report_unit=report).gap("communication").alike_items is None


def test_where_too_few_speak_of_the_promised_items_the_gap_is_hidden(
    make_view: MakeView, unit: MakeUnit
) -> None:
    report = unit()
    for entry in report["gaps"]:
        entry["like_for_like"] = {"suppressed": True, "reason": "too few", "items": 2}

    view = make_view(report_unit=like_for_like(report))

    assert view.gap("communication").tone is Tone.HIDDEN
    assert view.gap("communication").estimate is None
    assert view.gap("delivery").estimate is not None


def test_the_kind_of_week(make_view: MakeView, unit: MakeUnit) -> None:
    wide = unit(width=9)

    assert make_view().kind is Kind.FULL
    assert make_view(response=Response(10, 0)).kind is Kind.NO_ANSWERS
    assert make_view(report_unit=unit(hidden="EMSDCP"), advice=[]).kind is Kind.TOO_FEW
    assert make_view(report_unit=wide, change=[], advice=[]).kind is Kind.NOTHING_ESTABLISHED
    assert make_view(report_unit=wide, advice=[]).kind is Kind.FULL


def test_at_most_three_fixes_are_suggested(full_view: DigestView, make_view: MakeView) -> None:
    assert len(full_view.fixes) == 3
    assert make_view(advice=[]).fixes == ()


def test_seven_weeks_are_still_learning_and_eight_are_not(make_view: MakeView) -> None:
    assert make_view(weeks_of_history=7).still_learning
    assert not make_view(weeks_of_history=8).still_learning


def test_the_response_rate_of_nobody_is_none() -> None:
    assert Response(0, 0).rate is None
    assert Response(4, 1).rate == 0.25


def test_a_figure_that_would_tell_of_others_does_not_claim_too_few_answers(
    make_view: MakeView, unit: MakeUnit
) -> None:
    report = unit(hidden="M")
    for entry in report["gaps"]:
        if entry.get("suppressed"):
            entry["because"] = [{"vantage": "M", "reason": "protects others"}]

    view = make_view(report_unit=report)

    assert view.gap("expectation").floor == 0
    text = gaps_page(Texts(), view, "en").text
    assert "from it one could work out what a few others said" in text
    assert "fewer than" not in text
