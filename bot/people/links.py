"""Links that still let somebody in: looked up, closed, and left behind by those who leave.

Codes that hang about are not among them: they belong to their unit, and have a list of their own
(``/poster``). Nor are links for one customer, who has them and gets no rights by them.
"""

from collections.abc import Collection
from datetime import datetime
from functools import cache, partial

from sqlalchemy import CursorResult, func, or_, update
from sqlmodel import Session, col, select

from bot.core.dialogue import CUSTOMER, MANAGER, OWNER, Identity
from bot.people.door import identity_of
from bot.people.invitations import UNTIL_CLOSED, maker_may, works_at
from bot.people.rights import may_appoint
from bot.people.tables import Invitation

_FOR_MANY = (
    col(Invitation.expires_at) < UNTIL_CLOSED,
    or_(col(Invitation.role) != CUSTOMER, col(Invitation.max_uses).is_(None)),
)


def open_links(session: Session, who: Identity, now: datetime) -> list[Invitation]:
    """Return the links that somebody may close, those that end first before the others."""
    query = select(Invitation).where(*works_at(now), *_FOR_MANY)
    if not who.has(OWNER):
        query = query.where(col(Invitation.unit_id).in_(who.units(MANAGER)))
    query = query.order_by(col(Invitation.expires_at), col(Invitation.id))
    maker_of = cache(partial(identity_of, session))
    return [
        one for one in session.exec(query).all() if may_close(who, one) and maker_may(one, maker_of)
    ]


def may_close(who: Identity, invitation: Invitation) -> bool:
    """Tell whether somebody may close a link: whoever may give its role there."""
    return may_appoint(who, invitation.role, invitation.unit_id)


def close_link(session: Session, invitation_id: int, now: datetime) -> bool:
    """Let nobody in by a link from now on; False when it lets nobody in already."""
    done = session.execute(
        update(Invitation)
        .where(*works_at(now), col(Invitation.id) == invitation_id)
        .values(expires_at=now)
        .execution_options(synchronize_session=False)
    )
    return isinstance(done, CursorResult) and done.rowcount == 1


def left_behind(
    session: Session, person_id: int, units: Collection[int] | None, now: datetime
) -> int:
    """Count the customers' links of somebody that go on where they may not make one any more.

    ``units`` None is all units.
    """
    maker = identity_of(session, person_id)
    rows = session.exec(
        select(Invitation.unit_id, func.count())
        .where(
            *works_at(now),
            *_FOR_MANY,
            Invitation.role == CUSTOMER,
            Invitation.created_by == person_id,
        )
        .group_by(col(Invitation.unit_id))
    )
    return sum(
        many
        for unit_id, many in rows
        if (units is None or unit_id in units)
        and not (maker is not None and may_appoint(maker, CUSTOMER, unit_id))
    )
