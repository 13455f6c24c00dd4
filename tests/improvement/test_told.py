"""You said, we did: drafted, previewed, sent to everybody who was asked, shown in the thanks."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlmodel import Session, col

from bot.core import callbacks
from bot.core.database import Database
from bot.core.dialogue import Call
from bot.core.i18n import LANGUAGES
from bot.core.router import Router
from bot.core.tables import Delivery
from bot.improvement import actions, told, told_chat
from bot.improvement.effects_section import EffectSection
from bot.improvement.told_people import hearing_times, listeners
from bot.improvement.told_sending import ToldComposer
from bot.improvement.told_tables import ToldNote, ToldText
from bot.improvement.told_words import ToldDesk, thanks, told_line
from bot.people.door import PeopleDoor
from bot.people.tables import Person
from bot.reach.budget import Limit
from bot.reach.desk import ReachDesk
from bot.surveys.desk import SurveyDesk
from bot.surveys.planning import QuietHours
from bot.surveys.tables import Invitee
from tests.support.actions import ANA, LI, OTHER, OWNER, SAM, ActionHouse, opened
from tests.support.surveys import House
from tests.support.updates import Chat, User, buttons, press, sticker

CUS, ESP, ALE, BOT = 21, 22, 23, 24


class ToldHouse(ActionHouse):
    """Customers were asked in Riverside, one of whom reads Spanish; Ana has done something."""

    reach = ReachDesk()

    @property
    def told_desk(self) -> ToldDesk:
        """The rules by which notes are written."""
        return ToldDesk(self.actions, self.reach)

    def chat(self, telegram_id: int) -> Chat:
        """Return a person's chat with the handlers of notes."""
        router = Router(PeopleDoor(), [told_chat.routes(self.told_desk)], self.texts)
        return Chat(self.database, router, User(telegram_id), lambda: self.now, secret=self.secret)

    def pressed_in_told(self, telegram_id: int, action: str) -> str:
        """Return what somebody reads after pressing a button."""
        data = callbacks.sign(self.secret, telegram_id, action)
        return self.chat(telegram_id).take(press(User(telegram_id), data))

    def note(self) -> ToldNote:
        """Return the newest note."""
        found: list[ToldNote] = sorted(self.rows(ToldNote), key=lambda one: one.id or 0)
        return found[-1]

    def words(self) -> dict[str, str]:
        """Return the words of the newest note by language."""
        note = self.note()
        return {one.language: one.words for one in self.rows(ToldText) if one.note_id == note.id}

    def promised(self) -> list[Delivery]:
        """Return the promised notes, by person."""
        rows = [one for one in self.rows(Delivery) if one.kind == told.KIND]
        return sorted(rows, key=lambda one: one.person_id)

    def sent_to(self, telegram_id: int) -> list[Call]:
        """Return what is sent to somebody of the notes that are due."""

        def work(session: Session) -> list[Call]:
            to = PeopleDoor().recipient(session, self.person_id(session, telegram_id))
            composer = ToldComposer(self.texts)
            due = session.scalars(
                select(Delivery).where(
                    col(Delivery.kind) == told.KIND, col(Delivery.due_at) <= self.now
                )
            )
            made = [
                composer.compose(session, one, to, self.now)
                for one in due
                if to and one.person_id == to.person_id
            ]
            return [call for calls in made for call in calls or []]

        return self.database.run(work)

    def person(self, telegram_id: int, **values: Any) -> None:
        """Change what is stored of somebody."""
        statement = update(Person).where(col(Person.telegram_id) == telegram_id).values(**values)
        self.database.run(lambda session: session.execute(statement))

    def ready(self) -> "ToldHouse":
        """Ask the customers on the 2nd, let Ana take a fix on the 4th and do it on the 18th."""
        self.add(CUS)
        self.add(ESP, language="es")
        self.add(ALE)
        self.add(BOT, unit="Old Town")
        self.now = datetime(2026, 3, 2, 10, tzinfo=UTC)
        self.send()
        self.now = datetime(2026, 3, 4, 10, tzinfo=UTC)
        self.taken(gap="G5", dimension="responsiveness")
        self.now = datetime(2026, 3, 18, 10, tzinfo=UTC)
        self.done()
        return self

    def done(self, action_id: int = 1) -> None:
        """Close an action as done."""
        action = self.action(action_id)
        by = action.owner_id or 0
        self.database.run(
            lambda session: actions.finish(session, session.merge(action), by=by, now=self.now)
        )


def house_on(database: Database) -> ToldHouse:
    plain = opened(database)
    house = ToldHouse(database)
    house.secret, house.now = plain.secret, plain.now
    return house.ready()


@pytest.fixture
def house(sqlite_database: Database) -> ToldHouse:
    return house_on(sqlite_database)


@pytest.fixture
def any_house(database: Database) -> ToldHouse:
    return house_on(database)


def plainly(text: str) -> str:
    return text.replace("\u2068", "").replace("\u2069", "")


def test_a_draft_is_previewed_in_every_language_and_sent_as_previewed(
    any_house: ToldHouse,
) -> None:
    house = any_house
    ana = house.chat(ANA)

    assert "Done, and not told yet" in ana.send("/told Riverside")
    first = ana.press("1")
    assert "help could come faster" in first
    assert "Some of them read another language" in first
    both = ana.press("Add Español")
    assert "la ayuda podría llegar antes" in both
    assert "Some of them read another language" not in both
    assert house.promised() == []
    assert "Sent on March 18, 2026 to 3 people" in plainly(ana.press("Send to 3 people"))

    (english,), (spanish,) = house.sent_to(CUS), house.sent_to(ESP)
    assert f"<blockquote>{english['text']}</blockquote>" in both
    assert f"<blockquote>{spanish['text']}</blockquote>" in both
    assert house.sent_to(BOT) == []
    assert house.recorded()[-1] == "told.sent note 1"
    assert house.note().recipients == 3


def test_everybody_asked_hears_it_whether_or_not_they_answered(house: ToldHouse) -> None:
    """The closing of the wave, which cuts the links, changes nothing; nor does who answered."""

    def heard() -> list[int]:
        return house.database.run(
            lambda session: [
                one.person_id
                for one in listeners(
                    session, 1, "customer", asked_from=date(2026, 2, 1), now=house.now
                )
            ]
        )

    before = heard()
    house.database.run(told_closed)

    assert heard() == before
    assert len(before) == 3


def told_closed(session: Session) -> None:
    """Close every invitation, as a wave does at its end."""
    session.execute(update(Invitee).values(state="closed"))


@pytest.mark.parametrize(
    "values",
    [
        {"state": "stopped"},
        {"state": "blocked"},
        {"paused_until": datetime(2026, 4, 1, tzinfo=UTC)},
    ],
)
def test_who_wants_no_messages_gets_none(house: ToldHouse, values: dict[str, Any]) -> None:
    house.person(ALE, **values)
    ana = house.chat(ANA)
    ana.send("/told Riverside")
    ana.press("1")

    ana.press("Send to 2 people")

    assert len(house.promised()) == 2


def test_whoever_takes_a_break_meanwhile_gets_nothing(house: ToldHouse) -> None:
    ana = house.chat(ANA)
    ana.send("/told Riverside")
    ana.press("1")
    ana.press("Send to")
    house.person(CUS, paused_until=house.now + timedelta(days=1))

    assert house.sent_to(CUS) == []
    assert len(house.sent_to(ALE)) == 1


def test_a_note_keeps_a_week_from_a_questionnaire_and_out_of_the_night(house: ToldHouse) -> None:
    """Asked again on the 18th at 10:00: a week later. A night in Tokyo: 8:00 there is 23:00 UTC."""
    house.person(ALE, zone="Asia/Tokyo")
    house.now = datetime(2026, 3, 18, 16, tzinfo=UTC)

    def times() -> dict[int, datetime]:
        def work(session: Session) -> dict[int, datetime]:
            people = listeners(session, 1, "customer", asked_from=date(2026, 2, 1), now=house.now)
            return hearing_times(
                session, people, now=house.now, quiet=QuietHours(), distance=timedelta(days=7)
            )

        return house.database.run(work)

    ale = house.database.run(lambda session: house.person_id(session, ALE))
    cus = house.database.run(lambda session: house.person_id(session, CUS))

    assert times()[cus] == house.now
    assert times()[ale] == datetime(2026, 3, 18, 23, tzinfo=UTC)
    house.send()
    assert times()[cus] == house.now + timedelta(days=7)


def test_a_note_keeps_the_distance_of_its_audiences_contact_budget(house: ToldHouse) -> None:
    """Asked on the 2nd at 10:00, done and told on the 18th; customers are to have 30 days."""
    house.reach = ReachDesk(by_role={"customer": Limit(30, 2, 60), "staff": Limit(1, 9, 60)})
    ana = house.chat(ANA)
    ana.send("/told Riverside")
    ana.press("1")
    ana.press("Send to")

    assert {one.due_at for one in house.promised()} == {datetime(2026, 4, 1, 10, tzinfo=UTC)}


def test_one_note_in_a_period_and_the_second_manager_sees_why(any_house: ToldHouse) -> None:
    house = any_house
    ana, li = house.chat(ANA), house.chat(LI)
    for one in (ana, li):
        one.send("/told")
        one.press("1")

    ana.press("Send to")
    answered = li.press("Send to")

    assert "It was not sent." in answered
    assert "This one may go out from April 15, 2026 on" in plainly(answered)
    assert "Send to" not in str(buttons(li.last))
    assert [one.state for one in house.rows(ToldNote)].count("sent") == 1
    house.now += timedelta(days=28)
    assert "Send to 3 people" in str(press_show(li))


def press_show(chat: Chat) -> list[str]:
    """Show the draft again; return its buttons."""
    chat.send("/told")
    chat.press("Go on with the draft")
    return list(buttons(chat.last))


def test_pressing_send_twice_sends_once(house: ToldHouse) -> None:
    ana = house.chat(ANA)
    ana.send("/told")
    ana.press("1")
    before = list(ana.last)
    ana.press("Send to")

    ana.last = before
    assert "sent or dropped meanwhile" in ana.press("Send to")

    assert len(house.promised()) == 3


def test_own_words_are_taken_as_they_are_and_shown_escaped(house: ToldHouse) -> None:
    ana = house.chat(ANA)
    ana.send("/told")
    ana.press("Write in my own words")

    assert "Please make it 500 at most" in plainly(ana.send("x" * 501))
    assert "What did you hear" in ana.take(sticker(ana.user))
    shown = ana.send("We heard you.\nTwo tills <now>.")

    assert "Two tills &lt;now&gt;." in shown
    assert house.words() == {"en": "We heard you.\nTwo tills <now>."}
    asks = ana.press("Add Español")
    assert "Español" in asks
    ana.send("Dos cajas.")
    assert house.words()["es"] == "Dos cajas."
    ana.press("✏ English")
    ana.send("Two tills.")
    assert house.words()["en"] == "Two tills."


def test_the_longest_note_in_every_language_fits_into_one_preview(house: ToldHouse) -> None:
    """Where it has to be shortened there, each language's words stand whole behind the pencil."""
    ana = house.chat(ANA)
    ana.send("/told")
    ana.press("1")
    note = house.note()
    longest = "x" * told.LONGEST
    house.database.run(
        lambda session: [
            told.set_words(session, session.merge(note), language, longest)
            for language in LANGUAGES
        ]
    )

    shown = house.pressed_in_told(ANA, f"ysdp:{note.id}")

    assert shown.count("xx…") == len(LANGUAGES)
    assert len(shown) < 4096
    assert longest in house.pressed_in_told(ANA, f"ysde:{note.id}:hi")


@pytest.mark.parametrize("many", [1, 2, 4])
def test_a_few_languages_are_previewed_whole(many: int) -> None:
    words = dict.fromkeys(LANGUAGES[:many], "x" * told.LONGEST)

    assert told.fitted(words) == words


def test_another_draft_puts_the_first_away(house: ToldHouse) -> None:
    ana = house.chat(ANA)
    ana.send("/told")
    ana.press("1")
    ana.send("/told")
    ana.press("Write in my own words")
    ana.send("Two tills.")

    assert [one.state for one in house.rows(ToldNote)] == ["dropped", "draft"]
    assert house.recorded()[-2:] == ["told.dropped note 1", "told.drafted note 2"]


def test_a_dropped_draft_is_gone_and_may_be_begun_anew(house: ToldHouse) -> None:
    ana = house.chat(ANA)
    ana.send("/told")
    ana.press("1")

    assert "Done, and not told yet" in ana.press("Drop it")
    assert house.note().state == "dropped"
    assert "help could come faster" in ana.press("1")


def test_a_note_may_go_to_staff_who_were_asked(house: ToldHouse) -> None:
    house.now = datetime(2026, 3, 10, 10, tzinfo=UTC)
    house.send("staff")
    house.now = datetime(2026, 3, 18, 10, tzinfo=UTC)
    ana = house.chat(ANA)
    ana.send("/told")
    ana.press("1")

    assert "To 2 members of staff" in plainly(ana.press("To staff"))
    ana.press("Send to 2 people")

    assert len(house.sent_to(SAM)) == 1
    assert house.sent_to(CUS) == []


def test_strangers_staff_and_other_managers_are_kept_out(house: ToldHouse) -> None:
    house.chat(ANA).send("/told")
    for stranger in (SAM, CUS, 99):
        assert "You said, we did" not in house.chat(stranger).send("/told")
    assert "not open" in house.pressed_in_told(OTHER, "ysd:1")
    assert house.rows(ToldNote) == []
    ana = house.chat(ANA)
    ana.send("/told")
    ana.press("1")
    assert "not open" in house.pressed_in_told(OTHER, "ysds:1")
    assert "no longer in use" in house.pressed_in_told(ANA, "ysdp:999")
    assert "This is what people will get" in house.pressed_in_told(OWNER, "ysdp:1")


def test_what_is_not_done_is_not_told(house: ToldHouse) -> None:
    house.taken(fix="perception.tell-next-step", gap="perception")

    assert "not done yet" in house.pressed_in_told(ANA, "ysd:2")


def test_the_thanks_of_the_next_card_hold_the_note(house: ToldHouse) -> None:
    ana = house.chat(ANA)
    ana.send("/told")
    ana.press("1")
    ana.press("Send to")

    def line(language: str, audience: str, since: datetime) -> str:
        return house.database.run(
            lambda session: told_line(
                session,
                house.texts,
                unit_id=1,
                audience=audience,
                language=language,
                since=since,
            )
        )

    long_ago = house.now - timedelta(days=56)
    assert "help could come faster" in line("en", "customer", long_ago)
    assert "help could come faster" in line("ar", "customer", long_ago)
    assert line("en", "staff", long_ago) == ""
    assert line("en", "customer", house.now + timedelta(seconds=1)) == ""


@pytest.mark.parametrize("label", ["4", "Skip"])
def test_whoever_answers_the_next_card_reads_the_note_in_the_thanks(
    house: ToldHouse, label: str
) -> None:
    """Also who skips every question: then the role says as what they were asked."""
    ana = house.chat(ANA)
    ana.send("/told")
    ana.press("1")
    ana.press("Send to")
    house.desk = SurveyDesk(after_thanks=(thanks(house.told_desk),))
    house.now += timedelta(days=14)
    house.send()
    cus = House.chat(house, CUS)
    said = cus.send("/questions")

    for _ in range(12):
        if "Thank you!" in said:
            break
        wanted = label if any(label in one for one in buttons(cus.last)) else "Finish"
        said = cus.press(wanted)

    assert "You said, we did" in said
    assert "help could come faster" in said


def test_the_digest_reminds_of_what_nobody_was_told(house: ToldHouse) -> None:
    section = EffectSection(house.told_desk)

    def made() -> Any:
        return house.database.run(
            lambda session: section(
                session,
                house.texts,
                unit_id=1,
                language="en",
                since=house.now - timedelta(days=7),
                now=house.now,
            )
        )

    nudged = made()
    ana = house.chat(ANA)
    ana.send("/told")
    ana.press("1")
    ana.press("Send to")

    assert "do not know it yet" in nudged.text
    assert [row[0].action for row in nudged.rows] == ["ysd:1"]
    assert made() is None


def test_another_script_of_a_language_is_nearer_than_the_first() -> None:
    words = {"en": "one", "zh-Hans": "two"}

    assert told.words_for(words, "zh-Hant") == ("zh-Hans", "two")
    assert told.words_for(words, "ar") == ("en", "one")
