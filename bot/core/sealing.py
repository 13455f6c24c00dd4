"""Sealed columns: names, contact references and free text are encrypted before they are stored.

    reference: str = Field(sa_type=Sealed)     the program reads and writes plain text
    reference_print: str = Field(unique=True)  fingerprint(session, reference), to look it up

The keys belong to a ``Database`` and lie outside of it (``keyring.py``, ``keyfile.py``).
One row of the table ``sealing`` says which key it is and holds the secret of the blind indexes.
"""

import json
import secrets
from typing import Any

from sqlalchemy import JSON, Dialect, String, Text, bindparam, inspect, text
from sqlalchemy.types import Boolean, TypeDecorator, TypeEngine
from sqlmodel import Session

from bot.core.keyring import Keyring, keys_of, unknown

_NAMED = text("SELECT key_name FROM sealing")
_SECRET = text("SELECT index_secret FROM sealing")
_BEGIN = text(
    "INSERT INTO sealing (id, key_name, changing, index_secret)"
    " VALUES (1, :name, :no, :secret) ON CONFLICT DO NOTHING"
).bindparams(bindparam("no", type_=Boolean))


def fingerprint(session: Session, value: str) -> str:
    """Return the blind index of a contact reference: alike for what differs in case and space.

    It stays the same when the key is changed. Who has the database and not the key can neither
    read the reference nor try out which one it is.
    """
    keys = keys_of(session)
    secret = session.execute(_SECRET).scalar()
    if secret is None:
        settle(session, keys)
        secret = session.execute(_SECRET).scalar_one()
    return keys.fingerprint(value, secret=secret)


def settle(session: Session, keys: Keyring) -> None:
    """Note with which key a new database is sealed; of an older one see that the key is held.

    Raises
    ------
    SettingError
        S120 when there is no key, S122 when it is another one.
    """
    named = session.execute(_NAMED).scalar()
    if named is None:
        name = keys.ensure()
        secret = keys.seal(secrets.token_hex(32))
        session.execute(_BEGIN, {"name": name, "no": False, "secret": secret})
        named = session.execute(_NAMED).scalar_one()
    if named not in keys.names:
        raise unknown(named, keys.names)


def is_settled(session: Session, keys: Keyring) -> bool:
    """Tell whether nothing is to be noted; raises as ``settle`` does."""
    is_there = inspect(session.connection()).has_table("sealing")
    if not is_there or session.execute(_NAMED).scalar() is None:
        return False
    settle(session, keys)
    return True


class _Comparator(TypeDecorator.Comparator[Any]):
    """Refuses what can never be true: the same text is sealed differently each time."""

    def operate(self, op: Any, *other: Any, **kwargs: Any) -> Any:
        """Compare with nothing but empty text and NULL."""
        if any(isinstance(one, str) and one for one in other):
            msg = "a sealed column cannot be searched: keep a sealing.fingerprint beside it"
            raise TypeError(msg)
        return super().operate(op, *other, **kwargs)


class Sealed(TypeDecorator[str]):
    """Text that is sealed in the database; the program sees it plain."""

    impl = Text
    cache_ok = True
    comparator_factory = _Comparator

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Seal on the way in."""
        return value if not value else keys_of(dialect).seal(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """Open on the way out."""
        return value if not value else keys_of(dialect).open(value)


class SealedLine(Sealed):
    """The same for columns that were short text before; on PostgreSQL VARCHAR without a length."""

    impl = String  # type: ignore[assignment]
    cache_ok = True


class SealedJson(TypeDecorator[Any]):
    """A JSON value that is sealed as a whole; an empty one stays as it is."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """Seal on the way in."""
        return value if not value else keys_of(dialect).seal(json.dumps(value, ensure_ascii=False))

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """Open on the way out."""
        return json.loads(keys_of(dialect).open(value)) if isinstance(value, str) else value


def is_sealed(type_: TypeEngine[Any]) -> bool:
    """Tell whether a column of this type is sealed."""
    return isinstance(type_, Sealed | SealedJson)
