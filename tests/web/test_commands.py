"""``gapbot integration`` and ``gapbot link`` on the command line."""

import pytest

from bot.cli import main
from bot.crm import keeping
from bot.crm.keeping import CustomerFacts
from bot.web.integrations import hash_of
from bot.web.tables import Integration
from tests.support.surveys import House


@pytest.fixture
def ready(one_house: House, monkeypatch: pytest.MonkeyPatch) -> House:
    """The house, named to the commands; nobody answers at Telegram."""
    monkeypatch.setenv("GAPBOT_DATABASE_URL", one_house.database.address)
    return one_house


def test_a_key_is_shown_once_listed_never_and_revoked(
    ready: House, capsys: pytest.CaptureFixture[str]
) -> None:
    added = main(["integration", "add", "till", "--tell", "https://crm.example/h"])
    shown = capsys.readouterr().out
    main(["integration", "list"])
    listed = capsys.readouterr().out
    revoked = main(["integration", "revoke", "till"])
    capsys.readouterr()
    again = main(["integration", "revoke", "till"])

    key = shown.split()[1]
    (kept,) = ready.rows(Integration)
    assert (added, revoked, again) == (0, 0, 64)
    assert kept.key_hash == hash_of(key)
    assert "secret: whsec_" in shown
    assert "till: in use" in listed
    assert key not in listed
    assert "[S432]" in capsys.readouterr().err


def test_a_link_is_made_for_a_customer_who_is_known(
    ready: House, capsys: pytest.CaptureFixture[str]
) -> None:
    unknown = main(["link", "C-1", "--unit", "Riverside"])
    said = capsys.readouterr().err
    ready.database.run(lambda session: keeping.upsert(session, CustomerFacts("C-1"), now=ready.now))
    known = main(["link", "c-1", "--unit", "riverside"])

    assert (unknown, known) == (64, 0)
    assert "[S421]" in said
    assert "payload: " in capsys.readouterr().out


def test_segments_say_that_nothing_can_be_told_yet(
    ready: House, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["segments", "--unit", "Riverside"]) == 0

    assert capsys.readouterr().out == "No kind of customer can be told yet.\n"
