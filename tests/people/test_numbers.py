"""A number that is noted elsewhere is never given to somebody else: not by SQLite either."""

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from bot.core import notices
from bot.core.callbacks import sign
from bot.core.database import Database
from bot.core.dialogue import MANAGER, OWNER, STAFF
from bot.core.notices import notify
from bot.core.render import Texts
from bot.core.router import Router
from bot.core.tables import Notice
from bot.organisation.appointments import end_role, give_role
from bot.parts import Parts
from bot.people.door import PeopleDoor
from bot.people.invitations import invite
from bot.people.tables import Invitation, Role
from bot.privacy.erasing import erase
from bot.privacy.gathering import gathered
from bot.settings import Settings
from tests.support.surveys import House
from tests.support.updates import Chat, User, press

BOSS, OLD = User(1), User(2)


@pytest.fixture
def house(database: Database) -> House:
    """A manager, and somebody who came in last."""
    house = House(database).open(units=("Riverside",))
    house.add(BOSS.id, MANAGER)
    house.add(OLD.id, STAFF)
    return house


@pytest.fixture(scope="module")
def router(texts: Texts) -> Router:
    """The whole bot."""
    return Router(PeopleDoor(), Parts(Settings(), texts, username=lambda: "b").routes(), texts)


def pressed(house: House, router: Router, user: User, action: str) -> str:
    chat = Chat(house.database, router, user, lambda: house.now, house.secret)
    return chat.take(press(user, sign(house.secret, user.id, action)))


def role_of(session: Session, person: int) -> int:
    return session.exec(select(Role.id).where(Role.person_id == person)).one() or 0


def test_an_old_button_about_a_role_does_not_end_the_next_one(house: House, router: Router) -> None:
    old = house.database.run(lambda session: role_of(session, 2))
    house.database.run(lambda session: end_role(session, old, now=house.now))
    house.add(3, STAFF)

    said = pressed(house, router, BOSS, f"pexy:{old}")

    assert "no longer in use" in said
    assert {one.person_id for one in house.rows(Role)} == {1, 3}


def test_an_offer_of_an_owner_who_left_does_not_take_the_next_owners_place(
    house: House, router: Router
) -> None:
    def owners(session: Session) -> int:
        give_role(session, 1, kind=OWNER, unit_id=None, now=house.now)
        give_role(session, 2, kind=OWNER, unit_id=None, now=house.now)
        last = session.exec(select(Role.id).where(Role.kind == OWNER, Role.person_id == 2)).one()
        end_role(session, last or 0, now=house.now)
        return last or 0

    offered = house.database.run(owners)
    three = house.add(3, STAFF)
    house.database.run(
        lambda session: give_role(session, three, kind=OWNER, unit_id=None, now=house.now)
    )
    until = (house.now + timedelta(days=3)).date().toordinal()

    pressed(house, router, OLD, f"poa:{offered}:{until}")

    assert {one.person_id for one in house.rows(Role) if one.kind == OWNER} == {1, 3}


def test_an_old_consent_does_not_open_the_next_invitation(house: House, router: Router) -> None:
    def made(session: Session, role: str) -> int:
        invite(
            session,
            role=role,
            unit_id=1,
            max_uses=1,
            expires_at=house.now + timedelta(days=1),
        )
        return max(one or 0 for one in session.exec(select(Invitation.id)))

    old = house.database.run(lambda session: made(session, STAFF))
    house.database.run(lambda session: session.delete(session.get_one(Invitation, old)))
    house.database.run(lambda session: made(session, MANAGER))

    said = pressed(house, router, User(9), f"join:{old}:en")

    assert "do not know this invitation" in said
    assert len(house.rows(Role)) == 2


def test_an_erased_persons_number_names_nobody_else(house: House) -> None:
    house.database.run(lambda session: erase(session, 2, now=house.now))

    assert house.add(3, STAFF) == 3


def test_a_message_that_was_purged_lends_its_number_to_no_other(house: House) -> None:
    """An old delivery still names the number: the file of one would show what another was sent."""

    def told(session: Session, person: int, secret: str) -> None:
        notify(
            session,
            person,
            "organisation/role_moved.html",
            key=f"to {person}",
            now=house.now,
            values={"name": secret},
        )

    house.database.run(lambda session: told(session, 1, "mine"))
    house.database.run(
        lambda session: notices.purge(session, (house.now + timedelta(days=30)).date())
    )
    house.database.run(lambda session: told(session, 2, "theirs"))

    with house.database.reading() as session:
        held = {one.table: rows for one, rows in gathered(session, 1, to_themselves=True)}
    assert "notice" not in held
    assert [one.content["name"] for one in house.rows(Notice)] == ["theirs"]
