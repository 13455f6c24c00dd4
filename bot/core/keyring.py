"""The keys a process holds, and what is done with one: seal, open, make a blind index.

A sealed value is ``g1:<key>:<text>``: AES-GCM under the key whose short name it carries, with a
nonce drawn by chance, filled up so that its length tells little, and without the time at which it
was made. Empty text stays empty.
"""

import base64
import hashlib
import hmac
import secrets
import unicodedata
from collections.abc import Callable, Iterable
from typing import cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Dialect, Engine
from sqlmodel import Session

from bot.core.errors import SettingError, StorageError

MARK = "g1:"
KEY_BYTES = 32
_NONCE_BYTES = 12
_STEP = 32
_PLACE = "_gapbot_keyring"
_CURE = "Put back the key file that belongs to this database, or set GAPBOT_KEY to its key."


def new_key() -> str:
    """Draw a key, as it stands in a key file or in GAPBOT_KEY."""
    return _written(secrets.token_bytes(KEY_BYTES))


def key_name(key: str) -> str:
    """Return the short name of a key: it leads nobody to the key.

    Raises
    ------
    SettingError
        S121 when this is not a key.
    """
    return hashlib.sha256(b"gapbot key " + _key_bytes(key)).hexdigest()[:8]


def sealed_with(value: str) -> str:
    """Return the short name of the key a stored value is sealed with; empty for a plain one."""
    parts = value.split(":", 2)
    return parts[1] if value.startswith(MARK) and len(parts) == 3 else ""


class Keyring:
    """The keys a process holds: the first one seals, every one opens.

    ``reload`` gives the keys as they lie in the key file now, or None where nothing changed; it is
    asked before each sealing, so that after ``gapbot key rotate`` nobody goes on with the old key.
    ``make`` makes a key for a database that has none yet.
    """

    def __init__(
        self,
        keys: Iterable[str] = (),
        *,
        reload: Callable[[], list[str] | None] | None = None,
        make: Callable[[], None] | None = None,
    ) -> None:
        """Hold these keys, the current one first."""
        self._reload = reload
        self._make = make
        self._indexes: dict[str, bytes] = {}
        self._hold(keys)

    def _hold(self, keys: Iterable[str]) -> None:
        named = {key_name(key): AESGCM(_key_bytes(key)) for key in keys}
        self._current = next(iter(named), "")
        self._ciphers = named

    def _refresh(self) -> None:
        keys = self._reload() if self._reload else None
        if keys is not None:
            self._hold(keys)

    @property
    def current(self) -> str:
        """The short name of the key that seals; empty without any."""
        self._refresh()
        return self._current

    @property
    def names(self) -> tuple[str, ...]:
        """The short names of all keys held, the current one first."""
        self._refresh()
        return tuple(self._ciphers)

    def ensure(self) -> str:
        """Make a key where there is none; return the current one's short name.

        Raises
        ------
        SettingError
            S120 when there is none and none can be made.
        """
        if not self.current and self._make is not None:
            self._make()
        if not self.current:
            raise missing()
        return self._current

    def seal(self, text: str) -> str:
        """Seal a text with the current key; empty text stays empty."""
        if not text:
            return ""
        self._refresh()
        if not self._current:
            raise missing()
        nonce = secrets.token_bytes(_NONCE_BYTES)
        inner = text.encode("utf-8", "surrogatepass")
        filled = len(inner).to_bytes(4, "big") + inner
        filled += bytes(-len(filled) % _STEP)
        boxed = self._ciphers[self._current].encrypt(nonce, filled, None)
        return f"{MARK}{self._current}:{_written(nonce + boxed)}"

    def open(self, value: str) -> str:
        """Return the text of a sealed value.

        Raises
        ------
        SettingError
            S120 or S122 when the key is not among those held.
        StorageError
            S220 when the value is not sealed, or was changed by somebody without the key.
        """
        if not value:
            return ""
        name = sealed_with(value)
        if name not in self._ciphers:
            self._refresh()
        if not name:
            raise _spoilt()
        if name not in self._ciphers:
            raise unknown(name, self.names)
        try:
            boxed = base64.urlsafe_b64decode(value.rpartition(":")[2])
            filled = self._ciphers[name].decrypt(boxed[:_NONCE_BYTES], boxed[_NONCE_BYTES:], None)
        except (InvalidTag, ValueError):
            raise _spoilt() from None
        length = int.from_bytes(filled[:4], "big")
        return filled[4 : 4 + length].decode("utf-8", "surrogatepass")

    def fingerprint(self, value: str, *, secret: str) -> str:
        """Return the blind index of a value under the database's own secret, which is sealed."""
        if secret not in self._indexes:
            self._indexes = {secret: self.open(secret).encode()}
        plain = unicodedata.normalize("NFKC", value).strip().casefold()
        return hmac.new(self._indexes[secret], plain.encode(), hashlib.sha256).hexdigest()


def give_keys(engine: Engine, keys: Keyring | None) -> None:
    """Let the sealed columns of a database use these keys."""
    setattr(engine.dialect, _PLACE, keys)


def keys_of(where: Session | Dialect) -> Keyring:
    """Return the keys of a database.

    Raises
    ------
    SettingError
        S120 when it was opened without any.
    """
    dialect = where.get_bind().dialect if isinstance(where, Session) else where
    keys = getattr(dialect, _PLACE, None)
    if keys is None:
        raise missing()
    return cast("Keyring", keys)


def missing() -> SettingError:
    """Say that there is no key."""
    return SettingError(
        "S120", "GAPBOT_KEY", "the key that opens names and texts is missing.", _CURE
    )


def unknown(name: str, held: Iterable[str]) -> SettingError:
    """Say that what is held does not open this."""
    have = ", ".join(held)
    if not have:
        return missing()
    return SettingError(
        "S122",
        "GAPBOT_KEY",
        f"the database was sealed with the key {name}, and only {have} is held.",
        _CURE,
    )


def _spoilt() -> StorageError:
    return StorageError(
        "S220",
        "the database",
        "a sealed text cannot be opened: it was changed from outside.",
        "Restore it from a backup.",
    )


def _written(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode()


def _key_bytes(key: str) -> bytes:
    try:
        raw = base64.urlsafe_b64decode(key.strip().encode("ascii"))
    except ValueError:
        raw = b""
    if len(raw) != KEY_BYTES:
        raise SettingError(
            "S121",
            "GAPBOT_KEY",
            "this is not a key: 44 letters and digits are wanted, as in the key file.",
            "Copy it again, whole.",
        )
    return raw
