"""Wording that hides two ideas, and texts in the wrong script, are noticed in each language."""

import pytest

from bot.surveys.check_texts import language_findings
from bot.surveys.check_wording import wording_findings


@pytest.mark.parametrize(
    ("language", "words", "found"),
    [
        ("en", "Staff are friendly and quick.", "and"),
        ("en", "Staff answer again and again.", None),
        ("en", "Sand is a brand.", None),
        ("zh-Hans", "员工友好并且迅速。", "并且"),
        ("zh-Hans", "环境干净和舒适。", "和"),
        ("zh-Hans", "员工态度温和。", None),
        ("zh-Hans", "顾客可以参与。", None),
        ("zh-Hant", "員工友善與迅速。", "與"),
        ("zh-Hant", "顧客可以參與。", None),
        ("es", "El personal es amable y rápido.", "y"),
        ("es", "Se intenta una y otra vez.", None),
        ("ar", "الموظفون ودودون وسريعون.", None),
        ("ar", "المكان نظيف والموظفون ودودون.", "والموظفون"),
        ("ar", "وقت الانتظار قصير.", None),
        ("ar", "يهتم الموظفون بالوالدين.", None),
    ],
)
def test_words_that_join_two_ideas_are_told_from_set_phrases(
    language: str, words: str, found: str | None
) -> None:
    tree = {"items": ({"text": {"E": {language: words}}},)}

    joined = [found.cause for found in wording_findings(tree) if found.code == "Q401"]

    assert [cause.split("'")[1] for cause in joined] == ([found] if found else [])


@pytest.mark.parametrize(
    ("language", "words", "code"),
    [
        ("zh-Hans", "員工熱心。", "Q208"),
        ("zh-Hant", "员工热心。", "Q208"),
        ("zh-Hans", "员工热心。", None),
        ("zh-Hant", "員工熱心。", None),
        ("zh-Hans", "Staff help.", "Q207"),
        ("ar", "Staff help.", "Q207"),
        ("ar", "يساعد الموظفون.", None),
    ],
)
def test_a_text_in_the_wrong_script_is_noticed(language: str, words: str, code: str | None) -> None:
    tree = {"languages": (language,), "title": {language: words}}

    found = {finding.code for finding in language_findings(tree)}

    assert found == ({code} if code else set())


def test_stems_and_titles_may_join_what_they_like() -> None:
    tree = {"title": {"en": "Food and service"}, "vantage_points": {"E": {"stem": {"en": "And?"}}}}

    assert list(wording_findings(tree)) == []
