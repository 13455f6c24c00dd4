"""What is wrong with a request, as ``application/problem+json``: code, place, cause and cure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: where, what, and what to do about it."""

    place: str
    cause: str
    cure: str

    def plain(self) -> dict[str, str]:
        """Return it as JSON has it."""
        return {"place": self.place, "cause": self.cause, "cure": self.cure}


class Problem(Exception):  # noqa: N818 - the name that RFC 9457 gives it
    """A request that cannot be done. ``status`` is that of HTTP, ``code`` is ours and stable."""

    def __init__(
        self,
        status: int,
        code: str,
        title: str,
        faults: Sequence[Fault] = (),
        *,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Keep the parts apart."""
        super().__init__(f"{title} [{code}]")
        self.status = status
        self.code = code
        self.title = title
        self.faults = tuple(faults)
        self.headers = dict(headers or {})

    def answer(self) -> "Answer":
        """Return it as an answer."""
        body = {
            "type": "about:blank",
            "title": self.title,
            "status": self.status,
            "code": self.code,
            "errors": [one.plain() for one in self.faults],
        }
        return Answer(self.status, body, headers=self.headers)


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and what is said with it."""

    status: int
    body: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def media_type(self) -> str:
        """What kind of JSON this is."""
        return MEDIA_TYPE if self.status >= 400 else "application/json"

    def text(self) -> str:
        """Write the body."""
        return json.dumps(self.body, ensure_ascii=False, sort_keys=True)


def unknown_key() -> Problem:
    """The key is missing, unknown or revoked; which of these is not told."""
    fault = Fault(
        "header Authorization",
        "no key that is known stands here.",
        "Send 'Authorization: Bearer KEY' with the key that gapbot integration add printed.",
    )
    return Problem(
        401, "E101", "The key is not known.", [fault], headers={"WWW-Authenticate": "Bearer"}
    )


def too_fast(seconds: int) -> Problem:
    """More requests than are allowed."""
    fault = Fault(
        "this key", "it sends faster than is allowed.", f"Wait {seconds} seconds, then repeat it."
    )
    return Problem(
        429, "E102", "Too many requests.", [fault], headers={"Retry-After": str(seconds)}
    )


def too_large(most: int) -> Problem:
    """The body is longer than is read."""
    fault = Fault("body", f"it has more than {most} bytes.", "Send one event a request.")
    return Problem(413, "E103", "The body is too large.", [fault])


def not_json(cause: str) -> Problem:
    """The body is no JSON."""
    fault = Fault("body", cause, "Send one JSON object in UTF-8.")
    return Problem(400, "E104", "The body is not JSON.", [fault])


def unfit(faults: Sequence[Fault]) -> Problem:
    """The event does not have the form it must have."""
    return Problem(422, "E105", "The event does not fit its description.", faults)


def no_idempotency_key() -> Problem:
    """The header that makes a repetition harmless is missing."""
    fault = Fault(
        "header Idempotency-Key",
        "it is missing, or longer than 200 characters.",
        "Send a text of your own that is the same when you repeat this event, and only then.",
    )
    return Problem(400, "E106", "An idempotency key is wanted.", [fault])


def other_body() -> Problem:
    """The idempotency key was used for something else."""
    fault = Fault(
        "header Idempotency-Key",
        "it was sent before, with another body.",
        "Take a new one for each event; repeat an event with the body it had.",
    )
    return Problem(409, "E107", "This idempotency key is taken.", [fault])


def not_known(place: str, cause: str, cure: str) -> Problem:
    """The event names something that is not there, or that contradicts what is known."""
    return Problem(422, "E108", "The event names something that does not fit.", [
        Fault(place, cause, cure)
    ])  # fmt: skip


def wrong_kind() -> Problem:
    """The body is announced as something else than JSON."""
    fault = Fault("header Content-Type", "it is not application/json.", "Send JSON, and say so.")
    return Problem(415, "E109", "JSON is wanted.", [fault])


def nothing_here() -> Problem:
    """There is no such address."""
    fault = Fault("address", "nothing is here.", "Use POST /api/v1/events or GET /health.")
    return Problem(404, "E110", "There is nothing at this address.", [fault])


def wrong_method(allowed: str) -> Problem:
    """The address takes another method."""
    fault = Fault("method", "this address does not take it.", f"Use {allowed}.")
    return Problem(405, "E111", "Another method is wanted.", [fault], headers={"Allow": allowed})


def out_of_order() -> Problem:
    """The database does not do its part; the event was not taken."""
    fault = Fault(
        "the bot", "its database does not answer.", "Repeat the event with the same key later."
    )
    return Problem(503, "E120", "Not now.", [fault], headers={"Retry-After": "30"})


def broken() -> Problem:
    """Something went wrong that nobody foresaw."""
    fault = Fault("the bot", "an error that it has logged.", "Repeat the event later.")
    return Problem(500, "E121", "Something went wrong.", [fault])
