"""The addresses that answer: ``POST /api/v1/events``, ``GET /health`` and its two parts.

Nothing that was sent is logged: not the key, not the body, not the idempotency key.
"""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from bot.core.clock import Clock
from bot.core.database import WriteLane
from bot.core.errors import StorageError
from bot.core.logs import Events
from bot.web import problems
from bot.web.accepting import Sent, Surroundings, accept
from bot.web.health import Health
from bot.web.openapi import document
from bot.web.problems import Answer, Problem

_log = Events("gapbot.web")

MOST_BYTES = 16_384
LONGEST_KEY = 200

Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Web:
    """What the addresses need."""

    lane: WriteLane
    clock: Clock
    around: Surroundings
    health: Health

    def app(self) -> Starlette:
        """Return the application."""
        return Starlette(
            routes=[
                Route("/api/v1/events", self.events, methods=["POST"]),
                Route("/api/v1/openapi.json", openapi, methods=["GET"]),
                Route("/health", self.whole, methods=["GET"]),
                Route("/health/live", live, methods=["GET"]),
                Route("/health/ready", self.whole, methods=["GET"]),
            ],
            exception_handlers={HTTPException: _not_found, Exception: _broken},
        )

    async def events(self, request: Request) -> Response:
        """Take one event."""
        try:
            sent = await _sent(request)
            now = self.clock.now()
            answer = await self.lane.run(
                lambda session: accept(session, sent, self.around, now=now)
            )
        except Problem as problem:
            answer = problem.answer()
        except StorageError as error:
            _log.error("event.waits", why=error)
            answer = problems.out_of_order().answer()
        except ClientDisconnect:
            return Response(status_code=400)
        _log.info("event.answered", status=answer.status, code=answer.body.get("code", ""))
        return response(answer)

    async def whole(self, request: Request) -> Response:  # noqa: ARG002 - the library's shape
        """Say whether the bot does its work."""
        return response(await self.health.told())


async def live(request: Request) -> Response:  # noqa: ARG001 - the library's shape
    """Say that the process answers."""
    return response(Answer(200, {"status": "alive"}))


async def openapi(request: Request) -> Response:  # noqa: ARG001 - the library's shape
    """Say what can be sent."""
    return response(Answer(200, document()))


def response(answer: Answer) -> Response:
    """Write an answer as HTTP has it."""
    return Response(
        answer.text(),
        status_code=answer.status,
        media_type=answer.media_type,
        headers={"Cache-Control": "no-store", **answer.headers},
    )


async def _sent(request: Request) -> Sent:
    """Read a request, its head first: who sends, what, and no more of it than is taken."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        raise problems.unknown_key()
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise problems.wrong_kind()
    idempotency_key = request.headers.get("idempotency-key", "").strip()
    if not 1 <= len(idempotency_key) <= LONGEST_KEY:
        raise problems.no_idempotency_key()
    return Sent(key.strip(), idempotency_key, await _body(request))


async def _body(request: Request) -> bytes:
    announced = request.headers.get("content-length", "0")
    if announced.isdigit() and int(announced) > MOST_BYTES:
        raise problems.too_large(MOST_BYTES)
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            raise problems.too_large(MOST_BYTES)
    return body


async def _not_found(request: Request, error: Exception) -> Response:  # noqa: ARG001
    allowed = getattr(error, "headers", None) or {}
    if "Allow" in allowed:
        return response(problems.wrong_method(allowed["Allow"]).answer())
    return response(problems.nothing_here().answer())


async def _broken(request: Request, error: Exception) -> Response:  # noqa: ARG001
    _log.error("web.broken", error)
    return response(problems.broken().answer())


def as_json(body: Any) -> str:
    """Write plain values as a document that is read by people too."""
    return json.dumps(body, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
