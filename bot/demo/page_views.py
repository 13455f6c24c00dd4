"""What the page and the terminal show of the chat, as plain data."""

from struct import unpack
from typing import Any

from bot.demo.chat import OfflineChat
from bot.demo.model import Call, Message, Person, Press, StoredFile
from bot.demo.rendering import safe_html


def person_view(chat: OfflineChat, person: Person) -> dict[str, Any]:
    """Return a person with the whole chat."""
    persona = person.persona
    return {
        "id": persona.user_id,
        "name": persona.first_name,
        "language": persona.language_code or "",
        "role": persona.role_label,
        "avatar": persona.avatar,
        "started": person.started,
        "blocked": person.blocked,
        "menu": chat.menu(persona.user_id),
        "messages": [message_view(message) for message in chat.timeline(persona.user_id)],
    }


def message_view(message: Message) -> dict[str, Any]:
    """Return a bubble. ``html`` is safe; files are addresses on this server."""
    view: dict[str, Any] = {
        "id": message.message_id,
        "mine": not message.from_bot,
        "html": safe_html(message.body),
        "at": message.at.isoformat(),
        "edited": message.edited_at is not None,
        "keyboard": [[_button_view(button) for button in row] for row in message.keyboard],
        "reaction": message.reaction or "",
        "reply_to": message.reply_to,
    }
    if message.photo:
        photo = message.photo
        address = f"/chat/files/{photo.file_id}"
        view["photo"] = {"url": address, "width": photo.width, "height": photo.height}
    if message.document:
        document = message.document
        address = f"/chat/files/{document.file_id}"
        view["document"] = {
            "url": address,
            "name": document.name,
            "bytes": len(document.content),
            **_looks(document),
        }
    if message.voice:
        voice = message.voice
        view["voice"] = {"url": f"/chat/files/{voice.file_id}", "seconds": voice.seconds}
    return view


def _looks(document: StoredFile) -> dict[str, Any]:
    """Return how large a picture is that was sent as a file; nothing of any other file."""
    head = document.content[:24]
    if not head.startswith(b"\x89PNG\r\n\x1a\n") or len(head) < 24:
        return {}
    width, height = unpack(">II", head[16:])
    return {"width": width, "height": height}


def press_view(press: Press) -> dict[str, Any]:
    """Return the bot's answer to a press."""
    answer = press.answer
    return {
        "query": press.query_id,
        "message_id": press.message_id,
        "text": answer.text if answer else "",
        "alert": bool(answer and answer.show_alert),
    }


def call_view(chat: OfflineChat, call: Call) -> dict[str, Any]:
    """Return a line of the log of calls."""
    person = chat.people.get(call.user_id or 0)
    return {
        "method": call.method,
        "person": person.persona.first_name if person else "",
        "ms": round(call.milliseconds, 2),
        "error": call.error,
        "at": call.at.isoformat(),
    }


def _button_view(button: dict[str, Any]) -> dict[str, str]:
    copied = button.get("copy_text") or {}
    return {
        "text": button["text"],
        "data": button.get("callback_data", ""),
        "url": button.get("url", "") or (button.get("web_app") or {}).get("url", ""),
        "copy": copied.get("text", ""),
        "style": button.get("style") or "",
    }
