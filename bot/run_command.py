"""``gapbot run``: the bot itself, until SIGTERM or Ctrl-C."""

import argparse
import asyncio
import signal

from bot.core.logs import set_up_logs
from bot.settings import read_settings


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command ``run``."""
    parser = subparsers.add_parser(
        "run",
        help="run the bot (GAPBOT_TOKEN)",
        description="Run the bot until SIGTERM or Ctrl-C; it then ends within ten seconds.",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:  # noqa: ARG001 - the command has no words of its own
    """Run until a signal asks to stop."""
    settings = read_settings()
    token = settings.token_text()
    set_up_logs(settings.log_level, token=token)

    async def until_stopped() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, stop.set)
        from bot.wiring import Gapbot  # takes a second, in which a signal may come already

        await Gapbot(settings).run(stop)

    asyncio.run(until_stopped())
    return 0
