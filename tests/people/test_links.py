"""Links of those who leave: what lets in who works here closes, customers' links can be closed."""

import pytest
from sqlmodel import Session, select

from bot.core.callbacks import sign
from bot.core.database import Database
from bot.core.dialogue import CUSTOMER, MANAGER, OWNER, REGIONAL, STAFF, Identity
from bot.core.render import Texts
from bot.core.router import Router
from bot.core.tables import AuditEntry, Notice
from bot.organisation.appointments import end_role, give_role
from bot.organisation.structure import move
from bot.parts import Parts
from bot.people.door import PeopleDoor, identity_of
from bot.people.invitations import invite
from bot.people.links import open_links
from bot.people.registry import create_unit, unit_named
from bot.people.tables import REGION, Role
from bot.privacy.erasing import erase
from bot.settings import Settings
from bot.ways.keeping import Spot, open_way
from tests.support.surveys import House
from tests.support.updates import Chat, User, buttons, press

OWNER_1, OWNER_2, BOSS, OTHER_BOSS, NEW = (User(number) for number in (1, 2, 3, 4, 9))
CLOSED = "no longer lets people in there"


@pytest.fixture
def house(database: Database) -> House:
    """Two owners, and two managers of Riverside."""
    return opened_house(database)


@pytest.fixture
def sqlite_house(sqlite_database: Database) -> House:
    """The same where the kind of database makes no difference."""
    return opened_house(sqlite_database)


def opened_house(database: Database) -> House:
    house = House(database).open(units=("Riverside", "Old Town"))
    house.add(OWNER_1.id, OWNER)
    house.add(OWNER_2.id, OWNER)
    house.add(BOSS.id, MANAGER)
    house.add(OTHER_BOSS.id, MANAGER)
    return house


@pytest.fixture(scope="module")
def router(texts: Texts) -> Router:
    """The whole bot."""
    return Router(PeopleDoor(), Parts(Settings(), texts, username=lambda: "b").routes(), texts)


def chat(house: House, router: Router, user: User) -> Chat:
    return Chat(house.database, router, user, lambda: house.now, house.secret)


def made(house: House, by: int, role: str, unit: str | None = "Riverside") -> str:
    """Make a link as ``/invite`` does; return its payload."""

    def make(session: Session) -> str:
        return invite(
            session,
            role=role,
            unit_id=unit_named(session, unit, kinds=("unit", "region")).id if unit else None,
            max_uses=None if role == CUSTOMER else 1,
            expires_at=house.now.replace(year=house.now.year + 1),
            created_by=by,
        )

    return house.database.run(make)


def take_away(house: House, person: int, kind: str) -> None:
    def ended(session: Session) -> None:
        wanted = select(Role.id).where(Role.person_id == person, Role.kind == kind)
        end_role(session, session.exec(wanted).one() or 0, now=house.now)

    house.database.run(ended)


def test_a_link_for_staff_works_while_its_maker_is_a_manager(house: House, router: Router) -> None:
    payload = made(house, BOSS.id, STAFF)

    assert "I agree" in buttons(opened(house, router, payload))


def opened(house: House, router: Router, payload: str) -> list[dict[str, object]]:
    new = chat(house, router, NEW)
    new.send(f"/start {payload}")
    return new.last


def test_a_link_for_staff_is_closed_when_its_maker_leaves(house: House, router: Router) -> None:
    payload = made(house, BOSS.id, STAFF)
    new = chat(house, router, NEW)
    new.send(f"/start {payload}")

    take_away(house, BOSS.id, MANAGER)

    assert CLOSED in new.press("I agree")
    assert CLOSED in new.send(f"/start {payload}")
    assert not [one for one in house.rows(Role) if one.kind == STAFF]


def test_a_link_of_an_owner_who_left_makes_no_owner(house: House, router: Router) -> None:
    payload = made(house, OWNER_1.id, OWNER, unit=None)

    take_away(house, OWNER_1.id, OWNER)

    assert CLOSED in chat(house, router, NEW).send(f"/start {payload}")


def test_a_link_of_an_owner_who_was_erased_makes_no_owner(house: House, router: Router) -> None:
    """Not even of a customer, whom only a link of the operator's may make an owner."""
    payload = made(house, OWNER_1.id, OWNER, unit=None)
    house.add(NEW.id, CUSTOMER)

    house.database.run(lambda session: erase(session, OWNER_1.id, now=house.now))

    assert "run out" in chat(house, router, NEW).send(f"/start {payload}")


def test_a_link_of_a_regional_manager_ends_where_the_region_does(
    house: House, router: Router
) -> None:
    def grow(session: Session) -> tuple[int, int]:
        north = create_unit(session, "North", kind=REGION)
        riverside = unit_named(session, "Riverside")
        move(session, riverside.id or 0, north.id, today=house.now.date())
        return north.id or 0, riverside.id or 0

    north, riverside = house.database.run(grow)
    seven = house.add(7, STAFF)
    house.database.run(
        lambda session: give_role(session, seven, kind=REGIONAL, unit_id=north, now=house.now)
    )
    payload = made(house, seven, STAFF)
    assert "I agree" in buttons(opened(house, router, payload))

    house.database.run(lambda session: move(session, riverside, None, today=house.now.date()))

    assert CLOSED in chat(house, router, NEW).send(f"/start {payload}")


def test_customers_links_go_on_and_who_is_in_charge_may_close_them(
    house: House, router: Router
) -> None:
    payload = made(house, BOSS.id, CUSTOMER)
    made(house, BOSS.id, STAFF)
    owner = chat(house, router, OWNER_1)

    owner.send("/people Riverside")
    owner.press("P3")
    owner.press("Take the role away")
    answer = owner.press("Yes, take it away")

    assert "1 link of theirs still lets customers in" in answer
    told = [one for one in house.rows(Notice) if one.template == "organisation/handed_back.html"]
    assert [one.content["links"] for one in told] == [1]
    assert "I agree" in buttons(opened(house, router, payload))
    listed = owner.press("Links that still work")
    assert [name for name in buttons(owner.last) if "Riverside" in name] == [
        "Customers · Riverside"
    ], listed
    assert "Made by \u2068P3" in owner.press("Customers · Riverside")
    owner.press("Close this link")
    assert "run out" in chat(house, router, NEW).send(f"/start {payload}")
    assert "link.closed" in {one.what for one in house.rows(AuditEntry)}


def test_the_poster_of_a_manager_who_left_goes_on(house: House, router: Router) -> None:
    def hang(session: Session) -> str:
        unit = unit_named(session, "Riverside")
        return open_way(session, unit.id or 0, Spot(), now=house.now, created_by=3).payload

    payload = house.database.run(hang)
    take_away(house, BOSS.id, MANAGER)

    assert "I agree" in buttons(opened(house, router, payload))
    boss = chat(house, router, OTHER_BOSS)
    boss.send("/invite")
    assert "Links that still work" not in buttons(boss.last)


def test_a_manager_sees_and_closes_links_of_the_own_units_alone(
    house: House, router: Router
) -> None:
    made(house, OWNER_1.id, STAFF)
    made(house, OWNER_1.id, MANAGER)
    made(house, OWNER_1.id, STAFF, unit="Old Town")
    boss, owner = chat(house, router, BOSS), chat(house, router, OWNER_1)

    boss.send("/invite")
    boss.press("Links that still work")
    owner.send("/invite")
    owner.press("Links that still work")

    assert [name for name in buttons(boss.last) if "·" in name] == ["A member of staff · Riverside"]
    assert len([name for name in buttons(owner.last) if "·" in name]) == 3


def test_a_link_is_closed_once_and_not_by_somebody_without_the_role(
    house: House, router: Router
) -> None:
    payload = made(house, BOSS.id, STAFF)
    first, second = chat(house, router, BOSS), chat(house, router, OTHER_BOSS)
    for one in (first, second):
        one.send("/invite")
        one.press("Links that still work")
        one.press("A member of staff")
    shown = second.last

    assert "nobody in any more" in first.press("Close this link")
    assert "no longer in use" in second.press("Close this link")
    take_away(house, OTHER_BOSS.id, MANAGER)
    second.last = shown
    assert "not open to you" in second.press("Close this link")
    assert "run out" in chat(house, router, NEW).send(f"/start {payload}")


def test_who_takes_the_organisation_over_hears_of_the_links_left_behind(
    house: House, router: Router
) -> None:
    made(house, OWNER_1.id, CUSTOMER)
    owner, boss = chat(house, router, OWNER_1), chat(house, router, BOSS)
    owner.send("/people Riverside")
    owner.press("P3")
    owner.press("Offer the ownership")
    [offered] = [one for one in house.rows(Notice) if "offered" in one.template]

    answer = accept(boss, house, offered.offers[0][0][1])

    assert "1 link of theirs still lets customers in" in answer
    assert "Links that still work" in buttons(boss.last)


def accept(boss: Chat, house: House, action: str) -> str:
    return boss.take(press(boss.user, sign(house.secret, boss.user.id, action)))


def test_a_maker_of_many_links_is_looked_up_once(
    sqlite_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(5):
        made(sqlite_house, BOSS.id, STAFF)
        made(sqlite_house, OTHER_BOSS.id, STAFF)
    looked_up: list[int] = []

    def counting(session: Session, person_id: int) -> Identity | None:
        looked_up.append(person_id)
        return identity_of(session, person_id)

    monkeypatch.setattr("bot.people.links.identity_of", counting)
    with sqlite_house.database.reading() as session:
        owner = identity_of(session, OWNER_1.id)
        assert owner is not None
        found = open_links(session, owner, sqlite_house.now)

    assert len(found) == 10
    assert sorted(looked_up) == [BOSS.id, OTHER_BOSS.id]
