"""Moments as compact bytes, for keeping them in a database."""

import json
import zlib

import numpy as np

from gapengine.errors import UnreadableMomentsError
from gapengine.moments import Moments
from gapengine.vantage import Group

_MAGIC = b"GM2\n"


def to_bytes(moments: Moments) -> bytes:
    """Pack moments. Equal moments give equal bytes; items nobody answered are left out."""
    small = moments.trimmed()
    flat = np.concatenate([part.ravel() for part in small.arrays])
    where = np.flatnonzero(flat)
    head = {
        "group": small.group.value,
        "items": list(zip(small.items, small.dimension_of, strict=True)),
        "filled": len(where),
    }
    body = np.diff(where, prepend=0).astype("<u4").tobytes() + flat[where].astype("<i8").tobytes()
    text = json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode()
    return _MAGIC + zlib.compress(text + b"\n" + body, 6)


def from_bytes(packed: bytes) -> Moments:
    """Unpack what ``to_bytes`` made.

    Raises
    ------
    UnreadableMomentsError
        If the bytes are cut, damaged, or of a version this engine does not know.
    """
    if not packed.startswith(_MAGIC):
        raise UnreadableMomentsError("not moments of version 2; recompute the block")
    try:
        text, _, body = zlib.decompress(packed[len(_MAGIC) :]).partition(b"\n")
        head = json.loads(text)
        moments = Moments.empty(Group(head["group"]), dict(head["items"]))
        filled = int(head["filled"])
        where = np.cumsum(np.frombuffer(body, "<u4", filled), dtype=np.int64)
        flat = np.zeros(sum(part.size for part in moments.arrays), dtype=np.int64)
        flat[where] = np.frombuffer(body, "<i8", filled, offset=4 * filled)
    except (zlib.error, ValueError, KeyError, TypeError, IndexError) as error:
        raise UnreadableMomentsError(f"damaged moments ({error}); recompute the block") from error
    start = 0
    for part in moments.arrays:
        part[...] = flat[start : start + part.size].reshape(part.shape)
        start += part.size
    return moments
