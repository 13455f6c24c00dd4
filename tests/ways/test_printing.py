"""Unpacking PNG: each of its five filters, and what is transparent laid on white."""

import struct
import zlib

import numpy as np
import pytest

from bot.ways.printing import Bytes, unpacked

HEIGHT, WIDTH = 5, 9


def _png(rows: bytes) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        sum_ = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + sum_

    head = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 6, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def _filtered(pixels: Bytes, kind: int) -> bytes:
    """Filter as the standard of PNG defines it, byte by byte (section 9.2)."""
    flat = pixels.reshape(HEIGHT, WIDTH * 4).astype(int)
    out = bytearray()
    for y in range(HEIGHT):
        out.append(kind)
        for x in range(WIDTH * 4):
            left = flat[y, x - 4] if x >= 4 else 0
            above = flat[y - 1, x] if y else 0
            corner = flat[y - 1, x - 4] if y and x >= 4 else 0
            guess = left + above - corner
            near = min(
                (abs(guess - left), 0, left),
                (abs(guess - above), 1, above),
                (abs(guess - corner), 2, corner),
            )[2]
            predicted = (0, left, above, (left + above) // 2, near)[kind]
            out.append(int(flat[y, x] - predicted) % 256)
    return bytes(out)


@pytest.mark.parametrize("kind", range(5))
def test_each_filter_gives_the_pixels_back(kind: int) -> None:
    pixels = np.random.default_rng(7).integers(0, 256, (HEIGHT, WIDTH, 4), dtype=np.uint8)
    pixels[..., 3] = 255

    read = unpacked(_png(_filtered(pixels, kind)))

    assert (read == pixels[..., :3]).all()


def test_what_is_transparent_shows_the_paper() -> None:
    """Black at an opacity of 51 of 255 on white is 255 * 204 / 255 = 204."""
    pixels = np.zeros((HEIGHT, WIDTH, 4), dtype=np.uint8)
    pixels[0, 0, 3] = 51

    read = unpacked(_png(_filtered(pixels, 0)))

    assert read[0, 0].tolist() == [204, 204, 204]
    assert (read[1:] == 255).all()
