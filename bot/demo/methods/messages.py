"""Sending, editing and deleting messages."""

from datetime import timedelta
from typing import Any

from bot.demo.chat import OfflineChat
from bot.demo.errors import bad_request
from bot.demo.methods.addressing import addressee, message_of, message_to_edit
from bot.demo.methods.content import (
    caption_of,
    document_of,
    keyboard_of,
    media_of,
    photo_of,
    text_of,
    voice_of,
)
from bot.demo.model import Formatted, Keyboard, Message, Person, StoredFile
from bot.demo.parameters import Parameters

DELETABLE_FOR = timedelta(hours=48)
_UNCHANGED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)


async def send_message(chat: OfflineChat, parameters: Parameters) -> Any:
    """Answer ``sendMessage``."""
    body = text_of(parameters)
    return _send(chat, parameters, body=body)


async def send_photo(chat: OfflineChat, parameters: Parameters) -> Any:
    """Answer ``sendPhoto``."""
    photo = photo_of(chat, parameters)
    return _send(chat, parameters, body=caption_of(parameters), photo=photo)


async def send_document(chat: OfflineChat, parameters: Parameters) -> Any:
    """Answer ``sendDocument``."""
    document = document_of(chat, parameters)
    return _send(chat, parameters, body=caption_of(parameters), document=document)


async def send_voice(chat: OfflineChat, parameters: Parameters) -> Any:
    """Answer ``sendVoice``."""
    voice = voice_of(chat, parameters)
    return _send(chat, parameters, body=caption_of(parameters), voice=voice)


def _send(
    chat: OfflineChat,
    parameters: Parameters,
    *,
    body: Formatted,
    photo: StoredFile | None = None,
    document: StoredFile | None = None,
    voice: StoredFile | None = None,
) -> Any:
    keyboard = keyboard_of(parameters)
    person = addressee(chat, parameters)
    reply_to = _reply_to(chat, parameters, person=person)
    user_id = person.persona.user_id
    chat.flood.admit(user_id, chat.now(), acted_at=person.acted_at)
    message = Message(
        chat.next_message_id(),
        user_id,
        from_bot=True,
        at=chat.now(),
        body=body,
        photo=photo,
        document=document,
        voice=voice,
        keyboard=keyboard,
        reply_to=reply_to,
    )
    return chat.as_object(chat.post(message))


def _reply_to(chat: OfflineChat, parameters: Parameters, *, person: Person) -> int | None:
    reply = parameters.structure("reply_parameters", called="reply parameters") or {}
    message_id = reply.get("message_id") or parameters.integer("reply_to_message_id")
    if not message_id:
        return None
    if reply.get("allow_sending_without_reply") or parameters.flag("allow_sending_without_reply"):
        return int(message_id)
    purpose = "message to be replied"
    return message_of(chat, person, message_id=int(message_id), purpose=purpose).message_id


async def edit_text(chat: OfflineChat, parameters: Parameters) -> Any:
    """Answer ``editMessageText``."""
    body, keyboard = text_of(parameters), keyboard_of(parameters)
    message = message_to_edit(chat, parameters)
    if message.file:
        raise bad_request("there is no text in the message to edit")
    return _change(chat, message, body=body, keyboard=keyboard)


async def edit_caption(chat: OfflineChat, parameters: Parameters) -> Any:
    """Answer ``editMessageCaption``."""
    body, keyboard = caption_of(parameters), keyboard_of(parameters)
    message = message_to_edit(chat, parameters)
    if not message.file:
        raise bad_request("there is no caption in the message to edit")
    return _change(chat, message, body=body, keyboard=keyboard)


async def edit_keyboard(chat: OfflineChat, parameters: Parameters) -> Any:
    """Answer ``editMessageReplyMarkup``."""
    keyboard = keyboard_of(parameters)
    message = message_to_edit(chat, parameters)
    return _change(chat, message, body=message.body, keyboard=keyboard)


async def edit_media(chat: OfflineChat, parameters: Parameters) -> Any:
    """Answer ``editMessageMedia``; a text message may become a photo or document."""
    kind, file, caption = media_of(chat, parameters)
    keyboard = keyboard_of(parameters)
    message = message_to_edit(chat, parameters)
    _refuse_unchanged(
        message.file != file or message.body != caption or message.keyboard != keyboard
    )
    message.photo, message.document = (file, None) if kind == "photo" else (None, file)
    message.voice = None
    message.body, message.keyboard = caption, keyboard
    chat.edited(message)
    return chat.as_object(message)


async def delete_message(chat: OfflineChat, parameters: Parameters) -> Any:
    """Answer ``deleteMessage``: any message of a private chat, for 48 hours."""
    person = addressee(chat, parameters)
    number = parameters.integer("message_id")
    if not number:
        raise bad_request("message identifier is not specified")
    message = message_of(chat, person, message_id=number, purpose="message to delete")
    if chat.now() - message.at > DELETABLE_FOR:
        raise bad_request("message can't be deleted for everyone")
    chat.delete(message)
    return True


def _change(chat: OfflineChat, message: Message, *, body: Formatted, keyboard: Keyboard) -> Any:
    _refuse_unchanged(message.body != body or message.keyboard != keyboard)
    message.body, message.keyboard = body, keyboard
    chat.edited(message)
    return chat.as_object(message)


def _refuse_unchanged(is_changed: bool) -> None:
    if not is_changed:
        raise bad_request(_UNCHANGED)
