"""Seconds of one core, and how far a process's memory rises."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """Seconds of this core, and the result."""
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


class Peak:
    """How far a process's memory rises from now on."""

    def __init__(self) -> None:
        """Forget earlier peaks."""
        Path("/proc/self/clear_refs").write_text("5")
        self._before = self._status("VmRSS")

    def megabytes(self) -> float:
        """Peak since then, beyond what was held."""
        return (self._status("VmHWM") - self._before) / 1024

    def _status(self, name: str) -> int:
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(name))
