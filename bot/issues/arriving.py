"""What comes in a message: words, a photo or a voice, and what of it may be taken."""

from telegram import Message

from bot.core.dialogue import Turn
from bot.issues.filing import Content
from bot.issues.rules import LONGEST_TEXT

LONG, VOICE, FILE, NOTHING = "long", "voice", "file", "nothing"
"""Why a message is not taken."""


def content_of(turn: Turn, *, anonymous: bool) -> Content | str:
    """Return what a message says, or why it is not taken.

    A voice is known, so nobody speaks anonymously. A picture sent as a file keeps what the camera
    wrote into it (place, time, device); one sent as a photo does not.
    """
    message = turn.update.message
    if message is None:
        return NOTHING
    text = (message.text or message.caption or "").strip()
    if len(text) > LONGEST_TEXT:
        return LONG
    if message.voice is not None or message.audio is not None or message.video_note is not None:
        spoken = message.voice.file_id if message.voice is not None and not anonymous else ""
        return Content(text=text, voice=spoken) if spoken else VOICE
    if message.document is not None or message.video is not None:
        return FILE
    content = Content(text=text, photo=_photo(message))
    return NOTHING if content.is_empty else content


def quoted(turn: Turn) -> str:
    """Return the words that stand quoted in the message whose button was pressed.

    So a report written behind the command waits in the reporter's own chat, and nowhere else,
    until they have chosen whether it bears their name.
    """
    query = turn.update.callback_query
    message = query.message if query else None
    if not isinstance(message, Message) or not message.text:
        return ""
    found = message.parse_entities(["blockquote", "expandable_blockquote"])
    return "\n".join(found.values()).strip()


def _photo(message: Message) -> str:
    sizes = sorted(message.photo, key=lambda one: one.width * one.height)
    return sizes[-1].file_id if sizes else ""
