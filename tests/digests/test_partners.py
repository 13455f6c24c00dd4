"""What partners say: apart from the five gaps, beside staff's view, hidden while they are few."""

import secrets
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import insert
from sqlmodel import Session

from bot.analysis.kept import read_findings
from bot.analysis.refresh import refresh
from bot.analysis.reports import Windows, make_report
from bot.core.database import Database
from bot.core.render import Texts
from bot.digests import partners
from bot.digests.partners import partners_view
from bot.people.registry import set_up, unit_named
from bot.surveys.tables import ANONYMOUS, Answer, Run, Wave
from bot.surveys.versions import Library
from gapengine.report import WHOLE

NOW = datetime(2026, 3, 9, 8, 0, tzinfo=UTC)
WEEK = date(2026, 3, 2)
RELATION = ("reliability.partners_pays_on_time", "responsiveness.partners_early_notice")
SERVICE = "reliability.agreed_time"


@pytest.fixture
def company(database: Database) -> Database:
    """Two units, and nobody who answered yet."""
    database.run(
        lambda session: set_up(
            session,
            name="Blue Cup",
            units=["Riverside", "Old Town"],
            zone="UTC",
            language="en",
            now=NOW,
        )
    )
    return database


def answered(
    session: Session, name: str, unit: str, rows: list[dict[tuple[str, str], int]]
) -> None:
    """Write a closed wave of a questionnaire: one anonymous run for each row of scores."""
    library = Library()
    paper = library.keep(session, library.read(name))
    unit_id = unit_named(session, unit).id or 0
    wave = Wave(
        version_id=paper.version_id,
        unit_id=unit_id,
        due_on=WEEK,
        planned_at=NOW,
        expires_at=NOW,
        seed=1,
    )
    session.add(wave)
    session.flush()
    shared: dict[str, Any] = {"unit_id": unit_id, "week": WEEK, "version_id": paper.version_id}
    for scores in rows:
        key = secrets.token_hex(16)
        run: dict[str, Any] = {
            "key": key,
            "wave_id": wave.id,
            "anonymous": True,
            "promise": ANONYMOUS,
        }
        run |= {"state": "finished", "form": [], "position": 0}
        session.execute(insert(Run), [run | shared])
        session.execute(
            insert(Answer),
            [
                {
                    "run_key": key,
                    "item": item,
                    "vantage": vantage,
                    "score": score,
                    "no_rule": False,
                    "language": "en",
                    "answered_on": WEEK,
                }
                | shared
                for (item, vantage), score in scores.items()
            ],
        )


def relation(expected: int, lived: int) -> dict[tuple[str, str], int]:
    return {(item, v): s for item in RELATION for v, s in (("E", expected), ("P", lived))}


def report(session: Session) -> int:
    while refresh(session):
        pass
    return make_report(session, NOW, Windows())


def test_partners_answers_move_none_of_the_five_gaps(company: Database) -> None:
    """Six partners expect 6 and live 4: P-E is -2 among them, and nowhere else."""

    def play(session: Session) -> None:
        answered(session, "partners", "Riverside", [relation(6, 4)] * 6)
        answered(session, "partners_view", "Riverside", [{(SERVICE, "D"): 3}] * 6)
        answered(session, "staff", "Riverside", [{(SERVICE, "D"): 6}] * 6)

        found = read_findings(session, report(session), "Riverside")

        assert found.report["vantage"]["E"]["overall"].get("mean") is None
        assert found.report["vantage"]["D"]["overall"]["mean"] == 6
        assert not set(RELATION) & set(found.report["vantage"]["D"]["items"])
        view = partners_view(found, found)
        assert view is not None
        assert view.relation.estimate == -2
        assert view.worst is not None
        assert view.both == (3, 6)

    company.run(play)


def test_fewer_than_the_floor_are_told_only_with_those_of_other_units(company: Database) -> None:
    def play(session: Session) -> None:
        for unit in ("Riverside", "Old Town"):
            answered(session, "partners", unit, [relation(6, 5)] * 5)
        number = report(session)
        whole = read_findings(session, number, WHOLE)
        few = read_findings(session, number, "Riverside")
        few.partners.clear()

        view = partners_view(few, whole)

        assert view is not None
        assert view.of_all_units
        assert view.relation.estimate == -1

    company.run(play)


def test_four_partners_are_not_shown_at_all(company: Database, texts: Texts) -> None:
    def play(session: Session) -> None:
        answered(session, "partners", "Riverside", [relation(6, 4)] * 4)
        report(session)
        unit_id = unit_named(session, "Riverside").id or 0

        said = partners.section(session, texts, unit_id=unit_id, language="en", since=NOW, now=NOW)

        assert said is None

    company.run(play)


@pytest.mark.parametrize(("language", "word"), [("en", "Partners"), ("ar", "الشركاء")])
def test_the_digest_sets_them_beside_staff(
    company: Database, texts: Texts, language: str, word: str
) -> None:
    def play(session: Session) -> None:
        answered(session, "partners", "Riverside", [relation(6, 4)] * 6)
        answered(session, "partners_view", "Riverside", [{(SERVICE, "D"): 3}] * 6)
        answered(session, "staff", "Riverside", [{(SERVICE, "D"): 6}] * 6)
        report(session)
        unit_id = unit_named(session, "Riverside").id or 0

        said = partners.section(
            session, texts, unit_id=unit_id, language=language, since=NOW, now=NOW
        )

        assert said is not None
        assert f"<b>{word}</b>" in said.text
        assert "−2" in said.text
        assert said.rows[0][0].action.startswith(f"ptn:{unit_id}:")

    company.run(play)
