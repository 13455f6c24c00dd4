"""Actions as rows: what they are measured against, where they come from, what a digest says."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import text
from sqlmodel import Session

from bot.core import migrations
from bot.core.database import Database
from bot.core.dialogue import Section
from bot.improvement.actions import create_action
from bot.improvement.section import section
from bot.improvement.tables import FixDecision
from tests.support.actions import ANA, FIX, LI, ActionHouse
from tests.support.digests import LATE, DigestHouse


def written(house: ActionHouse, **changes: Any) -> Section | None:
    """Return the section of Riverside's digest."""
    wanted: dict[str, Any] = {
        "unit_id": 1,
        "language": "en",
        "since": house.now - timedelta(days=7),
        "now": house.now,
    } | changes
    with house.database.reading() as session:
        return section(session, house.texts, house.actions, **wanted)


def plain(made: Section | None) -> str:
    return made.text.replace("\u2068", "").replace("\u2069", "") if made else ""


def test_the_same_fix_is_under_way_once_in_a_unit(house: ActionHouse) -> None:
    assert house.taken(ANA) == 1
    assert house.taken(LI) == 0
    assert house.taken(LI, unit_id=2) > 0

    assert [one.state for one in house.rows(FixDecision)] == ["taken", "taken"]


def test_own_words_need_no_fix_and_may_come_from_anywhere(house: ActionHouse) -> None:
    for source in ("idea", "issue", "promise", "own"):
        assert house.taken(fix="", title="A bench at the door", source=source)

    assert house.rows(FixDecision) == []
    assert house.action(1).check_on is None  # no gap is named, so there is nothing to measure


def test_an_action_that_names_a_gap_is_looked_at_after_six_weeks(house: ActionHouse) -> None:
    house.taken(gap="specification")

    assert house.action().check_on == house.now.date() + timedelta(weeks=6)


def test_the_weeks_before_are_whole_and_end_before_the_week_that_gave_rise_to_it(
    small_house: ActionHouse,
) -> None:
    small_house.taken(gap="specification")  # on Wednesday, March 4, without a report

    action = small_house.action()

    assert action.trigger_week == date(2026, 3, 2)
    assert (action.before_first, action.before_last) == (date(2026, 1, 5), date(2026, 2, 23))


def test_it_is_compared_with_units_whose_figure_is_shown_and_that_do_nothing_about_it(
    database: Database,
) -> None:
    house = DigestHouse(database)
    house.open(units=("Riverside", "Old Town", "Harbour", "Station"))
    house.add(ANA, "manager")
    for unit in ("Riverside", "Old Town", "Harbour"):
        house.ledger.fill(unit=unit, levels=LATE)
    report_id = house.report()

    def take(session: Session, unit_id: int, fix: str) -> list[int]:
        made = create_action(
            session,
            unit_id=unit_id,
            source="digest",
            taken_by=1,
            now=house.now,
            fix=fix,
            gap="specification",
            report_id=report_id,
        )
        return made.compared if made else []

    assert house.database.run(lambda session: take(session, 1, FIX)) == [2, 3]
    # Riverside works on the same gap by now; Station has no answers
    assert house.database.run(lambda session: take(session, 2, FIX)) == [3]


def test_a_digest_says_nothing_where_nothing_is_being_done(small_house: ActionHouse) -> None:
    assert written(small_house) is None


def test_a_digest_says_what_is_due_what_waits_and_what_was_closed(
    small_house: ActionHouse,
) -> None:
    for title in ("Late", "Far away", "Undated", "Finished", "Given up", "Finished long ago"):
        small_house.taken(fix="", title=title, source="own")
    small_house.pressed(ANA, "acd:1:-:w")  # due on March 8
    small_house.pressed(ANA, "acd:2:-:m")
    small_house.pressed(ANA, "acx:6:-")
    small_house.now += timedelta(days=8)
    small_house.pressed(ANA, "acx:4:-")
    small_house.pressed(ANA, "acr:5:-:no_time")

    made = written(small_house)

    said = plain(made)
    assert "1. Late\nP11 · ⚠ 4 days overdue" in said
    assert "2. Undated\nP11 · no due day" in said
    assert "1 more is under way." in said
    assert "✅ Finished" in said
    assert "✖ Given up" in said
    assert "long ago" not in said
    assert made is not None
    actions = [button.action for row in made.rows for button in row]
    assert actions == ["ac:1:-", "ac:3:-", "actions:1:0"]


def test_a_digest_of_a_quiet_week_counts_what_is_under_way(small_house: ActionHouse) -> None:
    small_house.taken()
    small_house.pressed(ANA, "acd:1:-:m")

    assert "1 action is under way, nothing is due this week." in plain(written(small_house))


def test_a_digest_lists_six_actions_at_most_and_counts_the_rest(small_house: ActionHouse) -> None:
    for number in range(9):
        small_house.taken(fix="", title=f"Thing {number}", source="own")

    made = written(small_house)

    assert "6. Thing" in plain(made)
    assert "7. Thing" not in plain(made)
    assert "3 more are under way." in plain(made)


def test_an_action_outlives_its_erased_owner(house: ActionHouse) -> None:
    from bot.people.tables import Person

    house.taken()
    house.database.run(lambda session: session.delete(session.get_one(Person, 1)))

    assert house.action().owner_id is None
    said = house.chat(LI).send("/actions")
    assert "Nobody answers for it yet." in said


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_fix_taken_before_there_were_actions_becomes_one(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    database = Database(
        f"sqlite:///{tmp_path / 'old.sqlite'}"
        if kind == "sqlite"
        else request.getfixturevalue("postgres").empty()
    )
    _as_it_was(database, "0002")
    with database.engine.begin() as connection:
        connection.execute(text("INSERT INTO unit (name, name_key) VALUES ('A', 'a')"))
        connection.execute(
            text(
                "INSERT INTO fix_decision (unit_id, fix, gap, dimension, state, decided_at,"
                " check_on) VALUES (1, :fix, 'specification', '', 'taken', :at, '2026-04-15')"
            ),
            {"fix": FIX, "at": datetime(2026, 3, 4, 10, tzinfo=UTC).replace(tzinfo=None)},
        )

    migrations.upgrade(database)

    with database.engine.connect() as connection:
        row = connection.execute(
            text("SELECT state, fix, source, check_on, trigger_week, compared FROM action")
        ).one()
    database.close()
    assert tuple(row[:3]) == ("open", FIX, "digest")
    assert [str(one) for one in row[3:5]] == ["2026-04-15", "2026-02-23"]
    assert row[5] in ("[]", [])


def _as_it_was(database: Database, revision: str) -> None:
    """Bring an empty database to an earlier shape."""
    with database.engine.connect() as connection, connection.begin():
        config = migrations._config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
