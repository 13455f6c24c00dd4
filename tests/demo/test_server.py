"""The face over HTTP: every way to pass parameters, and who is let in."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from bot.demo.chat import OfflineChat
from bot.demo.errors import ServerNotStarted
from bot.demo.server import ChatServer

ALICE, BRUNO = 1001, 1002
TOKEN = "4242:offline-chat-for-tests"
ACT = {"X-Offline-Chat": "1"}


@pytest.fixture
async def http(server: ChatServer) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(server.url) as session:
        yield session


async def answer(response: aiohttp.ClientResponse) -> Any:
    return json.loads(await response.read())


async def test_parameters_come_as_query_form_json_or_multipart(
    http: aiohttp.ClientSession, chat: OfflineChat
) -> None:
    path = f"/bot{TOKEN}/sendMessage"
    multipart = aiohttp.FormData(default_to_multipart=True)
    multipart.add_field("chat_id", str(ALICE))
    multipart.add_field("text", "four")

    await http.get(path, params={"chat_id": ALICE, "text": "one"})
    await http.post(path, data={"chat_id": str(ALICE), "text": "two"})
    await http.post(path, json={"chat_id": ALICE, "text": "three"})
    await http.post(path, data=multipart)

    assert [m.body.text for m in chat.timeline(ALICE)[1:]] == ["one", "two", "three", "four"]


async def test_methods_are_found_in_any_case(http: aiohttp.ClientSession) -> None:
    body = await answer(await http.get(f"/bot{TOKEN}/GETME"))

    assert body["result"]["is_bot"] is True


@pytest.mark.parametrize(
    ("address", "status", "description"),
    [
        (f"{TOKEN}/dance", 404, "Not Found"),
        ("4242:wrong/getMe", 401, "Unauthorized"),
        ("nonsense/getMe", 404, "Not Found"),
    ],
)
async def test_a_wrong_address_is_refused_in_telegrams_words(
    http: aiohttp.ClientSession, address: str, status: int, description: str
) -> None:
    response = await http.get(f"/bot{address}")

    assert response.status == status
    assert await answer(response) == {
        "ok": False,
        "error_code": status,
        "description": description,
    }


async def test_malformed_json_is_refused(http: aiohttp.ClientSession) -> None:
    headers = {"Content-Type": "application/json"}

    broken = await http.post(f"/bot{TOKEN}/getMe", data=b"{", headers=headers)
    markup = {"chat_id": ALICE, "text": "x", "reply_markup": "{"}
    keyboard = await http.post(f"/bot{TOKEN}/sendMessage", json=markup)

    assert broken.status == 400
    assert (await answer(keyboard))["description"] == (
        "Bad Request: can't parse reply keyboard markup JSON object"
    )


async def test_a_flood_answer_says_how_long_to_wait(
    http: aiohttp.ClientSession, chat: OfflineChat
) -> None:
    chat.flood.enabled = True
    chat.flood.burst = 1
    message = {"chat_id": ALICE, "text": "x"}

    await http.post(f"/bot{TOKEN}/sendMessage", json=message)
    refused = await http.post(f"/bot{TOKEN}/sendMessage", json=message)

    assert refused.status == 429
    assert (await answer(refused))["parameters"] == {"retry_after": 1}


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "example.org", "::"])  # noqa: S104
def test_only_loopback_addresses_are_served(chat: OfflineChat, host: str) -> None:
    with pytest.raises(ServerNotStarted, match="is not a loopback address"):
        ChatServer(chat, host=host)


async def test_a_taken_port_is_named(chat: OfflineChat, server: ChatServer) -> None:
    port = int(server.url.rpartition(":")[2])

    with pytest.raises(ServerNotStarted, match=rf"127\.0\.0\.1:{port}.*Choose another port"):
        await ChatServer(chat, port=port).start()


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example:80"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
async def test_another_web_site_cannot_press_buttons(
    http: aiohttp.ClientSession, chat: OfflineChat, headers: dict[str, str]
) -> None:
    said = {"user": ALICE, "text": "not me"}

    response = await http.post("/chat/say", json=said, headers={**ACT, **headers})

    assert response.status == 403
    assert len(chat.timeline(ALICE)) == 1


async def test_an_act_without_the_pages_header_is_refused(
    http: aiohttp.ClientSession, chat: OfflineChat
) -> None:
    response = await http.post("/chat/say", json={"user": ALICE, "text": "not me"})

    assert response.status == 403
    assert len(chat.timeline(ALICE)) == 1


@pytest.mark.parametrize(
    ("act", "body", "status"),
    [
        ("say", {"user": ALICE, "text": " "}, 409),
        ("say", {"user": 1, "text": "x"}, 409),
        ("say", {"text": "x"}, 400),
        ("press", {"user": ALICE, "message": 4711, "data": "x"}, 409),
        ("block", {"user": 1, "blocked": True}, 409),
        ("person", {"name": " "}, 409),
        ("say", [], 400),
    ],
)
async def test_an_impossible_act_is_answered_with_a_reason(
    http: aiohttp.ClientSession, act: str, body: Any, status: int
) -> None:
    response = await http.post(f"/chat/{act}", json=body, headers=ACT)

    assert response.status == status
    assert (await answer(response))["error"]


async def test_a_new_person_starts_with_the_invitation(
    http: aiohttp.ClientSession, chat: OfflineChat
) -> None:
    newcomer = {"name": "Dana", "language": "ar", "payload": "abc"}

    body = await answer(await http.post("/chat/person", json=newcomer, headers=ACT))

    assert chat.people[body["user"]].persona.language_code == "ar"
    assert chat.timeline(body["user"])[0].body.text == "/start abc"


async def test_the_page_runs_nothing_from_elsewhere(http: aiohttp.ClientSession) -> None:
    response = await http.get("/")
    text = await response.text()

    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert "http" not in text.replace("http://www.w3.org", "").replace("http-equiv", "")


async def test_the_page_brings_letters_along_and_no_other_file(http: aiohttp.ClientSession) -> None:
    async with http.get("/page/style.css") as response:
        fonts = re.findall(r'url\("(/page/fonts/[^"]+)"\)', await response.text())
    kinds = []
    for font in fonts:
        async with http.get(font) as response:
            assert response.status == 200
            assert len(await response.read()) > 100_000
            kinds.append(response.content_type)
    async with http.get("/page/fonts/README.md") as response:
        assert response.status == 404

    assert sorted(kinds) == ["font/otf"] * 3 + ["font/ttf"] * 2


async def test_a_document_is_saved_and_never_run(
    http: aiohttp.ClientSession, chat: OfflineChat
) -> None:
    form = aiohttp.FormData()
    form.add_field("chat_id", str(ALICE))
    form.add_field("document", b"<script>1</script>", filename="x.html", content_type="text/html")
    sent = await answer(await http.post(f"/bot{TOKEN}/sendDocument", data=form))

    response = await http.get(f"/chat/files/{sent['result']['document']['file_id']}")

    assert response.content_type == "application/octet-stream"
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert (await http.get("/chat/files/unknown")).status == 404


async def test_events_reach_an_open_page(http: aiohttp.ClientSession, chat: OfflineChat) -> None:
    async with http.get("/chat/events") as stream:
        await stream.content.readuntil(b"\n\n")

        chat.say(ALICE, "<b>hello</b>")

        line = (await stream.content.readuntil(b"\n\n")).decode()

    event = json.loads(line.removeprefix("data: "))
    assert (event["kind"], event["user"]) == ("message", ALICE)
    assert event["message"]["html"] == "&lt;b&gt;hello&lt;/b&gt;"


async def test_stopping_ends_open_pages_and_waiting_polls_at_once(chat: OfflineChat) -> None:
    server = ChatServer(chat)
    url = await server.start()

    async with aiohttp.ClientSession() as session:
        stream = await session.get(f"{url}/chat/events")
        poll = asyncio.create_task(session.get(f"{url}/bot{TOKEN}/getUpdates?timeout=30"))
        await chat.until(lambda: True)
        async with asyncio.timeout(3):
            await server.stop()
            await asyncio.wait([poll])
        stream.close()
        assert poll.exception() is not None


async def test_a_failing_week_is_told_and_can_be_tried_again(chat: OfflineChat) -> None:
    async def week() -> str:
        raise RuntimeError("the clock is stuck")

    server = ChatServer(chat, on_week=week)
    url = await server.start()

    async with aiohttp.ClientSession() as session, session.get(f"{url}/chat/events") as stream:
        await stream.content.readuntil(b"\n\n")
        await session.post(f"{url}/chat/week", json={}, headers=ACT)
        events = [await stream.content.readuntil(b"\n\n") for _ in range(2)]
        again = await answer(await session.post(f"{url}/chat/week", json={}, headers=ACT))
    await server.stop()

    told = json.loads(events[1].decode().removeprefix("data: "))
    assert (told["state"], told["text"]) == ("failed", "RuntimeError: the clock is stuck")
    assert again == {"begun": True}


async def test_the_page_shows_its_personas_and_not_the_crowd(chat: OfflineChat) -> None:
    server = ChatServer(chat, personas=[chat.people[BRUNO].persona])
    url = await server.start()

    async with aiohttp.ClientSession(url) as session, session.get("/chat/events") as stream:
        await stream.content.readuntil(b"\n\n")
        chat.say(ALICE, "one of the crowd")
        chat.say(BRUNO, "a persona")
        event = (await stream.content.readuntil(b"\n\n")).decode()
        newcomer = await answer(
            await session.post("/chat/person", json={"name": "Dana"}, headers=ACT)
        )
        state = await answer(await session.get("/chat/state"))
    await server.stop()

    assert "a persona" in event
    assert [person["id"] for person in state["people"]] == [BRUNO, newcomer["user"]]
