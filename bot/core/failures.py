"""What an error of Telegram's means for the message that was on its way."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    NetworkError,
    PassportDecryptionError,
    RetryAfter,
    TelegramError,
)

FLOOD_SECONDS = 5.0


class Meaning(StrEnum):
    """The few cases in which a caller acts differently."""

    HARMLESS = "harmless"  # what was wanted is so already, or no longer matters
    BLOCKED = "blocked"  # permanent until the person writes again
    FLOOD = "flood"  # wait, then repeat
    UNSENT = "unsent"  # did not arrive; may be repeated
    UNCERTAIN = "uncertain"  # may have arrived; not repeated blindly
    REFUSED = "refused"  # wrong, and will be wrong again
    SHUT_OUT = "shut_out"  # the token is refused


@dataclass(frozen=True, slots=True)
class Failure:
    """A classified error; ``wait_seconds`` is what a flood limit asks for."""

    meaning: Meaning
    wait_seconds: float = 0.0


_HARMLESS = (
    "message is not modified",
    "query is too old",
    "query id is invalid",
    "message to delete not found",
    "message can't be deleted",
)
_GONE = ("chat not found", "user is deactivated", "peer_id_invalid", "user not found")


_OUT_OF_ORDER = ("bad gateway", "internal server error", "service unavailable")
_TOO_LARGE = ("request entity too large", "payload too large", "content too large")
# What the stock client raises before anything was sent; it hides them behind its own errors.
_UNSENT_CAUSES = ("ConnectError", "ConnectTimeout", "PoolTimeout", "ProxyError")


class UnsentError(NetworkError):
    """The request never reached the server: no connection could be made."""


def classify(error: Exception) -> Failure:
    """Say what an error means. Texts are compared in lower case: they come re-cased."""
    if isinstance(error, RetryAfter):
        return Failure(Meaning.FLOOD, _wait_of(error))
    said = str(error).lower()
    if "too many requests" in said:  # a flood limit that does not say how long
        return Failure(Meaning.FLOOD, FLOOD_SECONDS)
    for kind, meaning in _MEANINGS:
        if isinstance(error, kind):
            return Failure(meaning(error, said) if callable(meaning) else meaning)
    return Failure(Meaning.REFUSED)


def _meaning_of_refusal(_: Exception, said: str) -> Meaning:
    if any(part in said for part in _HARMLESS):
        return Meaning.HARMLESS
    return Meaning.BLOCKED if any(part in said for part in _GONE) else Meaning.REFUSED


def _meaning_of_trouble(error: Exception, said: str) -> Meaning:
    """Tell a server that refused to work, or a failed connection, from a lost answer."""
    if any(part in said for part in _TOO_LARGE):
        return Meaning.REFUSED
    unsent = type(error.__cause__).__name__ in _UNSENT_CAUSES or any(
        part in said for part in _OUT_OF_ORDER
    )
    return Meaning.UNSENT if unsent else Meaning.UNCERTAIN


_MEANINGS: tuple[tuple[type[Exception], Meaning | Callable[[Exception, str], Meaning]], ...] = (
    (Forbidden, Meaning.BLOCKED),
    (InvalidToken, Meaning.SHUT_OUT),
    (ChatMigrated, Meaning.REFUSED),
    (Conflict, Meaning.REFUSED),
    (EndPointNotFound, Meaning.REFUSED),
    (PassportDecryptionError, Meaning.REFUSED),
    (BadRequest, _meaning_of_refusal),  # a NetworkError to the library, so it stands before
    (UnsentError, Meaning.UNSENT),
    (NetworkError, _meaning_of_trouble),
    (TelegramError, Meaning.UNCERTAIN),
    (OSError, Meaning.UNCERTAIN),
)


def _wait_of(error: RetryAfter) -> float:
    """Read ``retry_after`` in seconds; it is becoming a timedelta, and warns until it is one."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        wait: float | timedelta = error.retry_after
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)
