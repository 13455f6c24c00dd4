"""Register and measurements beside what people say, in the unit's findings and in the digest."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlmodel import Session

from bot.analysis.kept import read_findings
from bot.analysis.refresh import refresh
from bot.analysis.reports import Windows
from bot.analysis.sources import delivered, disagreements, reached_by, second_sources
from bot.core.router import Router
from bot.digests import chat as digests_chat
from bot.improvement.catalogue import load_fixes
from bot.improvement.desk import ActionDesk
from bot.people.door import PeopleDoor
from bot.registers import measurements
from bot.registers.measurements import Level, summary
from bot.registers.promises import Pledge, add_promise
from bot.registers.section import RegisterSection
from bot.registers.standards import Content
from bot.registers.tables import Standard, StandardOpinion
from gapengine import advice
from tests.registers.conftest import AGREED, ANA, WAITING, RegisterHouse
from tests.support.answers import MONDAY
from tests.support.digests import FIXES
from tests.support.updates import Chat, User

DAY = timedelta(days=1)


def measure(house: RegisterHouse, *values: float, item: str = AGREED, n: int = 2) -> None:
    """Store a value a day from Monday of the week that is looked at."""
    unit_id = house.unit()

    def work(session: Session) -> None:
        for number, value in enumerate(values):
            at = datetime(MONDAY.year, MONDAY.month, MONDAY.day, 12, tzinfo=UTC) + number * DAY
            measurements.store(session, unit_id=unit_id, item=item, at=at, value=value, n=n)

    house.database.run(work)


def promise(house: RegisterHouse) -> None:
    """Promise level 6."""
    unit_id = house.unit()
    house.database.run(
        lambda session: add_promise(
            session,
            Pledge(6, "Always on time, or it is free.", house.now.date()),
            item=AGREED,
            unit_id=unit_id,
            channel="site",
            owner_id=None,
            source="chat",
            author_id=None,
            now=house.now,
        )
    )


def sources(house: RegisterHouse) -> dict[str, object]:
    unit_id = house.unit()
    spans = Windows().spans(MONDAY)
    return house.database.run(lambda session: second_sources(session, unit_id, spans))


def test_measurements_become_levels_through_the_rule(house: RegisterHouse) -> None:
    """60 s is 7, 180 s is 6, 390 s is 4.5, each stands for 2: mean 5.83.

    Days are clusters: shares (7 - 5.833)/3, (6 - 5.833)/3, (4.5 - 5.833)/3 = .3889 .0556 -.4444;
    3/2 times the sum of squares .3519 is .5278, its root .726.
    """
    house.rule()
    measure(house, 60, 180, 390)

    found = sources(house)["D"][AGREED]  # type: ignore[index]

    assert found == {
        "level": 5.83,
        "n": 6,
        "se": 0.726,
        "from": "2026-02-23",
        "to": "2026-02-25",
        "weeks": {"2026-02-23": {"level": 5.83, "n": 6}},
    }


def test_the_rule_of_the_day_counts(house: RegisterHouse) -> None:
    house.rule()
    stricter = Content(6, "On time.", "m", "s", "at_most", 60.0, ((60.0, 6.0), (180.0, 1.0)))
    house.rule(stricter, since=MONDAY + DAY)
    measure(house, 180, 180, n=5)

    unit = house.unit()
    rows = house.database.run(
        lambda session: measurements.levels(session, unit, MONDAY, MONDAY + 6 * DAY)
    )

    assert [one.level for one in rows[AGREED]] == [6.0, 1.0]


def test_too_few_measurements_are_no_source(house: RegisterHouse) -> None:
    house.rule()
    measure(house, 60, 180, n=2)

    assert sources(house)["D"] == {}


def test_the_register_is_shown_with_scope_and_version(house: RegisterHouse) -> None:
    house.rule()
    house.rule(WAITING, since=date(2026, 2, 1))
    house.rule(Content(4, "Soon."), unit="Riverside", item="responsiveness.short_waits")

    assert sources(house)["S"] == {
        AGREED: {"level": 6, "scope": "all", "version": 2},
        "responsiveness.short_waits": {"level": 4, "scope": "unit", "version": 1},
    }


def test_staff_who_rate_otherwise_than_is_measured_are_a_finding(house: RegisterHouse) -> None:
    """Staff: 6 6 5 5 6 6 is 5.7; measured 600 s is 3."""
    house.rule()
    house.ledger.fill(levels={"D": 6})
    house.report()
    measure(house, 600, 600, 600)

    found = sources(house)

    assert found["disagreements"] == [{"item": AGREED, "rated": 5.7, "measured": 3.0}]
    beside = {(one["gap"], one["sources"][0]): one for one in found["beside"]}  # type: ignore[attr-defined]
    assert beside["specification", "measured"]["estimate"] == -3.0
    assert beside["specification", "staff"]["estimate"] == pytest.approx(-0.3)
    assert beside["specification", "measured"]["se"] == 0.0
    assert beside["delivery", "measured"]["sources"] == ["measured", "customers"]


def test_agreement_within_a_point_is_no_finding(house: RegisterHouse) -> None:
    house.rule()
    house.ledger.fill(levels={"D": 6})
    house.report()
    measure(house, 240, 240, 240)  # 6 less a seventh of 3: 5.57

    assert sources(house)["disagreements"] == []


def test_ratings_of_too_few_staff_are_not_held_against_measurements(
    one_house: RegisterHouse,
) -> None:
    house = one_house
    house.rule()
    house.ledger.fill(levels={"D": 7}, people={"staff": 4})
    house.report()
    measure(house, 1800, 1800, 1800)
    unit, now = house.unit(), house.now

    assert sources(house)["disagreements"] == []
    told = house.database.run(lambda session: delivered(session, unit, now))[AGREED]
    assert (told.reached, told.rated, told.measured) == (None, None, 1.0)


def test_the_percentile_is_not_told_when_answers_came_since_the_report(
    one_house: RegisterHouse,
) -> None:
    """Otherwise two looks would tell what the one person between them said."""
    house = one_house
    house.ledger.fill(levels={"D": 5})
    house.report()
    house.ledger.run({(AGREED, "D"): 7}, questionnaire="staff")
    unit, now = house.unit(), house.now

    def reached(session: Session) -> int | None:
        refresh(session)
        return delivered(session, unit, now)[AGREED].reached

    assert house.database.run(reached) is None


def test_what_is_delivered_in_all_units_together(one_house: RegisterHouse) -> None:
    house = one_house
    house.ledger.fill(levels={"D": 5})
    house.ledger.fill(unit="Old Town", levels={"D": 3})
    house.report()

    told = house.database.run(lambda session: delivered(session, None, house.now))[AGREED]

    assert told.reached == 5


def test_of_all_units_only_those_that_measured_anything_are_read(
    one_house: RegisterHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    one_house.rule()
    measure(one_house, 60, 180, 390)
    one_house.ledger.fill(levels={"D": 5})
    one_house.report()
    asked: list[int] = []
    real = measurements.levels

    def counting(session: Session, unit_id: int, *days: date, points: int) -> object:
        asked.append(unit_id)
        return real(session, unit_id, *days, points=points)

    monkeypatch.setattr(measurements, "levels", counting)
    told = one_house.database.run(lambda session: delivered(session, None, one_house.now))

    assert asked == [one_house.unit()]
    assert told[AGREED].measurements == 6


@pytest.mark.parametrize(
    ("counts", "level"),
    [
        ([0, 0, 1, 2, 5, 2, 0], 5),
        ([0, 0, 0, 0, 0, 0, 5], 7),
        ([4, 1, 0, 0, 0, 0, 0], 1),
        ([], None),
    ],
)
def test_four_in_five_ratings_do_not_exceed_the_promised_share(
    counts: list[int], level: int | None
) -> None:
    assert reached_by(counts) == level


def test_a_single_day_has_no_standard_error() -> None:
    assert summary([Level(MONDAY, 5.0, 3), Level(MONDAY, 6.0, 3)]).se is None


def test_the_digest_names_what_has_no_rule_what_is_too_high_and_where_sources_differ(
    house: RegisterHouse,
) -> None:
    house.rule()
    house.ledger.fill(levels={"D": 5})
    house.report()
    measure(house, 1800, 1800, 1800)
    promise(house)
    unit, now = house.unit(), house.now

    section = house.database.run(
        lambda session: RegisterSection(house.register)(
            session, house.texts, unit_id=unit, language="en", since=now - 7 * DAY, now=now
        )
    )

    assert section is not None
    text = section.text.replace("\u2068", "").replace("\u2069", "")
    assert "21 items have no rule, such as:" in text
    assert "1 promise is above what you deliver: <i>Always on time, or it is free.</i>" in text
    assert "staff say 4.7, measured is 1.0." in text
    assert [one.action for one in section.rows[0]] == [f"standards:{unit}", f"promises:{unit}"]


def test_disagreements_before_any_report_are_none(one_house: RegisterHouse) -> None:
    unit, now = one_house.unit(), one_house.now

    assert one_house.database.run(lambda session: disagreements(session, unit, now)) == []


def test_what_staff_say_of_rules_is_a_cause_under_gap_three_and_chooses_the_fix(
    one_house: RegisterHouse,
) -> None:
    """Staff rate D at 4 where the rules ask for 6; most say they can rarely keep them.

    Eight "rarely" are 3, two "never" 1: (8 * 3 + 2 * 1) / 10 = 2.6, the weakest cause.
    """
    house = one_house
    house.rule()
    house.ledger.fill(levels={"D": 4, "P": 4, "C": 4}, people={"staff": 12})
    unit = house.unit()

    def say(session: Session) -> None:
        (rule,) = session.scalars(select(Standard))
        for choice, times in ((3, 8), (4, 2)):
            session.add(
                StandardOpinion(
                    unit_id=unit,
                    standard_id=rule.id or 0,
                    month=date(2026, 2, 1),
                    question="keep",
                    answer=choice,
                    times=times,
                )
            )

    house.database.run(say)
    report_id = house.report()
    found = house.database.run(lambda session: read_findings(session, report_id, "Riverside"))
    fixes = [advice.Fix(one.code, one.gaps, one.dimensions, one.causes) for one in load_fixes()]
    (told, *_) = [one for one in found.advice(fixes) if one.gap == "specification"]

    assert found.causes == [
        {"cause": "perceived_control", "gap": "G3", "score": pytest.approx(2.6), "n": 10}
    ]
    assert told.cause == "perceived_control"
    chosen = next(one for one in fixes if one.code == told.fixes[0])
    assert "perceived_control" in chosen.causes


def test_the_pages_behind_a_digest_show_both_sources(one_house: RegisterHouse) -> None:
    """Staff: 6 6 5 5 6 6 is 5.7; 600 s is 3. Managers say 6 6 5 5, 5.5; the rule asks for 6."""
    house = one_house
    house.rule()
    house.ledger.fill(levels={"D": 6})
    measure(house, 600, 600, 600)
    house.report()
    desk = ActionDesk(lambda: FIXES)
    router = Router(PeopleDoor(), [digests_chat.routes(desk.fixes, desk)], house.texts)
    talk = Chat(house.database, router, User(ANA), lambda: house.now, secret=house.secret)

    every = talk.send("/gaps").replace("\u2068", "").replace("\u2069", "")
    talk.press("Specification gap")
    items = talk.press("Reliability").replace("\u2068", "").replace("\u2069", "")

    both = "What we deliver: staff say 5.7 · measured 3.0, on the 1 feature that is measured."
    assert both in every
    assert "managers say 5.5 · written down is 6.0" in every
    assert "⚠ <i>staff say 5.7 · measured 3.0</i>" in items
    assert "<i>managers say 5.5 · the rule says 6.0</i>" in items
