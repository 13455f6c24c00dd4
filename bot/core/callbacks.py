"""Signed button data: what a button does, bound to the person it was made for.

``verb:argument:...~signature`` of at most 64 bytes. A button that was copied, altered or made for
somebody else does not verify.
"""

import base64
import hashlib
import hmac

MAX_BYTES = 64
_SIGNATURE = 8


class ButtonTooLong(ValueError):  # noqa: N818 - says what it is
    """The data of a button does not fit into Telegram's 64 bytes."""


def sign(secret: str, telegram_id: int, action: str) -> str:
    """Return button data that only this person can press.

    Raises
    ------
    ButtonTooLong
        When action and signature exceed 64 bytes.
    """
    data = f"{action}~{_signature(secret, telegram_id, action)}"
    if len(data.encode()) > MAX_BYTES:
        raise ButtonTooLong(action)
    return data


def verified(secret: str, telegram_id: int, data: str) -> str | None:
    """Return the action of button data that was signed for this person, or None."""
    action, _, signature = data.rpartition("~")
    wanted = _signature(secret, telegram_id, action)
    return action if hmac.compare_digest(signature.encode(), wanted.encode()) else None


def _signature(secret: str, telegram_id: int, action: str) -> str:
    """Return a keyed BLAKE2 hash: a card signs a dozen buttons, and HMAC takes ten times as long.

    48 bits: a forger has to try them at Telegram's pace, one press at a time.
    """
    made = hashlib.blake2b(
        f"{telegram_id}:{action}".encode(),
        key=secret.encode()[:64],
        digest_size=_SIGNATURE * 3 // 4,
    )
    return base64.urlsafe_b64encode(made.digest()).decode()
