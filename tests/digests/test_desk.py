"""The desk makes what was promised, whatever fails beside it, and the courier sends it once."""

import asyncio
from collections.abc import Callable
from concurrent.futures.process import BrokenProcessPool
from datetime import timedelta

import pytest
from sqlalchemy import delete, select
from sqlmodel import Session, col

from bot.analysis.tables import StoredReport
from bot.core.database import Database
from bot.core.dialogue import Button, Section
from bot.core.errors import InputError, StorageError
from bot.core.pictures import keep_picture
from bot.core.tables import Picture
from bot.demo.errors import ApiError
from bot.digests.keeping import forget_loose_reports
from bot.digests.planning import MOST_TRIES, promise
from bot.people.tables import Role
from bot.registers import measurements
from tests.support import machinery
from tests.support.answers import MONDAY
from tests.support.digests import LATE, DigestHouse
from tests.support.pictures import small_png
from tests.support.virtual_time import VirtualLoop, virtually

ANA, LI, OWNER = 1, 2, 3


@pytest.fixture
def house(database: Database) -> DigestHouse:
    return furnished(database)


@pytest.fixture
def small_house(sqlite_database: Database) -> DigestHouse:
    return furnished(sqlite_database)


def furnished(database: Database) -> DigestHouse:
    house = DigestHouse(database)
    house.open(units=("Riverside", "Old Town"))
    house.add(ANA, "manager")
    house.add(LI, "manager", language="es")
    house.add(OWNER, "owner")
    house.ledger.fill(levels=LATE, comments=[f"It was late {number}." for number in range(9)])
    return house


def promised(house: DigestHouse, person: int = 1, *, unit_id: int = 1, occasion: str = "x") -> None:
    house.database.run(
        lambda session: promise(
            session,
            unit_id=unit_id,
            person_id=person,
            occasion=occasion,
            last_week=MONDAY,
            now=house.now,
        )
    )


def make(house: DigestHouse) -> int:
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(house.desk_of_digests.make_promised())


@virtually
async def test_a_digest_comes_as_a_picture_and_a_text_with_buttons(house: DigestHouse) -> None:
    promised(house)
    chat = house.telegram(ANA, LI)

    await house.desk_of_digests.make_promised()
    await house.send_all(chat)

    picture, text = house.received(chat, ANA)
    assert picture.photo is not None
    assert "Customers get less than they expect" in picture.body.text
    assert "The one gap to work on" in text.body.text
    assert [len(row) for row in text.keyboard][-1] == 1
    assert any("take:1:1:" in one["callback_data"] for row in text.keyboard for one in row)
    assert house.deliveries() == {"digest:1": "sent"}


@virtually
async def test_what_other_features_have_to_say_follows_in_one_message(house: DigestHouse) -> None:
    def ideas(*_: object, unit_id: int, language: str, **__: object) -> Section:
        return Section(f"2 ideas in unit {unit_id}", [[Button(f"See ({language})", "ids:1")]])

    house.sections = (lambda *_, **__: None, ideas, ideas)
    promised(house)
    chat = house.telegram(ANA)

    await house.desk_of_digests.make_promised()
    await house.send_all(chat)

    *_, last = house.received(chat, ANA)
    assert last.body.text == "2 ideas in unit 1\n\n2 ideas in unit 1"
    assert [row[0]["text"] for row in last.keyboard] == ["See (en)", "See (en)"]


@virtually
async def test_a_quiet_week_comes_as_one_short_text(house: DigestHouse) -> None:
    promised(house, OWNER, unit_id=2)
    chat = house.telegram(OWNER)

    await house.desk_of_digests.make_promised()
    await house.send_all(chat)

    (text,) = house.received(chat, OWNER)
    assert text.photo is None
    assert text.body.text.startswith("No new answers this week")
    assert text.keyboard == []
    assert len(text.body.text) < 400


@virtually
async def test_a_picture_is_uploaded_once_for_all_who_read_it(house: DigestHouse) -> None:
    promised(house)
    promised(house, occasion="y")
    chat = house.telegram(ANA)

    await house.desk_of_digests.make_promised()
    await house.send_all(chat)

    first, _, second, _ = house.received(chat, ANA)
    assert len(house.rows(Picture)) == 1
    assert house.rows(Picture)[0].file_id
    assert first.photo is not None
    assert second.photo is not None
    assert first.photo.file_id == second.photo.file_id


@virtually
async def test_each_reader_gets_the_digest_in_their_language(house: DigestHouse) -> None:
    promised(house, LI)
    chat = house.telegram(ANA, LI)

    await house.desk_of_digests.make_promised()
    await house.send_all(chat)

    assert "Los clientes reciben menos" in house.received(chat, LI)[0].body.text


@pytest.mark.parametrize("method", ["sendPhoto", "sendMessage"])
@virtually
async def test_a_digest_whose_answer_was_lost_is_uncertain_and_not_sent_again(
    house: DigestHouse, method: str
) -> None:
    promised(house)
    chat = house.telegram(ANA)
    chat.faults.lose_answer(method)

    await house.desk_of_digests.make_promised()
    await house.send_all(chat)
    await house.send_all(chat)

    assert house.deliveries() == {"digest:1": "uncertain"}
    assert len(house.received(chat, ANA)) == (1 if method == "sendPhoto" else 2)


@virtually
async def test_a_digest_that_met_a_flood_limit_goes_on_where_it_was(house: DigestHouse) -> None:
    promised(house)
    chat = house.telegram(ANA)
    flood = ApiError(429, "Too Many Requests: retry after 2", retry_after=2)
    chat.faults.refuse("sendMessage", flood)

    await house.desk_of_digests.make_promised()
    await house.send_all(chat)

    assert len(house.received(chat, ANA)) == 2
    assert house.deliveries() == {"digest:1": "sent"}


@virtually
async def test_who_is_no_longer_a_manager_does_not_get_what_was_promised(
    house: DigestHouse,
) -> None:
    promised(house)
    chat = house.telegram(ANA)
    await house.desk_of_digests.make_promised()

    house.database.run(
        lambda session: session.execute(delete(Role).where(col(Role.person_id) == 1))
    )
    await house.send_all(chat)

    assert house.received(chat, ANA) == []
    assert house.deliveries() == {"digest:1": "cancelled"}


def breaking_at(svg_has: str, error: Exception) -> Callable[[str, str], object]:
    async def draw(svg: str, language: str) -> bytes:
        if svg_has in svg:
            raise error
        return small_png()

    return draw


@pytest.mark.parametrize("error", [BrokenProcessPool("gone"), ValueError("no such font")])
def test_where_drawing_fails_the_text_goes_out_without_the_picture(
    house: DigestHouse, error: Exception
) -> None:
    house.draw = breaking_at("", error)  # type: ignore[assignment]
    promised(house)

    assert make(house) == 1

    (digest,) = house.digests()
    assert (digest.picture, digest.report_id) == ("", 1)
    assert house.deliveries() == {"digest:1": "queued"}


def test_a_drawing_process_that_died_once_is_tried_once_more(small_house: DigestHouse) -> None:
    troubles = [BrokenProcessPool("gone")]

    async def draw(svg: str, language: str) -> bytes:
        if troubles:
            raise troubles.pop()
        return small_png()

    small_house.draw = draw
    promised(small_house)

    make(small_house)

    assert small_house.digests()[0].picture


def test_one_digest_that_cannot_be_made_does_not_hold_up_the_others(
    house: DigestHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bot.digests import desk, message

    write = message.compose

    def compose(texts: object, view: object, language: str, **rest: object) -> object:
        if language == "es":
            raise RuntimeError("this one is broken")
        return write(texts, view, language, **rest)  # type: ignore[arg-type]

    monkeypatch.setattr(desk, "compose", compose)
    promised(house, LI)
    promised(house, ANA)

    for _ in range(MOST_TRIES + 3):
        make(house)
        house.later(hours=3)

    broken, sound = house.digests()
    assert (broken.report_id, broken.tries) == (None, MOST_TRIES)
    assert (sound.report_id, sound.tries) == (1, 1)
    assert house.deliveries() == {"digest:2": "queued"}


def test_a_broken_catalogue_is_tried_again_and_the_digest_comes_when_it_is_mended(
    house: DigestHouse,
) -> None:
    sound = house.fixes
    broken = [InputError("F402", "x.yaml:3", "no valid YAML.", "Correct the line.")]

    class Catalogue:
        def __iter__(self) -> object:
            raise broken[0]

    house.fixes = Catalogue()  # type: ignore[assignment]
    promised(house)
    make(house)
    assert house.deliveries() == {}

    house.fixes = sound
    house.later(minutes=4)
    assert make(house) == 0
    house.later(minutes=2)
    assert make(house) == 1

    assert house.deliveries() == {"digest:1": "queued"}


def test_a_desk_that_was_killed_leaves_its_digest_to_the_next(house: DigestHouse) -> None:
    from bot.digests.planning import claim

    promised(house)
    house.database.run(lambda session: claim(session, house.now))

    assert make(house) == 0
    house.later(minutes=6)
    assert make(house) == 1
    assert house.deliveries() == {"digest:1": "queued"}


def test_an_erased_reader_is_passed_over(small_house: DigestHouse) -> None:
    from bot.people.tables import Person

    house = small_house
    promised(house)

    async def draw(svg: str, language: str) -> bytes:
        house.database.run(lambda session: session.delete(session.get_one(Person, 1)))
        return small_png()

    house.draw = draw
    promised(house, LI)

    assert make(house) == 2
    assert [one.person_id for one in house.digests()] == [2]


def test_one_report_serves_all_digests_of_a_week(house: DigestHouse) -> None:
    for person in (ANA, LI, OWNER):
        promised(house, person)

    assert make(house) == 3

    assert {one.report_id for one in house.digests()} == {1}
    assert len(house.rows(StoredReport)) == 1


@virtually
async def test_the_desk_outlives_a_database_in_trouble(small_house: DigestHouse) -> None:
    promised(small_house)
    lane = machinery.InlineLane(small_house.database)
    lane.trouble = [StorageError("S201", "here", "locked.", "Wait.")]
    desk = small_house.desk_of_digests
    desk._lane = lane

    with pytest.raises(StorageError):
        await desk.make_promised()
    assert await desk.make_promised() == 1


@virtually
async def test_reports_are_made_when_something_changed_and_not_otherwise(
    house: DigestHouse,
) -> None:
    desk = house.desk_of_digests
    for _ in range(3):
        desk._rests_until = 0.0
        await desk.bring_up_to_date()
    assert len(house.rows(StoredReport)) == 1

    house.ledger.run({("empathy.individual", "P"): 1})
    await desk.bring_up_to_date()
    assert len(house.rows(StoredReport)) in {1, 2}
    desk._rests_until = 0.0
    await desk.bring_up_to_date()

    assert len(house.rows(StoredReport)) == 2


@virtually
async def test_a_measurement_alone_makes_a_report(house: DigestHouse) -> None:
    desk = house.desk_of_digests
    await desk.bring_up_to_date()
    before = len(house.rows(StoredReport))
    house.database.run(
        lambda session: measurements.store(
            session, unit_id=1, item="reliability.agreed_time", at=house.now, value=600.0, n=1
        )
    )
    for _ in range(2):
        desk._rests_until = 0.0
        await desk.bring_up_to_date()

    assert len(house.rows(StoredReport)) == before + 1


@virtually
async def test_reports_that_nothing_points_to_are_forgotten_after_an_hour(
    house: DigestHouse,
) -> None:
    desk = house.desk_of_digests
    made = []
    for number in range(3):
        house.ledger.run({("empathy.individual", "P"): 1 + number})
        desk._rests_until = 0.0
        await desk.bring_up_to_date()
        made.append(max(one.id or 0 for one in house.rows(StoredReport)))
        if number == 0:
            promised(house)
            await desk.make_promised()
        house.later(minutes=40)

    forgotten = house.database.run(
        lambda session: forget_loose_reports(session, house.now + timedelta(hours=2))
    )

    kept = {one.id for one in house.rows(StoredReport)}
    assert forgotten == 1
    assert house.digests()[0].report_id in kept
    assert made[-1] in kept
    assert made[1] not in kept


def test_a_picture_that_is_drawn_again_stays_and_old_ones_go(database: Database) -> None:
    def keep(session: Session, png: bytes, day: int) -> str:
        return keep_picture(session, png, MONDAY + timedelta(days=day))

    database.run(lambda session: keep(session, b"first", 0))
    sha = database.run(lambda session: keep(session, b"again", 0))
    database.run(lambda session: keep(session, b"again", 20))

    with database.reading() as session:
        (picture,) = session.scalars(select(Picture)).all()
        assert picture.sha == sha
