"""Logs as events: a stable name, ids, numbers, durations; never names, answers or tokens."""

import logging
import re
import sys
from typing import TextIO

_TOKEN = re.compile(r"\b(?:bot)?\d{3,20}:[A-Za-z0-9_-]{20,}")
_HIDDEN = "<token>"


def redact(text: str, token: str = "") -> str:
    """Replace whatever looks like a bot token, and the token itself, by a placeholder."""
    if token:
        text = text.replace(token, _HIDDEN)
    return _TOKEN.sub(_HIDDEN, text)


class RedactingFormatter(logging.Formatter):
    """Formats a record, traceback included, and takes every token out of the finished line."""

    def __init__(self, token: str = "") -> None:
        """Know the token, so that one of an unusual form is found too."""
        super().__init__("%(asctime)s %(levelname).1s %(name)s %(message)s", "%Y-%m-%dT%H:%M:%S")
        self._token = token

    def format(self, record: logging.LogRecord) -> str:
        """Return the line without tokens."""
        return redact(super().format(record), self._token)


def set_up_logs(level: str, *, token: str = "", stream: TextIO | None = None) -> None:
    """Send all logs of the process through the redacting formatter to one stream."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(RedactingFormatter(token))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for chatty in ("httpx", "httpcore", "apscheduler", "alembic", "aiohttp.access"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, root.level))
    previous = sys.excepthook

    def show(kind: type[BaseException], error: BaseException, trace: object) -> None:
        if issubclass(kind, KeyboardInterrupt):
            previous(kind, error, trace)  # type: ignore[arg-type]
            return
        logging.getLogger("gapbot").critical(
            "crash",
            exc_info=(kind, error, trace),  # type: ignore[arg-type]
        )

    sys.excepthook = show


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
    return " ".join([event, *(f"{name}={value}" for name, value in facts.items())])
