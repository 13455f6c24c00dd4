"""What of somebody's words is shown, and what they can do to whoever reads them."""

import re

import pytest

from bot.core.render import Texts
from bot.core.visible import harmless, shows, unlinked
from bot.demo.markup import parse_html


@pytest.mark.parametrize(
    "text", ["", " ", "\u200b", "\u200d\ufe0f", "\u3164", "\u2800\n", "\u202e"]
)
def test_what_is_invisible_shows_nothing(text: str) -> None:
    assert not shows(text)


@pytest.mark.parametrize("text", ["a", "\U0001f642", "\u202ex", "\u0e01", "7", "."])
def test_whatever_can_be_seen_shows_something(text: str) -> None:
    assert shows(text)


@pytest.mark.parametrize(
    "text",
    ["see https://evil.example/x", "t.me/other", "@somebody_else", "/stop now", "a@b.cc", "#tag"],
)
def test_what_would_become_a_link_is_broken_without_a_visible_change(text: str) -> None:
    shown = unlinked(text)

    assert shown.replace("\u2060", "") == text
    assert re.search(r"[@/.:#]\w", shown) is None
    assert parse_html(shown).text == shown


def test_others_words_turn_nothing_around_them_and_joiners_stay() -> None:
    assert harmless("\u2069\u202egnp\u2067\nمی\u200cخواهم") == "gnp\nمی\u200cخواهم"


def test_a_message_about_a_case_holds_no_command_of_the_customers(texts: Texts) -> None:
    words = {"name": "Ana", "words": "\u202eno /stop", "number": 1, "unit": "Riverside"}

    shown = texts.render("cases/said.html", "en", **words)

    assert "no /\u2060stop" in shown
    assert "\u202e" not in shown
