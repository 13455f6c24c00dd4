"""Telegram's HTML, as text with entities and back as HTML that is safe in a page."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.demo.errors import ApiError
from bot.demo.markup import link_fault, parse_html, plain, utf16_length, with_links
from bot.demo.model import Formatted
from bot.demo.rendering import safe_html


def kinds(formatted: Formatted) -> list[tuple[str, int, int]]:
    return [(e["type"], e["offset"], e["length"]) for e in formatted.entities]


def test_nested_tags_become_nested_entities() -> None:
    formatted = parse_html("<b>one <i>two</i></b><u>three</u>")

    assert formatted.text == "one twothree"
    assert kinds(formatted) == [("bold", 0, 7), ("italic", 4, 3), ("underline", 7, 5)]


def test_references_are_read_and_unknown_ones_left() -> None:
    assert parse_html("&lt;&gt;&amp;&quot;&#65;&#x1F600; &nbsp; a&b").text == '<>&"A😀 &nbsp; a&b'


def test_white_space_around_a_text_is_cut_and_entities_move() -> None:
    formatted = parse_html("\n  <b> bold </b>rest \n")

    assert formatted.text == "bold rest"
    assert kinds(formatted) == [("bold", 0, 5)]


def test_code_with_a_language_keeps_the_language_in_pre_only() -> None:
    block = parse_html('<pre><code class="language-python">x</code></pre>')
    inline = parse_html('<code class="language-python">x</code>')

    assert block.entities == ({"type": "pre", "offset": 0, "length": 1, "language": "python"},)
    assert inline.entities == ({"type": "code", "offset": 0, "length": 1},)


def test_special_tags_are_known() -> None:
    source = (
        '<blockquote expandable>a</blockquote><span class="tg-spoiler">b</span>'
        '<tg-emoji emoji-id="5">c</tg-emoji><a href="https://e.org/?a=1&amp;b=2">d</a>'
    )

    entities = parse_html(source).entities

    assert [e["type"] for e in entities] == [
        "expandable_blockquote",
        "spoiler",
        "custom_emoji",
        "text_link",
    ]
    assert entities[3]["url"] == "https://e.org/?a=1&b=2"


def test_a_link_to_nowhere_is_plain_text() -> None:
    assert parse_html('<a href="http://localhost/x">here</a>').entities == ()


def test_commands_and_addresses_are_found() -> None:
    formatted = with_links(plain("😀 see /help or https://e.org/x, not a/b"))

    assert kinds(formatted) == [("bot_command", 7, 5), ("url", 16, 16)]


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("https://example.org/x?y", ""),
        ("example.org", ""),
        ("tg://user?id=5", ""),
        ("http://localhost", "Wrong HTTP URL"),
        ("http://", "URL host is empty"),
        ("ftp://example.org", "Unsupported URL protocol"),
        ("javascript://example.org", "Unsupported URL protocol"),
        ("tg://resolve:80?domain=x", "Wrong tg URL"),
    ],
)
def test_addresses_are_judged_as_telegram_judges_them(url: str, fault: str) -> None:
    assert link_fault(url) == fault


def test_html_for_the_page_keeps_the_format_and_escapes_the_rest() -> None:
    source = '<b>1 &lt; 2 <i>&amp;</i></b> <a href="https://e.org/&quot;x">link</a> /help'

    assert safe_html(with_links(parse_html(source))) == (
        "<strong>1 &lt; 2 <em>&amp;</em></strong> "
        '<a href="https://e.org/&quot;x" target="_blank" rel="noopener noreferrer">link</a> '
        '<a class="command" href="#" data-say="/help">/help</a>'
    )


def test_entities_that_cross_are_cut_where_the_outer_one_ends() -> None:
    crossing = Formatted(
        "abcdef",
        (
            {"type": "bold", "offset": 0, "length": 4},
            {"type": "italic", "offset": 2, "length": 4},
        ),
    )

    assert safe_html(crossing) == "<strong>ab<em>cd</em></strong>ef"


PIECES = st.sampled_from(
    ["<b>", "</b>", "<i>", "</i>", "<a href='https://e.org'>", "</a>", "<script>", "&lt;", "&",
     "<", ">", '"', "😀", "x", " ", "/help", "https://e.org"]
)  # fmt: skip


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


@given(st.lists(PIECES, max_size=12))
def test_whatever_is_parsed_is_shown_safely_and_whole(pieces: list[str]) -> None:
    try:
        formatted = with_links(parse_html("".join(pieces)))
    except ApiError as refusal:
        assert refusal.description.startswith("Bad Request: can't parse entities: ")  # noqa: PT017
        return

    shown = _Tags()
    shown.feed(safe_html(formatted))
    shown.close()
    assert shown.seen <= {"strong", "em", "a"}
    assert shown.text == formatted.text
    length = utf16_length(formatted.text)
    assert all(0 <= e["offset"] < e["offset"] + e["length"] <= length for e in formatted.entities)
