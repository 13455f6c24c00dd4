"""Bad input gets one clear line that names place, cause and cure, and a non-zero exit."""

import asyncio
import signal
from pathlib import Path

import pytest

from bot.core.database import Database
from bot.people.registry import set_up
from tests.acceptance.conftest import Operator, run_here
from tests.conftest import NOW
from tests.support.keys import TEST_KEY

ON_SQLITE = pytest.mark.parametrize("environment", ["sqlite"], indirect=True)
"""What does not depend on the kind of database is tried on one."""


@pytest.fixture
def house(environment: dict[str, str], sqlite_database: Database) -> dict[str, str]:
    """The settings of an operator whose organisation is set up."""
    with sqlite_database.transaction() as session:
        set_up(session, name="Northwind", units=["Riverside"], zone="UTC", language="en", now=NOW)
    return environment | {"GAPBOT_DATABASE_URL": sqlite_database.address, "GAPBOT_KEY": TEST_KEY}


@ON_SQLITE
@pytest.mark.parametrize(
    ("words", "names"),
    [
        (("invite", "--role", "manager", "--unit", "Riversid"), ("'Riversid'", "Riverside")),
        (("invite", "--role", "king", "--unit", "Riverside"), ("'king'", "manager")),
        (("send", "customer", "--unit", "Riverside"), ("customer", "customers")),
        (("digest", "--unit", "Moon"), ("'Moon'", "Riverside")),
        (("digest", "--unit", "Riverside"), ("Riverside", "gapbot invite")),
        (("analyse", "missing.csv"), ("missing.csv", "Name an existing")),
        (("check", "missing.yaml"), ("missing.yaml",)),
    ],
)
def test_what_does_not_exist_is_named_with_its_cure(
    house: dict[str, str], tmp_path: Path, words: tuple[str, ...], names: tuple[str, ...]
):
    ended = run_here(house, tmp_path, *words)

    assert ended.code != 0
    said = (ended.err + ended.out).strip()
    assert "Traceback" not in said
    assert all(name in said for name in names), said


def test_a_command_before_init_says_what_to_do(environment: dict[str, str], tmp_path: Path):
    for words in (("recompute",), ("digest", "--unit", "X"), ("invite", "--role", "owner")):
        ended = run_here(environment, tmp_path, *words)

        assert ended.code != 0
        assert "gapbot init" in ended.err, ended.err


async def test_the_bot_before_init_says_what_to_do(operator: Operator):
    ended = await operator.process("run")

    assert ended.code != 0
    assert "gapbot init" in ended.err, ended.err
    assert "Traceback" not in ended.err


@ON_SQLITE
@pytest.mark.parametrize(
    "wrong",
    [
        ("GAPBOT_TOKEN", "", "S101"),
        ("GAPBOT_TOKEN", "nonsense", "S102"),
        ("GAPBOT_TELEGRAM_API", "example.org", "S100"),
        ("GAPBOT_MESSAGES_PER_SECOND", "many", "S100"),
    ],
)
def test_a_wrong_setting_is_named(
    house: dict[str, str], tmp_path: Path, wrong: tuple[str, str, str]
):
    setting, value, code = wrong

    ended = run_here(house | {setting: value}, tmp_path, "run")

    assert ended.code != 0
    assert setting in ended.err
    assert f"[{code}]" in ended.err
    assert len(ended.err.strip().splitlines()) == 1


@ON_SQLITE
@pytest.mark.parametrize(
    ("address", "code"),
    [("mysql://x/y", "S105"), ("sqlite:////no/such/folder/x.sqlite", "S104")],
)
async def test_an_address_of_no_database_is_named(operator: Operator, address: str, code: str):
    ended = await operator.process("run", GAPBOT_DATABASE_URL=address)

    assert ended.code != 0
    assert "GAPBOT_DATABASE_URL" in ended.err
    assert f"[{code}]" in ended.err
    assert len(ended.err.strip().splitlines()) == 1


@ON_SQLITE
async def test_a_token_that_telegram_refuses_ends_the_bot_with_one_line(
    operator: Operator, house: dict[str, str]
):
    operator.environment = house | {
        "GAPBOT_TELEGRAM_API": operator.environment["GAPBOT_TELEGRAM_API"]
    }

    ended = await operator.process("run", GAPBOT_TOKEN="1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")

    assert ended.code == 69
    assert ended.err.strip().splitlines()[-1].endswith("[S301]")
    assert "AAAAAAAA" not in ended.err


@ON_SQLITE
async def test_without_a_network_the_bot_waits_and_ends_cleanly(
    operator: Operator, house: dict[str, str]
):
    operator.environment = house | {
        "GAPBOT_TELEGRAM_API": operator.environment["GAPBOT_TELEGRAM_API"]
    }

    bot = await operator.start("run", GAPBOT_TELEGRAM_API="http://127.0.0.1:9")
    assert bot.stderr is not None
    said = b""
    while b"fetch.failed" not in said:
        said += await asyncio.wait_for(bot.stderr.readline(), 20)
    bot.send_signal(signal.SIGTERM)
    _, rest = await asyncio.wait_for(bot.communicate(), 10)

    assert bot.returncode == 0
    assert b"bot.stopped" in rest


@ON_SQLITE
def test_a_file_that_is_no_database_is_left_alone(environment: dict[str, str], tmp_path: Path):
    path = tmp_path / "shopping.sqlite"
    path.write_text("bread, milk, coffee\n" * 200)

    ended = run_here(
        environment | {"GAPBOT_DATABASE_URL": f"sqlite:///{path}"}, tmp_path, "recompute"
    )

    assert ended.code == 74
    assert "[S204]" in ended.err
    assert path.read_text().startswith("bread")
