"""``gapbot send``: from another process than the bot, on its database."""

from pathlib import Path

import pytest

from bot.cli import main
from bot.core.database import Database
from bot.surveys.tables import Invitee, Run, Wave
from tests.support.surveys import House


@pytest.fixture
def shop(database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> House:
    """A house whose database the command line finds."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GAPBOT_DATABASE_URL", database.address)
    return House(database).open(units=("Riverside", "Harbour"))


def test_it_plans_a_wave_and_prints_who_is_asked(
    shop: House, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.add(1)
    shop.add(2, state="stopped")

    code = main(["send", "customers", "--unit", "riverside", "--now"])

    printed = capsys.readouterr().out
    assert code == 0
    assert "customers version 1 to Riverside: 1 asked, 1 skipped" in printed
    assert "1 skipped: stopped (want no messages)" in printed
    assert len(shop.rows(Run)) == 1


def test_the_running_bot_delivers_what_the_command_planned(shop: House) -> None:
    shop.add(1)
    main(["send", "customers", "--unit", "Riverside", "--now"])
    shop.now = shop.rows(Wave)[0].planned_at

    [card] = shop.deliver()

    assert card["chat_id"] == 1
    assert len(card["reply_markup"]["inline_keyboard"][0]) == 7


def test_without_now_the_weekly_limit_holds(
    shop: House, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.add(1)
    main(["send", "customers", "--unit", "Riverside", "--now"])

    main(["send", "customers", "--unit", "Riverside"])

    assert "1 skipped: busy" in capsys.readouterr().out
    assert [row.state for row in shop.rows(Invitee)] == ["asked", "skipped"]


def test_a_unit_without_customers_says_how_to_let_some_in(
    shop: House, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["send", "customers", "--unit", "Riverside"]) == 0

    assert "gapbot invite --role customer --unit 'Riverside'" in capsys.readouterr().out
    assert shop.rows(Wave) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["send", "custmers", "--unit", "Riverside"], "Did you mean customers? [S450]"),
        (["send", "customers", "--unit", "Rivrside"], "Did you mean Riverside? [S404]"),
    ],
)
def test_a_wrong_name_gets_one_line_with_the_nearest(
    shop: House, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    shop.add(1)

    code = main(words)

    error = capsys.readouterr().err
    assert code == 64
    assert error.count("\n") == 1
    assert error.strip().endswith(said)
    assert shop.rows(Wave) == []


def test_before_init_it_says_what_to_do(
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GAPBOT_DATABASE_URL", database.address)

    assert main(["send", "customers", "--unit", "Riverside"]) == 64
    assert "gapbot init" in capsys.readouterr().err
