"""``gapbot digest``: what it promises, prints and refuses."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import make_url

from bot import cli
from bot.core.database import Database
from bot.core.i18n import LANGUAGES
from bot.digests.command import plain
from tests.support.digests import LATE, DigestHouse
from tests.support.keys import TEST_KEY

ROOT = Path(__file__).parents[2]


@pytest.fixture
def house(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DigestHouse:
    monkeypatch.setenv("GAPBOT_DATABASE_URL", address_of(database))
    monkeypatch.setenv("GAPBOT_DATA", str(tmp_path))
    monkeypatch.delenv("GAPBOT_TOKEN", raising=False)
    house = DigestHouse(database)
    house.open(units=("Riverside", "Old Town"))
    return house


def address_of(database: Database) -> str:
    return make_url(database.address).render_as_string(hide_password=False)


def test_it_promises_the_digest_to_every_manager(
    house: DigestHouse, capsys: pytest.CaptureFixture[str]
) -> None:
    house.add(1, "manager")
    house.add(2, "manager")
    house.add(3, "owner")

    assert cli.main(["digest", "--unit", "riverside"]) == 0

    assert capsys.readouterr().out == (
        "Digest of Riverside promised to 2 people; the running bot sends it now.\n"
    )
    assert [one.person_id for one in house.digests()] == [1, 2]


def test_it_promises_the_digest_to_the_owner_of_a_unit_without_managers(
    house: DigestHouse, capsys: pytest.CaptureFixture[str]
) -> None:
    house.add(3, "owner")

    assert cli.main(["digest", "--unit", "Old Town"]) == 0
    assert "promised to 1 person;" in capsys.readouterr().out


def test_where_nobody_reads_it_says_how_to_invite_a_manager(
    house: DigestHouse, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["digest", "--unit", "Riverside"]) == 64

    assert capsys.readouterr().err == (
        "gapbot: --unit: nobody reads the digest of 'Riverside' yet. Invite a manager: "
        "gapbot invite --role manager --unit 'Riverside'. [S420]\n"
    )
    assert house.digests() == []


def test_an_unknown_unit_is_refused_in_one_line(
    house: DigestHouse, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["digest", "--unit", "Riversid", "--dry-run"]) == 64

    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "Did you mean Riverside?" in error


def test_a_dry_run_prints_it_writes_the_images_and_promises_nothing(
    house: DigestHouse, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    house.add(1, "manager")
    house.ledger.fill(levels=LATE)
    out = tmp_path / "new" / "folder"

    assert cli.main(["digest", "--unit", "Riverside", "--dry-run", "--out", str(out)]) == 0

    printed = capsys.readouterr().out
    assert printed.startswith("Customers get less than they expect\nRiverside · ")
    assert "The one gap to work on\nSpecification gap" in printed
    assert "<" not in printed
    assert f"image: {out / 'Riverside-1.png'}" in printed
    for number in (1, 2):
        assert (out / f"Riverside-{number}.png").read_bytes().startswith(b"\x89PNG")
    assert house.digests() == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_dry_run_of_a_unit_without_answers_is_short(
    house: DigestHouse, capsys: pytest.CaptureFixture[str], language: str
) -> None:
    assert cli.main(["digest", "--unit", "Old Town", "--dry-run", "--language", language]) == 0

    printed = capsys.readouterr().out
    assert "Old Town · " in printed
    assert len(printed) < 400
    assert "image:" not in printed


def test_a_folder_that_cannot_be_made_is_named(
    house: DigestHouse, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    house.ledger.fill(levels=LATE)
    (tmp_path / "a file").write_text("")

    code = cli.main(
        ["digest", "--unit", "Riverside", "--dry-run", "--out", str(tmp_path / "a file" / "x")]
    )

    assert code == 74
    assert "a file" in capsys.readouterr().err


def test_before_init_it_says_how_to_begin(
    database: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GAPBOT_DATABASE_URL", address_of(database))

    assert cli.main(["digest", "--unit", "Riverside"]) == 64
    assert "gapbot init" in capsys.readouterr().err


def test_as_a_program_it_speaks_chinese(sqlite_database: Database, tmp_path: Path) -> None:
    house = DigestHouse(sqlite_database)
    house.open()
    house.ledger.fill(levels=LATE)
    environment = {name: value for name, value in os.environ.items() if "GAPBOT" not in name}
    environment["GAPBOT_KEY"] = TEST_KEY
    environment |= {
        "GAPBOT_DATABASE_URL": sqlite_database.address,
        "GAPBOT_DATA": str(tmp_path),
        "LC_ALL": "C",
    }

    command = ["digest", "--unit", "Riverside", "--dry-run", "--language", "zh-Hans"]
    done = subprocess.run(
        [sys.executable, "-m", "bot", *command],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        check=True,
        timeout=60,
    )

    printed = done.stdout.decode("utf-8")
    assert printed.startswith("顾客得到的比期望的少")
    assert (tmp_path / "digests" / "Riverside-1.png").is_file()


def test_plain_text_has_neither_tags_nor_marks_of_direction() -> None:
    assert plain("<b>A &amp; B</b> \u2068<i>x &lt; 1</i>\u2069\n") == "A & B x < 1"
