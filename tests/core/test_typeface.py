"""Measuring and breaking texts with the shipped fonts."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.typeface import (
    FONTS,
    JAPANESE,
    LATIN,
    SIMPLIFIED,
    TRADITIONAL,
    fitted,
    font_files,
    showable,
    text_width,
    wrapped,
)

TEXTS = st.text(st.sampled_from("abc iWl 顾客，。（）العملاء 1−.…"), max_size=60)


def test_widths_are_those_of_the_font() -> None:
    """DejaVu Sans has 2048 units: 'i' is 569 wide, 'W' 2025; Han characters fill the square."""
    assert text_width("i", 2048) == pytest.approx(569)
    assert text_width("W", 2048) == pytest.approx(2025)
    assert text_width("顾", 100) == pytest.approx(100)


@pytest.mark.parametrize(
    "name",
    [
        "Riverside",
        "Überraschung",
        "Кафе",
        "فرع النهر",
        "河畔咖啡店",
        "深水埗門市",
        "قهوةً",
        "नदी किनारे",
        "川沿い店",
        "峠茶屋",
    ],
)
def test_names_people_type_can_be_shown(name: str) -> None:
    assert showable(name) == name


def test_what_no_font_covers_is_left_out() -> None:
    assert showable("Café ไทย 店") == "Café 店"
    assert showable("ไทย") == ""


def test_all_common_characters_are_covered() -> None:
    """GB 2312 rows 16 to 87 and Big5 level 1, by Python's own codecs."""
    simplified = bytes(
        part for row in range(0xB0, 0xF8) for cell in range(0xA1, 0xFF) for part in (row, cell)
    ).decode("gb2312", errors="ignore")
    traditional = "".join(
        bytes([row, cell]).decode("big5", errors="ignore")
        for row in range(0xA4, 0xC6)
        for cell in [*range(0x40, 0x7F), *range(0xA1, 0xFF)]
    )

    assert len(simplified) > 6700
    assert showable(simplified) == simplified
    assert len(traditional) > 5300
    assert showable(traditional) == traditional


def test_japanese_and_devanagari_are_covered() -> None:
    """JIS X 0208 by Python's own codec; every assigned letter and sign of Hindi."""
    japanese = "".join(
        bytes([row | 0x80, cell | 0x80]).decode("euc_jp", errors="ignore")
        for row in [4, 5, *range(0x30, 0x75)]
        for cell in range(0x21, 0x7F)
    )
    hindi = "".join(map(chr, [*range(0x900, 0x94F), *range(0x958, 0x970)]))

    assert len(japanese) > 6300
    assert showable(japanese) == japanese
    assert showable(hindi) == hindi
    assert 0 < text_width("कक्षा", 100) < 400


def test_a_readers_own_han_forms_are_looked_for_first() -> None:
    def first_han(language: str) -> str:
        return next(Path(one).name for one in font_files(language) if "Han" in one)

    assert first_han("zh-Hans") == first_han("en") == SIMPLIFIED
    assert first_han("zh-Hant") == TRADITIONAL
    assert first_han("ja") == JAPANESE


def test_a_small_kana_does_not_start_a_line() -> None:
    assert wrapped("チェック", 10, width=20) == ["チェッ", "ク"]


def test_lines_break_at_spaces_and_between_han_characters_only() -> None:
    assert wrapped("one two", 10, width=text_width("one ", 10)) == ["one", "two"]
    assert wrapped("顾客满意", 10, width=25) == ["顾客", "满意"]


def test_a_line_never_starts_with_closing_punctuation() -> None:
    assert wrapped("顾客满意，好", 10, width=40) == ["顾客满", "意，好"]


@given(TEXTS, st.integers(60, 400))
def test_breaking_loses_nothing(text: str, width: int) -> None:
    assert "".join("".join(wrapped(text, 20, width=width)).split()) == "".join(text.split())


@given(TEXTS, st.integers(60, 400), st.integers(1, 3))
def test_a_fitted_text_always_fits(text: str, width: int, lines: int) -> None:
    broken, size = fitted(text, 28, width=width, lines=lines)

    assert len(broken) <= lines
    assert 28 * 0.7 <= size <= 28
    assert all(text_width(line, size) <= width for line in broken)


def test_a_long_text_is_shrunk_before_it_is_cut_off() -> None:
    text = "a rather long name"
    full = text_width(text, 30)

    assert fitted(text, 30, width=full * 0.8, lines=1)[0] == [text]
    assert fitted(text, 30, width=full * 0.5, lines=1)[0][0].endswith("…")


def test_readers_get_their_own_han_forms_first() -> None:
    names = {
        language: [path.rpartition("/")[2] for path in font_files(language)]
        for language in ("en", "zh-Hant")
    }

    assert names["en"].index(SIMPLIFIED) < names["en"].index(TRADITIONAL)
    assert names["zh-Hant"].index(TRADITIONAL) < names["zh-Hant"].index(SIMPLIFIED)
    assert names["en"][0] == LATIN


def test_every_font_has_its_licence_beside_it() -> None:
    assert "Bitstream Vera" in (FONTS / "LICENSE-DejaVu.txt").read_text()
    assert "SIL OPEN FONT LICENSE Version 1.1" in (FONTS / "LICENSE-GapbotHan.txt").read_text()
