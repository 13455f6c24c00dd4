"""``gapbot demo``: the whole product on this computer, with no token and no account."""

import argparse
import asyncio
import signal
import sys
from pathlib import Path

from bot.core.errors import GapbotError
from bot.core.i18n import LANGUAGES, NAMES
from bot.core.logs import set_up_logs

OUTPUT = Path("demo-output")
_LONGEST_PORT = 65_535


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command ``demo``."""
    parser = subparsers.add_parser(
        "demo",
        help="the whole product offline: no token, no account",
        description="Start an offline chat on this computer, the bot, and a company with three "
        "months behind it. Open the printed address; Ctrl-C ends it.",
    )
    languages = ", ".join(f"{code} ({NAMES[code]})" for code in LANGUAGES)
    parser.add_argument("--port", type=_port, default=0, help="port of the page (any free one)")
    parser.add_argument("--lang", choices=LANGUAGES, default="en", help=f"one of {languages}")
    parser.add_argument("--terminal", action="store_true", help="chat here instead of on a page")
    parser.add_argument(
        "--once",
        action="store_true",
        help="go through everything once by itself, print the digest, and end",
    )
    parser.add_argument(
        "--out", type=Path, default=OUTPUT, help=f"folder for the images of --once ({OUTPUT})"
    )
    parser.add_argument("--verbose", action="store_true", help="show the bot's log")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Run the demo; returns 0, or 1 when a step of ``--once`` did not happen."""
    set_up_logs("info" if args.verbose else "error")
    progress = Progress(sys.stderr.isatty() and not args.verbose)
    progress("loading the libraries")
    from bot.demo.errors import ServerNotStarted

    try:
        return asyncio.run(_rehearse(args, progress) if args.once else _play(args, progress))
    except ServerNotStarted as error:
        raise GapbotError("S310", "gapbot demo", str(error), "Try another --port.") from None


class Progress:
    """One line that says what is being done, overwritten where the terminal can do that."""

    def __init__(self, overwrites: bool) -> None:
        """Know whether the line may be overwritten."""
        self._overwrites = overwrites

    def __call__(self, text: str) -> None:
        """Show what is being done now."""
        line = f"\r\033[K{text} …" if self._overwrites else f"{text} …\n"
        sys.stderr.write(line)
        sys.stderr.flush()

    def done(self) -> None:
        """Take the line away."""
        if self._overwrites:
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()


async def _play(args: argparse.Namespace, progress: Progress) -> int:
    from bot.demo.product import DemoProduct
    from bot.demo.terminal import StandardOutput, Terminal, standard_input

    product = DemoProduct(language=args.lang, port=args.port, say=progress)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    try:
        address = await product.serve()
        if not args.terminal:
            progress.done()
            print(f"Open {address}/?lang={args.lang}   (Ctrl-C ends the demo)", flush=True)
        await product.start()
        await product.open_chats()
        progress.done()
        if args.terminal:
            reader, writer = standard_input(), StandardOutput()
            terminal = Terminal(
                product.chat,
                reader=reader,
                writer=writer,
                on_week=product.let_a_week_pass,
                personas=product.personas,
                language=args.lang,
            )
            playing = asyncio.create_task(terminal.run())
            stopping = asyncio.create_task(stop.wait())
            await asyncio.wait([playing, stopping], return_when=asyncio.FIRST_COMPLETED)
            playing.cancel()
        else:
            await stop.wait()
    finally:
        await product.stop()
    return 0


async def _rehearse(args: argparse.Namespace, progress: Progress) -> int:
    from bot.demo.product import DemoProduct
    from bot.demo.rehearsal import Rehearsal, StepFailed, print_digest

    product = DemoProduct(language=args.lang, port=args.port, with_played=False, say=progress)
    try:
        await product.serve()
        await product.start()
        progress.done()
        rehearsal = Rehearsal(product, step=lambda text: print(f"✓ {text}", flush=True))
        digest = await rehearsal.play()
        print_digest(digest, args.out, name=product.first_unit(), language=args.lang)
    except (StepFailed, TimeoutError) as failure:
        print(f"✗ {failure or 'it took too long; --verbose shows the log'}", file=sys.stderr)
        return 1
    finally:
        await product.stop()
    return 0


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > _LONGEST_PORT:
        raise argparse.ArgumentTypeError(f"'{text}' is no port; take 0 to {_LONGEST_PORT}")
    return int(text)
