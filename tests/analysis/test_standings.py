"""What is known when forms are drawn comes from the stored sums and the newest report."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import Session

from bot.analysis.refresh import refresh
from bot.analysis.reports import Windows, make_report
from bot.analysis.standings import GAPS, standings
from bot.core.database import Database
from bot.people.registry import unit_named
from bot.settings import Settings
from bot.surveys.desk import Place, SurveyDesk, survey_desk
from bot.surveys.drawing import BALANCED, Drawing
from bot.surveys.tables import Answer, Run, Wave
from gapengine.allocation import RULE, Standing, form_for
from tests.support.surveys import House

PEOPLE = range(1, 13)


def adaptive(database: Database) -> House:
    """A house that draws by the adaptive rule, with twelve customers."""
    house = House(database, desk=SurveyDesk(standing_of=standings(Windows()))).open()
    for telegram_id in PEOPLE:
        house.add(telegram_id)
    return house


def known(house: House, questionnaire: str = "customers", *, days: int = 0) -> Standing | None:
    def work(session: Session) -> Standing | None:
        place = Place(
            unit_named(session, "Riverside").id or 0,
            questionnaire.removesuffix("s"),
            house.now.date() + timedelta(days=days),
        )
        blueprint = house.desk.library.read(questionnaire).blueprint()
        return standings(Windows())(session, blueprint, place)

    return house.database.run(work)


def answer_everything(house: House, *, low: str = "") -> None:
    """Answer all open runs: E 6 or 7 and P 5 or 6 by turns, P of the item ``low`` 1 or 2."""

    def work(session: Session) -> None:
        for number, run in enumerate(house.rows(Run)):
            for item, vantage in run.form:
                score = {"E": 6, "P": 1 if item.startswith(low or "-") else 5}.get(vantage, 5)
                session.add(
                    Answer(
                        run_key=run.key,
                        item=item,
                        vantage=vantage,
                        score=score + number % 2,
                        unit_id=run.unit_id,
                        week=run.week,
                        version_id=run.version_id,
                        language="en",
                        answered_on=run.week,
                    )
                )
        session.flush()
        refresh(session)

    house.database.run(work)


def weights(standing: Standing, column: tuple[str, ...]) -> dict[str, float]:
    """The weights of a column by level: overall, then the dimensions of the questionnaire."""
    place = [tuple(map(str, one)) for one in standing.outlook.columns].index(column)
    levels = ["overall", "tangibles", "reliability", "responsiveness", "assurance", "empathy"]
    return dict(zip(levels, standing.outlook.weights[place], strict=True))


def test_before_the_first_answer_everything_is_usual_and_weighs_alike(database: Database) -> None:
    house = adaptive(database)

    standing = known(house)

    assert standing is not None
    assert set(standing.asked) == {0}
    assert len(set(weights(standing, ("P", "E")).values())) == 1


def test_it_counts_what_was_asked_and_what_was_answered(database: Database) -> None:
    house = adaptive(database)
    house.send()
    asked_only = known(house)
    answer_everything(house)

    standing = known(house)

    runs = house.rows(Run)
    by_item = Counter(item for run in runs for item in dict.fromkeys(key for key, _ in run.form))
    assert asked_only is not None
    assert standing is not None
    for one in (asked_only, standing):
        assert dict(zip(one.items, one.asked, strict=True)) == {
            item: by_item[item] for item in one.items
        }
    assert set(asked_only.answered) == {0}
    assert standing.answered == standing.asked


def test_weeks_outside_the_window_do_not_count(database: Database) -> None:
    house = adaptive(database)
    house.send()
    answer_everything(house)

    after = known(house, days=28)

    assert after is not None
    assert (set(after.asked), set(after.answered)) == ({0}, {0})


def test_a_gap_that_presses_weighs_ten_times_one_that_does_not(database: Database) -> None:
    """Customers rate what they live in reliability five points lower than what they expect."""
    house = adaptive(database)
    for _ in range(4):
        house.send()
    answer_everything(house, low="reliability")
    house.database.run(
        lambda session: make_report(session, house.now, Windows(), last_week=date(2026, 3, 2))
    )

    standing = known(house)

    assert standing is not None
    told = weights(standing, ("P", "E"))
    assert told["reliability"] == pytest.approx(10.0)
    assert all(1.0 <= one < 5.0 for level, one in told.items() if level != "reliability")


def test_partners_whose_points_belong_to_several_groups_go_by_turns(database: Database) -> None:
    house = adaptive(database)

    def work(session: Session) -> Any:
        blueprint = house.desk.library.read("customers").blueprint()
        place = Place(unit_named(session, "Riverside").id or 0, "partner", house.now.date())
        return standings(Windows())(session, blueprint, place)

    assert house.database.run(work) is None


def test_a_wave_keeps_what_replays_its_forms_and_nothing_says_whose_they_were(
    database: Database,
) -> None:
    house = adaptive(database)
    house.send()
    answer_everything(house)
    house.later(days=14)
    before = known(house)

    second = house.send()

    wave = next(one for one in house.rows(Wave) if one.id == second)
    drawing = Drawing.unpacked(wave.drawing, seed=wave.seed)
    assert (drawing.rule, drawing.first, drawing.standing) == (RULE, len(PEOPLE), before)
    blueprint = house.desk.library.read("customers").blueprint()
    forms = drawing.forms(blueprint, [()] * len(PEOPLE))
    runs = [run for run in house.rows(Run) if run.wave_id == second]
    drawn = [form.questions for form in forms]
    assert sorted(tuple(map(tuple, run.form)) for run in runs) == sorted(drawn)
    by_person = [run for _, run in sorted(house.runs().items())]
    assert len(by_person) == len(PEOPLE)
    assert [tuple(map(tuple, run.form)) for run in by_person] != drawn  # once in 12! by chance


@pytest.mark.parametrize(("setting", "rule"), [("balanced", BALANCED), ("adaptive", RULE)])
def test_the_setting_decides_by_which_rule(
    sqlite_database: Database, setting: str, rule: str
) -> None:
    settings = Settings(_env_file=None, allocation=setting)
    house = House(sqlite_database, desk=survey_desk(settings, standing_of=standings(Windows())))
    house.open().add(1)

    house.send()

    [wave] = house.rows(Wave)
    drawing = Drawing.unpacked(wave.drawing, seed=wave.seed)
    assert drawing.rule == rule
    [run] = house.rows(Run)
    by_turns = form_for(
        house.desk.library.read("customers").blueprint(), seed=wave.seed, sequence=0
    )
    assert (tuple(map(tuple, run.form)) == by_turns.questions) or setting == "adaptive"


def test_the_gaps_it_works_for_are_the_seeds_five_and_what_customers_live() -> None:
    assert [gap.label for gap in GAPS] == ["M-E", "P-D", "D-S", "D-E", "D-C", "P-E"]
