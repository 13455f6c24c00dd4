"""What errors mean: every class of the library's has its meaning, and texts in any case."""

import inspect
from datetime import timedelta

import pytest
import telegram.error
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
    TimedOut,
)

from bot.core.failures import FLOOD_SECONDS, Failure, Meaning, UnsentError, classify

MEANINGS: dict[type[TelegramError], tuple[TelegramError, Meaning]] = {
    BadRequest: (BadRequest("Can't parse entities"), Meaning.REFUSED),
    ChatMigrated: (ChatMigrated(-100), Meaning.REFUSED),
    Conflict: (Conflict("terminated by other getUpdates request"), Meaning.REFUSED),
    EndPointNotFound: (EndPointNotFound("sendNothing"), Meaning.REFUSED),
    Forbidden: (Forbidden("Forbidden: bot was blocked by the user"), Meaning.BLOCKED),
    InvalidToken: (InvalidToken("Unauthorized"), Meaning.SHUT_OUT),
    NetworkError: (NetworkError("httpx.ReadError: "), Meaning.UNCERTAIN),
    PassportDecryptionError: (PassportDecryptionError("no"), Meaning.REFUSED),
    TelegramError: (TelegramError("Invalid server response"), Meaning.UNCERTAIN),
    TimedOut: (TimedOut(), Meaning.UNCERTAIN),
}


def test_every_error_of_the_library_has_a_meaning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "1")
    all_kinds = {
        kind
        for _, kind in inspect.getmembers(telegram.error, inspect.isclass)
        if issubclass(kind, TelegramError)
    }

    assert all_kinds == {*MEANINGS, RetryAfter}
    for error, meaning in MEANINGS.values():
        assert classify(error).meaning is meaning, error


@pytest.mark.parametrize("is_timedelta", ["0", "1"])
def test_a_flood_limit_says_how_long_in_either_form(
    is_timedelta: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "1")
    error = RetryAfter(timedelta(seconds=7))
    monkeypatch.setenv("PTB_TIMEDELTA", is_timedelta)

    assert classify(error) == Failure(Meaning.FLOOD, 7.0)


@pytest.mark.parametrize(
    ("error", "meaning"),
    [
        (BadRequest("Message is not modified: specified new content"), Meaning.HARMLESS),
        (BadRequest("message IS NOT modified"), Meaning.HARMLESS),
        (BadRequest("Query is too old and response timeout expired"), Meaning.HARMLESS),
        (BadRequest("Message to delete not found"), Meaning.HARMLESS),
        (BadRequest("Chat not found"), Meaning.BLOCKED),
        (BadRequest("PEER_ID_INVALID"), Meaning.BLOCKED),
        (BadRequest("Message text is empty"), Meaning.REFUSED),
        (Forbidden("Forbidden: user is deactivated"), Meaning.BLOCKED),
        (Forbidden("Forbidden: bot can't initiate conversation with a user"), Meaning.BLOCKED),
        (NetworkError("Bad Gateway"), Meaning.UNSENT),
        (NetworkError("Internal Server Error: restart"), Meaning.UNSENT),
        (NetworkError("Service Unavailable (503)"), Meaning.UNSENT),
        (NetworkError("Gateway Timeout (504)"), Meaning.UNCERTAIN),
        (NetworkError("Request Entity Too Large"), Meaning.REFUSED),
        (UnsentError("no connection"), Meaning.UNSENT),
        (OSError("cut"), Meaning.UNCERTAIN),
        (TimeoutError(), Meaning.UNCERTAIN),
        (KeyError("a fault of ours"), Meaning.REFUSED),
    ],
)
def test_what_an_error_says_decides(error: Exception, meaning: Meaning) -> None:
    assert classify(error).meaning is meaning


def test_a_flood_limit_without_a_time_gets_one() -> None:
    error = NetworkError("Too Many Requests (429)")

    assert classify(error) == Failure(Meaning.FLOOD, FLOOD_SECONDS)
