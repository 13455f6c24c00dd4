"""Putting recordings into words, where an owner has set a service for it.

The service speaks OpenAI's form, as self-hosted programs do too: a file posted to
``/audio/transcriptions``, JSON with ``text`` in return. When it fails the recording stays and is
tried again; nothing of it, of its words or of the service's answer is logged.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import aiohttp
from pydantic import BaseModel, ValidationError
from telegram.error import TelegramError

from bot.core.database import WriteLane
from bot.core.logs import Events
from bot.settings import Settings
from bot.surveys import voices
from bot.surveys.voices import Recording

_log = Events("gapbot.surveys")

ANSWER_SECONDS = 60
Download = Callable[[str], Awaitable[bytes]]


class _Written(BaseModel):
    text: str


@dataclass(frozen=True, slots=True)
class Service:
    """Where recordings are put into words. ``key`` never leaves this process but to there."""

    address: str
    key: str
    model: str


def service_of(settings: Settings) -> Service | None:
    """Return the service that the settings name, or None."""
    if not settings.transcribe:
        return None
    key = settings.transcribe_key.get_secret_value()
    return Service(settings.transcribe, key, settings.transcribe_model)


class Transcriber:
    """Writes out what waits, a few recordings at a time."""

    def __init__(self, lane: WriteLane, service: Service | None, download: Download) -> None:
        """Prepare; the clock of the bot calls ``write_out``. ``download`` fetches a file."""
        self._lane = lane
        self._service = service
        self._download = download

    async def write_out(self) -> int:
        """Put into words what waits; return how many recordings were.

        Without a service, what waits of anonymous runs is forgotten: nobody could do it any more.
        """
        if self._service is None:
            await self._lane.run(lambda session: voices.drop_anonymous(session, tries=0))
            return 0
        waiting = await self._lane.run(voices.claim)
        timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
        written = 0
        if waiting:
            async with aiohttp.ClientSession(timeout=timeout) as client:
                for recording in waiting:
                    written += await self._write_one(client, self._service, recording)
        dropped = await self._lane.run(voices.drop_anonymous)
        if waiting or dropped:
            _log.info("voices.written_out", tried=len(waiting), written=written, dropped=dropped)
        return written

    async def _write_one(
        self, client: aiohttp.ClientSession, service: Service, recording: Recording
    ) -> bool:
        try:
            sound = await self._download(recording.voice)
            words = await _transcribed(client, service, sound)
        except (aiohttp.ClientError, TelegramError, TimeoutError, ValidationError) as error:
            _log.warning("voices.not_written_out", kind=type(error).__name__)
            return False
        if not words.strip():
            return False
        await self._lane.run(lambda session: voices.write_out(session, recording, words))
        return True


async def _transcribed(client: aiohttp.ClientSession, service: Service, sound: bytes) -> str:
    form = aiohttp.FormData()
    form.add_field("file", sound, filename="voice.ogg", content_type="audio/ogg")
    form.add_field("model", service.model)
    form.add_field("response_format", "json")
    headers = {"Authorization": f"Bearer {service.key}"} if service.key else {}
    address = f"{service.address}/audio/transcriptions"
    async with client.post(address, data=form, headers=headers) as answer:
        answer.raise_for_status()
        return _Written.model_validate_json(await answer.read()).text
