"""Bad input gets one clear line that names place, cause and cure, and a non-zero exit."""

import asyncio
import signal
from pathlib import Path

import pytest

from tests.acceptance.conftest import Operator

ON_SQLITE = pytest.mark.parametrize("operator", ["sqlite"], indirect=True)
"""What does not depend on the kind of database is tried on one."""


async def _made(operator: Operator) -> None:
    made = await operator.gapbot("init", "--organisation", "Northwind", "--unit", "Riverside")
    assert made.code == 0, made.err


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
async def test_what_does_not_exist_is_named_with_its_cure(
    operator: Operator, words: tuple[str, ...], names: tuple[str, ...]
):
    await _made(operator)

    ended = await operator.gapbot(*words)

    assert ended.code != 0
    said = (ended.err + ended.out).strip()
    assert "Traceback" not in said
    assert all(name in said for name in names), said


async def test_a_command_before_init_says_what_to_do(operator: Operator):
    for words in (
        ("run",),
        ("recompute",),
        ("digest", "--unit", "X"),
        ("invite", "--role", "owner"),
    ):
        ended = await operator.gapbot(*words)

        assert ended.code != 0
        assert "gapbot init" in ended.err, ended.err
        assert "Traceback" not in ended.err


@ON_SQLITE
@pytest.mark.parametrize(
    ("setting", "value", "code"),
    [
        ("GAPBOT_TOKEN", "", "S101"),
        ("GAPBOT_TOKEN", "nonsense", "S102"),
        ("GAPBOT_TELEGRAM_API", "example.org", "S100"),
        ("GAPBOT_DATABASE_URL", "mysql://x/y", "S105"),
        ("GAPBOT_DATABASE_URL", "sqlite:////no/such/folder/x.sqlite", "S104"),
        ("GAPBOT_MESSAGES_PER_SECOND", "many", "S100"),
    ],
)
async def test_a_wrong_setting_is_named(operator: Operator, setting: str, value: str, code: str):
    await _made(operator)

    ended = await operator.gapbot("run", **{setting: value})

    assert ended.code != 0
    assert setting in ended.err
    assert f"[{code}]" in ended.err
    assert len(ended.err.strip().splitlines()) == 1


@ON_SQLITE
async def test_a_token_that_telegram_refuses_ends_the_bot_with_one_line(operator: Operator):
    await _made(operator)

    ended = await operator.gapbot("run", GAPBOT_TOKEN="1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")

    assert ended.code == 69
    assert ended.err.strip().splitlines()[-1].endswith("[S301]")
    assert "AAAAAAAA" not in ended.err


@ON_SQLITE
async def test_without_a_network_the_bot_waits_and_ends_cleanly(operator: Operator):
    await _made(operator)

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
async def test_a_file_that_is_no_database_is_left_alone(operator: Operator, tmp_path: Path):
    path = tmp_path / "shopping.sqlite"
    path.write_text("bread, milk, coffee\n" * 200)

    ended = await operator.gapbot("recompute", GAPBOT_DATABASE_URL=f"sqlite:///{path}")

    assert ended.code == 74
    assert "[S204]" in ended.err
    assert path.read_text().startswith("bread")
