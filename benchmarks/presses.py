"""Presses per second and processor time per press, ours against bots that store nothing.

    python -m benchmarks.presses [--people 100] [--latency 0.05] [--seconds 6] [--rounds 3]

One strict offline server in this process serves each bot in turn; each bot is a process of its
own. A hundred people press a digit, wait until the card has changed, and press again. Each press
costs a bot two calls: the acknowledgement and the edit. Ours is the real card: it stores the
update, the answer and the replies, all committed with synchronous=FULL before anybody is told.
The other bots' libraries are installed into a folder of their own at the first run.
"""

import argparse
import asyncio
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import venv
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.demo.chat import OfflineChat
from bot.demo.model import Event, Message, Persona
from bot.demo.server import ChatServer

HERE = Path(__file__).resolve().parent
WARM_UP_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Score:
    """What one bot reached in one run."""

    per_second: float
    cpu_milliseconds: float


class Crowd:
    """People who press as soon as they can. A digit is pressed until a card offers none."""

    def __init__(self, chat: OfflineChat) -> None:
        """Listen to the chat."""
        self.pressed = 0
        self._chat = chat
        chat.listen(self._noticed)

    def _noticed(self, event: Event) -> None:
        if event.kind not in {"message", "edited"}:
            return
        message: Message = event.about["message"]
        if not message.from_bot:
            return
        self.pressed += event.kind == "edited"
        digits = [
            button["callback_data"]
            for row in message.keyboard
            for button in row
            if button["text"] == str(1 + self.pressed % 7)
        ]
        if digits:
            press = self._chat.press
            asyncio.get_running_loop().call_soon(
                press, message.user_id, message.message_id, digits[0]
            )


def other_python() -> Path:
    """Return the interpreter with the other bots' libraries, made at the first run."""
    folder = Path(os.environ.get("GAPBOT_BENCH_VENV", Path(tempfile.gettempdir()) / "venv-bench"))
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
        lock = HERE / "requirements.lock"
        command = [str(python), "-m", "pip", "install", "-q", "--require-hashes", "-r", str(lock)]
        subprocess.run(command, check=True)
    return python


def cpu_seconds(pid: int) -> float:
    """Return the processor time of a process so far, of all its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def measure(command: list[str], options: argparse.Namespace) -> Score:
    """Let one bot serve the crowd for a while."""
    chat = OfflineChat(
        token="42:bench",  # noqa: S106 - opens nothing
        bot_username="bench_bot",
        now=lambda: datetime.now(UTC),
        latency_seconds=options.latency,
    )
    chat.add(Persona(number, f"Person {number}", "en") for number in range(1, options.people + 1))
    for person in chat.people.values():
        person.started = True
    crowd = Crowd(chat)
    server = ChatServer(chat)
    address = await server.start()
    environment = os.environ | {"PYTHONPATH": str(HERE.parent), "PYTHONWARNINGS": "ignore"}
    words = [word.replace("ADDRESS", address) for word in command]
    bot = subprocess.Popen(words, env=environment, stderr=subprocess.DEVNULL)  # noqa: ASYNC220
    try:
        if "press_ours" not in " ".join(words):
            for number in range(1, options.people + 1):
                chat.say(number, "/start")
        return await _watch(crowd, bot, options)
    finally:
        bot.send_signal(signal.SIGTERM)
        await asyncio.to_thread(bot.wait)
        await server.stop()


async def _watch(
    crowd: Crowd, bot: "subprocess.Popen[bytes]", options: argparse.Namespace
) -> Score:
    loop = asyncio.get_running_loop()
    give_up = loop.time() + 60
    while crowd.pressed < options.people // 2:
        if loop.time() > give_up or bot.poll() is not None:
            raise SystemExit("a bot did not begin to answer")
        await asyncio.sleep(0.05)
    await asyncio.sleep(WARM_UP_SECONDS)
    before, started, used = crowd.pressed, loop.time(), cpu_seconds(bot.pid)
    last, quiet_since = before, started
    while loop.time() < started + options.seconds and loop.time() - quiet_since < 1.5:
        await asyncio.sleep(0.1)
        if crowd.pressed != last:
            last, quiet_since = crowd.pressed, loop.time()
    presses, seconds = last - before, quiet_since - started
    return Score(presses / seconds, 1000 * (cpu_seconds(bot.pid) - used) / presses)


def main() -> None:
    """Run all bots in turn, some rounds, and print medians and ratios."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--people", type=int, default=100)
    parser.add_argument("--latency", type=float, default=0.05, help="seconds of network per call")
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="", help="bots whose name begins so")
    options = parser.parse_args()
    ours = [sys.executable, str(HERE / "press_ours.py"), "ADDRESS", str(options.people)]
    other = str(other_python())
    bots = {
        "gapbot, durable": [*ours, "aiohttp"],
        "gapbot, durable, stock client": [*ours, "httpx"],
        "python-telegram-bot, default": [other, str(HERE / "press_stock.py"), "ADDRESS", "default"],
        "python-telegram-bot, concurrent": [
            other,
            str(HERE / "press_stock.py"),
            "ADDRESS",
            "concurrent",
        ],
        "aiogram, tasks": [other, str(HERE / "press_aiogram.py"), "ADDRESS"],
    }
    scores: dict[str, list[Score]] = {}
    for _ in range(options.rounds):
        for name, command in bots.items():
            if name.startswith(options.only):
                scores.setdefault(name, []).append(asyncio.run(measure(command, options)))
    _report(scores, options)


def _report(scores: dict[str, list[Score]], options: argparse.Namespace) -> None:
    print(
        f"{options.people} people, {options.latency * 1000:g} ms per call, {options.rounds} rounds"
    )
    print(f"{'bot':34}{'presses/s':>10}{'CPU ms each':>13}{'ours is':>10}")
    first = next(iter(scores.values()))
    ours = statistics.median(one.per_second for one in first)
    for name, all_of_it in scores.items():
        speed = statistics.median(one.per_second for one in all_of_it)
        cpu = statistics.median(one.cpu_milliseconds for one in all_of_it)
        print(f"{name:34}{speed:10.0f}{cpu:13.2f}{ours / speed:9.1f}x")


if __name__ == "__main__":
    main()
