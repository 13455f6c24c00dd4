"""Invitations: made for a role and a unit, kept as a hash, opened by a link, used at consent."""

import hashlib
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial

from sqlalchemy import ColumnElement, CursorResult, or_, update
from sqlmodel import Session, col, select

from bot.core.dialogue import ANALYST, CUSTOMER, MANAGER, OWNER, PARTNER, REGIONAL, Identity
from bot.people.door import identity_of
from bot.people.rights import may_appoint
from bot.people.tables import OPEN, Invitation, Unit

UNTIL_CLOSED = datetime(2999, 12, 31, tzinfo=UTC)
"""The end of links that work until somebody closes them, such as those of posters."""

MOST_LETTERS = 64
_OUTSIDE = frozenset({CUSTOMER, PARTNER})
_STEERING = frozenset({OWNER, REGIONAL, MANAGER, ANALYST})


class Closed(StrEnum):
    """Why an invitation lets nobody in."""

    UNKNOWN = "unknown"
    EXPIRED = "expired"
    USED_UP = "used_up"
    PLACE = "place"
    NOT_MEANT = "not_meant"
    MAKER = "maker"


def invite(
    session: Session,
    *,
    role: str,
    unit_id: int | None,
    max_uses: int | None,
    expires_at: datetime,
    created_by: int | None = None,
    payload: str | None = None,
) -> str:
    """Make a way in and return its payload, which is kept nowhere.

    ``max_uses`` None lets any number of people in. An owner's invitation has no unit. A
    ``payload`` of one's own is as hard to guess as the usual one.
    """
    payload = payload or secrets.token_urlsafe(16)
    session.add(
        Invitation(
            payload_hash=_hash(payload),
            role=role,
            unit_id=unit_id,
            max_uses=max_uses,
            expires_at=expires_at,
            created_by=created_by,
        )
    )
    session.flush()
    return payload


def usual_uses(role: str) -> int | None:
    """Return how many may use a link: one person, except customers, who share one per unit."""
    return None if role == CUSTOMER else 1


def link(username: str, payload: str) -> str:
    """Return the address that opens the bot's chat with this payload."""
    return f"https://t.me/{username}?start={payload}"


def opened(session: Session, payload: str) -> Invitation | None:
    """Find the invitation that a payload opens, whether it still lets anybody in or not."""
    if len(payload) > MOST_LETTERS:
        return None
    statement = select(Invitation).where(Invitation.payload_hash == _hash(payload))
    return session.exec(statement).one_or_none()


def why_closed(invitation: Invitation | None, now: datetime) -> Closed | None:
    """Say why an invitation lets nobody in, or None when it does."""
    if invitation is None:
        return Closed.UNKNOWN
    if invitation.expires_at <= now:
        return Closed.EXPIRED
    used_up = invitation.max_uses is not None and invitation.uses >= invitation.max_uses
    return Closed.USED_UP if used_up else None


def why_not_for(
    session: Session, invitation: Invitation, who: Identity | None, now: datetime
) -> Closed | None:
    """Say why an invitation does not let this person in, or None when it does.

    Whoever takes part as a customer or partner alone does not become somebody in charge by a link
    that was shown or forwarded to them; once they work here as staff too, the link works. The
    operator may make anybody the owner.

    A link is worth what its maker may give at this moment: of somebody who left it lets in nobody
    who works here. A customers' link gives no rights and goes on, for it is in customers' hands.
    """
    closed = why_closed(invitation, now)
    if closed is not None:
        return closed
    unit = session.get(Unit, invitation.unit_id) if invitation.unit_id else None
    if unit is not None and unit.state != OPEN:
        return Closed.PLACE
    if not maker_may(invitation, partial(identity_of, session)):
        return Closed.MAKER
    is_operators = invitation.role == OWNER and invitation.created_by is None
    if invitation.role in _STEERING and not is_operators and _is_outside(who):
        return Closed.NOT_MEANT
    return None


def maker_may(invitation: Invitation, identity: Callable[[int], Identity | None]) -> bool:
    """Tell whether whoever made an invitation may still give its role; the operator always may.

    ``identity`` tells who has a number.
    """
    if invitation.role == CUSTOMER or invitation.created_by is None:
        return True
    maker = identity(invitation.created_by)
    return maker is not None and may_appoint(maker, invitation.role, invitation.unit_id)


def close_of_maker(session: Session, person_id: int, now: datetime) -> None:
    """Close for good what somebody made who is to be erased; customers' links go on."""
    session.execute(
        update(Invitation)
        .where(
            col(Invitation.created_by) == person_id,
            col(Invitation.role) != CUSTOMER,
            col(Invitation.expires_at) > now,
        )
        .values(expires_at=now)
        .execution_options(synchronize_session=False)
    )


def works_at(now: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Return the conditions, in SQL, that an invitation lets somebody in at a moment."""
    left = or_(col(Invitation.max_uses).is_(None), col(Invitation.uses) < col(Invitation.max_uses))
    return col(Invitation.expires_at) > now, left


def _is_outside(who: Identity | None) -> bool:
    kinds = {kind for kind, _ in who.roles} if who is not None else set()
    return bool(kinds) and kinds <= _OUTSIDE


def take_use(session: Session, invitation_id: int, now: datetime) -> bool:
    """Count one use; False when there is none left.

    The conditional UPDATE is the lock: of two people who agree at once to the last use, one sees
    zero rows.
    """
    taken = session.execute(
        update(Invitation)
        .where(*works_at(now), col(Invitation.id) == invitation_id)
        .values(uses=col(Invitation.uses) + 1)
        .execution_options(synchronize_session=False)
    )
    return isinstance(taken, CursorResult) and taken.rowcount == 1


def _hash(payload: str) -> str:
    return hashlib.sha256(payload.encode()).hexdigest()
