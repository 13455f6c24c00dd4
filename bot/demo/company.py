"""A company with three months behind it, written straight into the database: the demo's past.

Here are its people; ``company_answers`` holds what they answered, ``company_story`` what was done
about it. People of the crowd have chats too, and answer there from now on.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert
from sqlmodel import Session, col

from bot.demo.model import Persona
from bot.demo.words import CompanyWords, words_in
from bot.people.registry import all_units, set_up
from bot.people.tables import Person, Role, Unit

ZONE = "Europe/Berlin"
PLAYED = (9_001, 9_002, 9_003)
"""The Telegram ids of the three people who are played: customer, staff, manager."""
ROLES = ("customer", "staff", "manager")
PARTNER = "partner"
_LARGE = {"customer": 26, "staff": 12, "manager": 6, PARTNER: 8}
_SMALL = {"customer": 26, "staff": 12, "manager": 2, PARTNER: 0}
SIZES: tuple[Mapping[str, int], ...] = (_LARGE, _LARGE, _LARGE, _SMALL, _SMALL)
"""How many of each role work at, or come to, each unit."""
LARGE_UNITS = 3
"""The first so many units are large; the others ask their people less often."""
_CONSENT_DAYS = 120


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of the crowd: where they belong and as what."""

    telegram_id: int
    role: str
    unit: int
    name: str = ""


@dataclass(frozen=True)
class Company:
    """The units in the order of the words, and the ids of their people.

    ``crowd`` by unit and role; ``played`` by role, empty where the three have not joined yet.
    """

    words: CompanyWords
    language: str
    units: tuple[int, ...]
    crowd: Mapping[tuple[int, str], list[int]]
    played: Mapping[str, int]

    def first(self, role: str) -> int:
        """Return who plays a role in the first unit: the person who is played, or of the crowd."""
        return self.played.get(role) or self.crowd[0, role][0]


def played(language: str) -> list[Persona]:
    """Return the three people to play, in the language's names."""
    words = words_in(language)
    return [
        Persona(user_id, one.name, language, one.role, one.name[:1])
        for user_id, one in zip(PLAYED, (words.customer, words.staff, words.manager), strict=True)
    ]


def crowd(language: str = "en") -> list[Member]:
    """Return everybody who answers by themselves; those who work together have different names."""
    names = words_in(language).names
    members, number = [], 20_001
    for unit, size in enumerate(SIZES):
        roles = [role for role in (*reversed(ROLES), PARTNER) for _ in range(size[role])]
        for at, role in enumerate(roles):
            name = names[(at + 7 * unit) % len(names)]
            members.append(Member(number, role, unit, name))
            number += 1
    return members


def found_company(
    session: Session, *, language: str, now: datetime, with_played: bool = True
) -> Company:
    """Set the organisation up and let its people in; their past is written by others.

    ``with_played``: the three people who are played belong to the first unit already.
    """
    words = words_in(language)
    set_up(session, name=words.name, units=words.units, zone=ZONE, language=language, now=now)
    by_name = {unit.name: unit for unit in all_units(session)}
    units = tuple(_id(by_name[name]) for name in words.units)
    members = crowd(language)
    if with_played:
        members += [
            Member(one.user_id, role, 0, one.first_name)
            for one, role in zip(played(language), ROLES, strict=True)
        ]
    ids = _let_in(session, members, units, language=language, since=_since(now))
    found: dict[tuple[int, str], list[int]] = {
        (unit, role): [] for unit in range(len(SIZES)) for role in (*ROLES, PARTNER)
    }
    for one in crowd(language):
        found[one.unit, one.role].append(ids[one.telegram_id])
    three = {role: ids[one] for one, role in zip(PLAYED, ROLES, strict=True) if one in ids}
    return Company(words, language, units, found, three)


def _let_in(
    session: Session,
    members: list[Member],
    units: tuple[int, ...],
    *,
    language: str,
    since: datetime,
) -> dict[int, int]:
    """Write everybody with their role; return their ids by those at Telegram."""
    made = session.execute(
        insert(Person).returning(col(Person.id), col(Person.telegram_id)),
        [
            {
                "telegram_id": one.telegram_id,
                "language": language,
                "state": "active",
                "name": one.name,
                "consent_version": 1,
                "consented_at": since,
            }
            for one in members
        ],
    )
    ids = {telegram_id: person_id for person_id, telegram_id in made}
    session.execute(
        insert(Role),
        [
            {
                "person_id": ids[one.telegram_id],
                "unit_id": units[one.unit],
                "kind": one.role,
                "granted_at": since,
            }
            for one in members
        ],
    )
    return ids


def _since(now: datetime) -> datetime:
    return now - timedelta(days=_CONSENT_DAYS)


def _id(unit: Unit) -> int:
    return unit.id or 0
