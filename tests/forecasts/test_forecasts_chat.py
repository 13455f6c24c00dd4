"""Managers guess before they see: chat, clock and digest, on figures from real answers."""

from datetime import UTC, date, datetime, timedelta
from functools import cached_property

import pytest
from sqlmodel import Session, col, select

from bot.analysis.refresh import item_dimensions
from bot.core import callbacks
from bot.core.database import Database
from bot.core.notices import NoticeComposer
from bot.core.router import Router
from bot.core.tables import AuditEntry, Delivery
from bot.digests import chat as digests_chat
from bot.digests.around import Beside
from bot.digests.sending import DigestComposer
from bot.digests.tables import Digest
from bot.forecasts import chat, ticks
from bot.forecasts.forecasts import ForecastDesk, forget_seen
from bot.forecasts.section import section
from bot.forecasts.tables import FiguresSeen, Forecast, ForecastCard
from bot.people.door import PeopleDoor
from bot.surveys.tables import Answer
from tests.support.digests import LATE, DigestHouse
from tests.support.updates import Chat, User, buttons, press

ANA, LI, EVA, OTHER, OWNER, CUSTOMER = 11, 12, 13, 14, 15, 16
FRIDAY = datetime(2026, 3, 6, 15, 0, tzinfo=UTC)


class ForecastHouse(DigestHouse):
    """The house of digests whose managers forecast."""

    asking = ForecastDesk()

    @cached_property
    def router(self) -> Router:
        """The router with the handlers of both."""
        parts = [digests_chat.routes(lambda: self.fixes), chat.routes(self.asking)]
        return Router(PeopleDoor(), parts, self.texts)

    def ask(self) -> int:
        """Let the clock ask."""
        return self.database.run(lambda session: ticks.ask_due(session, self.now, self.asking))

    def mean(self, dimension: str, vantage: str) -> float:
        """Return the mean of all answers to a dimension's items."""
        with self.database.reading() as session:
            dimensions = item_dimensions(session)
        scores = [
            one.score
            for one in self.rows(Answer)
            if one.vantage == vantage and dimensions[one.item] == dimension
        ]
        return float(sum(scores) / len(scores))

    def says(self, person_id: int, report_id: int) -> str:
        """Return what the digest says to one reader."""

        def work(session: Session) -> str:
            found = section(
                session,
                self.texts,
                unit_id=1,
                reader_id=person_id,
                report_id=report_id,
                language="en",
                since=self.now - timedelta(days=7),
                now=self.now,
            )
            return plainly(found.text) if found else ""

        return self.database.run(work)


def plainly(said: str) -> str:
    return said.replace("\u2068", "").replace("\u2069", "")


def opened(database: Database) -> ForecastHouse:
    house = ForecastHouse(database)
    house.open(units=("Riverside", "Old Town"))
    for one in (ANA, LI, EVA):
        house.add(one, "manager")
    house.add(OTHER, "manager", unit="Old Town")
    house.add(OWNER, "owner")
    house.add(CUSTOMER)
    house.ledger.fill(levels=LATE, week=date(2026, 3, 2))
    return house


@pytest.fixture
def house(database: Database) -> ForecastHouse:
    """Riverside, of which customers spoke; on each kind of database."""
    return opened(database)


@pytest.fixture
def small_house(sqlite_database: Database) -> ForecastHouse:
    """The same where the kind of database makes no difference."""
    return opened(sqlite_database)


def guess(house: ForecastHouse, telegram_id: int, *levels: str) -> Chat:
    talk = house.chat(telegram_id)
    talk.send("/forecast")
    for level in levels:
        talk.press(level)
    return talk


def pressed(house: ForecastHouse, telegram_id: int, action: str) -> str:
    talk = house.chat(telegram_id)
    signed = callbacks.sign(house.secret, telegram_id, action)
    return plainly(talk.take(press(User(telegram_id), signed)))


def test_four_taps_on_one_card(house: ForecastHouse) -> None:
    talk = guess(house, ANA, "6", "7", "5", "4")

    said = plainly(talk.last[-1]["text"])
    assert "Your guess is kept." in said
    assert all(call["method"] != "sendMessage" for call in talk.last)
    assert sorted(one.level for one in house.rows(Forecast)) == [4, 5, 6, 7]
    assert len(house.rows(ForecastCard)) == 1
    assert [one.what for one in house.rows(AuditEntry)] == ["forecast.given"]


def test_a_guess_can_be_corrected_while_it_is_open(house: ForecastHouse) -> None:
    talk = guess(house, ANA, "6", "7", "5", "4")
    talk.press("Change it")
    talk.press("1")

    levels = sorted(one.level for one in house.rows(Forecast))
    assert levels == [1, 4, 5, 7]
    assert len(house.rows(AuditEntry)) == 1


def test_the_next_week_asks_about_other_dimensions(small_house: ForecastHouse) -> None:
    guess(small_house, ANA)
    small_house.later(days=7)
    guess(small_house, ANA)

    first, second = (set(card.dimensions) for card in small_house.rows(ForecastCard))
    assert first.isdisjoint(second)


def test_who_has_seen_the_figures_is_refused(house: ForecastHouse) -> None:
    talk = guess(house, ANA, "6")
    house.report()
    house.chat(ANA).send("/gaps")
    (seen,) = house.rows(FiguresSeen)

    said = pressed(house, ANA, "fc:1:1:7")
    again = plainly(talk.send("/forecast"))

    assert seen.week == house.rows(ForecastCard)[0].week
    assert "closed" in said
    assert "closed" in again
    assert len(house.rows(Forecast)) == 1
    assert "Your guess" not in plainly(guess(house, LI, "6").last[-1]["text"])


def test_the_digests_hour_closes_it(small_house: ForecastHouse) -> None:
    guess(small_house, ANA, "6")
    small_house.now = datetime(2026, 3, 9, 7, 59, tzinfo=UTC)
    assert "closed" not in pressed(small_house, ANA, "fc:1:1:7")
    small_house.now += timedelta(minutes=1)

    assert "closed" in pressed(small_house, ANA, "fc:1:2:7")
    assert len(small_house.rows(Forecast)) == 2


def test_the_clock_asks_once_on_friday_those_who_have_not_seen(house: ForecastHouse) -> None:
    house.now = FRIDAY - timedelta(minutes=1)
    assert house.ask() == 0
    house.report()
    house.chat(LI).send("/gaps")
    house.now = FRIDAY

    assert house.ask() == 2  # Ana and Eva; nobody spoke of Old Town
    assert house.ask() == 0

    def compose(session: Session) -> list[dict[str, object]]:
        delivery = session.get_one(Delivery, 1)
        to = PeopleDoor().recipient(session, delivery.person_id)
        assert to is not None
        return NoticeComposer(house.texts).compose(session, delivery, to, house.now) or []

    talk = house.chat(ANA)
    talk.last = house.database.run(compose)
    assert set(buttons(talk.last)) == set("1234567")
    talk.press("6")
    assert "2/4" in talk.last[-1]["text"]


def test_nobody_is_asked_by_the_clock_where_it_is_off(small_house: ForecastHouse) -> None:
    small_house.asking = ForecastDesk(weekday=None)
    small_house.now = FRIDAY

    assert small_house.ask() == 0


def test_the_digest_sets_the_guess_beside_the_truth(house: ForecastHouse) -> None:
    """The truth is computed anew, from the answers: everybody answered every item."""
    guess(house, ANA, "6", "7", "5", "4")
    report = house.report()

    said = house.says(1, report)

    assert said.count("you said") == 4
    first = house.rows(ForecastCard)[0].dimensions[0]
    experienced, expected = (house.mean(first, vantage) for vantage in "PE")
    assert f"experienced: you said 6.0, customers say {experienced:.1f}." in said
    assert f"expected: you said 7.0, customers say {expected:.1f}." in said
    assert house.says(2, report) == ""
    assert {one.person_id for one in house.rows(FiguresSeen)} == {1, 2}


def test_a_hidden_figure_stays_hidden(small_house: ForecastHouse) -> None:
    guess(small_house, OTHER, "6", "7", "5", "4")
    report = small_house.report()

    def work(session: Session) -> str:
        found = section(
            session,
            small_house.texts,
            unit_id=2,
            reader_id=4,
            report_id=report,
            language="en",
            since=small_house.now,
            now=small_house.now,
        )
        return plainly(found.text) if found else ""

    said = small_house.database.run(work)

    assert said.count("too few customers answered") == 4
    assert [one.truth for one in small_house.rows(Forecast)] == [None] * 4


def test_an_owner_reads_means_of_three_and_no_less(house: ForecastHouse) -> None:
    """By hand: guesses 4, 5 and 6 have the mean 5."""
    guess(house, ANA, "4", "7", "5", "4")
    guess(house, LI, "5", "7", "5", "4")
    report = house.report()
    assert house.says(5, report) == ""
    guess(house, EVA, "6", "7", "5", "4")

    said = house.says(5, report)

    first = house.rows(ForecastCard)[0].dimensions[0]
    truth = house.mean(first, "P")
    assert f"the managers said 5.0 on average, customers say {truth:.1f}." in said
    assert "you said" not in said


def test_a_card_is_its_persons_alone(small_house: ForecastHouse) -> None:
    guess(small_house, ANA)

    assert "no longer in use" in pressed(small_house, LI, "fc:1:0:7")
    assert "not open to you" in pressed(small_house, CUSTOMER, "fc:1:0:7")
    assert small_house.rows(Forecast) == []


@pytest.mark.parametrize("action", ["fc", "fc:99:0:1", "fc:1:9:1", "fc:1:0:8", "fc:1:0:12", "fc:1"])
def test_old_and_made_up_buttons_change_nothing(small_house: ForecastHouse, action: str) -> None:
    guess(small_house, ANA)

    assert pressed(small_house, ANA, action)
    assert small_house.rows(Forecast) == []


def test_the_page_of_gaps_offers_the_guess_while_it_is_open(small_house: ForecastHouse) -> None:
    small_house.report()
    small_house.later(days=7)  # the report is last week's, this week's is still to come
    talk = small_house.chat(ANA)

    talk.send("/gaps")
    assert "1/4" in plainly(talk.press("Guess the next figures"))

    owner = small_house.chat(OWNER)
    owner.send("/gaps Riverside")
    assert not any("Guess" in label for label in buttons(owner.last))


def test_what_was_seen_long_ago_is_forgotten(small_house: ForecastHouse) -> None:
    small_house.report()
    small_house.chat(ANA).send("/gaps")
    small_house.later(days=70)

    small_house.database.run(lambda session: forget_seen(session, small_house.now))

    assert small_house.rows(FiguresSeen) == []


def test_the_composer_of_digests_hands_on_the_reader(small_house: ForecastHouse) -> None:
    guess(small_house, ANA, "6", "7", "5", "4")
    report = small_house.report()

    def work(session: Session) -> str:
        digest = Digest(
            unit_id=1,
            person_id=1,
            occasion="2026-03-09",
            report_id=report,
            planned_at=small_house.now,
            retry_at=small_house.now,
        )
        session.add(digest)
        session.flush()
        to = PeopleDoor().recipient(session, 1)
        assert to is not None
        composer = DigestComposer(
            small_house.texts, lambda: small_house.fixes, Beside(small_house.texts, (), [section])
        )
        delivery = Delivery(
            key="digest:1",
            kind="digest",
            subject=str(digest.id),
            lane=2,
            person_id=1,
            due_at=small_house.now,
            expires_at=small_house.now,
        )
        calls = composer.compose(session, delivery, to, small_house.now)
        return plainly("\n".join(call.get("text", "") for call in calls or []))

    assert "you said 6.0" in small_house.database.run(work)


def test_forecasts_on_another_scale_are_not_told_in_points_of_this_one(
    small_house: ForecastHouse,
) -> None:
    """Three managers guessed, one of them on a card of five: no mean of three, and no 6 of five."""
    for one in (ANA, LI, EVA):
        guess(small_house, one, "6", "6", "6", "6")

    def on_five(session: Session) -> None:
        card = session.scalars(select(ForecastCard).order_by(col(ForecastCard.id).desc())).first()
        assert card is not None
        card.points = 5
        session.add(card)

    small_house.database.run(on_five)
    report = small_house.report()

    assert "6" in small_house.says(2, report)
    assert small_house.says(3, report) == ""
    assert small_house.says(5, report) == ""
