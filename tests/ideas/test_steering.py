"""What managers do with ideas, and what everybody hears of it, through the router."""

from datetime import timedelta

import pytest
from sqlmodel import Session

from bot.core.tables import Delivery
from bot.ideas import keeping, ticks
from bot.ideas.tables import Idea, IdeaVote
from bot.improvement import actions
from bot.improvement.tables import Action
from bot.people.tables import Person
from tests.support.ideas import ANA, BO, CY, GUEST, LI, OTHER, OWNER, SAM, IdeaHouse, plain
from tests.support.updates import buttons, said

CLOSED = "This is not open to you."


def test_a_manager_finds_what_is_new_and_publishes_it(house: IdeaHouse) -> None:
    house.sent()
    ana = house.chat(ANA)

    assert "Please put a bench" in ana.send("/ideas")
    assert "waits to be looked at" in ana.press("1")
    assert "open for votes" in ana.press("Publish")
    assert house.idea().state == "open"
    house.tick()
    assert "others can see it" in house.told(GUEST)[0]
    assert "No idea waits" in ana.press("← Ideas")


def test_a_customer_sees_only_what_is_published(house: IdeaHouse) -> None:
    house.sent()
    bo = house.chat(BO)

    assert "No idea is open" in bo.send("/ideas")
    assert not any("New" in label for label in buttons(bo.last))
    assert CLOSED in str(house.pressed(BO, "idc:1:n0").last)
    assert "No idea is open" in said(house.pressed(BO, "ideas:1:0:n").last)


def test_an_author_follows_an_idea_that_nobody_else_sees(lite: IdeaHouse) -> None:
    lite.sent()
    guest = lite.chat(GUEST)
    guest.send("/ideas")

    assert "waits to be looked at" in guest.press("Mine")
    shown = guest.press("1")
    assert "This is your idea" in shown
    assert not any("want this" in label for label in buttons(guest.last))


def test_declining_asks_why_and_tells_the_author_politely(house: IdeaHouse) -> None:
    house.sent()
    ana = house.pressed(ANA, "idd:1:n0")

    assert "not taken up" in ana.press("costs more")

    assert (house.idea().state, house.idea().reason) == ("declined", "cost")
    house.tick()
    (note,) = house.told(GUEST)
    assert "Thank you for it" in note
    assert "It costs more than it would bring" in note
    assert house.told(SAM) == []


def test_of_two_managers_the_first_wins_and_the_other_sees_it(house: IdeaHouse) -> None:
    house.sent()
    house.pressed(ANA, "idd:1:n0:fit")

    li = house.pressed(LI, "idp:1:n0")

    assert "Somebody has decided this meanwhile" in str(li.last)
    assert "not taken up" in str(li.last)
    assert house.idea().state == "declined"
    assert [what for what, _ in house.audited()] == ["idea.sent", "idea.declined"]


def test_another_units_manager_and_customers_steer_nothing(house: IdeaHouse) -> None:
    house.published()
    before = house.idea()

    for who in (OTHER, BO, SAM):
        for verb in ("idp", "idd", "idm", "ida", "idl", "idf", "ido"):
            assert CLOSED in str(house.pressed(who, f"{verb}:1:o0:2").last)

    assert house.idea() == before
    assert "idl" not in str(house.pressed(OWNER, "idl:1:o0").last[0].get("text", ""))
    assert house.idea().state == "planned"


def test_voters_and_author_hear_once_that_it_is_planned_and_that_it_is_done(
    house: IdeaHouse,
) -> None:
    house.published()
    house.pressed(BO, "idv:1:o0:1")
    house.tick()

    house.pressed(ANA, "idl:1:o0")
    house.tick()
    assert house.tick() == 0
    assert ["going to be done" in note for note in house.told(BO)] == [True]
    assert "for which you voted" in house.told(BO)[0]
    assert house.told(CY) == []

    house.later(days=1)
    house.pressed(ANA, "idf:1:o0")
    house.tick()
    assert "Thank you for your vote" in house.told(BO)[-1]
    assert "making us better" in house.told(GUEST)[-1]


def test_what_is_changed_again_before_it_went_out_is_not_told(house: IdeaHouse) -> None:
    house.published()
    house.pressed(BO, "idv:1:o0:1")
    house.pressed(ANA, "idf:1:o0")
    house.tick()
    assert house.told(BO)

    house.pressed(ANA, "ido:1:o0")

    assert house.told(BO) == []


def test_notes_come_after_the_quiet_hours_in_the_slowest_lane(lite: IdeaHouse) -> None:
    lite.published()
    lite.now = lite.now.replace(hour=23)

    lite.tick()

    (delivery,) = lite.rows(Delivery)
    assert delivery.due_at.isoformat() == "2026-03-05T08:00:00+00:00"
    assert delivery.lane == 3


def test_who_takes_a_break_hears_when_it_is_over(lite: IdeaHouse) -> None:
    lite.published()
    until = lite.now + timedelta(days=3)
    lite.database.run(
        lambda session: setattr(session.get(Person, lite.idea().person_id), "paused_until", until)
    )

    lite.tick()

    (delivery,) = lite.rows(Delivery)
    assert delivery.due_at == until


def test_who_brought_it_about_is_not_told(lite: IdeaHouse) -> None:
    lite.published(LI)
    lite.pressed(ANA, "idv:1:o0:1")

    lite.pressed(ANA, "idl:1:o0")
    lite.tick()

    assert lite.told(ANA) == []
    assert len(lite.told(LI)) == 1


def test_an_idea_becomes_an_action_once_and_is_done_with_it(house: IdeaHouse) -> None:
    house.published()
    house.pressed(BO, "idv:1:o0:1")
    ana = house.pressed(ANA, "ida:1:o0")
    assert "under way" in said(ana.last)

    li = house.pressed(LI, "ida:1:o0")
    assert "Somebody has decided this meanwhile" in str(li.last)
    (action,) = house.rows(Action)
    assert (action.source, action.unit_id, house.idea().action_id) == ("idea", 1, action.id)
    assert "bench" in action.title
    assert "bench" in ana.press("See the action")

    def finish(session: Session) -> None:
        actions.finish(session, session.get_one(Action, action.id), by=1, now=house.now)

    house.database.run(finish)
    house.tick()

    assert house.idea().state == "done"
    assert "It is done" in house.told(BO)[-1]
    assert house.audited()[-1] == ("idea.done", None)


def test_where_no_action_can_be_made_the_idea_stays_open(lite: IdeaHouse) -> None:
    lite.published()

    def work(session: Session) -> int | None:
        idea = session.get_one(Idea, 1)
        return keeping.act(session, idea, lambda *_, **__: None, by=1, now=lite.now)

    assert lite.database.run(work) is None
    assert (lite.idea().state, lite.idea().action_id) == ("open", None)


def test_merging_adds_votes_up_and_counts_nobody_twice(house: IdeaHouse) -> None:
    one = house.published(GUEST)
    other = house.published(CY, "A bench by the door, please")
    for voter, number in ((BO, one), (BO, other), (SAM, other)):
        house.pressed(voter, f"idv:{number}:o0:1")

    ana = house.pressed(ANA, f"idm:{other}:o0")
    ana.press(f"#{one}")

    assert house.voters(one) == {BO, SAM, CY}
    assert house.voters(other) == set()
    assert (house.idea(other).state, house.idea(other).merged_into) == ("merged", one)
    house.tick()
    assert "nearly the same idea" in house.told(CY)[-1]
    assert "Idea 1" in plain(said(house.pressed(BO, f"idc:{other}:o0").last))


def test_the_author_of_the_idea_that_stays_does_not_vote_for_it_by_merging(
    house: IdeaHouse,
) -> None:
    one = house.published(GUEST)
    other = house.published(GUEST, "Another bench, inside")

    house.pressed(ANA, f"idm:{other}:o0:{one}")

    assert house.voters(one) == set()


def test_an_idea_that_others_were_joined_with_takes_them_along(house: IdeaHouse) -> None:
    first, second, third = (house.published(GUEST, f"Bench number {n}") for n in range(3))
    house.pressed(ANA, f"idm:{first}:o0:{second}")

    house.pressed(ANA, f"idm:{second}:o0:{third}")

    assert house.idea(first).merged_into == third
    assert house.idea(second).merged_into == third


@pytest.mark.parametrize("target", ["1", "99", "3", "x"])
def test_an_idea_is_joined_neither_with_itself_nor_with_another_units(
    lite: IdeaHouse, target: str
) -> None:
    lite.published()
    lite.published(BO, "Something else entirely")
    lite.add(GUEST, "customer", unit="Old Town")
    guest = lite.chat(GUEST)
    guest.send("/idea For the other place")
    guest.press("Old Town")
    guest.press("Send without my name")

    lite.pressed(ANA, f"idm:1:o0:{target}")

    assert lite.idea(1).state == "open"


@pytest.mark.parametrize(
    "action", ["idc", "idc:x", "idc:99:o0", "idv:99:o0:1", "idp:", "idt:99:1", "idt", "ideas:77"]
)
def test_a_button_of_an_idea_that_is_gone_is_answered(lite: IdeaHouse, action: str) -> None:
    ana = lite.pressed(ANA, action)

    assert "no longer in use" in str(ana.last)


def test_a_year_after_the_end_only_the_number_of_votes_is_kept(house: IdeaHouse) -> None:
    house.published()
    for voter in (BO, CY):
        house.pressed(voter, "idv:1:o0:1")
    house.pressed(ANA, "idf:1:o0")
    house.later(days=364)
    assert house.database.run(lambda session: ticks.forget_old(session, house.now)) == 0

    house.later(days=1)
    assert house.database.run(lambda session: ticks.forget_old(session, house.now)) == 1
    house.database.run(lambda session: ticks.forget_old(session, house.now))

    assert house.rows(IdeaVote) == []
    assert "2 votes" in said(house.pressed(ANA, "idc:1:d0").last)
