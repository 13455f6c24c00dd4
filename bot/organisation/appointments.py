"""Roles given and taken: somebody leaves, becomes something else, or hands the organisation over.

What changes a role takes the organisation's lock first, so that of two owners who leave at once
one stays: there is always an owner.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CursorResult, delete, exists, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from bot.core.database import insert_into
from bot.core.dialogue import OWNER
from bot.organisation.handing_back import HandedBack, hand_back
from bot.organisation.structure import locked_tree
from bot.people.links import left_behind
from bot.people.tables import Role


@dataclass(frozen=True, slots=True)
class Ended:
    """A role that was taken away, and what nobody answers for since; None of an owner's."""

    person_id: int
    kind: str
    unit_id: int | None
    back: HandedBack


def end_role(session: Session, role_id: int, *, now: datetime) -> Ended | None:
    """Take a role away; None when it is gone already, or is that of the last owner."""
    tree = locked_tree(session)
    role = session.get(Role, role_id, populate_existing=True)
    if role is None:
        return None
    person_id, kind, unit_id = role.person_id, role.kind, role.unit_id
    other = aliased(Role)
    another_owner = exists().where(col(other.kind) == OWNER, col(other.id) != role_id)
    keeps = another_owner if kind == OWNER else col(Role.kind) == kind
    if not _one(session.execute(delete(Role).where(col(Role.id) == role_id, keeps))):
        return None
    session.expunge(role)
    places = list(tree.below(unit_id)) if unit_id is not None else []
    back = _handed_back(session, person_id, places, kind=kind, now=now)
    return Ended(person_id, kind, unit_id, back)


def change_role(session: Session, role_id: int, *, kind: str, now: datetime) -> Ended | None:
    """Make somebody something else in the same unit; None when the role is gone or held already."""
    locked_tree(session)
    role = session.get(Role, role_id, populate_existing=True)
    if role is None or OWNER in {role.kind, kind}:
        return None
    if not give_role(session, role.person_id, kind=kind, unit_id=role.unit_id, now=now):
        return None
    return end_role(session, role_id, now=now)


def give_role(
    session: Session, person_id: int, *, kind: str, unit_id: int | None, now: datetime
) -> bool:
    """Give somebody a role; False when they hold it."""
    made = session.execute(
        insert_into(session, Role)
        .values(person_id=person_id, kind=kind, unit_id=unit_id, granted_at=now)
        .on_conflict_do_nothing()
        .returning(col(Role.id))
    )
    return made.first() is not None


def hand_over(session: Session, owner_role_id: int, *, to: int, now: datetime) -> int | None:
    """Let somebody become owner in the place of another; return who that was.

    The conditional DELETE is the lock: an offer is accepted once, and only while whoever made it
    is an owner by that very role. None when it is not open any more.
    """
    locked_tree(session)
    role = session.get(Role, owner_role_id, populate_existing=True)
    if role is None or role.kind != OWNER or role.person_id == to:
        return None
    before = role.person_id
    session.expunge(role)
    gone = delete(Role).where(col(Role.id) == owner_role_id, col(Role.kind) == OWNER)
    if not _one(session.execute(gone)):
        return None
    give_role(session, to, kind=OWNER, unit_id=None, now=now)
    return before


def move_role(session: Session, role_id: int, unit_id: int, *, now: datetime) -> Ended | None:
    """Let somebody hold the same role in another unit; None when gone, or held there already."""
    tree = locked_tree(session)
    role = session.get(Role, role_id, populate_existing=True)
    if role is None or role.unit_id is None:
        return None
    before, kind, person_id = role.unit_id, role.kind, role.person_id
    other = aliased(Role)
    held = exists().where(
        col(other.person_id) == person_id,
        col(other.kind) == kind,
        col(other.unit_id) == unit_id,
    )
    moved = session.execute(
        update(Role)
        .where(col(Role.id) == role_id, ~held)
        .values(unit_id=unit_id)
        .execution_options(synchronize_session=False)
    )
    if not _one(moved):
        return None
    session.expire(role)
    back = _handed_back(session, person_id, list(tree.below(before)), kind=kind, now=now)
    return Ended(person_id, kind, before, back)


def _handed_back(
    session: Session, person_id: int, places: Sequence[int], *, kind: str, now: datetime
) -> HandedBack:
    """Free what somebody held in these places, and count the links they leave behind there."""
    freed = [hand_back(session, person_id, one, kind=kind) for one in places]
    return HandedBack(
        actions=sum(one.actions for one in freed),
        issues=sum(one.issues for one in freed),
        cases=sum(one.cases for one in freed),
        links=left_behind(session, person_id, None if kind == OWNER else places, now),
    )


def _one(result: object) -> bool:
    return isinstance(result, CursorResult) and result.rowcount == 1
