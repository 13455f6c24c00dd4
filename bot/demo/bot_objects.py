"""What the offline chat remembers, as the JSON objects of Telegram's Bot API."""

from typing import Any

from bot.demo.model import Message, Persona, Press, StoredFile


def user_object(persona: Persona) -> dict[str, Any]:
    """Return the ``User`` of a persona."""
    user: dict[str, Any] = {
        "id": persona.user_id,
        "is_bot": False,
        "first_name": persona.first_name,
    }
    if persona.language_code:
        user["language_code"] = persona.language_code
    return user


def chat_object(persona: Persona) -> dict[str, Any]:
    """Return the private ``Chat`` with a persona."""
    return {"id": persona.user_id, "first_name": persona.first_name, "type": "private"}


def message_object(
    message: Message, persona: Persona, bot: dict[str, Any], *, reply: Message | None = None
) -> dict[str, Any]:
    """Return the ``Message``; ``reply`` is the one it answers."""
    found: dict[str, Any] = {
        "message_id": message.message_id,
        "from": bot if message.from_bot else user_object(persona),
        "chat": chat_object(persona),
        "date": int(message.at.timestamp()),
    }
    if message.edited_at is not None:
        found["edit_date"] = int(message.edited_at.timestamp())
    words = "caption" if message.file else "text"
    entities = "caption_entities" if message.file else "entities"
    if message.body.text:
        found[words] = message.body.text
    if message.body.entities:
        found[entities] = list(message.body.entities)
    if message.photo:
        found["photo"] = photo_sizes(message.photo)
    if message.document:
        found["document"] = document_object(message.document)
    if message.voice:
        found["voice"] = voice_object(message.voice)
    if message.keyboard:
        found["reply_markup"] = {"inline_keyboard": message.keyboard}
    if reply is not None:
        found["reply_to_message"] = message_object(reply, persona, bot)
    return found


def photo_sizes(photo: StoredFile) -> list[dict[str, Any]]:
    """Return the ``PhotoSize`` list: a small one, and the picture as it came."""
    longest = max(photo.width, photo.height)
    scale = min(1.0, 90 / longest)
    small = (max(1, round(photo.width * scale)), max(1, round(photo.height * scale)))
    sizes = (("-small", *small), ("", photo.width, photo.height))
    return [
        {
            "file_id": photo.file_id + suffix,
            "file_unique_id": photo.unique_id + suffix,
            "width": width,
            "height": height,
            "file_size": len(photo.content),
        }
        for suffix, width, height in sizes
    ]


def document_object(document: StoredFile) -> dict[str, Any]:
    """Return the ``Document``."""
    return {
        "file_id": document.file_id,
        "file_unique_id": document.unique_id,
        "file_name": document.name,
        "mime_type": document.mime,
        "file_size": len(document.content),
    }


def voice_object(voice: StoredFile) -> dict[str, Any]:
    """Return the ``Voice``."""
    return {
        "file_id": voice.file_id,
        "file_unique_id": voice.unique_id,
        "duration": voice.seconds,
        "mime_type": voice.mime,
        "file_size": len(voice.content),
    }


def press_object(press: Press, persona: Persona, message: dict[str, Any]) -> dict[str, Any]:
    """Return the ``CallbackQuery`` of a press."""
    return {
        "id": press.query_id,
        "from": user_object(persona),
        "message": message,
        "chat_instance": str(-persona.user_id),
        "data": press.data,
    }


def membership_object(
    persona: Persona, bot: dict[str, Any], *, is_blocked: bool, at: int
) -> dict[str, Any]:
    """Return the ``ChatMemberUpdated`` that tells the bot it was blocked or let in again."""
    old, new = ("member", "kicked") if is_blocked else ("kicked", "member")

    def member(status: str) -> dict[str, Any]:
        until = {"until_date": 0} if status == "kicked" else {}
        return {"user": bot, "status": status, **until}

    return {
        "chat": chat_object(persona),
        "from": user_object(persona),
        "date": at,
        "old_chat_member": member(old),
        "new_chat_member": member(new),
    }
