"""Who holds which role, roles taken away and given up, the ownership handed over."""

import pytest
from sqlmodel import Session, select

from bot.core.callbacks import sign
from bot.core.database import Database
from bot.core.dialogue import MANAGER, OWNER, REGIONAL, STAFF
from bot.core.render import Texts
from bot.core.router import Router
from bot.core.tables import AuditEntry, Delivery, Notice
from bot.improvement.actions import create_action
from bot.improvement.tables import Action
from bot.organisation.appointments import end_role
from bot.parts import Parts
from bot.people.door import PeopleDoor
from bot.people.tables import Role, Unit
from bot.settings import Settings
from tests.support.surveys import House
from tests.support.updates import Chat, User, buttons, press

OWNER_1, OWNER_2, BOSS, WORKER = (User(number) for number in (1, 2, 3, 4))


@pytest.fixture
def house(database: Database) -> House:
    """Two owners, a manager and a member of staff of Riverside."""
    house = House(database).open(units=("Riverside", "Old Town"))
    house.add(OWNER_1.id, OWNER)
    house.add(OWNER_2.id, OWNER)
    house.add(BOSS.id, MANAGER)
    house.add(WORKER.id, STAFF)
    return house


@pytest.fixture(scope="module")
def router(texts: Texts) -> Router:
    """The whole bot."""
    return Router(PeopleDoor(), Parts(Settings(), texts, username=lambda: "b").routes(), texts)


def chat(house: House, router: Router, user: User) -> Chat:
    return Chat(house.database, router, user, lambda: house.now, house.secret)


def roles(house: House, user: User) -> set[tuple[str, int | None]]:
    who = house.database.run(lambda session: PeopleDoor().recognise(session, user.id))
    return set(who.roles) if who else set()


def role_id(house: House, kind: str, person: int) -> int:
    [found] = [one for one in house.rows(Role) if (one.kind, one.person_id) == (kind, person)]
    return found.id or 0


def test_an_owner_takes_a_role_away_and_what_was_held_goes_back(
    house: House, router: Router
) -> None:
    def held(session: Session) -> None:
        create_action(
            session, unit_id=1, source="own", title="Signs", note="", taken_by=4, now=house.now
        )

    house.database.run(held)
    owner = chat(house, router, OWNER_1)

    owner.send("/people Riverside")
    owner.press("P4")
    owner.press("Take the role away")
    answer = owner.press("Yes, take it away")

    assert roles(house, WORKER) == set()
    assert [one.owner_id for one in house.rows(Action)] == [None]
    assert "1 action" in answer
    told = {one.template for one in house.rows(Notice)}
    assert told == {"organisation/role_ended.html", "organisation/handed_back.html"}
    assert "role.ended" in {one.what for one in house.rows(AuditEntry)}
    owner.send("/people Riverside")
    assert "P4 · member of staff" not in buttons(owner.last)


def test_somebody_who_lost_a_role_finds_the_next_press_refused(
    house: House, router: Router
) -> None:
    boss = chat(house, router, BOSS)
    boss.send("/people")

    house.database.run(
        lambda session: end_role(session, role_id_in(session, MANAGER, 3), now=house.now)
    )

    assert "not open to you" in boss.press("P4")


def role_id_in(session: Session, kind: str, person: int) -> int:
    found = select(Role.id).where(Role.kind == kind, Role.person_id == person)
    return session.exec(found).one() or 0


def test_a_manager_cannot_touch_another_manager_or_another_unit(
    house: House, router: Router
) -> None:
    house.add(5, STAFF, unit="Old Town")
    house.add(6, MANAGER)
    boss = chat(house, router, BOSS)

    for kind, person in ((MANAGER, 6), (STAFF, 5), (OWNER, 1)):
        action = f"pexy:{role_id(house, kind, person)}"
        answer = boss.take(press(BOSS, sign(house.secret, BOSS.id, action)))
        assert "not open to you" in answer

    assert len(house.rows(Role)) == 6


def test_a_button_of_a_role_that_is_gone_changes_nothing(house: House, router: Router) -> None:
    boss = chat(house, router, BOSS)
    boss.send("/people")
    boss.press("P4")
    house.database.run(
        lambda session: end_role(session, role_id_in(session, STAFF, 4), now=house.now)
    )

    answer = boss.press("Take the role away")

    assert "no longer in use" in answer


def test_of_two_owners_who_leave_the_last_one_stays(house: House, router: Router) -> None:
    first, second = chat(house, router, OWNER_1), chat(house, router, OWNER_2)
    for one in (first, second):
        one.send("/leave")
        one.press("owner")

    first.press("Yes, give it up")
    answer = second.press("Yes, give it up")

    assert roles(house, OWNER_1) == set()
    assert roles(house, OWNER_2) == {(OWNER, None)}
    assert "always be an owner" in answer


def test_the_ownership_goes_over_when_the_other_accepts_and_only_once(
    house: House, router: Router
) -> None:
    owner, boss = chat(house, router, OWNER_1), chat(house, router, BOSS)
    owner.send("/people Riverside")
    owner.press("P3")
    owner.press("Offer the ownership")
    assert (OWNER, None) in roles(house, OWNER_1)
    [notice] = [one for one in house.rows(Notice) if "ownership_offered" in one.template]
    data = sign(house.secret, BOSS.id, notice.offers[0][0][1])

    boss.take(press(BOSS, data))
    again = boss.take(press(BOSS, data))

    assert roles(house, OWNER_1) == set()
    assert roles(house, BOSS) == {(OWNER, None), (MANAGER, 1)}
    assert "does not stand any more" in again
    assert {"ownership.offered", "ownership.accepted"} <= {
        one.what for one in house.rows(AuditEntry)
    }


def test_an_offer_of_somebody_who_is_no_owner_any_more_is_void(
    house: House, router: Router
) -> None:
    owner, boss = chat(house, router, OWNER_1), chat(house, router, BOSS)
    owner.send("/people Riverside")
    owner.press("P3")
    owner.press("Offer the ownership")
    [notice] = [one for one in house.rows(Notice) if "ownership_offered" in one.template]
    house.database.run(
        lambda session: end_role(session, role_id_in(session, OWNER, 1), now=house.now)
    )

    answer = boss.take(press(BOSS, sign(house.secret, BOSS.id, notice.offers[0][0][1])))

    assert "does not stand any more" in answer
    assert roles(house, BOSS) == {(MANAGER, 1)}


def test_a_member_of_staff_becomes_a_manager_and_goes_to_another_unit(
    house: House, router: Router
) -> None:
    owner = chat(house, router, OWNER_1)
    owner.send("/people Riverside")
    owner.press("P4")

    owner.press("Make them a manager")
    owner.send("/people Riverside")
    owner.press("P4")
    owner.press("To another unit")
    owner.press("Old Town")

    assert roles(house, WORKER) == {(MANAGER, 2)}
    assert len(house.rows(Delivery)) == 2


def test_an_analyst_and_a_stranger_see_no_names(house: House, router: Router) -> None:
    house.add(7, "analyst")

    analyst = chat(house, router, User(7)).send("/people Riverside")
    stranger = chat(house, router, User(99)).send("/people Riverside")

    assert "P4" not in analyst + stranger
    assert "not open to you" in analyst
    assert "by invitation" in stranger


def test_customers_are_counted_and_not_named(house: House, router: Router) -> None:
    house.add(8, "customer")
    owner = chat(house, router, OWNER_1)

    answer = owner.send("/people Riverside")

    assert "1 customer takes part" in answer
    assert not any("P8" in label for label in buttons(owner.last))


# --- The tree in chat.


def test_an_owner_builds_a_region_moves_a_unit_and_merges_two(house: House, router: Router) -> None:
    owner = chat(house, router, OWNER_1)
    owner.send("/units")
    owner.press("➕ Region")
    owner.send("North")
    owner.send("/units")
    owner.press("Riverside")
    owner.press("Move")
    owner.press("North")

    owner.press("Merge")
    owner.press("Old Town")
    answer = owner.press("Yes, merge them")

    units = {one.name: one for one in house.rows(Unit)}
    assert units["Riverside"].state == "merged"
    assert units["Riverside"].parent_id == units["Old Town"].id
    assert "Old Town" in answer
    what = [one.what for one in house.rows(AuditEntry)]
    assert what == ["unit.added", "unit.moved", "unit.merged"]


def test_an_owner_lays_all_units_into_one_region_by_a_tap(house: House, router: Router) -> None:
    owner = chat(house, router, OWNER_1)
    owner.send("/units")

    owner.press("➕ One region over all")
    owner.press("↑ Up")

    units = {one.name: one for one in house.rows(Unit)}
    whole = next(one for one in units.values() if one.kind == "region")
    assert whole.name == "Cafés"
    assert {one.parent_id for one in units.values()} == {None, whole.id}
    assert not any("over all" in label for label in buttons(owner.last))


def test_the_people_of_a_closed_unit_are_told_once(house: House, router: Router) -> None:
    owner = chat(house, router, OWNER_1)
    owner.send("/units")
    owner.press("Riverside")
    owner.press("Close")
    owner.press("Yes, close it")
    told = owner.last

    first = owner.press("Tell its people")
    again = owner.take(press(OWNER_1, next(v for k, v in buttons(told).items() if "Tell" in k)))

    assert "2 people of" in first
    assert "0 people of" in again
    assert {one.template for one in house.rows(Notice)} == {"organisation/unit_closed.html"}


def test_a_stale_button_of_a_merged_unit_is_answered(house: House, router: Router) -> None:
    owner, other = chat(house, router, OWNER_1), chat(house, router, OWNER_2)
    for one in (owner, other):
        one.send("/units")
        one.press("Riverside")
        one.press("Merge")
        one.press("Old Town")
    owner.press("Yes, merge them")

    answer = other.press("Yes, merge them")

    assert "no longer in use" in answer
    assert len([one for one in house.rows(AuditEntry) if one.what == "unit.merged"]) == 1


def test_a_regional_manager_invites_only_within_the_region(house: House, router: Router) -> None:
    def region(session: Session) -> None:
        session.add(Unit(name="North", name_key="north", kind="region"))
        session.flush()
        north = session.exec(select(Unit).where(Unit.name == "North")).one()
        session.get_one(Unit, 1).parent_id = north.id
        session.add(Role(person_id=3, unit_id=north.id, kind=REGIONAL, granted_at=house.now))

    house.database.run(region)
    boss = chat(house, router, BOSS)

    boss.send("/invite")
    assert "An owner" not in buttons(boss.last)
    answer = boss.press("A manager")  # one unit lies in the region: it is taken at once
    forged = boss.take(press(BOSS, sign(house.secret, BOSS.id, "inv:manager:2")))

    assert "Riverside" in answer
    assert "not open to you" in forged
