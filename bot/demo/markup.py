"""Telegram's HTML: parsed as strictly as Telegram does it, and measured as Telegram measures."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.demo.errors import ApiError, bad_request
from bot.demo.model import Entity, Formatted

_TYPES = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "code": "code",
    "pre": "pre",
    "a": "text_link",
    "blockquote": "blockquote",
    "tg-spoiler": "spoiler",
    "tg-emoji": "custom_emoji",
    "span": "spoiler",
}
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_REFERENCE = re.compile(r"&(?:#x([0-9a-fA-F]{1,7})|#([0-9]{1,8})|([a-zA-Z]+));?")
_ATTRIBUTE = re.compile(
    r"""\s*(?P<name>[^\s=>]+)\s*(?:=\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'"""
    r"""|(?P<token>[A-Za-z0-9.-]+)(?=[\s>])))?"""
)
_LINKED = re.compile(
    r"(?<![\w/<>])(?:(?P<command>/[A-Za-z0-9_]{1,32})(?![\w/<>])|(?P<url>https?://[^\s<>]+))"
)


def utf16_length(text: str) -> int:
    """Return the length as Telegram counts it: UTF-16 code units."""
    return len(text) + sum(1 for sign in text if ord(sign) > 0xFFFF)


@dataclass(slots=True)
class _Open:
    """A tag that waits for its end."""

    tag: str
    attributes: dict[str, str]
    offset: int
    start: int


@dataclass(slots=True)
class _Parser:
    source: str
    position: int = 0
    written: list[str] = field(default_factory=list)
    length: int = 0
    open: list[_Open] = field(default_factory=list)
    entities: list[Entity] = field(default_factory=list)

    def parse(self) -> Formatted:
        while self.position < len(self.source):
            sign = self.source[self.position]
            if sign == "<":
                self._tag()
            elif sign == "&":
                self._reference()
            else:
                end = _next_special(self.source, self.position)
                self._write(self.source[self.position : end])
                self.position = end
        if self.open:
            raise unparsable(
                f'Can\'t find end tag corresponding to start tag "{self.open[-1].tag}"'
            )
        self.entities.sort(key=lambda entity: (entity["offset"], -entity["length"]))
        return Formatted("".join(self.written), tuple(self.entities))

    def _write(self, text: str) -> None:
        self.written.append(text)
        self.length += utf16_length(text)

    def _reference(self) -> None:
        match = _REFERENCE.match(self.source, self.position)
        sign = _sign_of(match) if match else ""
        if match and sign:
            self._write(sign)
            self.position = match.end()
        else:  # Telegram leaves what it does not know as it stands
            self._write("&")
            self.position += 1

    def _at(self, position: int) -> str:
        return f"at byte offset {len(self.source[:position].encode())}"

    def _tag(self) -> None:
        begin = self.position
        closing = self.source.startswith("</", begin)
        end = begin + (2 if closing else 1)
        while end < len(self.source) and self.source[end] not in "> \t\r\n":
            end += 1
        name = self.source[begin + (2 if closing else 1) : end].lower()
        if end >= len(self.source):
            raise unparsable(f"Unclosed {'end' if closing else 'start'} tag {self._at(begin)}")
        if closing:
            self._end_tag(name, begin, end)
        else:
            self._start_tag(name, begin, end)

    def _start_tag(self, name: str, begin: int, end: int) -> None:
        if name not in _TYPES:
            raise unparsable(f'Unsupported start tag "{name}" {self._at(begin)}')
        attributes, after = self._attributes(name, begin, end)
        if name == "span" and attributes.get("class") != "tg-spoiler":
            raise unparsable(f'Tag "span" must have class "tg-spoiler" {self._at(begin)}')
        if name == "tg-emoji" and not attributes.get("emoji-id"):
            raise unparsable(f'Tag "tg-emoji" must have attribute "emoji-id" {self._at(begin)}')
        self.open.append(_Open(name, attributes, self.length, len(self.written)))
        self.position = after

    def _attributes(self, tag: str, begin: int, position: int) -> tuple[dict[str, str], int]:
        found: dict[str, str] = {}
        while True:
            while position < len(self.source) and self.source[position].isspace():
                position += 1
            if position >= len(self.source):
                raise unparsable(f'Unclosed start tag "{tag}" {self._at(begin)}')
            if self.source[position] == ">":
                return found, position + 1
            match = _ATTRIBUTE.match(self.source, position)
            if match is None:
                raise unparsable(f'Empty attribute name in the tag "{tag}" {self._at(begin)}')
            value = match["double"] or match["single"] or match["token"] or ""
            if self.source.startswith("=", match.end()):
                if self.source[match.end() + 1 :].lstrip()[:1] in {"", '"', "'"}:
                    raise unparsable(f"Unclosed start tag {self._at(begin)}")
                raise unparsable(f"Unexpected end of name token {self._at(match.end())}")
            found[match["name"].lower()] = _dereferenced(value)
            position = match.end()

    def _end_tag(self, name: str, begin: int, end: int) -> None:
        if not self.open:
            raise unparsable(f"Unexpected end tag {self._at(begin)}")
        while end < len(self.source) and self.source[end].isspace():
            end += 1
        if end >= len(self.source) or self.source[end] != ">":
            raise unparsable(f"Unclosed end tag {self._at(begin)}")
        tag = self.open.pop()
        if name and name != tag.tag:
            raise unparsable(
                f'Unmatched end tag {self._at(begin)}, expected "</{tag.tag}>", found "</{name}>"'
            )
        self.position = end + 1
        if self.length > tag.offset:
            self._close(tag)

    def _close(self, tag: _Open) -> None:
        entity: Entity = {
            "type": _TYPES[tag.tag],
            "offset": tag.offset,
            "length": self.length - tag.offset,
        }
        if tag.tag == "a":
            entity["url"] = tag.attributes.get("href") or "".join(self.written[tag.start :])
            if not is_link(entity["url"]):
                return
        elif tag.tag == "tg-emoji":
            entity["custom_emoji_id"] = tag.attributes["emoji-id"]
        elif tag.tag == "blockquote" and "expandable" in tag.attributes:
            entity["type"] = "expandable_blockquote"
        elif tag.tag == "pre" and self._is_code_inside(tag):
            entity["language"] = self.entities.pop()["language"]
        elif tag.tag == "code" and tag.attributes.get("class", "").startswith("language-"):
            entity["language"] = tag.attributes["class"].removeprefix("language-")
        self.entities.append(entity)

    def _is_code_inside(self, tag: _Open) -> bool:
        if not self.entities:
            return False
        last = self.entities[-1]
        return (
            "language" in last
            and last["offset"] == tag.offset
            and last["length"] == self.length - tag.offset
        )


def unparsable(words: str) -> ApiError:
    """Return Telegram's refusal of a text it cannot parse."""
    return bad_request(f"can't parse entities: {words}")


def is_link(url: str) -> bool:
    """Tell whether Telegram takes this address: http, https or tg, and a dot in the host."""
    return link_fault(url) == ""


def link_fault(url: str) -> str:
    """Return Telegram's words on what is wrong with an address, or an empty text."""
    scheme, separator, rest = url.strip().partition("://")
    if not separator:
        scheme, rest = "http", url.strip()
    if scheme.lower() in {"tg", "ton"}:
        return "" if rest and ":" not in rest.split("?")[0] else f"Wrong {scheme.lower()} URL"
    if scheme.lower() not in {"http", "https"}:
        return "Unsupported URL protocol"
    host = re.split(r"[/?#]", rest, maxsplit=1)[0].rpartition("@")[2]
    is_ipv6 = host.startswith("[")
    name = host if is_ipv6 else host.partition(":")[0]
    if not name:
        return "URL host is empty"
    return "" if is_ipv6 or "." in name.strip(".") else "Wrong HTTP URL"


def parse_html(source: str) -> Formatted:
    """Parse Telegram's HTML.

    Raises
    ------
    ApiError
        "Bad Request: can't parse entities: ..." for a tag that is unknown, unclosed or crossed.
    """
    return _without_codes_language(trimmed(_Parser(source).parse()))


def plain(text: str, entities: tuple[Entity, ...] = ()) -> Formatted:
    """Return a text that was sent without a parse mode."""
    return trimmed(Formatted(text, entities))


def trimmed(formatted: Formatted) -> Formatted:
    """Cut white space at both ends, as Telegram does, and move the entities with the text."""
    text = formatted.text.strip(" \t\r\n")
    cut = utf16_length(formatted.text[: formatted.text.find(text)]) if text else 0
    length = utf16_length(text)
    kept = []
    for entity in formatted.entities:
        begin = max(entity["offset"] - cut, 0)
        end = min(entity["offset"] + entity["length"] - cut, length)
        if end > begin:
            kept.append({**entity, "offset": begin, "length": end - begin})
    return Formatted(text, tuple(kept))


def with_links(formatted: Formatted) -> Formatted:
    """Add what Telegram finds by itself: commands and addresses outside of other links."""
    taken = [e for e in formatted.entities if e["type"] in {"text_link", "code", "pre"}]
    found = list(formatted.entities)
    for match in _LINKED.finditer(formatted.text):
        offset = utf16_length(formatted.text[: match.start()])
        length = utf16_length(match[0])
        if not any(e["offset"] < offset + length and offset < _end(e) for e in taken):
            kind = "bot_command" if match["command"] else "url"
            found.append({"type": kind, "offset": offset, "length": length})
    found.sort(key=lambda entity: (entity["offset"], -entity["length"]))
    return Formatted(formatted.text, tuple(found))


def _end(entity: Entity) -> int:
    end: int = entity["offset"] + entity["length"]
    return end


def _without_codes_language(formatted: Formatted) -> Formatted:
    entities = tuple(
        {name: value for name, value in entity.items() if name != "language"}
        if entity["type"] == "code"
        else entity
        for entity in formatted.entities
    )
    return Formatted(formatted.text, entities)


def _next_special(source: str, position: int) -> int:
    ends = [end for sign in "<&" if (end := source.find(sign, position)) >= 0]
    return min(ends, default=len(source))


def _sign_of(match: re.Match[str]) -> str:
    hexadecimal, decimal, name = match.groups()
    if name:
        return _NAMED.get(name, "")
    code = int(hexadecimal, 16) if hexadecimal else int(decimal)
    is_sign = 0 < code < 0x10FFFF and not 0xD800 <= code <= 0xDFFF
    return chr(code) if is_sign else ""


def _dereferenced(value: str) -> str:
    replace: Callable[[re.Match[str]], str] = lambda match: _sign_of(match) or match[0]  # noqa: E731
    return _REFERENCE.sub(replace, value)
