"""Every fix there is: the shipped ones, those of an organisation's files, those made in chat.

Files are read once. Fixes made in chat lie in the database: whoever changes one calls ``refresh``
in the same transaction, and the clock calls it for what other processes have changed.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cached_property

from sqlmodel import Session

from bot.improvement.catalogue import Fix, load_fixes
from bot.improvement.own_fixes import made_in_chat
from bot.improvement.packs import refined
from bot.settings import Settings


class Shelf:
    """The catalogue as those who suggest fixes see it; call it for the fixes, sorted by code."""

    def __init__(self, read_files: Callable[[], Sequence[Fix]]) -> None:
        """``read_files`` is called once, when the fixes are first needed."""
        self._read_files = read_files
        self._made: tuple[Fix, ...] = ()

    def __call__(self) -> tuple[Fix, ...]:
        """Return every fix, the retired ones as well."""
        return tuple(sorted((*self._files, *self._made), key=lambda fix: fix.code))

    def refresh(self, session: Session, now: datetime | None = None) -> None:  # noqa: ARG002
        """Read the fixes made in chat again; ``now`` is what the clock hands to its ticks."""
        self._made = made_in_chat(session)

    @cached_property
    def _files(self) -> tuple[Fix, ...]:
        return tuple(self._read_files())


def read_catalogue(settings: Settings) -> tuple[Fix, ...]:
    """Read the shipped fixes in the words of the sector, and those of the own folder.

    Raises
    ------
    InputError
        Where a file is wrong, or a code stands twice.
    """
    own = settings.fixes if settings.fixes.name else None
    return refined(load_fixes(own=own), settings.sector)


def shelf_of(settings: Settings) -> Shelf:
    """Make the shelf that the settings describe."""
    return Shelf(lambda: read_catalogue(settings))
