"""Votes: in the list and beside the thanks, on both databases."""

from datetime import timedelta

from sqlalchemy import delete
from sqlmodel import Session, col

from bot.core.database import Database
from bot.core.dialogue import Section, Turn
from bot.core.router import Router
from bot.ideas import chat
from bot.ideas.section import section, summary
from bot.ideas.tables import Idea, IdeaVote
from bot.ideas.thanks import after_thanks
from bot.ideas.tracing import beside
from bot.ideas.voting import idea_for
from bot.improvement.tables import Action
from bot.people.door import PeopleDoor
from bot.people.tables import Person
from bot.surveys import chat as cards_chat
from bot.surveys.desk import SurveyDesk
from tests.support.ideas import ANA, BO, CY, GUEST, OTHER, SAM, IdeaHouse, plain
from tests.support.updates import User, buttons, message, said


def offered(house: IdeaHouse, telegram_id: int, unit_id: int = 1) -> Section | None:
    """Return what stands beside somebody's thanks."""

    def work(session: Session) -> Section | None:
        who = PeopleDoor().recognise(session, telegram_id)
        update = message(User(telegram_id), "x")
        turn = Turn(session, update, house.now, house.texts, house.secret, who, "en")
        return after_thanks(turn, {}, unit_id)

    return house.database.run(work)


def test_a_vote_counts_once_and_may_be_taken_back(house: IdeaHouse) -> None:
    house.published()
    bo = house.chat(BO)
    bo.send("/ideas")
    bo.press("1")

    assert "1 vote" in bo.press("I want this too")
    assert "1 vote\n" in said(house.pressed(BO, "idv:1:o0:1").last)
    assert house.voters() == {BO}
    assert "0 votes" in bo.press("Take my vote back")
    assert house.voters() == set()


def test_nobody_votes_for_their_own_idea_or_for_one_that_takes_no_votes(house: IdeaHouse) -> None:
    house.published()
    own = house.pressed(GUEST, "idv:1:o0:1")
    house.pressed(ANA, "idf:1:o0")
    late = house.pressed(BO, "idv:1:o0:1")

    assert "takes no votes" in str(own.last)
    assert "takes no votes" in str(late.last)
    assert house.rows(IdeaVote) == []


def test_a_manager_sees_how_many_voted_and_never_who(house: IdeaHouse) -> None:
    house.published()
    house.pressed(BO, "idv:1:o0:1")

    shown = plain(said(house.pressed(ANA, "idc:1:o0").last))

    assert "1 vote" in shown
    assert "P15" not in shown
    assert [what for what, _ in house.audited()] == ["idea.sent", "idea.published"]


def test_open_ideas_stand_by_votes(house: IdeaHouse) -> None:
    house.published(text="First one")
    second = house.published(text="Second one")
    house.pressed(BO, f"idv:{second}:o0:1")

    shown = plain(house.chat(SAM).send("/ideas"))

    assert shown.index("Second one") < shown.index("First one")


def test_the_list_is_paged(lite: IdeaHouse) -> None:
    for number in range(8):
        lite.published(text=f"Idea of mine number {number}")
    bo = lite.chat(BO)

    assert "1/2" in bo.send("/ideas")
    assert "2/2" in bo.press("→")
    bo.press("8")
    assert "2/2" in bo.press("← Ideas")


def test_thanks_offer_one_idea_that_is_new_to_the_person(house: IdeaHouse) -> None:
    house.published()
    assert offered(house, GUEST) is None  # their own
    assert offered(house, BO, unit_id=2) is None  # another unit's

    part = offered(house, BO)
    assert part is not None
    assert "bench" in part.text
    assert house.idea().views == 1

    house.pressed(BO, part.rows[0][0].action)

    assert house.voters() == {BO}
    assert offered(house, BO) is None


def test_an_idea_that_was_passed_on_is_not_offered_again_and_not_counted(
    house: IdeaHouse,
) -> None:
    house.published()
    part = offered(house, BO)
    assert part is not None

    house.pressed(BO, part.rows[0][1].action)

    assert house.voters() == set()
    assert offered(house, BO) is None


def test_voting_beside_the_thanks_takes_only_these_buttons_away(lite: IdeaHouse) -> None:
    lite.published()
    bo = lite.chat(BO)
    part = offered(lite, BO)
    assert part is not None
    bo.send("/ideas")
    bo.last[-1]["reply_markup"] = {
        "inline_keyboard": [
            [{"text": "Other", "callback_data": "cs:1~x"}],
            [{"text": "Vote", "callback_data": signed(lite, BO, part.rows[0][0].action)}],
        ]
    }

    bo.press("Vote")

    assert bo.last[-1]["method"] == "editMessageReplyMarkup"
    assert list(buttons(bo.last)) == ["Other"]


def test_a_finished_questionnaire_ends_with_an_idea_to_vote_for(
    sqlite_database: Database,
) -> None:
    desk = SurveyDesk(after_thanks=(after_thanks,))
    house = IdeaHouse(sqlite_database, desk).fill()
    house.published()
    house.send("customers")
    cards = {call["chat_id"]: call for call in house.deliver()}
    bo = house.chat(BO)
    bo.router = Router(
        PeopleDoor(), [chat.routes(house.ideas), cards_chat.routes(desk)], house.texts
    )
    bo.last = [cards[BO]]
    for _ in range(12):
        bo.press("6" if "6" in buttons(bo.last) else "Finish")
        if any("want this" in label for label in buttons(bo.last)):
            break

    assert "do you want this too?" in said(bo.last)
    assert "Your vote counts" in bo.press("want this")

    assert house.voters() == {BO}
    assert bo.last[-1]["method"] == "editMessageReplyMarkup"


def test_what_waits_and_what_was_joined_or_declined_is_never_offered(lite: IdeaHouse) -> None:
    lite.sent()
    assert offered(lite, BO) is None
    lite.pressed(ANA, "idd:1:n0:fit")

    assert offered(lite, BO) is None


def test_the_same_database_draws_the_same_idea(lite: IdeaHouse) -> None:
    for number in range(9):
        lite.published(text=f"Idea of mine number {number}")

    def draw(session: Session) -> int | None:
        found = idea_for(session, 5, 1)
        return found.id if found else None

    assert lite.database.run(draw) == lite.database.run(draw)


def test_an_erased_person_takes_their_votes_along_and_leaves_the_idea_without_a_name(
    house: IdeaHouse,
) -> None:
    house.sent(GUEST, how="Send with my name")
    house.pressed(ANA, "idp:1:n0")
    house.pressed(BO, "idv:1:o0:1")

    def erase(session: Session) -> None:
        session.execute(delete(Person).where(col(Person.telegram_id).in_((GUEST, BO))))

    house.database.run(erase)

    assert house.rows(IdeaVote) == []
    assert "Without a name" in plain(said(house.pressed(ANA, "idc:1:o0").last))


def test_the_digest_tells_what_waits_and_what_is_wanted_most(house: IdeaHouse) -> None:
    house.sent(CY, "Open earlier on Sundays")
    house.published()
    house.pressed(BO, "idv:2:o0:1")

    def write(session: Session) -> Section | None:
        since = house.now - timedelta(days=7)
        return section(session, house.texts, unit_id=1, language="en", since=since, now=house.now)

    made = house.database.run(write)

    assert made is not None
    assert "1 idea waits" in made.text
    assert "1 vote" in made.text
    assert made.rows[0][0].action == "ideas:1:0:n"
    house.later(days=30)
    house.pressed(ANA, "idp:1:n0")
    assert house.database.run(write) is None


def test_ideas_are_counted_for_others(lite: IdeaHouse) -> None:
    lite.published()
    lite.sent(CY, "Open earlier on Sundays")
    lite.pressed(BO, "idv:1:o0:1")

    counted = lite.database.run(lambda session: summary(session, 1, since=lite.now))

    assert (counted.new, counted.open, counted.planned, counted.done, counted.votes) == (
        1,
        1,
        0,
        0,
        1,
    )


def test_an_action_tells_which_idea_it_came_of(lite: IdeaHouse) -> None:
    lite.published()
    lite.pressed(BO, "idv:1:o0:1")
    lite.pressed(ANA, "ida:1:o0")

    def write(session: Session) -> Section | None:
        action = session.get_one(Action, 1)
        return beside(session, lite.texts, action=action, language="en", now=lite.now, steers=True)

    made = lite.database.run(write)

    assert made is not None
    assert "Came from idea 1 (1 vote)." in plain(made.text)


def test_the_list_of_another_unit_is_not_open(lite: IdeaHouse) -> None:
    lite.published()

    assert "not open" in str(lite.pressed(OTHER, "ideas:1:0:o").last)
    assert "not open" in str(lite.pressed(OTHER, "idc:1:o0").last)
    assert "not open" in str(lite.pressed(OTHER, "idv:1:o0:1").last)
    assert "takes no votes" in str(lite.pressed(OTHER, "idt:1:1").last)
    assert lite.rows(IdeaVote) == []
    assert [one.id for one in lite.rows(Idea)] == [1]


def signed(house: IdeaHouse, telegram_id: int, action: str) -> str:
    from bot.core import callbacks

    return callbacks.sign(house.secret, telegram_id, action)
