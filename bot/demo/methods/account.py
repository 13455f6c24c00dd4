"""What a bot says about itself and its chats: name, descriptions, commands."""

import re
from typing import Any

from bot.demo.chat import OfflineChat
from bot.demo.errors import bad_request
from bot.demo.methods.addressing import known_person
from bot.demo.parameters import Parameters

MAX_COMMANDS = 100
_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_WIDE_SCOPES = {"default", "all_private_chats", "all_group_chats", "all_chat_administrators"}
_LIMITS = {"name": 64, "description": 512, "short_description": 120}


async def get_me(chat: OfflineChat, parameters: Parameters) -> Any:  # noqa: ARG001
    """Answer ``getMe``."""
    abilities = {
        "can_join_groups": False,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }
    return {**chat.bot, **abilities}


async def get_chat(chat: OfflineChat, parameters: Parameters) -> Any:
    """Answer ``getChat``."""
    persona = known_person(chat, parameters.text("chat_id")).persona
    gifts = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription")
    return {
        "id": persona.user_id,
        "type": "private",
        "first_name": persona.first_name,
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys((*gifts, "gifts_from_channels"), False),
    }


async def set_commands(chat: OfflineChat, parameters: Parameters) -> Any:
    """Answer ``setMyCommands``."""
    commands = parameters.structure("commands", called="commands")
    if not isinstance(commands, list | tuple):
        raise bad_request("expected an Array of BotCommand")
    if len(commands) > MAX_COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    chat.commands[_scope(chat, parameters)] = [_command(command) for command in commands]
    chat.tell("menu", None, {})
    return True


async def get_commands(chat: OfflineChat, parameters: Parameters) -> Any:
    """Answer ``getMyCommands``."""
    return chat.commands.get(_scope(chat, parameters), [])


async def delete_commands(chat: OfflineChat, parameters: Parameters) -> Any:
    """Answer ``deleteMyCommands``."""
    chat.commands.pop(_scope(chat, parameters), None)
    chat.tell("menu", None, {})
    return True


async def set_name(chat: OfflineChat, parameters: Parameters) -> Any:
    """Answer ``setMyName``."""
    return _set_text(chat, parameters, field="name")


async def set_description(chat: OfflineChat, parameters: Parameters) -> Any:
    """Answer ``setMyDescription``."""
    return _set_text(chat, parameters, field="description")


async def set_short_description(chat: OfflineChat, parameters: Parameters) -> Any:
    """Answer ``setMyShortDescription``."""
    return _set_text(chat, parameters, field="short_description")


async def get_name(chat: OfflineChat, parameters: Parameters) -> Any:
    """Answer ``getMyName``."""
    stored = _get_text(chat, parameters, field="name")
    return {"name": stored or chat.bot["first_name"]}


async def get_description(chat: OfflineChat, parameters: Parameters) -> Any:
    """Answer ``getMyDescription``."""
    return {"description": _get_text(chat, parameters, field="description")}


async def get_short_description(chat: OfflineChat, parameters: Parameters) -> Any:
    """Answer ``getMyShortDescription``."""
    return {"short_description": _get_text(chat, parameters, field="short_description")}


def _set_text(chat: OfflineChat, parameters: Parameters, *, field: str) -> bool:
    text = parameters.text(field)
    if len(text) > _LIMITS[field]:
        raise bad_request(f"bot {field.replace('_', ' ')} is too long")
    chat.bot_texts[field, parameters.text("language_code")] = text
    return True


def _get_text(chat: OfflineChat, parameters: Parameters, *, field: str) -> str:
    general = chat.bot_texts.get((field, ""), "")
    return chat.bot_texts.get((field, parameters.text("language_code"))) or general


def _command(command: Any) -> dict[str, str]:
    if not isinstance(command, dict):
        raise bad_request("can't parse BotCommand: expected an Object")
    name = str(command.get("command", "")).removeprefix("/")
    description = str(command.get("description", "")).strip()
    if not _COMMAND.fullmatch(name):
        raise bad_request("BOT_COMMAND_INVALID")
    if not 1 <= len(description) <= 256:
        raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    return {"command": name, "description": description}


def _scope(chat: OfflineChat, parameters: Parameters) -> tuple[str, int, str]:
    scope = parameters.structure("scope", called="BotCommandScope") or {"type": "default"}
    kind = scope.get("type")
    language = parameters.text("language_code")
    if kind in _WIDE_SCOPES:
        return str(kind), 0, language
    if kind == "chat":
        person = known_person(chat, str(scope.get("chat_id", "")))
        return "chat", person.persona.user_id, language
    raise bad_request("can't parse BotCommandScope: unsupported type specified")
