"""python-telegram-bot's requests on aiohttp, which takes a fraction of the stock client's time."""

import json
from typing import Any

import aiohttp
from multidict import CIMultiDict
from telegram._utils.defaultvalue import DefaultValue
from telegram._utils.types import ODVInput
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData
from yarl import URL

from bot.core.failures import UnsentError

_FORM = "application/x-www-form-urlencoded"

# The first that fits. What is missing here cannot come from a request, or is a plain NetworkError.
_UNSENT: tuple[type[Exception], ...] = (
    aiohttp.ConnectionTimeoutError,
    aiohttp.ClientConnectorError,
    aiohttp.ClientSSLError,
    aiohttp.ClientHttpProxyError,
    aiohttp.ServerFingerprintMismatch,
    aiohttp.ClientConnectionResetError,  # the connection was closed before anything was written
)
_UNSURE: tuple[type[Exception], ...] = (
    TimeoutError,
    aiohttp.ServerConnectionError,
    aiohttp.ClientOSError,
    aiohttp.ClientPayloadError,
    aiohttp.UploadAbortedError,
    OSError,
)


class AiohttpRequest(BaseRequest):
    """One pool of connections. Times are seconds; uploads get ``media_timeout`` to write."""

    def __init__(
        self,
        *,
        connections: int = 256,
        read_timeout: float = 10.0,
        connect_timeout: float = 5.0,
        media_timeout: float = 60.0,
        pool_timeout: float = 30.0,
        proxy: str | None = None,
    ) -> None:
        """Prepare the client; the connections are made in ``initialize``."""
        self._connections = connections
        self._read_timeout = read_timeout
        self._connect_timeout = connect_timeout
        self._media_timeout = media_timeout
        self._pool_timeout = pool_timeout
        self._proxy = proxy or None
        self._session: aiohttp.ClientSession | None = None
        self._plain_timeout = _timeout(
            connect=connect_timeout, pool=pool_timeout, answer=read_timeout
        )
        self._urls: dict[str, URL] = {}

    @property
    def read_timeout(self) -> float | None:
        """The time the server has for an answer."""
        return self._read_timeout

    async def initialize(self) -> None:
        """Open the pool."""
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._connections, ttl_dns_cache=300),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": self.USER_AGENT},
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
        pool_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
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
        has_files = request_data is not None and request_data.contains_files
        given = (read_timeout, write_timeout, connect_timeout, pool_timeout)
        if has_files or any(not isinstance(one, DefaultValue) for one in given):
            read = _chosen(read_timeout, self._read_timeout)
            write = _chosen(write_timeout, self._media_timeout) if has_files else 0.0
            timeout = _timeout(
                connect=_chosen(connect_timeout, self._connect_timeout),
                pool=_chosen(pool_timeout, self._pool_timeout),
                answer=None if read is None or write is None else read + write,
            )
        else:
            timeout = self._plain_timeout
        body, headers = _body(request_data)
        try:
            async with self._session.request(
                method,
                self._url(url),
                data=body,
                timeout=timeout,
                proxy=self._proxy,
                headers=headers,
                allow_redirects=False,
            ) as response:
                return response.status, await response.read()
        except (aiohttp.ClientError, OSError) as error:
            raise translated(error) from error

    @staticmethod
    def parse_json_payload(payload: bytes) -> Any:
        """Read an answer; one that is no JSON is not logged, since people's words may be in it."""
        try:
            return json.loads(payload)
        except ValueError:
            raise TelegramError("Invalid server response") from None

    def _url(self, url: str) -> URL:
        """Parse each address once; there are as many as methods are used, files apart."""
        known = self._urls.get(url)
        if known is None:
            known = URL(url)
            if len(self._urls) < 200:
                self._urls[url] = known
        return known


def translated(error: Exception) -> NetworkError:
    """Say in the library's errors what went wrong; never with an address, which has the token."""
    name = type(error).__name__
    if isinstance(error, _UNSENT):
        return UnsentError(f"no connection: {name}")
    if isinstance(error, _UNSURE):
        return TimedOut(f"no answer: {name}")
    return NetworkError(f"no request: {name}")


def _timeout(
    *, connect: float | None, pool: float | None, answer: float | None
) -> aiohttp.ClientTimeout:
    """Give the connection, the wait for a free one, and the answer their own times."""
    before = None if connect is None or pool is None else connect + pool
    return aiohttp.ClientTimeout(
        total=None if before is None or answer is None else before + answer,
        connect=before,
        sock_connect=connect,
        sock_read=answer,
    )


def _chosen(given: ODVInput[float], default: float) -> float | None:
    return default if isinstance(given, DefaultValue) else given


def _body(request_data: RequestData | None) -> tuple[Any, CIMultiDict[str] | None]:
    if request_data is None:
        return None, None
    if not request_data.contains_files:
        return request_data.url_encoded_parameters().encode(), CIMultiDict({"Content-Type": _FORM})
    form = aiohttp.FormData(quote_fields=False)
    for name, value in request_data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, mime) in request_data.multipart_data.items():
        form.add_field(name, content, filename=filename, content_type=mime)
    return form, None
