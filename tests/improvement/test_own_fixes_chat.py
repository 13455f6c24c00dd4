"""An owner's own fixes: written in chat, kept, changed, retired; suggested in one language."""

from functools import cached_property

import pytest

from bot.core.database import Database
from bot.core.router import Router
from bot.improvement import own_fixes, own_fixes_chat
from bot.improvement.own_tables import OwnFix
from bot.improvement.shelf import Shelf
from bot.people.door import PeopleDoor
from tests.support.actions import ANA, FIXES, OWNER, ActionHouse
from tests.support.updates import Chat

SECOND = 17


class OwnHouse(ActionHouse):
    """The house whose owners write fixes."""

    @cached_property
    def shelf(self) -> Shelf:
        return Shelf(lambda: FIXES)

    @cached_property
    def router(self) -> Router:
        return Router(PeopleDoor(), [own_fixes_chat.routes(self.shelf.refresh)], self.texts)

    def own(self) -> OwnFix:
        rows: list[OwnFix] = self.rows(OwnFix)
        return rows[0]

    def made(self) -> tuple[str, ...]:
        return tuple(fix.code for fix in self.shelf() if fix.code.startswith("ours."))

    def written(self) -> Chat:
        """Let the owner write a whole fix, up to its preview."""
        owner = self.pressed(OWNER, "fxn:1")
        owner.send("Call <back> in an hour")
        owner.press("We do less than customers expect")
        owner.press("Quick help")
        owner.send("Put a list beside the telephone.")
        owner.send("No name is on it for an hour.")
        owner.press("Some hours")
        owner.press("The team")
        return owner


def opened(database: Database) -> OwnHouse:
    house = OwnHouse(database)
    house.open(units=("Riverside", "Old Town"))
    house.add(ANA, "manager")
    house.add(OWNER, "owner")
    house.add(SECOND, "owner")
    return house


@pytest.fixture
def house(database: Database) -> OwnHouse:
    return opened(database)


@pytest.fixture
def small_house(sqlite_database: Database) -> OwnHouse:
    return opened(sqlite_database)


def test_a_fix_is_asked_part_by_part_and_suggested_once_it_is_kept(house: OwnHouse) -> None:
    owner = house.written()
    assert house.made() == ()

    owner.press("Save it")

    assert house.made() == ("ours.1",)
    fix = next(one for one in house.shelf() if one.code == "ours.1")
    assert (fix.gaps, fix.dimensions, fix.source.kind) == (("delivery",), ("responsiveness",), "O")
    assert fix.in_language("ar").title == "Call <back> in an hour"
    assert fix.language_for("ar") == "en"
    assert house.recorded()[-1] == "own_fix.made own_fix 1"


def test_what_is_too_short_or_no_text_is_asked_again(small_house: OwnHouse) -> None:
    owner = small_house.pressed(OWNER, "fxn:1")

    assert "characters" in owner.send("x")
    assert "characters" in owner.send("x" * 81)
    assert "What does it help against?" in owner.send("Call back")


def test_a_manager_may_not_write_fixes(small_house: OwnHouse) -> None:
    small_house.pressed(ANA, "fxn:1")

    assert small_house.rows(OwnFix) == []


def test_of_two_owners_who_change_a_fix_the_first_wins(house: OwnHouse) -> None:
    house.written().press("Save it")
    revision = house.own().revision
    first = house.pressed(OWNER, f"fxe:1:{revision}:1:0")
    second = house.pressed(SECOND, f"fxe:1:{revision}:1:0")

    first.send("First title")
    said = second.send("Second title")

    assert house.own().title == "First title"
    assert "Somebody else has changed this fix meanwhile" in said


def test_a_retired_fix_keeps_its_name_and_comes_back(small_house: OwnHouse) -> None:
    owner = small_house.written()
    owner.press("Save it")

    owner.press("Retire")
    retired = [fix.retired for fix in small_house.shelf() if fix.code == "ours.1"]
    owner.press("Bring back")

    assert retired == [True]
    assert [fix.retired for fix in small_house.shelf() if fix.code == "ours.1"] == [False]


def test_a_draft_is_thrown_away_and_old_buttons_say_so(small_house: OwnHouse) -> None:
    owner = small_house.written()

    owner.press("Throw it away")
    small_house.pressed(OWNER, "fxk:1:7:1")

    assert small_house.rows(OwnFix) == []


def test_the_catalogue_learns_of_fixes_made_elsewhere(small_house: OwnHouse) -> None:
    small_house.written().press("Save it")
    other = Shelf(lambda: FIXES)

    small_house.database.run(other.refresh)

    assert "ours.1" in {fix.code for fix in other()}


def test_a_part_that_does_not_exist_is_refused(small_house: OwnHouse) -> None:
    small_house.written()
    with pytest.raises(ValueError, match="no part"):
        small_house.database.run(
            lambda session: own_fixes.set_part(
                session,
                small_house.own(),
                "state",
                "ready",
                revision=7,
                by=1,
                now=small_house.now,
            )
        )
