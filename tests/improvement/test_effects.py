"""Did it work: what is said of a fix that worked, of one that did not, and of too little."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session

from bot.core.database import Database
from bot.improvement.effects import careful_verdict, measured, started_week
from bot.improvement.effects_weeks import Course, only_dimension, story_of
from bot.improvement.tables import Action
from gapengine.effect import Effect, Outcome, Rebound
from gapengine.moments import Moments
from gapengine.packing import from_bytes
from gapengine.vantage import Group
from tests.support.effects import ITEMS, TRIGGER, EffectHouse, opened

BEFORE, AFTER = range(-8, 1), range(2, 9)
OTHERS = tuple(range(2, 8))
BETTER = {"P": 0.9}
EVERYBODY = (Group.CUSTOMER, Group.STAFF, Group.MANAGER)


@pytest.fixture
def house(sqlite_database: Database) -> EffectHouse:
    return opened(sqlite_database)


def acted(
    house: EffectHouse,
    *,
    gap: str = "G5",
    dimension: str = "",
    compared: Sequence[int] = OTHERS,
    unit_id: int = 1,
) -> int:
    """Take a fix in the week after the trigger week, done in that week."""
    house.now = datetime(2026, 3, 9, 10, tzinfo=UTC)
    action_id = house.taken(gap=gap, dimension=dimension, unit_id=unit_id)
    house.change(
        action_id,
        compared=list(compared),
        before_first=TRIGGER - timedelta(weeks=8),
        before_last=TRIGGER - timedelta(weeks=1),
        trigger_week=TRIGGER,
        check_on=date(2026, 5, 4),
        state="done",
        closed_at=house.now,
    )
    house.now = datetime(2026, 5, 4, 10, tzinfo=UTC)
    return action_id


def found(house: EffectHouse, action_id: int) -> tuple[str, dict[str, Any]]:
    def work(session: Session) -> tuple[str, dict[str, Any]]:
        one = measured(session, session.get_one(Action, action_id), house.now)
        return one.verdict, one.content["effect"]

    return house.database.run(work)


def quiet_years(house: EffectHouse, units: Sequence[int] = OTHERS) -> None:
    """Units in which nothing happens."""
    for unit_id in units:
        house.weeks(unit_id, [*BEFORE, *AFTER], groups=EVERYBODY)


def test_a_fix_that_worked_is_told_from_one_that_did_not(house: EffectHouse) -> None:
    house.weeks(1, BEFORE)
    house.weeks(1, AFTER, shift=BETTER)
    quiet_years(house)

    verdict, effect = found(house, acted(house))
    idle, nothing = found(house, acted(house, unit_id=2, compared=(3, 4, 5, 6, 7)))

    assert verdict == "improved"
    assert effect["estimate"] == pytest.approx(0.9, abs=0.25)
    assert effect["comparisons"]
    assert set(effect["comparisons"]) <= set(OTHERS)
    assert idle == "no evidence"
    assert nothing["low"] < 0 < nothing["high"]


def test_what_all_units_saw_is_no_effect(house: EffectHouse) -> None:
    for unit_id in range(1, 8):
        house.weeks(unit_id, BEFORE)
        house.weeks(unit_id, AFTER, shift=BETTER)

    verdict, effect = found(house, acted(house))

    assert verdict == "no evidence"
    assert effect["change"] == pytest.approx(0.9, abs=0.3)
    assert abs(effect["estimate"]) < 0.4


def test_a_fix_in_one_dimension_is_looked_at_in_that_dimension(house: EffectHouse) -> None:
    house.weeks(1, BEFORE)
    house.weeks(1, AFTER, shift=BETTER, only="responsiveness")
    quiet_years(house)

    there, _ = found(house, acted(house, dimension="responsiveness"))
    house.change(1, dimension="reliability")
    elsewhere, _ = found(house, 1)

    assert (there, elsewhere) == ("improved", "no evidence")


def test_a_gap_that_managers_tell_is_looked_at_in_parts_of_the_windows(
    house: EffectHouse,
) -> None:
    house.weeks(1, BEFORE, groups=EVERYBODY)
    house.weeks(1, AFTER, groups=EVERYBODY, shift={"D": 0.9})
    quiet_years(house)

    verdict, effect = found(house, acted(house, gap="specification"))

    assert verdict == "improved"
    assert (effect["weeks_before"], effect["weeks_after"]) == (2, 2)


def test_a_unit_that_took_up_the_same_gap_is_no_comparison(house: EffectHouse) -> None:
    house.weeks(1, [*BEFORE, *AFTER])
    quiet_years(house)
    house.taken(gap="G5", unit_id=3)

    _, effect = found(house, acted(house))

    assert 3 not in effect["comparisons"]
    assert effect["comparisons"]


def test_weeks_of_too_few_people_are_too_early(house: EffectHouse) -> None:
    house.weeks(1, BEFORE)
    house.weeks(1, AFTER, people=4)
    quiet_years(house)

    verdict, effect = found(house, acted(house))

    assert verdict == "too early"
    assert effect["estimate"] is None


def test_without_weeks_since_it_is_too_early(house: EffectHouse) -> None:
    action_id = acted(house)
    house.now = datetime(2026, 3, 17, 10, tzinfo=UTC)

    assert found(house, action_id)[0] == "too early"


def test_without_answers_before_it_will_never_be_known(house: EffectHouse) -> None:
    house.weeks(1, AFTER)
    quiet_years(house)

    assert found(house, acted(house))[0] == "no baseline"


def test_alone_a_bad_week_that_comes_back_is_no_improvement(house: EffectHouse) -> None:
    """The weeks after are as good as those before; only the trigger week was bad."""
    house.weeks(1, range(-8, 0))
    house.weeks(1, [0], shift={"P": -1.0})
    house.weeks(1, AFTER)

    verdict, effect = found(house, acted(house, compared=()))

    assert verdict == "no evidence"
    assert effect["rebound"]["expected"] > 0
    assert effect["comparisons"] == []


ALONE = Effect(Outcome.IMPROVED, estimate=0.5, low=0.2, high=0.8)


@pytest.mark.parametrize(
    ("seen", "expected", "verdict"),
    [(1.0, 0.9, Outcome.NO_EVIDENCE), (1.0, 0.6, Outcome.IMPROVED)],
)
def test_alone_only_what_goes_beyond_the_rebound_is_improved(
    seen: float, expected: float, verdict: Outcome
) -> None:
    """The interval reaches 0.3 to each side: 0.1 beyond is less than that, 0.4 is more."""
    rebound = Rebound(-2.0, -1.0, 0.5, expected=expected, seen=seen)
    effect = Effect(Outcome.IMPROVED, estimate=0.5, low=0.2, high=0.8, rebound=rebound)

    assert careful_verdict(effect, upwards=True) is verdict


def test_alone_without_a_known_trigger_nothing_is_called_improved() -> None:
    assert careful_verdict(ALONE, upwards=True) is Outcome.NO_EVIDENCE


def test_one_dimension_is_as_if_nothing_else_had_been_asked(house: EffectHouse) -> None:
    block = house.block(1, 0, Group.CUSTOMER, people=9)
    whole = from_bytes(block.payload)

    part = only_dimension(whole, "reliability")

    assert part.items == tuple(sorted(one for one, name in ITEMS.items() if name == "reliability"))
    assert part.answers == whole.answers // 2
    assert part.respondents[0].max() == 9
    assert only_dimension(whole, "empathy") == Moments.empty(Group.CUSTOMER)


def test_an_action_nobody_closed_counts_from_its_due_day() -> None:
    action = Action(
        unit_id=1,
        source="own",
        state="open",
        taken_at=datetime(2026, 3, 4, tzinfo=UTC),
        due_on=date(2026, 3, 18),
        before_first=TRIGGER - timedelta(weeks=8),
        before_last=TRIGGER - timedelta(weeks=1),
        trigger_week=TRIGGER,
        compared=[],
    )

    dated = started_week(action, "UTC")
    action.due_on = None
    undated = started_week(action, "UTC")

    assert (dated, undated) == (date(2026, 3, 23), date(2026, 3, 9))


def test_no_line_is_drawn_across_other_words(house: EffectHouse, sqlite_database: Database) -> None:
    """A version with another wording of P came in after the trigger week."""
    house.weeks(1, [*BEFORE, *AFTER])
    quiet_years(house)
    reworded(house, "customers")

    def work(session: Session) -> list[str]:
        course = Course.of(
            TRIGGER - timedelta(weeks=8),
            TRIGGER - timedelta(weeks=1),
            trigger=TRIGGER,
            started=TRIGGER + timedelta(weeks=2),
            newest=TRIGGER + timedelta(weeks=8),
        )
        story = story_of(session, [1, 2], course, gap="G5", dimension="")
        return [week for k, week in enumerate(story.points.weeks) if story.points.breaks[0, k]]

    assert sqlite_database.run(work) == ["2026-03-16"]
    assert found(house, acted(house))[0] == "no baseline"


def reworded(house: EffectHouse, name: str) -> None:
    """Ask Riverside by one version in a week before, by a reworded one in the week after."""
    library = house.desk.library
    paper = house.database.run(lambda session: library.keep(session, library.read(name)))
    first = paper.content.items[0]
    texts = {
        point: {language: f"{text} Really." for language, text in one.items()}
        for point, one in first.text.items()
    }
    items = (first.model_copy(update={"text": texts}), *paper.content.items[1:])
    content = paper.content.model_copy(update={"version": 99, "items": items})
    newer = house.database.run(lambda session: library.keep(session, content))
    house.asked_in(paper.version_id, TRIGGER - timedelta(weeks=3))
    house.asked_in(newer.version_id, TRIGGER + timedelta(weeks=1))
