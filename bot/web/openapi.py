"""The document of the event API, made of the models that read the events."""

from typing import Any

from pydantic import BaseModel

from bot import __version__
from bot.web.schema import event_schema

_PROBLEMS = {
    "400": "No JSON, or no idempotency key (E104, E106).",
    "401": "The key is missing, unknown or revoked (E101).",
    "409": "The idempotency key was sent before with another body (E107).",
    "413": "The body is larger than 16 KiB (E103).",
    "415": "The body is not announced as JSON (E109).",
    "422": "The event does not have its form, or names something unknown (E105, E108).",
    "429": "Too many requests; Retry-After says how long to wait (E102).",
    "503": "The database does not answer; repeat it with the same key (E120).",
}


class Fault(BaseModel):
    """One thing that is wrong."""

    place: str
    cause: str
    cure: str


class ProblemBody(BaseModel):
    """What is wrong with a request (RFC 9457), with a code that is stable."""

    type: str
    title: str
    status: int
    code: str
    errors: list[Fault]


class Taken(BaseModel):
    """What became of an event.

    ``asking`` and ``reason`` of a visit; ``invitation`` where a link was wanted, null for a
    customer who takes part already.
    """

    result: str
    asking: str | None = None
    reason: str | None = None
    invitation: str | None = None


def document() -> dict[str, Any]:
    """Return the OpenAPI document."""
    event = event_schema()
    parts = event.pop("$defs")
    for model in (ProblemBody, Taken):
        schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
        parts |= schema.pop("$defs", {}) | {model.__name__: schema}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "gapbot event API",
            "version": __version__,
            "description": "Tell gapbot of customers, visits and measurements.",
        },
        "paths": {"/api/v1/events": {"post": _events()}, "/health": {"get": _health()}},
        "components": {
            "schemas": {"Event": event, **parts},
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
    }


def _events() -> dict[str, Any]:
    return {
        "summary": "Report one event",
        "operationId": "reportEvent",
        "security": [{"key": []}],
        "parameters": [
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": True,
                "description": "Your own text for this event, the same when you repeat it.",
                "schema": {"type": "string", "minLength": 1, "maxLength": 200},
            }
        ],
        "requestBody": {"required": True, "content": {"application/json": _ref("Event")}},
        "responses": {
            "200": {
                "description": "Taken. Repeated within three days it gets the same answer.",
                "content": {"application/json": _ref("Taken")},
            },
            **{
                status: {
                    "description": words,
                    "content": {"application/problem+json": _ref("ProblemBody")},
                }
                for status, words in _PROBLEMS.items()
            },
        },
    }


def _health() -> dict[str, Any]:
    return {
        "summary": "Tell whether the bot does its work",
        "operationId": "health",
        "responses": {
            "200": {"description": "It does."},
            "503": {"description": "It does not; the body names the part."},
        },
    }


def _ref(name: str) -> dict[str, Any]:
    return {"schema": {"$ref": f"#/components/schemas/{name}"}}
