"""The face over HTTP, on loopback only: the Bot API, the page, and the page's own small API."""

import ipaddress
from collections.abc import Awaitable, Callable, Sequence

from aiohttp import web

from bot.demo.bot_routes import add_bot_routes
from bot.demo.chat import OfflineChat
from bot.demo.errors import ServerNotStarted
from bot.demo.files import MAX_UPLOAD_BYTES
from bot.demo.model import Persona
from bot.demo.page_routes import add_page_routes
from bot.demo.page_state import PageSettings, PageState

OnWeek = Callable[[], Awaitable[str]]
_GOODBYE_SECONDS = 0.5


class ChatServer:
    """Serves one offline chat. ``on_week`` lets a week pass and returns what happened in it."""

    def __init__(
        self,
        chat: OfflineChat,
        *,
        personas: Sequence[Persona] = (),
        on_week: OnWeek | None = None,
        language: str = "en",
        zone: str = "UTC",
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        """Take the settings; nothing is opened yet. Port 0 is any free one.

        The page shows the personas; without any, everybody in the chat.

        Raises
        ------
        ServerNotStarted
            When ``host`` is not a loopback address: the page lets anybody play anybody.
        """
        if not _is_loopback(host):
            raise ServerNotStarted(
                f"offline chat: {host!r} is not a loopback address. Use 127.0.0.1 or ::1."
            )
        self.chat = chat
        chat.add(persona for persona in personas if persona.user_id not in chat.people)
        shown = frozenset(persona.user_id for persona in personas)
        self._host = host
        self._port = port
        self._page = PageState(
            chat, PageSettings(language=language, zone=zone, shown=shown, on_week=on_week)
        )
        self._runner: web.AppRunner | None = None

    async def start(self) -> str:
        """Listen, and return the address of the page, which is the Bot API's address as well.

        Raises
        ------
        ServerNotStarted
            When the port is taken or may not be used.
        """
        application = web.Application(
            client_max_size=MAX_UPLOAD_BYTES + 1024 * 1024, middlewares=[_only_from_here]
        )
        add_bot_routes(application, self.chat)
        add_page_routes(application, self._page)
        runner = web.AppRunner(
            application,
            access_log=None,
            handle_signals=False,
            handler_cancellation=True,
            shutdown_timeout=_GOODBYE_SECONDS,
        )
        await runner.setup()
        try:
            await web.TCPSite(runner, self._host, self._port, reuse_address=True).start()
        except OSError as error:
            await runner.cleanup()
            raise ServerNotStarted(
                f"offline chat: cannot listen on {self._host}:{self._port}: "
                f"{error.strerror or error}. Choose another port."
            ) from error
        self._runner = runner
        self._port = runner.addresses[0][1]
        return self.url

    @property
    def url(self) -> str:
        """The address, without a slash at the end."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}"

    def announce(self, text: str, *, state: str = "running") -> None:
        """Show a line of progress on the page, until it is said that it is ``done``."""
        self._page.announce(text, state=state)

    async def stop(self) -> None:
        """Close all connections, waiting polls and open pages included."""
        await self._page.close()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@web.middleware
async def _only_from_here(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Refuse what another web site sends through a visitor's browser.

    A rebound name shows in the Host header, a foreign page in Origin or Sec-Fetch-Site.
    """
    host = request.headers.get("Host", "")
    name = host.rsplit(":", 1)[0].strip("[]")
    origin = request.headers.get("Origin")
    is_foreign = request.headers.get("Sec-Fetch-Site", "none") not in {"none", "same-origin"}
    if not _is_loopback(name) or (origin and origin != f"http://{host}"):
        return web.Response(status=403, text="This address answers its own page only.\n")
    if is_foreign and request.method != "GET":
        return web.Response(status=403, text="This address answers its own page only.\n")
    return await handler(request)
