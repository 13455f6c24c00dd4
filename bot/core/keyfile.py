"""The key file: one key a line, the current one first; readable by its owner alone.

It lies beside the database's folder, never in the database. Lines that begin with ``#`` are notes.
"""

import contextlib
import os
import tempfile
from pathlib import Path

from bot.core.errors import SettingError
from bot.core.keyring import Keyring, key_name, new_key

NAME = "gapbot.key"
_HEAD = (
    "# Opens the names and texts in gapbot's database. Without it they are lost: keep a copy, and\n"
    "# keep it apart from the copies of the database. The first key seals, the others only open.\n"
)


def keyring_of(setting: str, file: Path) -> Keyring:
    """Return the keys of a setting (several: current first, commas between) or else of a file."""
    named = [one.strip() for one in setting.split(",") if one.strip()]
    if named:
        return Keyring(named)
    watched = _Watched(file)
    return Keyring(reload=watched.changed, make=lambda: make(file))


def read(file: Path) -> list[str]:
    """Return the keys of a file, the current one first; none where there is no file.

    Raises
    ------
    SettingError
        S121 for a line that is no key, S123 when the file cannot be read.
    """
    try:
        lines = file.read_text("utf-8").splitlines()
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text"
        raise SettingError(
            "S123",
            str(file),
            f"the key file cannot be read: {why}.",
            "Give it to the user the bot runs as, with mode 0600.",
        ) from None
    keys = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    for key in keys:
        key_name(key)
    return keys


def make(file: Path) -> None:
    """Make a file with a new key; another process's, made meanwhile, is left as it is."""
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = _written_beside(file, [new_key()])
    with contextlib.suppress(FileExistsError):
        os.link(fresh, file)
    fresh.unlink()


def put_first(file: Path, key: str) -> None:
    """Make a new key the current one; the others stay and go on opening."""
    _written_beside(file, [key, *(old for old in read(file) if old != key)]).replace(file)


def _written_beside(file: Path, keys: list[str]) -> Path:
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")  # made with 0600
    with os.fdopen(handle, "w", encoding="utf-8") as writing:
        writing.write(_HEAD + "".join(f"{key}\n" for key in keys))
        writing.flush()
        os.fsync(writing.fileno())
    return Path(name)


class _Watched:
    """A key file, read again only when it is another than last time."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._seen: tuple[int, int] | None = None

    def changed(self) -> list[str] | None:
        """Return its keys when it has changed; None when it has not."""
        try:
            status = self._file.stat()
        except OSError:
            return None
        stamp = (status.st_ino, status.st_mtime_ns)
        if stamp == self._seen:
            return None
        keys = read(self._file)
        self._seen = stamp
        return keys
