"""Inline keyboards, checked as Telegram checks them."""

from typing import Any

from bot.demo.errors import bad_request
from bot.demo.markup import link_fault
from bot.demo.model import Keyboard

MAX_BUTTONS = 100
MAX_DATA_BYTES = 64
_STYLES = {"danger", "success", "primary"}


def checked_keyboard(markup: Any) -> Keyboard:
    """Return the rows of an inline keyboard; empty rows vanish, as they do in Telegram.

    Raises
    ------
    ApiError
        In Telegram's words, for a button without action, data over 64 bytes, a wrong address...
    """
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    if markup.get("keyboard"):
        raise bad_request("reply keyboards are not part of the offline chat")
    rows = markup.get("inline_keyboard", [])
    if not isinstance(rows, list):
        raise bad_request('field "inline_keyboard" must be of type Array')
    if not all(isinstance(row, list) for row in rows):
        raise bad_request(
            'field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays'
        )
    keyboard = [[_checked_button(button) for button in row] for row in rows if row]
    if sum(len(row) for row in keyboard) > MAX_BUTTONS:
        raise bad_request("reply markup is too long")
    return keyboard


def _checked_button(button: Any) -> dict[str, Any]:
    if not isinstance(button, dict):
        raise _unparsable("expected an Object")
    _check_text(button)
    if button.get("style") not in {None, *_STYLES}:
        raise _unparsable("invalid button style specified")
    if button.get("url"):
        _check_url(button["url"])
    elif button.get("callback_data"):
        _check_data(button["callback_data"])
    elif button.get("web_app"):
        if not str(button["web_app"].get("url", "")).startswith("https://"):
            raise bad_request("BUTTON_URL_INVALID")
    elif not button.get("copy_text"):
        raise _unparsable("Text buttons are unallowed in the inline keyboard")
    return button


def _check_text(button: dict[str, Any]) -> None:
    if "text" not in button:
        raise _unparsable('Can\'t find field "text"')
    if not isinstance(button["text"], str):
        raise _unparsable('Field "text" must be of type String')
    if not button["text"].strip():
        raise bad_request("inline keyboard button text must be non-empty")


def _check_url(url: Any) -> None:
    fault = link_fault(str(url))
    if fault:
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: {fault}")


def _check_data(data: Any) -> None:
    if not isinstance(data, str):
        raise _unparsable('Field "callback_data" must be of type String')
    if len(data.encode()) > MAX_DATA_BYTES:
        raise bad_request("BUTTON_DATA_INVALID")


def _unparsable(words: str) -> Exception:
    return bad_request(f"can't parse inline keyboard button: {words}")
