"""The Bot API over HTTP: parameters from the query, a form, JSON or multipart; files by path."""

import asyncio
import json
from typing import Any

from aiohttp import web

from bot.demo.api import check_token, serve
from bot.demo.chat import OfflineChat
from bot.demo.errors import AnswerLost, ApiError, BadGateway, Dropped
from bot.demo.files import Upload
from bot.demo.methods.acts import downloaded
from bot.demo.parameters import Parameters

_GATEWAY_PAGE = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
_CHAT = web.AppKey("chat", OfflineChat)


def add_bot_routes(application: web.Application, chat: OfflineChat) -> None:
    """Serve ``/bot<token>/<method>`` and ``/file/bot<token>/<path>``."""
    application[_CHAT] = chat
    application.router.add_route("*", "/bot{token}/{method}", _call)
    application.router.add_get("/file/bot{token}/{path:.+}", _download)


async def _call(request: web.Request) -> web.StreamResponse:
    chat = request.app[_CHAT]
    token, method = request.match_info["token"], request.match_info["method"]
    try:
        parameters = await _parameters(request)
        reply = await serve(chat, token, method, parameters)
    except web.HTTPRequestEntityTooLarge:
        return _refusal(ApiError(413, "Request Entity Too Large"))
    except ApiError as refusal:
        return _refusal(refusal)
    except BadGateway:
        return web.Response(status=502, text=_GATEWAY_PAGE, content_type="text/html")
    except Dropped:
        return _closed(request)
    except AnswerLost:
        await asyncio.Event().wait()  # until the client gives up, or the server stops
    return web.Response(
        status=reply.status, body=json.dumps(reply.body).encode(), content_type="application/json"
    )


async def _download(request: web.Request) -> web.StreamResponse:
    chat = request.app[_CHAT]
    try:
        check_token(chat, request.match_info["token"])
        content = downloaded(chat, request.match_info["path"])
    except ApiError as refusal:
        return _refusal(refusal)
    return web.Response(body=content, content_type="application/octet-stream")


def _refusal(refusal: ApiError) -> web.Response:
    body = {"ok": False, "error_code": refusal.code, "description": refusal.description}
    return web.json_response(body, status=refusal.code)


def _closed(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.close()
    return web.Response(status=500)


async def _parameters(request: web.Request) -> Parameters:
    values: dict[str, Any] = dict(request.query)
    files: dict[str, Upload] = {}
    if request.content_type == "application/json":
        values |= await _json_object(request)
    elif request.can_read_body:
        for name, value in (await request.post()).items():
            if isinstance(value, web.FileField):
                files[name] = Upload(value.filename, value.file.read(), value.content_type)
            else:
                values[name] = value
    return Parameters(values, files)


async def _json_object(request: web.Request) -> dict[str, Any]:
    raw = await request.read()
    try:
        body = json.loads(raw or b"{}")
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise ApiError(400, "Bad Request: can't parse request body JSON object")
    return body
