"""Faults on demand: the next calls of a method fail in the way a test asks for."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.demo.errors import AnswerLost, ApiError, BadGateway, Dropped


@dataclass(slots=True)
class _Fault:
    method: str
    times: int
    user_id: int | None
    raised: Callable[[], Exception]
    after_work: bool


class Faults:
    """Switched on by tests. ``method`` is a Bot API method in any case, or ``*`` for all."""

    def __init__(self) -> None:
        """Start without any fault."""
        self._planned: list[_Fault] = []

    def refuse(
        self, method: str, error: ApiError, *, times: int = 1, user_id: int | None = None
    ) -> None:
        """Answer the next calls with this error, without doing the work."""
        self._plan(method, times, user_id, raised=lambda: error)

    def lose_answer(self, method: str, *, times: int = 1, user_id: int | None = None) -> None:
        """Do the work of the next calls, and let their answers never come."""
        self._plan(method, times, user_id, raised=AnswerLost, after_work=True)

    def drop(self, method: str, *, times: int = 1, user_id: int | None = None) -> None:
        """Close the connection of the next calls, without doing the work."""
        self._plan(method, times, user_id, raised=Dropped)

    def bad_gateway(self, method: str, *, times: int = 1, user_id: int | None = None) -> None:
        """Answer the next calls with a proxy's 502 page, without doing the work."""
        self._plan(method, times, user_id, raised=BadGateway)

    def clear(self) -> None:
        """Forget all faults that did not happen yet."""
        self._planned.clear()

    def take(self, method: str, user_id: int | None) -> tuple[Exception | None, bool]:
        """Use up the fault that is due for this call: the error, and whether after the work."""
        for fault in self._planned:
            is_meant = fault.method in {"*", method.lower()}
            if is_meant and fault.user_id in {None, user_id}:
                fault.times -= 1
                if fault.times <= 0:
                    self._planned.remove(fault)
                return fault.raised(), fault.after_work
        return None, False

    def _plan(
        self,
        method: str,
        times: int,
        user_id: int | None,
        *,
        raised: Callable[[], Exception],
        after_work: bool = False,
    ) -> None:
        self._planned.append(_Fault(method.lower(), times, user_id, raised, after_work))
