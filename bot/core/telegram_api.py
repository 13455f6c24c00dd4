"""The one seam towards Telegram: Bot API calls by name, with python-telegram-bot underneath."""

import os
from collections.abc import Mapping
from typing import Any

from telegram import Bot, InputFile
from telegram.error import NetworkError
from telegram.request import BaseRequest, RequestData
from telegram.request._requestparameter import RequestParameter

from bot.core.dialogue import Call

POLL_SECONDS = 30

Files = Mapping[str, tuple[str, bytes]]
"""Uploads by the name of their parameter: what each is called, and what it holds."""


class Telegram(Bot):
    """A bot whose calls are data: ``{"method": "sendMessage", "chat_id": 1, ...}``.

    Replies are stored before they are made, so they are data first; and plain results come back,
    since building the library's objects from answers nobody reads costs more than the call.
    """

    def __init__(self, token: str, api: str, *, request: BaseRequest, polling: BaseRequest) -> None:
        """Talk to the server at ``api``, its address without ``/bot<token>``."""
        # Waits as timedeltas, as the library will give them some day; without this it warns.
        os.environ.setdefault("PTB_TIMEDELTA", "1")
        super().__init__(
            token,
            base_url=f"{api}/bot",
            base_file_url=f"{api}/file/bot",
            request=request,
            get_updates_request=polling,
        )

    def __repr__(self) -> str:
        """Name the bot without its token, which the library's own form shows."""
        return f"<Telegram {self.base_url.partition('/bot')[0]}>"

    @property
    def polling(self) -> BaseRequest:
        """The requests that wait for updates."""
        return self._request[0]

    async def make(self, call: Call, *, files: Files | None = None) -> Any:
        """Make one call and return its plain result; ``files`` are uploaded with it.

        ``attached`` in a call are text files: by the name of the parameter, a file's name and text.

        Raises
        ------
        telegram.error.TelegramError
            As ``bot.core.failures.classify`` understands it.
        """
        parameters = [
            RequestParameter(name, value, None)  # plain already: nothing has to be looked into
            for name, value in call.items()
            if name not in {"method", "attached"} and value is not None
        ]
        for name, (filename, text) in call.get("attached", {}).items():
            document = InputFile(text.encode(), filename=filename)
            parameters.append(RequestParameter.from_input(name, document))
        for name, (file_name, content) in (files or {}).items():
            file = InputFile(content, filename=file_name)
            parameters.append(RequestParameter.from_input(name, file))
        return await self.request.post(f"{self.base_url}/{call['method']}", RequestData(parameters))

    async def download(self, file_id: str) -> bytes:
        """Fetch a file that somebody sent; Telegram gives at most 20 MB.

        Raises
        ------
        telegram.error.TelegramError
            When it is not there any more, too large, or Telegram cannot be reached.
        """
        found = await self.make({"method": "getFile", "file_id": file_id})
        return await self.request.retrieve(f"{self.base_file_url}/{found['file_path']}")

    async def fetch(self, offset: int | None) -> list[dict[str, Any]]:
        """Wait for updates; asking with an offset confirms all before it.

        They come in the order of their numbers, which is the order in which they happened. What
        has no number cannot be confirmed and is left out.
        """
        data: dict[str, Any] = {
            "timeout": POLL_SECONDS,
            "limit": 100,
            "allowed_updates": ["message", "callback_query", "my_chat_member"],
        }
        if offset is not None:
            data["offset"] = offset
        answer = await self._post("getUpdates", data, read_timeout=POLL_SECONDS + 10)
        if not isinstance(answer, list):
            raise NetworkError("getUpdates was answered with something else than a list")
        numbered = (
            one for one in answer if isinstance(one, dict) and type(one.get("update_id")) is int
        )
        return sorted(numbered, key=lambda one: one["update_id"])
