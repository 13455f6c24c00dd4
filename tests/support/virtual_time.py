"""Time that passes at once: a test of minutes takes milliseconds and reads no real clock."""

import asyncio
import functools
import selectors
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from bot.core.clock import Clock

T = TypeVar("T")
START = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)


class _Skipping(selectors.DefaultSelector):
    """Where others would wait for the next timer, moves the loop's time on instead."""

    skip: Callable[[float], None]

    def select(self, timeout: float | None = None) -> list[Any]:
        """Return what is ready, without ever waiting."""
        ready = super().select(0)
        if ready or timeout == 0:
            return ready
        if timeout is None:
            raise RuntimeError("everything in this test waits for ever")
        self.skip(timeout)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop that skips waiting; what would run in a thread runs in place."""

    def __init__(self) -> None:
        """Start at zero."""
        self._virtual = 0.0
        selector = _Skipping()
        selector.skip = self._skip
        super().__init__(selector)

    def time(self) -> float:
        """Return the seconds that have passed."""
        return self._virtual

    def run_in_executor(  # type: ignore[override]
        self, executor: Executor | None, func: Callable[..., T], *args: Any
    ) -> asyncio.Future[T]:
        """Run a function at once."""
        future: asyncio.Future[T] = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:  # noqa: BLE001 - handed to whoever waits
            future.set_exception(error)
        return future

    def _skip(self, seconds: float) -> None:
        self._virtual += seconds


def virtually(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Let an async test run in virtual time."""

    @functools.wraps(test)
    def run(*args: Any, **kwargs: Any) -> None:
        with asyncio.Runner(loop_factory=VirtualLoop) as runner:
            runner.run(test(*args, **kwargs))

    return run


def loop_clock() -> Clock:
    """Return a clock that goes with the running loop's time."""
    loop = asyncio.get_running_loop()
    return Clock(lambda: START + timedelta(seconds=loop.time()))
