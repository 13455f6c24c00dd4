"""Uvicorn inside the bot's own loop: it takes no signals and writes no logs of its own."""

import contextlib
import socket
from collections.abc import Iterator

import uvicorn
from starlette.applications import Starlette

from bot.core.errors import SettingError
from bot.core.logs import Events

_log = Events("gapbot.web")


class Server(uvicorn.Server):
    """A server that ends when its task is cancelled; signals belong to the bot."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to whoever runs the bot."""
        yield


async def serve(app: Starlette, *, host: str, port: int) -> None:
    """Answer at this address until cancelled.

    Raises
    ------
    SettingError
        S140 when the address cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise SettingError(
            "S140",
            "GAPBOT_HTTP_PORT",
            f"port {port} of {host} cannot be had ({(error.strerror or 'unknown').lower()}).",
            "Name another one, or end what holds it.",
        ) from error
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        date_header=False,
        timeout_keep_alive=15,
        limit_concurrency=100,
        timeout_graceful_shutdown=3,
        h11_max_incomplete_event_size=16_384,
    )
    server = Server(config)
    _log.info("web.listens", host=host, port=listening.getsockname()[1])
    try:
        await server.serve(sockets=[listening])
    finally:
        server.should_exit = True
        listening.close()
