"""python-telegram-bot's requests on aiohttp, which takes a fraction of the stock client's time."""

from typing import Any

import aiohttp
from telegram._utils.defaultvalue import DefaultValue
from telegram._utils.types import ODVInput
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData

from bot.core.failures import UnsentError

_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class AiohttpRequest(BaseRequest):
    """One pool of connections. Times are seconds; uploads get ``media_timeout`` to write."""

    def __init__(
        self,
        *,
        connections: int = 256,
        read_timeout: float = 10.0,
        connect_timeout: float = 5.0,
        media_timeout: float = 60.0,
        proxy: str | None = None,
    ) -> None:
        """Prepare the client; the connections are made in ``initialize``."""
        self._connections = connections
        self._read_timeout = read_timeout
        self._connect_timeout = connect_timeout
        self._media_timeout = media_timeout
        self._proxy = proxy or None
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float | None:
        """The time the server has for an answer."""
        return self._read_timeout

    async def initialize(self) -> None:
        """Open the pool."""
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._connections, ttl_dns_cache=300),
                headers={"User-Agent": self.USER_AGENT},
                auto_decompress=True,
            )

    async def shutdown(self) -> None:
        """Close the pool."""
        if self._session is not None:
            await self._session.close()

    async def do_request(  # noqa: PLR0917 - the signature is the library's
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        write_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        connect_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        pool_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,  # noqa: ARG002
    ) -> tuple[int, bytes]:
        """Make one request; errors come as the library's own.

        Raises
        ------
        UnsentError
            When no connection could be made.
        telegram.error.TimedOut
            When the answer did not come in time, or was cut off: the request may have been served.
        """
        if self._session is None:
            raise RuntimeError("this request class was not initialised")
        files = request_data is not None and request_data.contains_files
        connect = _chosen(connect_timeout, self._connect_timeout)
        read = _chosen(read_timeout, self._read_timeout)
        write = _chosen(write_timeout, self._media_timeout if files else self._read_timeout)
        timeout = aiohttp.ClientTimeout(
            total=_sum(connect, read, write if files else 0.0),
            sock_connect=connect,
        )
        try:
            async with self._session.request(
                method,
                url,
                data=_body(request_data),
                timeout=timeout,
                proxy=self._proxy,
                headers=None if files or request_data is None else _FORM,
            ) as response:
                return response.status, await response.read()
        except aiohttp.ConnectionTimeoutError as error:
            raise UnsentError("no connection in time") from error
        except aiohttp.ClientConnectorError as error:
            raise UnsentError(f"no connection: {error.os_error.strerror or 'refused'}") from error
        except (
            TimeoutError,
            aiohttp.ServerDisconnectedError,
            aiohttp.ClientOSError,
            aiohttp.ClientPayloadError,
        ) as error:
            raise TimedOut(f"no answer: {type(error).__name__}") from error
        except aiohttp.ClientError as error:
            raise NetworkError(f"aiohttp.{type(error).__name__}") from error


def _chosen(given: ODVInput[float], default: float) -> float | None:
    return default if isinstance(given, DefaultValue) else given


def _sum(*parts: float | None) -> float | None:
    return None if None in parts else sum(part or 0.0 for part in parts)


def _body(request_data: RequestData | None) -> Any:
    if request_data is None:
        return None
    if not request_data.contains_files:
        return request_data.url_encoded_parameters().encode()
    form = aiohttp.FormData()
    for name, value in request_data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, mime) in request_data.multipart_data.items():
        form.add_field(name, content, filename=filename, content_type=mime)
    return form
