"""When the day has come: what is stored and told, looked at again, recorded and ranked."""

from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import delete, update
from sqlmodel import Session, col

from bot.core.clock import Clock
from bot.core.database import Database
from bot.core.dialogue import Section
from bot.core.i18n import LANGUAGES
from bot.core.tables import Picture
from bot.digests.chart import effect_svg
from bot.improvement.effects_looking import Draw, EffectLook
from bot.improvement.effects_record import FixRecord, record_line, records, scores
from bot.improvement.effects_section import EffectSection, effect_beside
from bot.improvement.effects_tables import ActionEffect
from bot.improvement.effects_view import bar, view_of_effect
from bot.improvement.tables import Action, FixDecision
from bot.improvement.told_words import ToldDesk
from bot.people.tables import Person
from bot.surveys.tables import DirtyWeek
from tests.support import machinery
from tests.support.actions import ANA, FIX, LI, OWNER, SAM
from tests.support.effects import TRIGGER, EffectHouse, opened
from tests.support.pictures import small_png
from tests.support.updates import User, buttons, press, pressable

FOUND = {
    "gap": "G5",
    "dimension": "reliability",
    "upwards": True,
    "by": "weeks",
    "before": ["2026-01-05", "2026-02-23"],
    "trigger": "2026-03-02",
    "after": ["2026-03-16", "2026-04-27"],
    "effect": {
        "estimate": 0.62,
        "low": 0.31,
        "high": 0.93,
        "before": -1.2,
        "after": -0.5,
        "comparison_change": 0.08,
        "comparisons": [2, 3, 4, 5],
        "rebound": None,
        "weeks_before": 8,
        "weeks_after": 7,
    },
}


@pytest.fixture
def house(sqlite_database: Database) -> EffectHouse:
    return opened(sqlite_database)


@pytest.fixture
def any_house(database: Database) -> EffectHouse:
    return opened(database)


async def drawn(svg: str, language: str) -> bytes:
    """Stand for the worker process: a small picture that differs by language."""
    assert svg.startswith("<svg")
    return small_png(width=4 + LANGUAGES.index(language))


async def torn(svg: str, language: str) -> bytes:
    """A worker process that cannot draw."""
    raise OSError


def taken(house: EffectHouse, *, by: int = ANA) -> int:
    """Take a fix whose effect is looked at on the 4th of May; nobody has answered anything."""
    house.now = datetime(2026, 3, 9, 10, tzinfo=UTC)
    action_id = house.taken(by, gap="G5", dimension="reliability")
    house.change(action_id, check_on=date(2026, 5, 4), trigger_week=TRIGGER)
    house.now = datetime(2026, 5, 4, 10, tzinfo=UTC)
    return action_id


def looking(house: EffectHouse, draw: Draw = drawn) -> EffectLook:
    """Make what the clock starts, with a pen that draws at once."""
    return EffectLook(
        database=house.database,
        lane=machinery.InlineLane(house.database),
        clock=Clock(lambda: house.now),
        desk=house.actions,
        chart=partial(effect_svg, house.texts),
        draw=draw,
    )


def worked(house: EffectHouse) -> None:
    """Let an action of Sam's, who reads Spanish, have worked, beside six idle units."""
    for unit_id in range(2, 8):
        house.weeks(unit_id, [*range(-8, 1), *range(2, 9)])
    house.weeks(1, range(-8, 1))
    house.weeks(1, range(2, 9), shift={"P": 0.9})
    action_id = taken(house)
    house.change(
        action_id,
        owner_id=house.database.run(lambda session: house.person_id(session, SAM)),
        compared=list(range(2, 8)),
        before_first=TRIGGER - timedelta(weeks=8),
        before_last=TRIGGER - timedelta(weeks=1),
        state="done",
        closed_at=datetime(2026, 3, 9, 10, tzinfo=UTC),
    )
    spanish = update(Person).where(col(Person.telegram_id) == SAM).values(language="es")
    house.database.run(lambda session: session.execute(spanish))


def kept(
    house: EffectHouse, action_id: int, verdict: str = "improved", day: date = date(2026, 5, 4)
) -> ActionEffect:
    """Store an effect as a look does."""

    def work(session: Session) -> ActionEffect:
        effect = ActionEffect(
            action_id=action_id,
            planned_on=day,
            computed_at=house.now,
            verdict=verdict,
            content=FOUND,
            engine_version="1",
            fingerprint="",
        )
        session.add(effect)
        session.flush()
        return effect

    made: ActionEffect = house.database.run(work)
    return made


def test_nothing_is_looked_at_before_its_day(house: EffectHouse) -> None:
    taken(house)
    house.now -= timedelta(days=1)

    assert house.looked() == 0


def test_a_look_is_kept_once_and_told_to_owner_and_managers(any_house: EffectHouse) -> None:
    house = any_house
    action_id = taken(house)
    house.change(action_id, owner_id=house.database.run(lambda s: house.person_id(s, SAM)))

    assert (house.looked(), house.looked()) == (1, 0)

    (effect,) = house.effects()
    assert (effect.verdict, effect.planned_on) == ("no baseline", date(2026, 5, 4))
    assert "action.checked action 1" in house.recorded()
    for person in (ANA, LI, SAM):
        (said,) = house.told(person)
        assert "Did it work?" in said["text"]
        assert "too few had answered before" in said["text"]
    assert house.told(OWNER) == []


def test_a_classic_name_is_the_same_gap(house: EffectHouse) -> None:
    house.change(taken(house), gap="G4")

    assert house.looked() == 1
    assert house.effects()[0].content["gap"] == "communication"


def test_too_early_is_looked_at_again_twice_at_most(house: EffectHouse) -> None:
    action_id = taken(house)
    house.weeks(1, range(-8, 1))

    days = []
    for _ in range(3):
        assert house.looked() == 1
        days.append(house.action(action_id).check_on)
        house.now += timedelta(weeks=4)

    assert days == [date(2026, 6, 1), date(2026, 6, 29), date(2026, 6, 29)]
    assert [one.verdict for one in house.effects()] == ["too early"] * 3
    assert house.effects()[-1].again_on is None
    assert house.looked() == 0
    assert [one.check_on for one in house.rows(FixDecision)] == [date(2026, 6, 29)]
    said = [call["text"] for call in house.told(ANA)]
    assert "June 1, 2026" in said[0]
    assert "It cannot be told" in said[-1]


def test_another_due_day_brings_another_look(house: EffectHouse) -> None:
    action_id = taken(house)
    house.looked()
    house.change(action_id, check_on=date(2026, 6, 15))
    house.now += timedelta(weeks=7)

    assert house.looked() == 1


@pytest.mark.parametrize(
    "values",
    [
        {"state": "dropped", "closed_at": datetime(2026, 4, 1, tzinfo=UTC)},
        {"check_on": None},
        {"gap": ""},
        {"gap": "G9"},
    ],
)
def test_what_was_given_up_or_has_no_gap_is_not_looked_at(
    house: EffectHouse, values: dict[str, object]
) -> None:
    house.change(taken(house), **values)

    assert house.looked() == 0


async def test_the_engine_works_outside_the_write_lane(house: EffectHouse) -> None:
    taken(house)
    look = looking(house)

    await look.bring_up_to_date()

    assert await look.look_at_due() == 0
    assert len(house.effects()) == 1


async def test_a_verdict_goes_under_its_chart_in_the_language_of_each_reader(
    house: EffectHouse,
) -> None:
    worked(house)

    await looking(house).look_at_due()

    ana, sam = house.told(ANA), house.told(SAM)
    assert [one["method"] for one in (*ana, *sam)] == ["sendPhoto", "sendPhoto"]
    assert ana[0]["picture"] != sam[0]["picture"]
    assert "It helped." in ana[0]["caption"]
    assert "Ayudó." in sam[0]["caption"]
    assert "Open it" in buttons(ana)
    assert len(house.rows(Picture)) == 2


async def test_a_verdict_whose_chart_cannot_be_drawn_goes_out_in_words(house: EffectHouse) -> None:
    worked(house)

    await looking(house, torn).look_at_due()

    (said,) = house.told(ANA)
    assert said["method"] == "sendMessage"
    assert "It helped." in said["text"]


async def test_where_nothing_can_be_told_nothing_is_drawn(house: EffectHouse) -> None:
    taken(house)

    await looking(house).look_at_due()

    assert [one["method"] for one in house.told(ANA)] == ["sendMessage"]
    assert house.rows(Picture) == []


async def test_a_button_under_the_chart_opens_the_action_in_a_message_of_its_own(
    house: EffectHouse,
) -> None:
    worked(house)
    await looking(house).look_at_due()
    under = press(User(ANA), pressable(house.told(ANA), "Open it"), picture=True)
    talk = house.chat(ANA)

    talk.take(under)

    assert talk.last[-1]["method"] == "sendMessage"


def test_a_look_waits_until_the_figures_are_up_to_date(house: EffectHouse) -> None:
    taken(house)
    house.database.run(
        lambda session: session.add(DirtyWeek(unit_id=1, week=TRIGGER + timedelta(weeks=3)))
    )

    waiting = house.looked()
    house.database.run(lambda session: session.execute(delete(DirtyWeek)))

    assert (waiting, house.looked()) == (0, 1)


async def test_one_look_that_fails_does_not_hold_up_the_others(house: EffectHouse) -> None:
    """An action that lost the list of units to compare with cannot be looked at."""
    taken(house)
    house.change(house.taken(unit_id=2, gap="G5"), check_on=date(2026, 5, 3), compared=None)
    look = looking(house)

    assert await look.look_at_due() == 1
    assert [one.action_id for one in house.effects()] == [1]


def test_an_effect_reads_as_bars_words_and_an_interval(house: EffectHouse) -> None:
    effect = kept(house, taken(house))
    text = house.texts.render(
        "improvement/effect.html",
        "en",
        titles={"en": "Keep promises"},
        unit="Riverside",
        effect=view_of_effect(effect),
    )

    plain = text.replace("\u2068", "").replace("\u2069", "")

    assert "✅ <b>It helped.</b>" in plain
    assert "▰▰▰▰▰▰▰▰▰▰ −1.2 before" in plain
    assert "▰▰▰▰▱▱▱▱▱▱ −0.5 after" in plain
    assert "−1.1 after, had it gone as elsewhere" in plain
    assert "Effect: +0.6 points, most likely between +0.3 and +0.9." in plain
    assert "Held against 4 units" in plain


def test_where_less_is_better_help_is_shown_as_positive(house: EffectHouse) -> None:
    effect = kept(house, taken(house))
    effect.content = FOUND | {"upwards": False}

    shown = view_of_effect(effect)

    assert (shown["size"], shown["low"], shown["high"]) == (-0.62, -0.93, -0.31)


def test_a_bar_has_always_ten_cells() -> None:
    assert bar(-0.5, 1.0) == "▰▰▰▰▰▱▱▱▱▱"
    assert bar(3.0, 1.0) == "▰" * 10
    assert bar(0.0, 1.0) == "▱" * 10


@pytest.mark.parametrize(
    ("record", "sign"),
    [
        (FixRecord(3, 1, 0), 1),
        (FixRecord(1, 0, 0), 1),
        (FixRecord(0, 1, 0), 0),
        (FixRecord(0, 2, 0), -1),
        (FixRecord(0, 0, 1), -1),
        (FixRecord(2, 0, 2), 0),
    ],
)
def test_the_record_leans_to_what_was_seen(record: FixRecord, sign: int) -> None:
    assert (record.score > 0) - (record.score < 0) == sign


def test_three_of_four_count_more_than_one_of_one() -> None:
    assert FixRecord(3, 1, 0).score > FixRecord(1, 0, 0).score


def test_each_unit_counts_once_with_its_newest_known_end(house: EffectHouse) -> None:
    for unit_id, verdicts in ((1, ["worse", "improved"]), (2, ["improved"]), (3, ["no evidence"])):
        action_id = house.taken(unit_id=unit_id, gap="G5")
        for number, verdict in enumerate(verdicts):
            house.now += timedelta(days=1)
            kept(house, action_id, verdict, date(2026, 5, 4 + number))
    kept(house, house.taken(unit_id=4, gap="G5"), "too early")

    line = house.database.run(lambda s: record_line(s, house.texts, FIX, language="en"))

    assert house.database.run(records) == {FIX: FixRecord(2, 1, 0)}
    assert house.database.run(scores)[FIX] > 0
    assert line.replace("\u2068", "").replace("\u2069", "") == (
        "Tried in 3 units here: it helped in 2."
    )


@pytest.mark.parametrize(
    ("verdict", "words"),
    [("improved", "it helped"), ("worse", "it got worse"), ("no evidence", "no effect")],
)
def test_a_single_try_is_told_without_a_share(house: EffectHouse, verdict: str, words: str) -> None:
    kept(house, house.taken(gap="G5"), verdict)

    line = house.database.run(lambda s: record_line(s, house.texts, FIX, language="en"))

    assert line.startswith("Tried once here")
    assert words in line


def test_a_fix_that_nobody_tried_has_no_record(house: EffectHouse) -> None:
    assert house.database.run(lambda s: record_line(s, house.texts, FIX, language="en")) == ""


def test_the_card_shows_the_newest_effect_and_offers_to_tell(house: EffectHouse) -> None:
    action_id = taken(house)
    kept(house, action_id, "worse", date(2026, 4, 1))
    house.now += timedelta(hours=1)
    kept(house, action_id, "improved")
    house.change(action_id, state="done", closed_at=house.now)

    def work(session: Session, steers: bool) -> Section:
        action = session.get_one(Action, action_id)
        made = effect_beside(
            session, house.texts, action=action, language="en", now=house.now, steers=steers
        )
        assert made is not None
        return made

    shown = house.database.run(lambda session: work(session, True))
    of_staff = house.database.run(lambda session: work(session, False))

    assert "It helped." in shown.text
    assert "worse" not in shown.text
    assert [row[0].action for row in shown.rows] == ["ysd:1"]
    assert of_staff.text == shown.text
    assert of_staff.rows == []


def test_the_digest_tells_what_was_found_since_the_last(house: EffectHouse) -> None:
    kept(house, taken(house))
    section = EffectSection(ToldDesk(house.actions))

    def made(since: datetime) -> Section | None:
        return house.database.run(
            lambda session: section(
                session, house.texts, unit_id=1, language="en", since=since, now=house.now
            )
        )

    lately = made(house.now - timedelta(days=7))

    assert lately is not None
    assert "It helped." in lately.text
    assert made(house.now + timedelta(seconds=1)) is None
