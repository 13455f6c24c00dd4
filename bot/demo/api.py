"""The bot's side of the offline chat: one call of the Bot API, served the same for both faces."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from bot.demo.chat import OfflineChat
from bot.demo.errors import AnswerLost, ApiError, ConnectionFault
from bot.demo.methods import account, acts, messages
from bot.demo.model import Call
from bot.demo.parameters import Parameters

Method = Callable[[OfflineChat, Parameters], Awaitable[Any]]

METHODS: Mapping[str, Method] = MappingProxyType(
    {
        name.lower(): method
        for name, method in {
            "getMe": account.get_me,
            "getChat": account.get_chat,
            "setMyCommands": account.set_commands,
            "getMyCommands": account.get_commands,
            "deleteMyCommands": account.delete_commands,
            "setMyName": account.set_name,
            "getMyName": account.get_name,
            "setMyDescription": account.set_description,
            "getMyDescription": account.get_description,
            "setMyShortDescription": account.set_short_description,
            "getMyShortDescription": account.get_short_description,
            "getUpdates": acts.get_updates,
            "setWebhook": acts.set_webhook,
            "deleteWebhook": acts.delete_webhook,
            "getWebhookInfo": acts.get_webhook_info,
            "answerCallbackQuery": acts.answer_press,
            "sendChatAction": acts.send_action,
            "setMessageReaction": acts.react,
            "getFile": acts.get_file,
            "sendMessage": messages.send_message,
            "sendPhoto": messages.send_photo,
            "sendDocument": messages.send_document,
            "sendVoice": messages.send_voice,
            "editMessageText": messages.edit_text,
            "editMessageCaption": messages.edit_caption,
            "editMessageReplyMarkup": messages.edit_keyboard,
            "editMessageMedia": messages.edit_media,
            "deleteMessage": messages.delete_message,
        }.items()
    }
)
_TOKEN = re.compile(r"[0-9]{1,20}:[A-Za-z0-9_-]{1,100}")


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back to the bot: the status and the JSON body."""

    status: int
    body: dict[str, Any]


async def serve(chat: OfflineChat, token: str, method: str, parameters: Parameters) -> Reply:
    """Serve one call.

    Raises
    ------
    ConnectionFault
        When a fault was switched on; each face shows it in its own way.
    """
    started = time.perf_counter()
    if chat.latency_seconds:
        await asyncio.sleep(chat.latency_seconds)
    error = ""
    result: Any = []
    try:
        result = await _work(chat, token, method, parameters)
    except ApiError as refusal:
        error = refusal.description
        return Reply(refusal.code, _refusal_body(refusal))
    except ConnectionFault as fault:
        error = type(fault).__name__
        raise
    finally:
        if error or result != [] or method.lower() != "getupdates":
            _log(chat, method, parameters, error=error, started=started)
    return Reply(200, {"ok": True, "result": result})


async def _work(chat: OfflineChat, token: str, method: str, parameters: Parameters) -> Any:
    check_token(chat, token)
    fault, is_after_work = chat.faults.take(method, _user_id(chat, parameters))
    if fault is not None and not is_after_work:
        raise fault
    function = METHODS.get(method.lower())
    if function is None:
        raise ApiError(404, "Not Found")
    result = await function(chat, parameters)
    if fault is not None:
        raise AnswerLost
    return result


def check_token(chat: OfflineChat, token: str) -> None:
    """Refuse a token that is malformed (404) or not this bot's (401)."""
    if not _TOKEN.fullmatch(token):
        raise ApiError(404, "Not Found")
    if token != chat.token:
        raise ApiError(401, "Unauthorized")


def _refusal_body(refusal: ApiError) -> dict[str, Any]:
    body: dict[str, Any] = {
        "ok": False,
        "error_code": refusal.code,
        "description": refusal.description,
    }
    if refusal.retry_after is not None:
        body["parameters"] = {"retry_after": refusal.retry_after}
    return body


def _user_id(chat: OfflineChat, parameters: Parameters) -> int | None:
    press = chat.presses.get(parameters.text("callback_query_id"))
    return press.user_id if press else parameters.integer("chat_id") or None


def _log(
    chat: OfflineChat, method: str, parameters: Parameters, *, error: str, started: float
) -> None:
    milliseconds = (time.perf_counter() - started) * 1000
    call = Call(method, _user_id(chat, parameters), milliseconds, error, chat.now())
    chat.calls.append(call)
    chat.tell("call", call.user_id, {"call": call})
