"""Recordings put into words by a service on loopback; what fails, and what is never told."""

import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlalchemy import update
from sqlmodel import Session, col
from telegram.error import BadRequest

from bot.core.database import Database
from bot.surveys.tables import Comment, Run
from bot.surveys.transcribing import Service, Transcriber
from bot.surveys.voices import MOST_TRIES
from tests.support.answers import Ledger
from tests.support.machinery import InlineLane
from tests.support.surveys import House
from tests.support.voices import desk


@dataclass
class Scribe:
    """A service that answers with these words, or with another status."""

    status: int = 200
    body: str = '{"text": " More chairs, please. "}'
    heard: list[dict[str, Any]] = field(default_factory=list)

    async def transcribe(self, request: web.Request) -> web.Response:
        """Keep what came, and answer."""
        form = await request.post()
        sound = form["file"]
        assert isinstance(sound, web.FileField)
        self.heard.append(
            {
                "sound": sound.file.read(),
                "model": form["model"],
                "key": request.headers.get("Authorization"),
            }
        )
        return web.Response(status=self.status, text=self.body, content_type="application/json")


@pytest.fixture
async def scribe() -> AsyncIterator[tuple[Scribe, Service]]:
    """A service on loopback."""
    one = Scribe()
    app = web.Application()
    app.router.add_post("/v1/audio/transcriptions", one.transcribe)
    async with TestServer(app) as server:
        yield one, Service(str(server.make_url("/v1")), "key-of-the-service", "small")


async def download(file_id: str) -> bytes:
    return f"sound of {file_id}".encode()


def spoken(database: Database, folder: Path, *, anonymous: bool) -> House:
    """Return a house in which somebody answered with a recording."""
    house = House(database, desk=desk(folder, anonymous=anonymous, writes_voices_out=True)).open()
    key = Ledger(house).run({("reliability.agreed_time", "P"): 4})
    comment = Comment(
        run_key=key, text="", language="en", unit_id=1, week=date(2026, 2, 23), voice="AwVoice"
    )
    database.run(lambda session: session.add(comment))
    return house


def transcriber(house: House, service: Service | None) -> Transcriber:
    return Transcriber(InlineLane(house.database), service, download)


def comments(house: House) -> list[tuple[str, str]]:
    return [(row.text, row.voice) for row in house.rows(Comment)]


@pytest.mark.parametrize(("anonymous", "voice_after"), [(False, "AwVoice"), (True, "")])
async def test_the_words_become_the_comment_and_an_anonymous_voice_goes(
    database: Database,
    tmp_path: Path,
    scribe: tuple[Scribe, Service],
    *,
    anonymous: bool,
    voice_after: str,
):
    house = spoken(database, tmp_path, anonymous=anonymous)

    written = await transcriber(house, scribe[1]).write_out()
    again = await transcriber(house, scribe[1]).write_out()

    assert (written, again) == (1, 0)
    assert comments(house) == [("More chairs, please.", voice_after)]
    assert scribe[0].heard == [
        {"sound": b"sound of AwVoice", "model": "small", "key": "Bearer key-of-the-service"}
    ]


@pytest.mark.parametrize(
    ("status", "body"), [(500, "{}"), (200, "no json"), (200, "{}"), (200, '{"text": "  "}')]
)
async def test_when_it_fails_the_recording_stays_and_nothing_of_it_is_logged(
    sqlite_database: Database,
    tmp_path: Path,
    scribe: tuple[Scribe, Service],
    caplog: pytest.LogCaptureFixture,
    *,
    status: int,
    body: str,
):
    house = spoken(sqlite_database, tmp_path, anonymous=True)
    scribe[0].status, scribe[0].body = status, body
    caplog.set_level(logging.DEBUG)

    written = await transcriber(house, scribe[1]).write_out()

    assert (written, comments(house)) == (0, [("", "AwVoice")])
    ours = "".join(one.getMessage() for one in caplog.records if one.name != "aiohttp.access")
    assert "voices.not_written_out" in ours or body == '{"text": "  "}'
    assert not [word for word in ("AwVoice", "key-of", "no json", "/v1") if word in ours]


async def test_a_file_that_telegram_has_no_more_is_no_reason_to_stop(
    sqlite_database: Database, tmp_path: Path, scribe: tuple[Scribe, Service]
):
    house = spoken(sqlite_database, tmp_path, anonymous=False)

    async def gone(file_id: str) -> bytes:
        raise BadRequest("invalid file_id")

    written = await Transcriber(InlineLane(house.database), scribe[1], gone).write_out()

    assert (written, comments(house), scribe[0].heard) == (0, [("", "AwVoice")], [])


@pytest.mark.parametrize(("anonymous", "left"), [(True, []), (False, [("", "AwVoice")])])
async def test_after_the_last_try_an_anonymous_recording_is_forgotten(
    sqlite_database: Database,
    tmp_path: Path,
    scribe: tuple[Scribe, Service],
    *,
    anonymous: bool,
    left: list[tuple[str, str]],
):
    house = spoken(sqlite_database, tmp_path, anonymous=anonymous)
    scribe[0].status = 503

    for _ in range(MOST_TRIES):
        await transcriber(house, scribe[1]).write_out()
    tried = len(scribe[0].heard)
    await transcriber(house, scribe[1]).write_out()

    assert (tried, len(scribe[0].heard)) == (MOST_TRIES, MOST_TRIES)
    assert comments(house) == left


@pytest.mark.parametrize(("anonymous", "left"), [(True, []), (False, [("", "AwVoice")])])
async def test_without_a_service_what_waits_of_anonymous_runs_is_forgotten(
    database: Database, tmp_path: Path, *, anonymous: bool, left: list[tuple[str, str]]
):
    house = spoken(database, tmp_path, anonymous=anonymous)

    await transcriber(house, None).write_out()

    assert comments(house) == left


async def test_what_was_erased_meanwhile_does_not_come_back(
    sqlite_database: Database, tmp_path: Path, scribe: tuple[Scribe, Service]
):
    house = spoken(sqlite_database, tmp_path, anonymous=False)
    [run] = house.rows(Run)

    async def erased_then(file_id: str) -> bytes:
        Ledger(house).erase(run.key)
        return b"sound"

    await Transcriber(InlineLane(house.database), scribe[1], erased_then).write_out()

    assert comments(house) == []


async def test_words_that_were_written_meanwhile_are_not_replaced(
    sqlite_database: Database, tmp_path: Path, scribe: tuple[Scribe, Service]
):
    house = spoken(sqlite_database, tmp_path, anonymous=False)

    async def written_then(file_id: str) -> bytes:
        def work(session: Session) -> None:
            session.execute(update(Comment).where(col(Comment.unit_id) == 1).values(text="Mine"))

        house.database.run(work)
        return b"sound"

    await Transcriber(InlineLane(house.database), scribe[1], written_then).write_out()

    assert comments(house) == [("Mine", "AwVoice")]
