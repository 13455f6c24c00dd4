"""The face in process: python-telegram-bot's requests, served without a socket."""

import json
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from telegram._utils.types import ODVInput
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData

from bot.demo.api import check_token, serve
from bot.demo.chat import OfflineChat
from bot.demo.errors import AnswerLost, ApiError, BadGateway, Dropped
from bot.demo.files import Upload
from bot.demo.methods.acts import downloaded
from bot.demo.parameters import Parameters


class OfflineRequest(BaseRequest):
    """Gives a bot the offline chat for Telegram.

    A lost answer is ``TimedOut`` at once: nobody has to wait for the time to pass.
    """

    def __init__(self, chat: OfflineChat) -> None:
        """Serve from this chat."""
        self._chat = chat

    @property
    def read_timeout(self) -> float | None:
        """The library asks for it when it polls; nothing waits for it here."""
        return 5.0

    async def initialize(self) -> None:
        """Nothing has to be opened."""

    async def shutdown(self) -> None:
        """Nothing has to be closed."""

    async def do_request(  # noqa: PLR0917 - the signature is the library's
        self,
        url: str,
        method: str,  # noqa: ARG002
        request_data: RequestData | None = None,
        read_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,  # noqa: ARG002
        write_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,  # noqa: ARG002
        connect_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,  # noqa: ARG002
        pool_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,  # noqa: ARG002
    ) -> tuple[int, bytes]:
        """Serve one request; faults come as the library's own errors."""
        parts = urlsplit(url)
        if parts.path.startswith("/file/bot"):
            return self._download(unquote(parts.path.removeprefix("/file/bot")))
        token, _, name = unquote(parts.path).removeprefix("/bot").partition("/")
        parameters = _parameters(request_data, dict(parse_qsl(parts.query)))
        try:
            reply = await serve(self._chat, token, name, parameters)
        except AnswerLost as fault:
            raise TimedOut from fault
        except Dropped as fault:
            raise NetworkError("the server closed the connection") from fault
        except BadGateway:
            return 502, b"<html><body>502 Bad Gateway</body></html>"
        return reply.status, json.dumps(reply.body).encode()

    def _download(self, path: str) -> tuple[int, bytes]:
        token, _, file_path = path.partition("/")
        try:
            check_token(self._chat, token)
            return 200, downloaded(self._chat, file_path)
        except ApiError as refusal:
            body = {"ok": False, "error_code": refusal.code, "description": refusal.description}
            return refusal.code, json.dumps(body).encode()


def _parameters(request_data: RequestData | None, query: dict[str, str]) -> Parameters:
    if request_data is None:
        return Parameters(query)
    values: dict[str, Any] = {**query, **request_data.parameters}
    if not request_data.contains_files:
        return Parameters(values)
    files = {
        name: Upload(filename, content if isinstance(content, bytes) else content.read(), mime)
        for name, (filename, content, mime) in request_data.multipart_data.items()
    }
    return Parameters(values, files)
