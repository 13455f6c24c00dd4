"""The page: its files, the state of all chats, what people do, and a stream of what happens."""

import asyncio
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from typing import Any

from aiohttp import web

from bot.core.typeface import FONTS
from bot.demo.errors import ApiError, ImpossibleAct
from bot.demo.files import Upload
from bot.demo.model import Persona
from bot.demo.page_state import PageState

_PAGE = Path(__file__).parent / "page"
_FILES = {
    "/": ("index.html", "text/html"),
    "/page/style.css": ("style.css", "text/css"),
    "/page/page.js": ("page.js", "text/javascript"),
    "/page/bubbles.js": ("bubbles.js", "text/javascript"),
    "/page/attaching.js": ("attaching.js", "text/javascript"),
    "/page/words.json": ("words.json", "application/json"),
}
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "media-src 'self'; font-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_KEEP_ALIVE_SECONDS = 15.0


_STATE = web.AppKey("page", PageState)


def add_page_routes(application: web.Application, page: PageState) -> None:
    """Serve the page at ``/`` and its own API under ``/chat``."""
    application[_STATE] = page
    for address in _FILES:
        application.router.add_get(address, _file)
    application.router.add_get("/page/fonts/{name}", _font)
    application.router.add_get("/chat/state", _state)
    application.router.add_get("/chat/events", _events)
    application.router.add_get("/chat/files/{file_id}", _uploaded)
    for act in _ACTS:
        application.router.add_post(f"/chat/{act}", _act)


async def _file(request: web.Request) -> web.Response:
    name, mime = _FILES[request.path]
    content = await asyncio.to_thread((_PAGE / name).read_bytes)
    return web.Response(body=content, content_type=mime, charset="utf-8", headers=_HEADERS)


async def _font(request: web.Request) -> web.Response:
    """Send a font of the charts, for browsers that have none for its letters."""
    fonts = {font.name: font for font in FONTS.glob("Gapbot*.?tf")}
    font = fonts.get(request.match_info["name"])
    if font is None:
        raise web.HTTPNotFound
    content = await asyncio.to_thread(font.read_bytes)
    return web.Response(body=content, content_type=f"font/{font.suffix[1:]}", headers=_HEADERS)


async def _state(request: web.Request) -> web.Response:
    return web.json_response(request.app[_STATE].state(), headers=_HEADERS)


async def _uploaded(request: web.Request) -> web.Response:
    file = request.app[_STATE].chat.files.by_id(request.match_info["file_id"])
    if file is None:
        raise web.HTTPNotFound
    headers = dict(_HEADERS)
    is_shown = file.kind in {"photo", "voice"}
    if not is_shown:  # pictures are shown, voices played; anything else is saved, never run
        name = "".join(sign for sign in file.name if sign.isalnum() or sign in "._- ")
        headers["Content-Disposition"] = f'attachment; filename="{name}"'
    mime = file.mime if is_shown else "application/octet-stream"
    return web.Response(body=file.content, content_type=mime, headers=headers)


async def _events(request: web.Request) -> web.StreamResponse:
    page = request.app[_STATE]
    response = web.StreamResponse(headers={**_HEADERS, "Content-Type": "text/event-stream"})
    queue = page.open_stream()
    try:
        await response.prepare(request)
        await response.write(b": welcome\n\n")
        while (line := await _next_line(queue)) is not None:
            await response.write(line)
    except ConnectionError:
        pass  # the page was closed
    finally:
        page.close_stream(queue)
    return response


async def _next_line(queue: asyncio.Queue[bytes | None]) -> bytes | None:
    try:
        return await asyncio.wait_for(queue.get(), _KEEP_ALIVE_SECONDS)
    except TimeoutError:
        return b": still here\n\n"


async def _act(request: web.Request) -> web.Response:
    """Let a person do something. The custom header makes a foreign page ask first, in vain."""
    if request.content_type != "application/json" or "X-Offline-Chat" not in request.headers:
        return web.json_response({"error": "send JSON with X-Offline-Chat"}, status=403)
    try:
        body = await request.json()
        found = _ACTS[request.path.rpartition("/")[2]](request.app[_STATE], body)
    except (ImpossibleAct, ApiError) as error:
        return web.json_response({"error": str(error)}, status=409)
    except (KeyError, TypeError, ValueError):
        return web.json_response({"error": "a field is missing or wrong"}, status=400)
    return web.json_response(found, headers=_HEADERS)


def _say(page: PageState, body: dict[str, Any]) -> dict[str, Any]:
    return {"message_id": page.chat.say(int(body["user"]), str(body["text"])).message_id}


def _send(page: PageState, body: dict[str, Any]) -> dict[str, Any]:
    """Let a person send a photo, a voice or a file; what it is goes by the type it claims."""
    user_id, caption, mime = int(body["user"]), str(body.get("caption") or ""), str(body["type"])
    upload = Upload(str(body["name"]), b64decode(body["content"], validate=True), mime)
    kind = mime.partition("/")[0]
    if kind == "image":
        sent = page.chat.send_photo(user_id, upload, caption)
    elif kind == "audio":
        seconds = int(body.get("seconds") or 1)
        sent = page.chat.send_voice(user_id, upload, caption, seconds=seconds)
    else:
        sent = page.chat.send_document(user_id, upload, caption)
    return {"message_id": sent.message_id}


def _press(page: PageState, body: dict[str, Any]) -> dict[str, Any]:
    press = page.chat.press(int(body["user"]), int(body["message"]), str(body["data"]))
    return {"query": press.query_id}


def _block(page: PageState, body: dict[str, Any]) -> dict[str, Any]:
    act = page.chat.block if body["blocked"] else page.chat.unblock
    act(int(body["user"]))
    return {"blocked": bool(body["blocked"])}


def _week(page: PageState, body: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001
    return {"begun": page.let_a_week_pass()}


def _person(page: PageState, body: dict[str, Any]) -> dict[str, Any]:
    name = str(body["name"]).strip()
    if not name:
        raise ImpossibleAct("a person needs a name")
    user_id = max(page.chat.people, default=1000) + 1
    page.add(Persona(user_id, name, str(body.get("language") or "") or None))
    page.chat.say(user_id, f"/start {body.get('payload') or ''}".strip())
    return {"user": user_id}


_ACTS: dict[str, Callable[[PageState, dict[str, Any]], dict[str, Any]]] = {
    "say": _say,
    "send": _send,
    "press": _press,
    "block": _block,
    "week": _week,
    "person": _person,
}
