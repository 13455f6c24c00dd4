"""Spoken answers: voice messages as Telegram sends them, and a questionnaire answered by name."""

from pathlib import Path
from typing import Any

from telegram import Update

from bot.surveys.desk import SurveyDesk
from bot.surveys.versions import SHIPPED, Library
from tests.support.updates import User, message, press


def voice(user: User, file_id: str = "AwVoice", seconds: int = 9) -> Update:
    """Return an update with a voice message."""
    return message(user, voice=_described(file_id, seconds))


def press_below(user: User, data: str, file_id: str | None, message_id: int = 50) -> Update:
    """Return the press of a button under a message that answers a voice message, or nothing."""
    pressed = press(user, data, message_id).to_dict()
    if file_id is not None:
        spoken = message(user, voice=_described(file_id, 9)).to_dict()["message"]
        pressed["callback_query"]["message"]["reply_to_message"] = spoken
    return Update.de_json(pressed, None)


def desk(folder: Path, *, anonymous: bool, writes_voices_out: bool) -> SurveyDesk:
    """Return a desk with the questionnaire of customers, by name or not."""
    content = (SHIPPED / "customers.yaml").read_text("utf-8")
    if not anonymous:
        content = content.replace("anonymous: true", "anonymous: false")
    (folder / "customers.yaml").write_text(content, "utf-8")
    return SurveyDesk(library=Library(folder), writes_voices_out=writes_voices_out)


def _described(file_id: str, seconds: int) -> dict[str, Any]:
    return {"file_id": file_id, "file_unique_id": "u", "duration": seconds}
