"""Telegram's HTML: how long a text is once parsed, and how to cut it without breaking its tags."""

import re
from html import unescape

MESSAGE_LIMIT = 4096
CAPTION_LIMIT = 1024

_ATOM = re.compile(r"<[^>]*>|&[^;\s]{1,10};|[^<&]|[<&]", re.DOTALL)


def visible_length(text: str) -> int:
    """Count the UTF-16 units that Telegram counts: tags are nothing, an entity is one character.

    >>> visible_length("<b>a &amp; b</b>")
    5
    """
    return sum(_width(atom) for atom in _ATOM.findall(text))


def split_html(text: str, limit: int = MESSAGE_LIMIT) -> list[str]:
    """Cut a text into messages of at most ``limit`` visible units each.

    It cuts at the last blank line that fits, else at a line end, else at a space, else anywhere
    outside a tag or an entity. Tags open at a cut are closed there and opened again behind it.
    """
    if limit < 2:
        raise ValueError(f"limit: {limit} is too small to cut at, 2 is the least")
    parts: list[str] = []
    carried: list[str] = []
    rest = _ATOM.findall(text)
    while rest:
        end = _cut(rest, limit)
        piece, rest = rest[:end], rest[end:]
        open_tags = _open_tags(carried + piece)
        if any(not _is_tag(atom) and not atom.isspace() for atom in piece):
            parts.append("".join(carried + piece).strip() + _closing(open_tags))
        while rest and rest[0].isspace():
            rest = rest[1:]
        carried = open_tags
    return parts


def _width(atom: str) -> int:
    if _is_tag(atom):
        return 0
    plain = unescape(atom)
    return len(plain.encode("utf-16-le")) // 2


def _is_tag(atom: str) -> bool:
    return len(atom) > 1 and atom[0] == "<"


def _cut(atoms: list[str], limit: int) -> int:
    """Return the index to cut before: the nicest place among those that fit."""
    used, spaces = 0, {"paragraph": 0, "line": 0, "word": 0}
    for index, atom in enumerate(atoms):
        used += _width(atom)
        if used > limit:
            return next((place for place in spaces.values() if place), 0) or _outside(atoms, index)
        if atom == "\n":
            spaces["line"] = index
            if index and atoms[index - 1] == "\n":
                spaces["paragraph"] = index
        elif atom == " ":
            spaces["word"] = index
    return len(atoms)


def _outside(atoms: list[str], index: int) -> int:
    """Step back over opening tags, so that no empty pair is left before the cut."""
    end = index
    while end > 1 and _is_tag(atoms[end - 1]) and not atoms[end - 1].startswith("</"):
        end -= 1
    return end


def _open_tags(atoms: list[str]) -> list[str]:
    opened: list[str] = []
    for atom in atoms:
        if not _is_tag(atom):
            continue
        if not atom.startswith("</"):
            opened.append(atom)
        elif opened:
            opened.pop()
    return opened


def _closing(open_tags: list[str]) -> str:
    names = [re.split(r"[\s>]", tag[1:], maxsplit=1)[0] for tag in reversed(open_tags)]
    return "".join(f"</{name}>" for name in names)
