"""What the attackers of these tests share."""

from collections.abc import Callable
from functools import partial

import pytest

from tests.support.worlds import let_chance_fall_alike


@pytest.fixture
def same_chance(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let chance fall alike in all worlds: called at the beginning of each."""
    return partial(let_chance_fall_alike, monkeypatch)
