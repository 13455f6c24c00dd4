"""A drawn poster made ready for print: its resolution written into the PNG, or a PDF around it.

The PDF is one page with one image, in its true size. PDF knows the filters of PNG, but not its
transparency; so the image is unpacked, laid on white and packed again.
"""

import struct
import zlib
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

DOTS_PER_INCH = 300
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_DOTS_PER_METRE = round(DOTS_PER_INCH / 0.0254)
_POINTS_PER_INCH = 72

Bytes = NDArray[np.uint8]


def with_resolution(png: bytes) -> bytes:
    """Say in a PNG that it has 300 dots per inch, so that it prints in its true size."""
    content = struct.pack(">IIB", _DOTS_PER_METRE, _DOTS_PER_METRE, 1)
    pieces = [_SIGNATURE]
    for kind, body in chunks(png):
        if kind == b"pHYs":
            continue
        pieces.append(_chunk(kind, body))
        if kind == b"IHDR":
            pieces.append(_chunk(b"pHYs", content))
    return b"".join(pieces)


def pdf_of(png: bytes) -> bytes:
    """Return a PDF whose one page is this picture at 300 dots per inch."""
    pixels = unpacked(png)
    height, width, _ = pixels.shape
    across, down = (side / DOTS_PER_INCH * _POINTS_PER_INCH for side in (width, height))
    image = zlib.compress(pixels.tobytes(), 9)
    drawing = f"q {across:.4f} 0 0 {down:.4f} 0 0 cm /Im0 Do Q".encode()
    return _written(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {across:.4f} {down:.4f}]"
            " /Resources << /XObject << /Im0 4 0 R >> >> /Contents 5 0 R >>".encode(),
            _stream(
                f"/Type /XObject /Subtype /Image /Width {width} /Height {height}"
                " /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /FlateDecode",
                image,
            ),
            _stream("", drawing),
        ]
    )


def unpacked(png: bytes) -> Bytes:
    """Return the pixels of an RGBA picture as (height, width, 3), laid on white."""
    parts = list(chunks(png))
    width, height = struct.unpack(">II", parts[0][1][:8])
    packed = b"".join(body for kind, body in parts if kind == b"IDAT")
    rows = np.frombuffer(zlib.decompress(packed), dtype=np.uint8).reshape(height, 4 * width + 1)
    plain = np.empty((height, width, 4), dtype=np.uint8)
    above = np.zeros((width, 4), dtype=np.uint8)
    for index, row in enumerate(rows):
        above = _FILTERS[int(row[0])](row[1:].reshape(width, 4), above)
        plain[index] = above
    opaque = plain[..., 3:].astype(np.uint16)
    laid = (plain[..., :3] * opaque + 255 * (255 - opaque) + 127) // 255
    return laid.astype(np.uint8)


def chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the kind and the content of each part of a PNG."""
    at = len(_SIGNATURE)
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at : at + 8])
        yield kind, png[at + 8 : at + 8 + length]
        at += 12 + length


def _none(row: Bytes, above: Bytes) -> Bytes:  # noqa: ARG001 - the filters' common shape
    return row


def _sub(row: Bytes, above: Bytes) -> Bytes:  # noqa: ARG001
    return np.cumsum(row, axis=0, dtype=np.uint8)


def _up(row: Bytes, above: Bytes) -> Bytes:
    return row + above


def _average(row: Bytes, above: Bytes) -> Bytes:
    found = np.empty_like(row)
    for channel in range(4):
        left, made = 0, bytearray()
        for own, over in zip(row[:, channel].tolist(), above[:, channel].tolist(), strict=True):
            left = (own + (left + over) // 2) & 255
            made.append(left)
        found[:, channel] = np.frombuffer(bytes(made), dtype=np.uint8)
    return found


def _paeth(row: Bytes, above: Bytes) -> Bytes:
    found = np.empty_like(row)
    for channel in range(4):
        left, corner, made = 0, 0, bytearray()
        for own, over in zip(row[:, channel].tolist(), above[:, channel].tolist(), strict=True):
            by_left, by_over = abs(over - corner), abs(left - corner)
            by_corner = abs(left + over - 2 * corner)
            if by_left <= by_over and by_left <= by_corner:
                near = left
            else:
                near = over if by_over <= by_corner else corner
            left, corner = (own + near) & 255, over
            made.append(left)
        found[:, channel] = np.frombuffer(bytes(made), dtype=np.uint8)
    return found


_FILTERS = (_none, _sub, _up, _average, _paeth)
"""How a row of PNG is told by its neighbours, by the number it begins with."""


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _stream(about: str, content: bytes) -> bytes:
    return f"<< {about} /Length {len(content)} >>\nstream\n".encode() + content + b"\nendstream"


def _written(objects: list[bytes]) -> bytes:
    """Number the objects and add the table that says where each begins."""
    written = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, content in enumerate(objects, start=1):
        places.append(len(written))
        written += f"{number} 0 obj\n".encode() + content + b"\nendobj\n"
    table = len(written)
    written += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    written += "".join(f"{place:010} 00000 n \n" for place in places).encode()
    written += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\n".encode()
    written += f"startxref\n{table}\n%%EOF\n".encode()
    return bytes(written)
