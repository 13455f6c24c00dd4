"""Integrations: another system's key, kept as a hash; its pace; what it is told, and where."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from sqlalchemy import select, update
from sqlmodel import Session, col

from bot.core import audit
from bot.core.errors import InputError
from bot.people.registry import clean
from bot.web.tables import Integration, Webhook

KINDS = ("gaps.released", "case.opened", "case.closed", "digest.made")
"""What an integration can be told."""

PER_SECOND, BURST = 10, 50
NAME_LENGTH = 60
_KEY, _SECRET = "gapbot_", "whsec_"
_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Made:
    """A new integration: its key and its signing secret are shown once, here."""

    name: str
    key: str
    secret: str


def add(
    session: Session, name: str, *, now: datetime, address: str = "", kinds: Sequence[str] = ()
) -> Made:
    """Let another system in; with an address it is told of ``kinds``, of all where none is named.

    Raises
    ------
    InputError
        When the name is empty, long or taken, or the address is none that can be told safely.
    """
    plain = clean(name)
    if not 1 <= len(plain) <= NAME_LENGTH:
        cure = f"Give it 1 to {NAME_LENGTH} characters."
        raise InputError("S430", "NAME", "the name does not fit.", cure)
    if (
        session.scalar(select(col(Integration.id)).where(col(Integration.name) == plain))
        is not None
    ):
        cure = "Revoke that one, and take another name."
        raise InputError("S431", "NAME", f"there is an integration '{plain}' already.", cure)
    key = _KEY + secrets.token_urlsafe(32)
    secret = _SECRET + secrets.token_urlsafe(32) if address else ""
    one = Integration(
        name=plain,
        key_hash=hash_of(key),
        made_at=now,
        address=_told_at(address),
        secret=secret,
        kinds=_known(kinds) if address else [],
        looked_at=now,
    )
    session.add(one)
    session.flush()
    audit.record(session, "integration.added", now=now, subject=f"integration {one.id}")
    return Made(plain, key, secret)


def revoke(session: Session, name: str, *, now: datetime) -> None:
    """Shut another system out, at once; what is still queued for it is not sent any more.

    Raises
    ------
    InputError
        When no integration that is in use has this name.
    """
    one = session.scalars(
        select(Integration).where(
            col(Integration.name) == clean(name), col(Integration.revoked_at).is_(None)
        )
    ).one_or_none()
    if one is None:
        raise InputError(
            "S432",
            "NAME",
            f"there is no integration '{name}' in use.",
            "gapbot integration list names them.",
        )
    one.revoked_at = now
    session.add(one)
    session.execute(
        update(Webhook)
        .where(col(Webhook.integration_id) == one.id, col(Webhook.state) == "queued")
        .values(state="dead", note="revoked", body={})
    )
    audit.record(session, "integration.revoked", now=now, subject=f"integration {one.id}")


def all_of(session: Session) -> list[Integration]:
    """Return all integrations, those that were revoked too, in the order they came."""
    return list(session.scalars(select(Integration).order_by(col(Integration.id))))


def of_key(session: Session, key: str) -> Integration | None:
    """Return the integration in use that a key belongs to."""
    query = select(Integration).where(
        col(Integration.key_hash) == hash_of(key), col(Integration.revoked_at).is_(None)
    )
    return session.scalars(query).one_or_none()


def wait_seconds(session: Session, integration_id: int, now: datetime) -> int:
    """Take a place in the pace of an integration; return how long it has to wait, 0 for not at all.

    A bucket of BURST requests that fills at PER_SECOND, kept as one moment (GCRA): all processes
    share it.
    """
    step = _MILLION // PER_SECOND
    at = int(now.astimezone(UTC).timestamp() * _MILLION)
    free = session.scalar(
        select(col(Integration.next_free))
        .where(col(Integration.id) == integration_id)
        .with_for_update()
    )
    following = max(free or 0, at) + step
    if following - at > step * BURST:
        return max(1, -(-(following - at - step * BURST) // _MILLION))
    session.execute(
        update(Integration)
        .where(col(Integration.id) == integration_id)
        .values(next_free=following)
        .execution_options(synchronize_session=False)
    )
    return 0


def hash_of(text: str) -> str:
    """Return what is kept of a key: it has 256 bits by chance, so no salt is wanted."""
    return hashlib.sha256(text.encode()).hexdigest()


def _told_at(address: str) -> str:
    """Return an address to which figures may go: over TLS, or on this machine."""
    if not address:
        return ""
    parts = urlsplit(address.strip())
    is_local = parts.hostname in {"localhost", "127.0.0.1", "::1"}
    if parts.hostname is None or not (
        parts.scheme == "https" or (parts.scheme == "http" and is_local)
    ):
        raise InputError(
            "S433",
            "--tell",
            "this address cannot be used.",
            "Give one with https://; http:// only on this machine.",
        )
    return address.strip()


def _known(kinds: Sequence[str]) -> list[str]:
    strange = [kind for kind in kinds if kind not in KINDS]
    if strange:
        cure = f"Take some of {', '.join(KINDS)}."
        raise InputError("S434", "--kind", f"there is nothing called '{strange[0]}'.", cure)
    return list(kinds or KINDS)
