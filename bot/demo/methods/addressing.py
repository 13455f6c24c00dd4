"""Finding the chat and the message that a call names, and refusing what Telegram refuses."""

from bot.demo.chat import OfflineChat
from bot.demo.errors import ApiError, bad_request
from bot.demo.model import Message, Person
from bot.demo.parameters import Parameters


def addressee(chat: OfflineChat, parameters: Parameters) -> Person:
    """Return the person whom the call is meant for.

    Raises
    ------
    ApiError
        When the chat is not named or not known, never wrote to the bot, or blocked it.
    """
    person = known_person(chat, parameters.text("chat_id"))
    if not person.started:
        raise ApiError(403, "Forbidden: bot can't initiate conversation with a user")
    if person.blocked:
        raise ApiError(403, "Forbidden: bot was blocked by the user")
    return person


def known_person(chat: OfflineChat, chat_id: str) -> Person:
    """Return the person with this chat id, whether or not the bot may write there."""
    if not chat_id.strip():
        raise bad_request("chat_id is empty")
    try:
        return chat.people[int(chat_id)]
    except (ValueError, KeyError):
        raise bad_request("chat not found") from None


def message_of(
    chat: OfflineChat, person: Person, *, message_id: int, purpose: str = "message"
) -> Message:
    """Return a message of a chat, or refuse with "<purpose> not found"."""
    message = chat.messages[person.persona.user_id].get(message_id)
    if message is None:
        raise bad_request(f"{purpose} not found")
    return message


def message_to_edit(chat: OfflineChat, parameters: Parameters) -> Message:
    """Return the bot's own message that the call wants to edit."""
    if parameters.text("inline_message_id"):
        raise bad_request("MESSAGE_ID_INVALID")
    person = addressee(chat, parameters)
    if not parameters.text("message_id"):
        raise bad_request("message identifier is not specified")
    number = parameters.integer("message_id")
    message = message_of(chat, person, message_id=number, purpose="message to edit")
    if not message.from_bot:
        raise bad_request("message can't be edited")
    return message
