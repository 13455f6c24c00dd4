"""The requests on aiohttp beside the stock ones: uploads, times, a proxy, every error."""

import asyncio
import contextlib
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from telegram import InputFile
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, HTTPXRequest, RequestData
from telegram.request._requestparameter import RequestParameter

from bot.core.aiohttp_request import AiohttpRequest, translated
from bot.core.failures import Meaning, UnsentError, classify

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Make = Callable[..., BaseRequest]
BOTH = pytest.mark.parametrize("make", [AiohttpRequest, HTTPXRequest])


@contextlib.asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[str]:
    """Serve every path with one handler."""
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.01)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@contextlib.asynccontextmanager
async def talking(
    talk: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> AsyncIterator[str]:
    """Serve connections by hand, for what no proper server does."""

    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            await talk(reader, writer)
        writer.close()

    server = await asyncio.start_server(once, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@contextlib.asynccontextmanager
async def opened(request: BaseRequest) -> AsyncIterator[BaseRequest]:
    """Open and close a request class."""
    await request.initialize()
    try:
        yield request
    finally:
        await request.shutdown()


def _form(**values: object) -> RequestData:
    return RequestData([RequestParameter.from_input(name, one) for name, one in values.items()])


async def _answer(request: web.Request) -> web.Response:
    posted = await request.post()
    seen: dict[str, Any] = {}
    for name, value in posted.items():
        if isinstance(value, web.FileField):
            content = value.file.read()
            value.file.close()
            seen[name] = [value.filename, len(content), value.content_type]
        else:
            seen[name] = value
    return web.json_response({"ok": True, "result": seen})


@BOTH
async def test_parameters_arrive_as_they_were_given(make: Make) -> None:
    data = _form(chat_id=7, text="Grüße & 你好 + مرحبا = 100 %", reply_markup={"a": ["b"]})

    async with serving(_answer) as address, opened(make()) as request:
        result = await request.post(f"{address}/bot1:a/sendMessage", data)

    assert result == {
        "chat_id": "7",
        "text": "Grüße & 你好 + مرحبا = 100 %",
        "reply_markup": '{"a": ["b"]}',
    }


@BOTH
async def test_files_are_uploaded_under_their_names_whatever_the_script(make: Make) -> None:
    photo = InputFile(b"\x89PNG" * 50_000, filename="图表 diagramme été.png")

    async with serving(_answer) as address, opened(make()) as request:
        result = await request.post(f"{address}/x", _form(chat_id=7, caption="hé", photo=photo))

    assert result == {
        "chat_id": "7",
        "caption": "hé",
        "photo": ["图表 diagramme été.png", 200_000, "image/png"],
    }


@BOTH
async def test_files_are_fetched_whole(make: Make) -> None:
    async def give(request: web.Request) -> web.Response:
        return web.Response(body=b"\x00\xff" * 100_000)

    async with serving(give) as address, opened(make()) as request:
        assert await request.retrieve(f"{address}/file/bot1:a/photo") == b"\x00\xff" * 100_000


@BOTH
async def test_an_answer_that_does_not_come_is_uncertain(make: Make) -> None:
    async def silent(request: web.Request) -> web.Response:
        await asyncio.sleep(30)
        return web.Response()

    async with serving(silent) as address, opened(make(read_timeout=0.05)) as request:
        with pytest.raises(TimedOut) as caught:
            await request.post(f"{address}/x", _form(chat_id=7))

    assert classify(caught.value).meaning is Meaning.UNCERTAIN


async def test_a_long_poll_may_take_longer_than_other_answers() -> None:
    async def slow(request: web.Request) -> web.Response:
        await asyncio.sleep(0.15)
        return web.json_response({"ok": True, "result": []})

    async with serving(slow) as address, opened(AiohttpRequest(read_timeout=0.05)) as request:
        assert await request.post(f"{address}/getUpdates", _form(offset=1), read_timeout=5) == []


@BOTH
async def test_a_refused_connection_was_never_sent(make: Make) -> None:
    async with serving(_answer) as gone:
        pass

    async with opened(make()) as request:
        with pytest.raises(NetworkError) as caught:
            await request.post(f"{gone}/x", _form(chat_id=7))

    assert classify(caught.value).meaning is Meaning.UNSENT


async def test_a_host_that_does_not_accept_in_time_was_never_sent_to() -> None:
    """The queue of a listening socket nobody accepts from is filled, so that one more waits."""
    import socket

    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            one = stack.enter_context(socket.socket())
            one.setblocking(False)
            one.connect_ex(listener.getsockname())
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        async with opened(AiohttpRequest(connect_timeout=0.05)) as request:
            with pytest.raises(UnsentError):
                await request.post(f"{address}/x", _form(chat_id=7))


async def test_a_wait_for_a_free_connection_was_never_sent() -> None:
    async def slow(request: web.Request) -> web.Response:
        await asyncio.sleep(0.3)
        return web.json_response({"ok": True, "result": True})

    tight = AiohttpRequest(connections=1, connect_timeout=0.05, pool_timeout=0.05)
    async with serving(slow) as address, opened(tight) as request:
        first = asyncio.create_task(request.post(f"{address}/x", _form(chat_id=7)))
        await asyncio.sleep(0.05)
        with pytest.raises(UnsentError):
            await request.post(f"{address}/x", _form(chat_id=8))

        assert await first is True


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"])
async def test_a_cut_connection_is_uncertain(said: bytes) -> None:
    async def cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(said)
        await writer.drain()

    async with talking(cut) as address, opened(AiohttpRequest()) as request:
        with pytest.raises(TimedOut):
            await request.post(f"{address}/x", _form(chat_id=7))


@pytest.mark.parametrize("said", [b"SSH-2.0-OpenSSH\r\n\r\n", b"HTTP/1.1 999999 ?\r\n\r\n"])
async def test_a_server_that_speaks_something_else_is_a_network_error(said: bytes) -> None:
    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(said)
        await writer.drain()

    async with talking(babble) as address, opened(AiohttpRequest()) as request:
        with pytest.raises(NetworkError):
            await request.post(f"{address}/x", _form(chat_id=7))


async def test_an_answer_that_is_no_json_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def broken(request: web.Request) -> web.Response:
        return web.Response(text='{"ok": true, "result": [{"text": "my secret answer"')

    async with serving(broken) as address, opened(AiohttpRequest()) as request:
        with pytest.raises(TelegramError):
            await request.post(f"{address}/x", _form(chat_id=7))

    assert "secret" not in caplog.text


@BOTH
async def test_requests_go_through_a_proxy_when_one_is_set(make: Make) -> None:
    asked: list[str] = []

    async def forward(request: web.Request) -> web.Response:
        asked.append(request.raw_path)
        return await _answer(request)

    async with serving(forward) as proxy, opened(make(proxy=proxy)) as request:
        result = await request.post("http://telegram.invalid/bot1:a/getMe", _form(a="b"))

    assert result == {"a": "b"}
    assert asked[0].endswith("/bot1:a/getMe")


@BOTH
async def test_what_a_proxy_does_not_let_through_was_never_sent(make: Make) -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()

    async with talking(refuse) as proxy, opened(make(proxy=proxy)) as request:
        with pytest.raises(NetworkError) as caught:
            await request.post("https://telegram.invalid/bot1:a/getMe", _form(a="b"))

    assert classify(caught.value).meaning is Meaning.UNSENT


def _example(kind: type[Exception]) -> Exception:
    """Make an error as aiohttp would, past constructors that differ from class to class."""
    error = kind.__new__(kind)
    error.args = (SimpleNamespace(real_url="http://host/bot1234:secret/x"),)
    return error


def test_every_error_of_aiohttp_becomes_one_of_the_librarys() -> None:
    kinds = [
        kind
        for _, kind in inspect.getmembers(aiohttp.client_exceptions, inspect.isclass)
        if issubclass(kind, aiohttp.ClientError)
    ]

    meanings = {kind.__name__: classify(translated(_example(kind))).meaning for kind in kinds}

    assert len(kinds) > 20
    assert set(meanings.values()) == {Meaning.UNSENT, Meaning.UNCERTAIN}
    assert [name for name, meaning in meanings.items() if meaning is Meaning.UNSENT] == [
        "ClientConnectionResetError",
        "ClientConnectorCertificateError",
        "ClientConnectorDNSError",
        "ClientConnectorError",
        "ClientConnectorSSLError",
        "ClientHttpProxyError",
        "ClientProxyConnectionError",
        "ClientSSLError",
        "ConnectionTimeoutError",
        "ServerFingerprintMismatch",
        "UnixClientConnectorError",
    ]
    assert all("secret" not in str(translated(_example(kind))) for kind in kinds)


async def test_it_says_so_when_it_was_not_opened() -> None:
    with pytest.raises(NetworkError, match="not initialised"):
        await AiohttpRequest().post("http://127.0.0.1:1/x", _form(a="b"))
