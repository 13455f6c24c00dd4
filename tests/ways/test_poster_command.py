"""``gapbot poster``, run as an operator runs it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.cli import main
from bot.core.database import Database
from bot.people.invitations import opened
from bot.settings import read_settings

Gapbot = Callable[..., tuple[int, str, str]]


@pytest.fixture
def gapbot(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Gapbot:
    """Run a command in a folder where Blue Cup is set up; gives code, output and errors."""
    monkeypatch.chdir(tmp_path)
    for name in ("GAPBOT_TOKEN", "GAPBOT_DATABASE_URL", "GAPBOT_DATA", "GAPBOT_TELEGRAM_API"):
        monkeypatch.delenv(name, raising=False)
    main(["init", "--organisation", "Blue Cup", "--unit", "Riverside"])
    capsys.readouterr()

    def run(*words: str) -> tuple[int, str, str]:
        code = main(["poster", "--unit", "Riverside", *words])
        out, err = capsys.readouterr()
        return code, out, err

    return run


@pytest.mark.parametrize(
    ("form", "head"),
    [("pdf", b"%PDF-1.4"), ("png", b"\x89PNG"), ("svg", b"<svg ")],
)
def test_it_writes_each_kind_of_file_with_the_same_code(
    gapbot: Gapbot, form: str, head: bytes
) -> None:
    first = gapbot("--bot", "@bluecup_bot", "--format", "svg", "--size", "card")[1]

    code, out, err = gapbot("--bot", "bluecup_bot", "--format", form, "--size", "card")

    assert code == 0
    assert out == first
    assert out.startswith("https://t.me/bluecup_bot?start=")
    assert Path(f"poster.{form}").read_bytes().startswith(head)
    assert f"poster.{form} is written: card, en." in err


def test_each_place_has_its_own_code_until_it_is_closed(gapbot: Gapbot) -> None:
    quick = ("--bot", "b_bot", "--format", "svg", "--out", "x.svg")
    unit = gapbot(*quick)[1]
    till = gapbot(*quick, "--counter", "Till 2")[1]
    again = gapbot(*quick, "--counter", "till 2")[1]
    closed = gapbot("--counter", "Till 2", "--close")
    nothing = gapbot("--counter", "Till 2", "--close")
    new = gapbot(*quick, "--counter", "Till 2")[1]

    assert till == again
    assert len({unit, till, new}) == 3
    assert closed[0] == 0
    assert "S463" in nothing[2]


def test_the_link_opens_the_units_customers_door(gapbot: Gapbot) -> None:
    payload = gapbot("--bot", "b_bot", "--format", "svg", "--shift", "Early")[1].partition("=")[2]

    settings = read_settings()
    database = Database(settings.database_address(), settings.keyring())
    found = database.run(lambda session: opened(session, payload.strip()))
    database.close()

    assert found is not None
    assert (found.role, found.max_uses) == ("customer", None)


def test_several_languages_stand_on_one_poster(gapbot: Gapbot) -> None:
    gapbot("--bot", "b_bot", "--format", "svg", "--language", "es", "--language", "ar")

    drawn = Path("poster.svg").read_text("utf-8")

    assert "¿Qué tal aquí?" in drawn
    assert "كيف كانت تجربتك هنا؟" in drawn


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ((), "S460"),
        (("--bot", "b", "--language", "tlh"), "S407"),
        (("--bot", "b", "--size", "card", "--language", "en", "--language", "es"), "S461"),
        (("--bot", "b", "--counter", "x" * 41), "S462"),
        (("--bot", "b", "--counter", " "), "S462"),
        (("--close",), "S463"),
    ],
)
def test_what_does_not_fit_is_said_and_nothing_is_made(
    gapbot: Gapbot, words: tuple[str, ...], code: str
) -> None:
    status, out, err = gapbot(*words)

    assert status != 0
    assert f"[{code}]" in err
    assert out == ""
    assert not Path("poster.pdf").exists()
