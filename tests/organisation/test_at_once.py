"""Two owners act at the same moment: in two threads with transactions of their own.

Each works on a connection of its own, and both begin when both are ready. Every case is played
several times, so that either may be the first.
"""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TypeVar

import pytest
from sqlmodel import Session, select

from bot.core.callbacks import sign
from bot.core.database import Database
from bot.core.dialogue import OWNER, STAFF
from bot.core.render import Texts
from bot.core.router import Router
from bot.organisation import structure
from bot.organisation.appointments import change_role, end_role, hand_over, move_role
from bot.organisation.merging import merge
from bot.organisation.structure import Refused
from bot.parts import Parts
from bot.people.door import PeopleDoor
from bot.people.invitations import invite
from bot.people.registry import create_unit, unit_named
from bot.people.tables import MERGED, OPEN, REGION, Role, Unit
from bot.people.tree import read_tree
from bot.privacy.erasing import erase
from bot.settings import Settings
from tests.support.surveys import House
from tests.support.updates import User, press

T = TypeVar("T")
TIMES = range(3)


@pytest.fixture(params=TIMES)
def house(request: pytest.FixtureRequest, database: Database) -> House:
    """Two owners, two units and two regions; played anew each time."""
    assert request.param in TIMES
    house = House(database).open(units=("Riverside", "Old Town"))
    for person in (1, 2):
        house.add(person, OWNER)
    house.add(3, STAFF)

    def regions(session: Session) -> None:
        for name in ("North", "South"):
            create_unit(session, name, kind=REGION)

    database.run(regions)
    return house


def at_once(house: House, *deeds: Callable[[Session], T]) -> list[T | Exception]:
    """Do several things in threads that begin together; return what each came to."""
    start = threading.Barrier(len(deeds))

    def do(deed: Callable[[Session], T]) -> T | Exception:
        start.wait()
        try:
            return house.database.run(deed)
        except Exception as error:  # noqa: BLE001 - a failure is what is looked for
            return error

    with ThreadPoolExecutor(len(deeds)) as threads:
        return list(threads.map(do, deeds))


def number(house: House, name: str) -> int:
    return next(one.id or 0 for one in house.rows(Unit) if one.name == name)


def role(house: House, person: int, kind: str = OWNER) -> int:
    return next(
        one.id or 0 for one in house.rows(Role) if (one.person_id, one.kind) == (person, kind)
    )


def owners(house: House) -> list[int]:
    return sorted(one.person_id for one in house.rows(Role) if one.kind == OWNER)


def done(results: Sequence[object]) -> list[bool]:
    """Tell which were done; none may have failed."""
    assert not [one for one in results if isinstance(one, Exception)], results
    return sorted(one is not None and not isinstance(one, Refused) for one in results)


def test_of_two_owners_who_leave_at_once_one_stays(house: House) -> None:
    one, two = role(house, 1), role(house, 2)

    left = at_once(
        house,
        lambda session: end_role(session, one, now=house.now),
        lambda session: end_role(session, two, now=house.now),
    )

    assert done(left) == [False, True]
    assert len(owners(house)) == 1


def test_of_two_owners_who_have_themselves_erased_at_once_one_stays(house: House) -> None:
    erased = at_once(
        house,
        lambda session: erase(session, 1, now=house.now),
        lambda session: erase(session, 2, now=house.now),
    )

    assert done(erased) == [False, True]
    assert len(owners(house)) == 1


def test_of_one_who_leaves_and_one_who_is_erased_at_once_one_stays(house: House) -> None:
    one = role(house, 1)

    gone = at_once(
        house,
        lambda session: end_role(session, one, now=house.now) is not None or None,
        lambda session: erase(session, 2, now=house.now) is not None or None,
    )

    assert done(gone) == [False, True]
    assert len(owners(house)) == 1


def test_one_offer_is_taken_by_one_of_two(house: House) -> None:
    offered = role(house, 1)
    house.add(4, STAFF)

    taken = at_once(
        house,
        lambda session: hand_over(session, offered, to=3, now=house.now),
        lambda session: hand_over(session, offered, to=4, now=house.now),
    )

    assert done(taken) == [False, True]
    assert len(owners(house)) == 2
    assert set(owners(house)) & {3, 4}


def test_both_owners_hand_over_to_each_other_or_to_one_and_none_is_lost(house: House) -> None:
    one, two = role(house, 1), role(house, 2)

    at_once(
        house,
        lambda session: hand_over(session, one, to=3, now=house.now),
        lambda session: hand_over(session, two, to=3, now=house.now),
    )

    assert owners(house) == [3]


def test_two_units_are_merged_into_each_other_once(house: House) -> None:
    one, two = number(house, "Riverside"), number(house, "Old Town")
    today = house.now.date()

    refused = at_once(
        house,
        lambda session: merge(session, one, two, today=today) or "done",
        lambda session: merge(session, two, one, today=today) or "done",
    )

    assert done(refused) == [False, True]
    assert sorted(one.state for one in house.rows(Unit) if one.kind != REGION) == [MERGED, OPEN]
    tree = house.database.run(read_tree)
    assert tree.goes_on_in(one) == tree.goes_on_in(two)


def test_two_regions_are_put_into_each_other_once(house: House) -> None:
    north, south = number(house, "North"), number(house, "South")
    today = house.now.date()

    moved = at_once(
        house,
        lambda session: structure.move(session, north, south, today=today) or "done",
        lambda session: structure.move(session, south, north, today=today) or "done",
    )

    assert done(moved) == [False, True]
    tree = house.database.run(read_tree)
    assert set(tree.below(north)) | set(tree.below(south)) == {north, south}


def test_a_region_is_not_closed_while_a_unit_is_put_into_it(house: House) -> None:
    north, unit = number(house, "North"), number(house, "Riverside")
    today = house.now.date()

    came = at_once(
        house,
        lambda session: structure.close(session, north, today=today) or "done",
        lambda session: structure.move(session, unit, north, today=today) or "done",
    )

    assert done(came) == [False, True]


def test_one_name_is_given_once(house: House) -> None:
    made = at_once(
        house,
        *(
            lambda session: structure.add(session, "Harbour", kind=REGION, parent_id=None)
            for _ in range(2)
        ),
    )

    assert done(made) == [False, True]


def test_one_role_is_changed_and_moved_at_once_and_held_once(house: House) -> None:
    staff, old_town = role(house, 3, STAFF), number(house, "Old Town")

    at_once(
        house,
        lambda session: change_role(session, staff, kind="manager", now=house.now),
        lambda session: move_role(session, staff, old_town, now=house.now),
        lambda session: end_role(session, staff, now=house.now),
    )

    held = [(one.kind, one.unit_id) for one in house.rows(Role) if one.person_id == 3]
    assert len(held) <= 1


def test_who_comes_in_while_the_unit_is_merged_comes_in_where_it_goes_on_or_not(
    house: House, texts: Texts
) -> None:
    router = Router(PeopleDoor(), Parts(Settings(), texts, username=lambda: "b").routes(), texts)
    one, two = number(house, "Riverside"), number(house, "Old Town")
    new = User(9)

    def invited(session: Session) -> None:
        invite(
            session,
            role=STAFF,
            unit_id=unit_named(session, "Riverside").id,
            max_uses=1,
            expires_at=house.now + timedelta(days=1),
        )

    house.database.run(invited)
    agree = press(new, sign(house.secret, new.id, "join:1:en"))

    came = at_once(
        house,
        lambda session: router.handle(session, agree, now=house.now, secret=house.secret),
        lambda session: merge(session, one, two, today=house.now.date()) or "done",
    )

    assert not [one for one in came if isinstance(one, Exception)], came
    with house.database.reading() as session:
        held = session.exec(select(Role.unit_id).where(Role.kind == STAFF)).all()
    assert set(held) == {two}
