"""Buttons that a phone shows whole, in every language."""

from itertools import chain

import pytest

from bot.core.callbacks import sign
from bot.core.i18n import LANGUAGES
from bot.core.render import Texts
from bot.digests import message, pages
from bot.digests.layout import ROOM, cells, in_rows
from bot.digests.sending import action_of
from bot.digests.view import Button, DigestView, Page
from bot.improvement.catalogue import load_fixes
from bot.improvement.words import DIMENSIONS, GAPS


@pytest.mark.parametrize(
    ("text", "wide"), [("1 Take it", 9), ("五个差距", 8), ("مُدير", 4), ("", 0), ("é", 1)]
)
def test_the_width_of_a_label_is_counted_in_narrow_letters(text: str, wide: int) -> None:
    assert cells(text) == wide


def test_a_long_label_gets_a_row_of_its_own() -> None:
    short, long = Button("short", "a"), Button("as long as eighteen and more", "b")

    assert in_rows([short, short, short], 2) == ((short, short), (short,))
    assert in_rows([short, long], 2) == ((short,), (long,))
    assert in_rows([], 2) == ()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_button_of_a_digest_is_cut_off_on_a_phone(
    texts: Texts, full_view: DigestView, language: str
) -> None:
    fixes = load_fixes()
    shown: list[Page] = [
        *message.compose(texts, full_view, language, fixes=fixes).pages,
        pages.gaps_page(texts, full_view, language),
        pages.gap_page(texts, full_view, language, gap="specification"),
        pages.fixes_page(texts, full_view, language, fixes=fixes),
        *(pages.fix_page(texts, language, fix=fix) for fix in fixes),
    ]

    rows = list(chain.from_iterable(page.buttons for page in shown))
    room = {**ROOM, 4: ROOM[5]}
    cut = [one.label for row in rows for one in row if cells(one.label) > room[len(row)]]

    assert len(rows) > 10
    assert cut == []


def test_the_deepest_button_fits_into_telegrams_64_bytes() -> None:
    longest = [Button("", "dimension", f"{gap}:{one}") for gap in GAPS for one in DIMENSIONS]
    longest += [Button("", "decline", fix.code) for fix in load_fixes()]

    for button in longest:
        assert sign("secret", 1, action_of(button, 99_999, 9_999_999))
