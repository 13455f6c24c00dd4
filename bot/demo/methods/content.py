"""Texts, captions, keyboards and files of a call, checked."""

from collections.abc import Callable, Mapping
from typing import Any

from bot.demo.chat import MAX_TEXT, OfflineChat
from bot.demo.errors import bad_request
from bot.demo.files import Upload
from bot.demo.keyboards import checked_keyboard
from bot.demo.markup import parse_html, plain, utf16_length, with_links
from bot.demo.model import Formatted, Keyboard, StoredFile
from bot.demo.parameters import Parameters

MAX_CAPTION = 1024
_NAMES = {"photo": "Photo", "document": "Document", "voice": "VoiceNote"}


def text_of(parameters: Parameters) -> Formatted:
    """Return the text of a message: 1 to 4096 characters after parsing."""
    source = parameters.text("text")
    if not source:
        raise bad_request("message text is empty")
    body = _formatted(source, parameters.text("parse_mode"), _entities(parameters, "entities"))
    if not body.text:
        raise bad_request("text must be non-empty")
    if utf16_length(body.text) > MAX_TEXT:
        raise bad_request("message is too long")
    return body


def caption_of(values: Parameters) -> Formatted:
    """Return the caption of a file: at most 1024 characters after parsing."""
    entities = _entities(values, "caption_entities")
    body = _formatted(values.text("caption"), values.text("parse_mode"), entities)
    if utf16_length(body.text) > MAX_CAPTION:
        raise bad_request("message caption is too long")
    return body


def keyboard_of(parameters: Parameters) -> Keyboard:
    """Return the inline keyboard; without one, an empty list."""
    markup = parameters.structure("reply_markup", called="reply keyboard markup")
    return [] if markup is None else checked_keyboard(markup)


def photo_of(chat: OfflineChat, parameters: Parameters, reference: str | None = None) -> StoredFile:
    """Return the photo of a call: uploaded, or known by its file_id."""
    return _file(chat, parameters, reference=reference, kind="photo", store=chat.files.add_photo)


def document_of(
    chat: OfflineChat, parameters: Parameters, reference: str | None = None
) -> StoredFile:
    """Return the document of a call: uploaded, or known by its file_id."""
    return _file(
        chat, parameters, reference=reference, kind="document", store=chat.files.add_document
    )


def voice_of(chat: OfflineChat, parameters: Parameters) -> StoredFile:
    """Return the voice of a call: uploaded, or known by its file_id."""
    seconds = parameters.integer("duration")
    return _file(
        chat,
        parameters,
        reference=None,
        kind="voice",
        store=lambda upload: chat.files.add_voice(upload, seconds=seconds),
    )


def media_of(chat: OfflineChat, parameters: Parameters) -> tuple[str, StoredFile, Formatted]:
    """Return kind, file and caption of an ``InputMedia``."""
    media: Any = parameters.structure("media", called="media")
    if not isinstance(media, Mapping):
        raise bad_request("media is empty" if media is None else "expected an Object as media")
    caption = caption_of(Parameters(media))
    reference = str(media.get("media", ""))
    if media.get("type") == "photo":
        return "photo", photo_of(chat, parameters, reference), caption
    if media.get("type") == "document":
        return "document", document_of(chat, parameters, reference), caption
    raise bad_request(f'can\'t parse InputMedia: type "{media.get("type")}" is not offered here')


def _file(
    chat: OfflineChat,
    parameters: Parameters,
    *,
    reference: str | None,
    kind: str,
    store: Callable[[Upload], StoredFile],
) -> StoredFile:
    named = parameters.text(kind) if reference is None else reference
    upload = parameters.upload(named or kind)
    if upload is not None:
        return store(upload)
    if not named:
        raise bad_request(f"there is no {kind} in the request")
    if named.startswith("attach://"):
        raise bad_request("there is no file with the attached name in the request")
    found = chat.files.by_id(named)
    if found is None:
        raise bad_request("wrong file identifier/HTTP URL specified")
    if found.kind != kind:
        raise bad_request(f"can't use file of type {_NAMES[found.kind]} as {_NAMES[kind]}")
    return found


def _formatted(source: str, parse_mode: str, entities: Any) -> Formatted:
    mode = parse_mode.lower()
    if mode == "html":
        return with_links(parse_html(source))
    if mode not in {"", "none"}:
        raise bad_request("unsupported parse_mode")
    return with_links(plain(source, tuple(entities or ())))


def _entities(parameters: Parameters, name: str) -> Any:
    entities = parameters.structure(name, called="entities")
    if entities is not None and not isinstance(entities, list | tuple):
        raise bad_request("expected an Array of MessageEntity")
    return entities
