"""The log that SQLite writes beside the file does not go on telling what was undone."""

from pathlib import Path

from sqlalchemy import text

from bot.core.database import Database
from bot.issues.tables import Issue
from bot.issues.traces import empty_log
from tests.support.issues import SAM, IssueHouse
from tests.support.keys import fixed_keys


def log_of(database: Database) -> Path:
    return Path(f"{database.engine.url.database}-wal")


def test_the_log_is_cut_to_nothing_and_nothing_is_lost(small_house: IssueHouse) -> None:
    small_house.reported(SAM, words="The poster lies")
    log = log_of(small_house.database)
    assert b"is_words" in log.read_bytes()

    assert empty_log(small_house.database)

    assert log.read_bytes() == b""
    assert b"is_words" not in Path(str(log).removesuffix("-wal")).read_bytes()
    assert len(small_house.rows(Issue)) == 1


def test_while_somebody_reads_the_log_stays_for_the_next_time(small_house: IssueHouse) -> None:
    with small_house.database.reading() as session:
        session.execute(text("SELECT count(*) FROM issue")).scalar_one()
        small_house.reported(SAM)

        assert not empty_log(small_house.database)

    assert empty_log(small_house.database)


def test_a_server_keeps_its_own_logs(postgres: object) -> None:
    database = Database(postgres.fresh(), fixed_keys())  # type: ignore[attr-defined]

    assert empty_log(database)
    database.close()
