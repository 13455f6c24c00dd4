"""Consent given: a person and their role are stored, and the invitation's use is counted."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col

from bot.core.dialogue import Identity
from bot.people import consent
from bot.people.invitations import take_use
from bot.people.registry import clean
from bot.people.tables import Invitation, Person, Role

NAME_LENGTH = 130


@dataclass(frozen=True, slots=True)
class Newcomer:
    """What Telegram says of somebody who agrees, and the language they chose."""

    telegram_id: int
    name: str
    language: str


def has_role(who: Identity | None, invitation: Invitation) -> bool:
    """Tell whether this person is already what the invitation would make them."""
    return who is not None and (invitation.role, invitation.unit_id) in who.roles


def join(
    session: Session,
    invitation: Invitation,
    newcomer: Newcomer,
    *,
    who: Identity | None,
    now: datetime,
) -> bool:
    """Store who agreed and what they are now; False when the invitation lets nobody in any more.

    Somebody who takes part already gains a role, and is written to again if they had said stop.
    """
    if not take_use(session, invitation.id or 0, now):
        return False
    person_id = _new_person(session, newcomer, now) if who is None else who.person_id
    if who is not None:
        session.execute(
            update(Person)
            .where(col(Person.id) == person_id)
            .values(
                name=shown_name(newcomer.name),
                language=newcomer.language,
                state="active",
                consent_version=consent.VERSION,
                consented_at=now,
            )
        )
    if not has_role(who, invitation):
        session.add(
            Role(
                person_id=person_id,
                unit_id=invitation.unit_id,
                kind=invitation.role,
                granted_at=now,
            )
        )
    session.flush()
    return True


def shown_name(name: str) -> str:
    """Return a name as it is kept and shown: clean, and cut at what the table holds."""
    return clean(name)[:NAME_LENGTH].strip()


def _new_person(session: Session, newcomer: Newcomer, now: datetime) -> int:
    person = Person(
        telegram_id=newcomer.telegram_id,
        name=shown_name(newcomer.name),
        language=newcomer.language,
        consent_version=consent.VERSION,
        consented_at=now,
    )
    session.add(person)
    session.flush()
    return person.id or 0
