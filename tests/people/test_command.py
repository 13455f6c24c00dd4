"""The commands ``gapbot init`` and ``gapbot invite``, run as an operator runs them."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from bot.cli import main
from bot.core.database import Database
from bot.people.invitations import opened
from bot.people.registry import all_units, the_organisation
from bot.people.tables import Invitation

TOKEN = "123456:" + "A" * 35
INIT = ["init", "--organisation", "Blue Cup", "--unit", "Riverside", "--unit", "Old Town"]
Gapbot = Callable[..., tuple[int, str, str]]


class _Answers(BaseHTTPRequestHandler):
    """Tells the bot's name and nothing else."""

    def do_POST(self) -> None:
        if self.path != f"/bot{TOKEN}/getMe":
            self.send_error(404)
            return
        me = {"id": 1, "is_bot": True, "first_name": "B", "username": "bluecup_bot"}
        body = json.dumps({"ok": True, "result": me}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


@pytest.fixture
def telegram() -> Iterator[str]:
    """A server on loopback that knows the bot; gives its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def gapbot(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Gapbot:
    """Run a command in an empty folder; gives exit code, standard output and standard error."""
    monkeypatch.chdir(tmp_path)
    for name in ("GAPBOT_TOKEN", "GAPBOT_DATABASE_URL", "GAPBOT_DATA", "GAPBOT_TELEGRAM_API"):
        monkeypatch.delenv(name, raising=False)

    def run(*words: str, **settings: str) -> tuple[int, str, str]:
        with monkeypatch.context() as patch:
            for name, value in settings.items():
                patch.setenv(f"GAPBOT_{name.upper()}", value)
            code = main(words)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def _invitation(payload: str) -> Invitation:
    database = Database("sqlite:///data/gapbot.sqlite")
    found = database.run(lambda session: opened(session, payload))
    database.close()
    assert found is not None
    return found


def _payload(out: str) -> str:
    [line] = [line for line in out.splitlines() if line.startswith("payload: ")]
    return line.removeprefix("payload: ")


def test_init_sets_up_a_database_and_prints_the_owners_link(gapbot: Gapbot, telegram: str):
    code, out, err = gapbot(*INIT, token=TOKEN, telegram_api=telegram)

    payload = _payload(out)
    assert code == 0
    assert out == f"https://t.me/bluecup_bot?start={payload}\npayload: {payload}\n"
    assert "works once" in err
    assert (_invitation(payload).role, _invitation(payload).max_uses) == ("owner", 1)
    database = Database("sqlite:///data/gapbot.sqlite")
    assert database.run(the_organisation).name == "Blue Cup"
    assert [unit.name for unit in database.run(all_units)] == ["Old Town", "Riverside"]
    database.close()


def test_init_works_on_postgresql(gapbot: Gapbot, postgres):
    address = postgres.fresh()

    code, out, _ = gapbot(*INIT, database_url=address)
    again, _, err = gapbot(*INIT, database_url=address)

    assert code == 0
    assert _payload(out)
    assert again == 64
    assert "S401" in err


def test_without_a_token_the_payload_stands_alone(gapbot: Gapbot):
    code, out, err = gapbot(*INIT)

    assert code == 0
    assert out == f"payload: {_payload(out)}\n"
    assert "no token is set" in err


@pytest.mark.parametrize("token", [TOKEN, "9999:" + "B" * 35])
def test_where_telegram_does_not_tell_the_name_the_payload_stands_alone(
    gapbot: Gapbot, telegram: str, token: str
):
    nobody = "http://127.0.0.1:9" if token == TOKEN else telegram

    code, out, err = gapbot(*INIT, token=token, telegram_api=nobody)

    assert code == 0
    assert out == f"payload: {_payload(out)}\n"
    assert "name is unknown" in err
    assert token not in err


@pytest.mark.parametrize(
    ("words", "role", "uses"),
    [
        (["--role", "staff", "--unit", "old town"], "staff", 1),
        (["--role", "Manager", "--unit", "Riverside", "--uses", "2"], "manager", 2),
        (["--role", "customer", "--unit", "Riverside"], "customer", None),
        (["--role", "customer", "--unit", "Riverside", "--uses", "1"], "customer", 1),
        (["--role", "staff", "--unit", "Riverside", "--uses", "many"], "staff", None),
        (["--role", "owner"], "owner", 1),
    ],
)
def test_invite_makes_what_was_asked_for(
    gapbot: Gapbot, words: list[str], role: str, uses: int | None
):
    gapbot(*INIT)

    code, out, _ = gapbot("invite", *words, "--days", "2")

    made = _invitation(_payload(out))
    assert code == 0
    assert (made.role, made.max_uses, made.uses) == (role, uses, 0)
    assert (made.unit_id is None) == (role == "owner")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--role", "king", "--unit", "Riverside"], "no role 'king'. Take one of owner"),
        (["--role", "staff"], "the role staff is held in a unit. Name it"),
        (["--role", "owner", "--unit", "Riverside"], "an owner sees every unit"),
        (["--role", "staff", "--unit", "Riversid"], "Did you mean Riverside?"),
        (["--role", "staff", "--unit", ""], "no unit ''"),
        (["--role", "staff", "--unit", "Riverside", "--uses", "0"], "--uses: '0' does not fit"),
        (["--role", "staff", "--unit", "Riverside", "--uses", "-1"], "--uses: '-1' does not fit"),
        (["--role", "staff", "--unit", "Riverside", "--uses", "lots"], "or 'many'"),
        (["--role", "staff", "--unit", "Riverside", "--days", "9999"], "from 1 to 3650."),
        (["--role", "staff", "--unit", "Riverside", "--days", "٣"], "--days: '٣' does not fit"),
    ],
)
def test_what_does_not_fit_gets_one_line_and_makes_nothing(
    gapbot: Gapbot, words: list[str], said: str
):
    gapbot(*INIT)

    code, out, err = gapbot("invite", *words)

    assert code == 64
    assert out == ""
    assert said in err
    assert len(err.splitlines()) == 1


def test_inviting_before_anything_is_set_up_makes_no_database(gapbot: Gapbot, tmp_path: Path):
    code, _, err = gapbot("invite", "--role", "owner")

    assert code == 64
    assert "gapbot init" in err
    assert list(tmp_path.iterdir()) == []


def test_a_second_init_is_refused(gapbot: Gapbot):
    gapbot(*INIT)

    code, out, err = gapbot(*INIT)

    assert code == 64
    assert out == ""
    assert "set up already, for 'Blue Cup'" in err
