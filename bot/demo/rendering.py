"""A formatted text as HTML that is safe to put into a page, and as plain text for a terminal."""

from collections.abc import Iterator
from html import escape

from bot.demo.markup import is_link
from bot.demo.model import Entity, Formatted

_TAGS = {
    "bold": "strong",
    "italic": "em",
    "underline": "u",
    "strikethrough": "s",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "expandable_blockquote": "blockquote",
}


def safe_html(formatted: Formatted) -> str:
    """Return the text with its entities as HTML. Everything else is escaped.

    Commands become ``<a class="command" data-say="/help">``, spoilers ``<span class="spoiler">``.
    """
    pieces: list[str] = []
    open_entities: list[tuple[int, str]] = []
    waiting = list(formatted.entities)
    for offset, sign in _with_offsets(formatted.text):
        _close_until(offset, open_entities, pieces)
        while waiting and waiting[0]["offset"] <= offset:
            entity = waiting.pop(0)
            end = entity["offset"] + entity["length"]
            if open_entities:  # one that crosses another ends where the other ends
                end = min(end, open_entities[-1][0])
            start, finish = _tags(entity, formatted.text)
            pieces.append(start)
            open_entities.append((end, finish))
        if sign != "\n" or not pieces or pieces[-1] != "</blockquote>":  # a block ends its line
            pieces.append(escape(sign))
    while open_entities:
        pieces.append(open_entities.pop()[1])
    return "".join(pieces)


def covered(entity: Entity, text: str) -> str:
    """Return the part of the text that an entity covers."""
    units = text.encode("utf-16-le")
    return units[entity["offset"] * 2 : (entity["offset"] + entity["length"]) * 2].decode(
        "utf-16-le", "replace"
    )


def _with_offsets(text: str) -> Iterator[tuple[int, str]]:
    offset = 0
    for sign in text:
        yield offset, sign
        offset += 2 if ord(sign) > 0xFFFF else 1


def _close_until(offset: int, open_entities: list[tuple[int, str]], pieces: list[str]) -> None:
    while open_entities and open_entities[-1][0] <= offset:
        pieces.append(open_entities.pop()[1])


def _tags(entity: Entity, text: str) -> tuple[str, str]:
    kind = entity["type"]
    if kind in _TAGS:
        return f"<{_TAGS[kind]}>", f"</{_TAGS[kind]}>"
    if kind == "spoiler":
        return '<span class="spoiler" tabindex="0">', "</span>"
    if kind == "bot_command":
        said = escape(covered(entity, text), quote=True)
        return f'<a class="command" href="#" data-say="{said}">', "</a>"
    if kind in {"text_link", "url"}:
        url = entity.get("url") or covered(entity, text)
        if is_link(url):
            address = escape(url if "://" in url else f"http://{url}", quote=True)
            return f'<a href="{address}" target="_blank" rel="noopener noreferrer">', "</a>"
    return "", ""
