"""Logs as events: a stable name, ids, numbers, durations; never names, answers or tokens."""

import logging
import re
import sys
import threading
import traceback
from types import TracebackType
from typing import Any, TextIO
from urllib.parse import quote

_TOKEN = re.compile(r"\b(?:bot)?\d{3,20}(?::|%3A)[A-Za-z0-9_-]{20,}", re.IGNORECASE)
_PASSWORD = re.compile(r"(://[^:/@\s]*:)[^@/\s]+@")
_DETAIL = re.compile(r"^\s*DETAIL:.*$", re.MULTILINE)  # a database quotes the row it refused
_HIDDEN = "<token>"

# What these say is made by programs. Any other error may quote what a person wrote.
_SPEAKING_MODULES = frozenset({"bot", "gapengine", "telegram", "sqlalchemy", "aiohttp", "jinja2"})
_SPEAKING_KINDS = (OSError, ImportError, NameError)
# Libraries that write whole messages, addresses or answers at these levels.
_KEPT_DOWN = {
    "httpx": logging.WARNING,
    "httpcore": logging.WARNING,
    "telegram": logging.WARNING,
    "telegram.request.BaseRequest": logging.CRITICAL + 1,
    "sqlalchemy": logging.WARNING,
    "apscheduler": logging.WARNING,
    "alembic": logging.WARNING,
    "aiohttp.access": logging.WARNING,
    "aiohttp.server": logging.CRITICAL,
    "asyncio": logging.WARNING,
    "uvicorn": logging.WARNING,
}


def redact(text: str, token: str = "") -> str:
    """Replace whatever looks like a bot token, the token itself, and passwords in addresses."""
    if token:
        text = text.replace(token, _HIDDEN).replace(quote(token, safe=""), _HIDDEN)
    return _PASSWORD.sub(r"\1<password>@", _TOKEN.sub(_HIDDEN, text))


class RedactingFormatter(logging.Formatter):
    """Formats a record, traceback included, and takes every token out of the finished line."""

    def __init__(self, token: str = "") -> None:
        """Know the token, so that one of an unusual form is found too."""
        super().__init__("%(asctime)s %(levelname).1s %(name)s %(message)s", "%Y-%m-%dT%H:%M:%S")
        self._token = token

    def format(self, record: logging.LogRecord) -> str:
        """Return the line without tokens."""
        return redact(super().format(record), self._token)

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the name is the library's
        """Show where an error came from, and what it says unless it may quote a person."""
        _, error, trace = ei
        if error is None:
            return ""
        return _DETAIL.sub("", "".join(_told(error, trace)).rstrip())


def _told(error: BaseException, trace: TracebackType | None) -> list[str]:
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    lines = [] if before is None else [*_told(before, before.__traceback__), "... then:\n"]
    lines += ["Traceback (most recent call last):\n", *traceback.format_tb(trace)]
    said = f": {error}" if _speaks(error) else ""
    return [*lines, f"{type(error).__name__}{said}\n"]


def _speaks(error: BaseException) -> bool:
    module = type(error).__module__.partition(".")[0]
    return module in _SPEAKING_MODULES or isinstance(error, _SPEAKING_KINDS)


def set_up_logs(level: str, *, token: str = "", stream: TextIO | None = None) -> None:
    """Send all logs of the process, crashes included, through the redacting formatter."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(RedactingFormatter(token))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name, lowest in _KEPT_DOWN.items():
        logging.getLogger(name).setLevel(max(lowest, root.level))
    sys.excepthook = _crashed
    threading.excepthook = _thread_crashed


def _crashed(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    logging.getLogger("gapbot").critical("crash", exc_info=(kind, error, trace))


def _thread_crashed(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None:
        _crashed(args.exc_type, args.exc_value, args.exc_traceback)


class Events:
    """Writes one event per line: ``delivery.blocked delivery=812 person=41 attempts=1``."""

    def __init__(self, name: str) -> None:
        """Write to the logger of this name."""
        self._log = logging.getLogger(name)

    def info(self, event: str, **facts: object) -> None:
        """Write something that is as it should be."""
        self._write(logging.INFO, event, facts)

    def warning(self, event: str, **facts: object) -> None:
        """Write something that somebody should look at."""
        self._write(logging.WARNING, event, facts)

    def error(self, event: str, error: BaseException | None = None, **facts: object) -> None:
        """Write a failure, with its traceback where there is one."""
        self._log.error("%s", _line(event, facts), exc_info=error)

    def _write(self, level: int, event: str, facts: dict[str, object]) -> None:
        if self._log.isEnabledFor(level):
            self._log.log(level, "%s", _line(event, facts))


def _line(event: str, facts: dict[str, object]) -> str:
    return " ".join([event, *(f"{name}={_shown(value)}" for name, value in facts.items())])


def _shown(value: object) -> str:
    """Write a fact on one line; an error that may quote a person by its name alone."""
    if isinstance(value, BaseException) and not _speaks(value):
        return type(value).__name__
    return _DETAIL.sub("", str(value)).replace("\n", " ")
