"""What a bot does beside messages: answers to presses, typing, reactions, files, updates."""

from datetime import timedelta
from typing import Any

from bot.demo.chat import OfflineChat
from bot.demo.errors import ApiError, bad_request
from bot.demo.files import MAX_DOWNLOAD_BYTES
from bot.demo.markup import utf16_length
from bot.demo.methods.addressing import addressee, message_of
from bot.demo.model import CallbackAnswer
from bot.demo.parameters import Parameters

ANSWERABLE_FOR = timedelta(seconds=15)
MAX_ANSWER = 200
_TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
_ACTIONS = {
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
}


async def get_updates(chat: OfflineChat, parameters: Parameters) -> Any:
    """Answer ``getUpdates``."""
    kinds = parameters.structure("allowed_updates", called="allowed_updates")
    if isinstance(kinds, list | tuple):
        chat.updates.allow([str(kind) for kind in kinds])
    return await chat.updates.fetch(
        parameters.integer("offset"),
        limit=min(max(parameters.integer("limit", 100), 1), 100),
        timeout_seconds=max(parameters.integer("timeout"), 0),
    )


async def set_webhook(chat: OfflineChat, parameters: Parameters) -> Any:
    """Answer ``setWebhook``: remembered, so that polling is refused; nothing is delivered."""
    url = parameters.text("url")
    if url and not url.startswith("https://"):
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    if parameters.flag("drop_pending_updates"):
        chat.updates.drop_all()
    if url:
        chat.updates.interrupt()
    chat.updates.webhook_url = url
    return True


async def delete_webhook(chat: OfflineChat, parameters: Parameters) -> Any:
    """Answer ``deleteWebhook``."""
    return await set_webhook(chat, Parameters({**parameters.values, "url": ""}))


async def get_webhook_info(chat: OfflineChat, parameters: Parameters) -> Any:  # noqa: ARG001
    """Answer ``getWebhookInfo``."""
    info: dict[str, Any] = {
        "url": chat.updates.webhook_url,
        "has_custom_certificate": False,
        "pending_update_count": len(chat.updates),
    }
    if chat.updates.allowed:
        info["allowed_updates"] = chat.updates.allowed
    return info


async def answer_press(chat: OfflineChat, parameters: Parameters) -> Any:
    """Answer ``answerCallbackQuery``: once, and within seconds of the press."""
    press = chat.presses.get(parameters.text("callback_query_id"))
    if press is None or press.answer or chat.now() - press.at > ANSWERABLE_FOR:
        raise bad_request(_TOO_OLD)
    text = parameters.text("text")
    if utf16_length(text) > MAX_ANSWER:
        raise bad_request("MESSAGE_TOO_LONG")
    if parameters.text("url"):
        raise bad_request("URL_INVALID")
    chat.answer(press, CallbackAnswer(text, parameters.flag("show_alert")))
    return True


async def send_action(chat: OfflineChat, parameters: Parameters) -> Any:
    """Answer ``sendChatAction``."""
    action = parameters.text("action")
    if action.lower() not in _ACTIONS:
        raise bad_request("wrong parameter action in request")
    person = addressee(chat, parameters)
    chat.tell("typing", person.persona.user_id, {"action": action})
    return True


async def react(chat: OfflineChat, parameters: Parameters) -> Any:
    """Answer ``setMessageReaction``: one emoji, or none."""
    person = addressee(chat, parameters)
    number = parameters.integer("message_id")
    message = message_of(chat, person, message_id=number, purpose="message to react")
    reactions = parameters.structure("reaction", called="reaction") or []
    if not isinstance(reactions, list | tuple) or len(reactions) > 1:
        raise bad_request("REACTIONS_TOO_MANY")
    if any(reaction.get("type") != "emoji" for reaction in reactions):
        raise bad_request("REACTION_INVALID")
    message.reaction = reactions[0]["emoji"] if reactions else None
    chat.tell("reacted", person.persona.user_id, {"message": message})
    return True


async def get_file(chat: OfflineChat, parameters: Parameters) -> Any:
    """Answer ``getFile``."""
    file_id = parameters.text("file_id")
    if not file_id:
        raise bad_request("file_id not specified")
    file = chat.files.by_id(file_id)
    if file is None:
        raise bad_request("invalid file_id")
    if len(file.content) > MAX_DOWNLOAD_BYTES:
        raise bad_request("file is too big")
    return {
        "file_id": file_id,
        "file_unique_id": file.unique_id,
        "file_size": len(file.content),
        "file_path": file.path,
    }


def downloaded(chat: OfflineChat, path: str) -> bytes:
    """Return the content at a path that ``getFile`` gave."""
    file = chat.files.by_path(path)
    if file is None:
        raise ApiError(404, "Not Found")
    return file.content
