"""What a fix did in this organisation ranks it, and is said where it is shown."""

from datetime import date

import pytest
from sqlmodel import Session

from bot.core.database import Database
from bot.digests.reading import view_of
from bot.improvement.effects_tables import ActionEffect
from bot.improvement.tables import Action
from tests.support.digests import LATE, DigestHouse

ANA = 11


@pytest.fixture
def house(sqlite_database: Database) -> DigestHouse:
    """Riverside falls short of its rules; Old Town has tried things."""
    house = DigestHouse(sqlite_database)
    house.open(units=("Riverside", "Old Town", "Harbour"))
    house.add(ANA, "manager")
    house.ledger.fill(levels=LATE, causes={"technology_job_fit": 2})
    house.report()
    return house


def suggested(house: DigestHouse) -> tuple[str, ...]:
    def work(session: Session) -> tuple[str, ...]:
        view = view_of(
            session,
            unit_id=1,
            report_id=1,
            language="en",
            fixes=house.fixes,
            today=house.now.date(),
        )
        return view.focus.fixes if view.focus else ()

    return house.database.run(work)


def tried(house: DigestHouse, fix: str, verdict: str, *, unit_id: int = 2) -> None:
    """Let another unit have tried a fix."""

    def work(session: Session) -> None:
        action = Action(
            unit_id=unit_id,
            fix=fix,
            gap="specification",
            source="digest",
            state="done",
            before_first=date(2026, 1, 5),
            before_last=date(2026, 2, 23),
            trigger_week=date(2026, 3, 2),
            compared=[],
            taken_at=house.now,
            closed_at=house.now,
        )
        session.add(action)
        session.flush()
        session.add(
            ActionEffect(
                action_id=action.id or 0,
                planned_on=date(2026, 5, 4),
                computed_at=house.now,
                verdict=verdict,
                content={},
                engine_version="1",
                fingerprint="",
            )
        )

    house.database.run(work)


def test_what_did_not_help_comes_last(house: DigestHouse) -> None:
    first, *others = suggested(house)

    tried(house, first, "worse")

    assert suggested(house) == (*others, first)


def test_what_helped_goes_before_its_equals(house: DigestHouse) -> None:
    before = suggested(house)

    tried(house, before[1], "improved")
    tried(house, before[0], "no evidence", unit_id=2)
    tried(house, before[0], "no evidence", unit_id=3)

    assert suggested(house).index(before[1]) < suggested(house).index(before[0])


def test_a_fix_says_what_it_did_here_and_names_no_unit(house: DigestHouse) -> None:
    first, *_ = suggested(house)
    tried(house, first, "improved", unit_id=2)
    tried(house, first, "improved", unit_id=3)
    chat = house.chat(ANA)
    chat.send("/fixes")

    said = chat.press("1").replace("\u2068", "").replace("\u2069", "")

    assert "Tried in 2 units here: it helped in 2." in said
    assert "Old Town" not in said
