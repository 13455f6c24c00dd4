"""What the offline chat remembers: people, messages, presses, files."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Keyboard = list[list[dict[str, Any]]]
Entity = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Persona:
    """Somebody who can be played. ``avatar`` is a short text or sign, shown in a circle."""

    user_id: int
    first_name: str
    language_code: str | None = None
    role_label: str = ""
    avatar: str = ""


@dataclass(slots=True)
class Person:
    """A persona and where it stands with the bot."""

    persona: Persona
    started: bool = False
    blocked: bool = False
    acted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Formatted:
    """A text after parsing. Offsets and lengths of the entities count UTF-16 code units."""

    text: str = ""
    entities: tuple[Entity, ...] = ()


@dataclass(frozen=True, slots=True)
class StoredFile:
    """An uploaded file: of which kind, ``photo``, ``document`` or ``voice``, it is sent as.

    ``width`` and ``height`` are pixels, 0 when it is no picture; ``seconds`` is a voice's length.
    """

    file_id: str
    unique_id: str
    path: str
    name: str
    mime: str
    content: bytes
    width: int = 0
    height: int = 0
    kind: str = "document"
    seconds: int = 0


@dataclass(slots=True)
class Message:
    """One bubble. Times are aware UTC."""

    message_id: int
    user_id: int
    from_bot: bool
    at: datetime
    body: Formatted = field(default_factory=Formatted)
    photo: StoredFile | None = None
    document: StoredFile | None = None
    voice: StoredFile | None = None
    keyboard: Keyboard = field(default_factory=list)
    edited_at: datetime | None = None
    reply_to: int | None = None
    reaction: str | None = None

    @property
    def file(self) -> StoredFile | None:
        """The photo, the document or the voice of the message."""
        return self.photo or self.document or self.voice


@dataclass(frozen=True, slots=True)
class CallbackAnswer:
    """What the bot said to a press: a toast, an alert, or nothing."""

    text: str = ""
    show_alert: bool = False
    url: str = ""


@dataclass(slots=True)
class Press:
    """A pressed button, and the answer once there is one."""

    query_id: str
    user_id: int
    message_id: int
    data: str
    at: datetime
    answer: CallbackAnswer | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One line of the log of Bot API calls. ``error`` is empty when the call succeeded."""

    method: str
    user_id: int | None
    milliseconds: float
    error: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Event:
    """Something happened in the chat; ``about`` is plain data for a listener."""

    kind: str
    user_id: int | None
    about: Mapping[str, Any]
