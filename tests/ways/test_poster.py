"""Posters: the drawn code is the link's, all text fits, every language and direction is right."""

import re
import struct
import zlib
from collections.abc import Sequence

import numpy as np
import pytest
import segno

from bot.core.drawing import draw_png
from bot.core.i18n import LANGUAGES, RIGHT_TO_LEFT
from bot.core.render import Texts
from bot.core.typeface import text_width
from bot.people.invitations import link
from bot.ways.keeping import Spot, new_payload
from bot.ways.layout import QUIET, SIZES
from bot.ways.poster import Content, Print, place_name, poster_svg, wording
from bot.ways.printing import Bytes, chunks, pdf_of, unpacked, with_resolution

LONG = "The very long name of a branch at the old harbour by the sea"
CONTENT = Content("bluecup_bot", "k7m2-9xqd-t4hw-p3zc-a2b4", "Riverside", "Counter: Till 2")
_TEXT = re.compile(
    r'<text x="([\d.]+)" y="([\d.]+)" font-size="([\d.]+)" text-anchor="(\w+)"[^>]*?'
    r'( font-weight="bold")? font-family="[^"]*">([^<]*)</text>'
)
_CODE = re.compile(r'<svg x="([\d.]+)" y="([\d.]+)" width="([\d.]+)"')


def dark_modules(pixels: Bytes) -> list[list[bool]]:
    """Read the code out of a picture: pure black belongs to nothing else on a poster."""
    black = (pixels == 0).all(axis=2)
    rows, columns = np.flatnonzero(black.any(axis=1)), np.flatnonzero(black.any(axis=0))
    square = black[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    assert square.shape[0] == square.shape[1]
    finder = int(np.argmin(square[0]))  # the first run of a code is seven modules wide
    assert finder % 7 == 0
    dots = finder // 7
    blocks = square.reshape(square.shape[0] // dots, dots, square.shape[1] // dots, dots)
    assert (blocks.all(axis=(1, 3)) == blocks.any(axis=(1, 3))).all()  # no edge is blurred
    return [[bool(one) for one in row] for row in blocks.all(axis=(1, 3))]


@pytest.mark.parametrize("size", ["a6", "card"])
def test_the_code_in_the_picture_is_that_of_the_link(texts: Texts, size: str) -> None:
    content = CONTENT._replace(payload=new_payload())
    code = segno.make(link(content.username, content.payload), error="m", micro=False)

    png = draw_png(poster_svg(texts, content, Print(size, ["en"])), "en")
    read = dark_modules(unpacked(png))

    assert read == [[bool(one) for one in row] for row in code.matrix]
    assert code.error in {"M", "Q", "H"}


@pytest.mark.parametrize(
    ("size", "pixels"),
    [("a4", (2480, 3508)), ("a5", (1748, 2480)), ("a6", (1240, 1748)), ("card", (1004, 650))],
)
def test_a_picture_has_three_hundred_dots_per_inch(
    texts: Texts, size: str, pixels: tuple[int, int]
) -> None:
    """210 mm / 25.4 * 300 = 2480, and so on; 300 dots per inch are 11811 per metre."""
    png = with_resolution(draw_png(poster_svg(texts, CONTENT, Print(size, ["en"])), "en"))

    parts = dict(chunks(png))

    assert struct.unpack(">II", parts[b"IHDR"][:8]) == pixels
    assert struct.unpack(">IIB", parts[b"pHYs"]) == (11811, 11811, 1)


@pytest.mark.parametrize("size", SIZES)
def test_a_code_is_large_enough_and_has_its_quiet_zone(texts: Texts, size: str) -> None:
    """A camera reads a code from ten times its width: 60 cm, or 28 cm for a card in the hand."""
    svg = poster_svg(texts, CONTENT, Print(size, ["en"]), in_millimetres=True)
    found = _CODE.search(svg)
    assert found is not None
    x, y, side = (float(one) for one in found.groups())
    modules = segno.make(link(CONTENT.username, CONTENT.payload), error="m", micro=False)
    across = modules.symbol_size(border=0)[0]
    printed = side * across / (across + 2 * QUIET)

    assert printed >= (28 if size == "card" else 42)
    assert side / (across + 2 * QUIET) >= 0.7  # millimetres a module
    assert x >= 0
    assert y >= 0
    assert not any(
        x < float(at) < x + side and y < float(base) < y + side
        for at, base, *_ in _TEXT.findall(svg)
    )


@pytest.mark.parametrize("languages", [[one] for one in LANGUAGES] + [["es", "ar", "zh-Hant"]])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("unit", ["Riverside", LONG])
def test_every_line_stays_on_the_paper_and_off_the_others(
    texts: Texts, size: str, languages: Sequence[str], unit: str
) -> None:
    spoken = languages[:1] if size == "card" else languages
    place = place_name(texts, Spot("counter", LONG[:40]), spoken[0])
    content = CONTENT._replace(unit=unit, place=place, username="b" * 32)
    width, height = SIZES[size]

    svg = poster_svg(texts, content, Print(size, spoken), in_millimetres=True)

    lines = [
        (float(x), float(y), float(font), text_width(text, float(font), bold=bool(bold)))
        for x, y, font, _, bold, text in _TEXT.findall(svg)
    ]
    assert len(lines) >= 6
    for x, y, font, long in lines:
        assert x - long / 2 >= 1
        assert x + long / 2 <= width - 1
        assert font <= y <= height - font * 0.2
    lines.sort(key=lambda line: line[1])
    for index, (x, y, _, long) in enumerate(lines):
        for lower_x, lower_y, font, lower_long in lines[index + 1 :]:
            is_beside = abs(x - lower_x) >= (long + lower_long) / 2
            assert is_beside or lower_y - y >= font * 0.9


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_poster_says_what_it_is_in_every_language(texts: Texts, language: str) -> None:
    said = wording(texts, CONTENT, language)
    english = wording(texts, CONTENT, "en")

    svg = poster_svg(texts, CONTENT, Print("a4", [language]))

    shown = "".join(text for *_, text in _TEXT.findall(svg))
    assert said.headline in shown
    assert "t.me/bluecup_bot?start=k7m2-9xqd-t4hw-p3zc-a2b4" in shown
    assert "/start k7m2-9xqd-t4hw-p3zc-a2b4" in shown
    assert "@bluecup_bot" in said.typing
    assert (said.about == english.about) == (language == "en")
    assert ("\u2067" in shown) == (language in RIGHT_TO_LEFT)


def test_a_card_from_right_to_left_has_its_code_on_the_right(texts: Texts) -> None:
    places = {}
    for language in ("en", "ar"):
        found = _CODE.search(poster_svg(texts, CONTENT, Print("card", [language])))
        assert found is not None
        places[language] = float(found.group(1))

    assert places["en"] < 10
    assert places["ar"] > 35


def test_lines_of_one_block_have_one_size(texts: Texts) -> None:
    """In French the middle one of three lines is the longest; it does not stand out."""
    svg = poster_svg(texts, CONTENT, Print("a6", ["fr"]), in_millimetres=True)
    said = wording(texts, CONTENT, "fr")

    sizes = {
        text: size
        for _, _, size, _, _, text in _TEXT.findall(svg)
        if text and any(text in part for part in (said.scan, said.about, said.promise))
    }

    assert len(sizes) >= 3
    assert len(set(sizes.values())) == 1


def test_a_long_name_stands_on_two_lines(texts: Texts) -> None:
    svg = poster_svg(texts, CONTENT._replace(unit=LONG), Print("a4", ["en"]))

    shown = [text for *_, text in _TEXT.findall(svg)]

    assert " ".join(shown[:2]) == LONG


def test_hindi_is_drawn_where_it_shares_a_line_with_latin() -> None:
    """Of a line in two scripts the first part is drawn as it is alone: no box in its place."""

    def drawn(text: str) -> Bytes:
        font = "font-family='DejaVu Sans' font-size='40'"
        head = "<svg xmlns='http://www.w3.org/2000/svg' width='600' height='60'>"
        svg = f"{head}<text x='5' y='45' {font}>{text}</text></svg>"
        pixels: Bytes = unpacked(draw_png(svg, "hi"))
        return pixels

    hindi, both = drawn("अपने फ़ोन"), drawn("अपने फ़ोन Telegram")
    width = int(np.flatnonzero((hindi < 255).any(axis=(0, 2))).max())

    assert width > 100
    assert (both[:, :width] == hindi[:, :width]).all()
    assert (both[:, width + 5 :] < 255).any()


def test_names_cannot_break_out_of_the_drawing(texts: Texts) -> None:
    content = CONTENT._replace(unit='<script href="x">&', place="]]>")

    svg = poster_svg(texts, content, Print("a6", ["en"]))

    assert "<script" not in svg
    assert draw_png(svg, "en").startswith(b"\x89PNG")


def test_the_pdf_holds_the_picture_on_one_page_of_its_true_size(texts: Texts) -> None:
    """A6 is 105 x 148 mm: 1240 x 1748 pixels are 297.6 x 419.52 points of 1/72 inch."""
    png = draw_png(poster_svg(texts, CONTENT, Print("a6", ["en"])), "en")

    pdf = pdf_of(png)

    objects = _objects(pdf)
    image = objects[4]
    assert b"/MediaBox [0 0 297.6000 419.5200]" in objects[3]
    assert b"q 297.6000 0 0 419.5200 0 0 cm /Im0 Do Q" in objects[5]
    assert b"/Width 1240 /Height 1748 /ColorSpace /DeviceRGB" in image
    read = np.frombuffer(_content(image), dtype=np.uint8).reshape(1748, 1240, 3)
    assert (read == unpacked(png)).all()


def _objects(pdf: bytes) -> dict[int, bytes]:
    """Read a PDF by its own table of places, as a viewer does."""
    start = int(re.findall(rb"startxref\n(\d+)\n%%EOF\n$", pdf)[0])
    table = pdf[start:].split(b"\n")
    assert table[0] == b"xref"
    places = [int(row[:10]) for row in table[3 : 2 + int(table[1].split()[1])]]
    found = {}
    for number, place in enumerate(places, start=1):
        head = f"{number} 0 obj\n".encode()
        assert pdf[place:].startswith(head)
        found[number] = pdf[place + len(head) : pdf.index(b"\nendobj\n", place)]
    return found


def _content(stream: bytes) -> bytes:
    head, _, body = stream.partition(b"\nstream\n")
    length = int(re.findall(rb"/Length (\d+)", head)[0])
    assert body[length:] == b"\nendstream"
    return zlib.decompress(body[:length])
