"""``gapbot export-person``, ``erase-person`` and ``retention``, as an operator runs them."""

import json
from pathlib import Path

import pytest
from sqlmodel import col, select

from bot.cli import main
from bot.core.tables import AuditEntry
from tests.privacy.conftest import ANA, BEN, OWNER, Whole


@pytest.fixture
def operator(whole: Whole, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Whole:
    """The organisation, with Ana's traces; commands find its database."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GAPBOT_DATABASE_URL", whole.database.address)
    whole.lived_in(ANA)
    return whole


def test_a_person_is_found_by_name_and_written_into_a_file_for_the_owner_alone(
    operator: Whole, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["export-person", "--name", f"p{ANA}", "--out", "ana.json"]) == 0

    content = json.loads((tmp_path / "ana.json").read_text("utf-8"))
    assert (tmp_path / "ana.json").stat().st_mode & 0o777 == 0o600
    assert content["held"][0]["rows"][0]["telegram_id"] == ANA
    assert f"P{ANA} (number {operator.number(ANA)}) is in ana.json" in capsys.readouterr().out


def test_giving_out_and_erasing_are_recorded(operator: Whole) -> None:
    number = operator.number(ANA)
    main(["export-person", "--number", str(number)])
    main(["erase-person", "--number", str(number), "--yes"])

    query = select(AuditEntry.what).where(col(AuditEntry.subject) == f"person {number}")
    kept = operator.database.run(lambda session: list(session.exec(query)))
    assert kept == ["person.exported", "person.erased"]


def test_erasing_says_first_what_would_go(
    operator: Whole, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["erase-person", "--telegram-id", str(ANA)]) == 0
    said = capsys.readouterr().out
    still = operator.holds(ANA)
    assert main(["erase-person", "--telegram-id", str(ANA), "--yes"]) == 0

    assert "What you reported by name: 1" in said
    assert "Do it with --yes." in said
    assert still
    assert not operator.holds(ANA)
    assert "with 1 answers under their name" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--name", "P1"], "S440"),  # the owner, Ana and Ben begin so
        (["--name", "nobody at all"], "S440"),
        (["--number", "4711"], "S440"),
        (["--telegram-id", "x"], "S440"),
        ([], "S440"),
        (["--name", "P11", "--number", "1"], "S440"),
        (["--telegram-id", str(OWNER)], "S441"),
    ],
)
def test_whoever_is_not_meant_is_left_alone(
    operator: Whole, capsys: pytest.CaptureFixture[str], words: list[str], code: str
) -> None:
    assert main(["erase-person", *words, "--yes"]) == 64

    assert f"[{code}]" in capsys.readouterr().err
    assert all(operator.holds(one) for one in (OWNER, ANA, BEN))


def test_several_of_one_name_are_listed_with_number_and_roles(
    operator: Whole, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["export-person", "--name", "p1"])

    error = capsys.readouterr().err
    assert f"P{BEN}, number {operator.number(BEN)} (customer of Riverside)" in error


def test_retention_prints_a_line_for_each_kind(
    operator: Whole, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["retention"]) == 0

    said = capsys.readouterr().out
    assert "comments                 1  2026-03-02   730 days  2028-03-01" in said
    assert "GAPBOT_KEEP_AUDIT_DAYS" in said
