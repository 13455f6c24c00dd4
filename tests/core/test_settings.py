"""Settings: what is wrong is named with its cure, and the documents say what the class says."""

import re
from pathlib import Path
from typing import get_args

import pytest

from bot.core.errors import SettingError
from bot.settings import Settings, read_settings

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run where no .env lies."""
    monkeypatch.chdir(tmp_path)


def test_without_any_setting_there_are_defaults() -> None:
    settings = read_settings()

    assert settings.telegram_api == "https://api.telegram.org"
    assert settings.database_address() == "sqlite:///data/gapbot.sqlite"


def test_the_environment_goes_before_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("GAPBOT_DIGEST_HOUR=7\nGAPBOT_QUIET_FROM=20\n")
    monkeypatch.setenv("GAPBOT_DIGEST_HOUR", "9")

    settings = read_settings()

    assert (settings.digest_hour, settings.quiet_from) == (9, 20)


def test_an_empty_value_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GAPBOT_DIGEST_HOUR", "")

    assert read_settings().digest_hour == 8


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("GAPBOT_DIGEST_HOUR", "25", "'25' does not fit: input should be less than or equal to 23"),
        ("GAPBOT_DIGEST_HOUR", "eight", "'eight' does not fit: input should be a valid integer"),
        ("GAPBOT_LOG_LEVEL", "loud", "'debug', 'info', 'warning' or 'error'"),
        ("GAPBOT_HTTP_CLIENT", "curl", "'aiohttp' or 'httpx'"),
        ("GAPBOT_MESSAGES_PER_SECOND", "0", "greater than 0"),
        ("GAPBOT_TELEGRAM_API", "api.telegram.org", "http:// or https:// is wanted"),
        ("GAPBOT_TELEGRAM_API", "http://x/bot12:secret", "without /bot<token>"),
        ("GAPBOT_PROXY", "socks5://me:secret@x", "http:// or https:// is wanted"),
    ],
)
def test_a_value_that_does_not_fit_is_named_with_its_cure(
    name: str, value: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(SettingError) as caught:
        read_settings()

    said = str(caught.value)
    assert said.startswith(f"{name}: ")
    assert words in said
    assert "Correct it, or leave it out" in said
    assert said.endswith("[S100]")
    assert "secret" not in said


def test_a_file_that_is_no_text_is_named() -> None:
    Path(".env").write_bytes(b"GAPBOT_TOKEN=\xff\xfe")

    with pytest.raises(SettingError) as caught:
        read_settings()

    assert caught.value.code == "S106"


@pytest.mark.parametrize(("token", "code"), [("", "S101"), ("hello", "S102"), ("12:a b", "S102")])
def test_a_token_that_cannot_be_one_is_refused_without_being_shown(token: str, code: str) -> None:
    with pytest.raises(SettingError) as caught:
        Settings(token=token).token_text()

    assert caught.value.code == code
    assert not token or token not in str(caught.value)


def test_space_around_a_token_or_a_slash_behind_an_address_does_no_harm() -> None:
    settings = Settings(token=" 12:abc\n", telegram_api="http://127.0.0.1:8081/")

    assert settings.token_text() == "12:abc"
    assert settings.telegram_api == "http://127.0.0.1:8081"
    assert "12:abc" not in repr(settings)


def _names() -> list[str]:
    return [f"GAPBOT_{name.upper()}" for name in Settings.model_fields]


def _default(name: str) -> str:
    default = Settings.model_fields[name.removeprefix("GAPBOT_").lower()].default
    if name == "GAPBOT_TOKEN" or default == Path():
        return ""
    return str(default).lower() if isinstance(default, bool) else str(default)


def test_the_example_file_equals_the_settings() -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()
    assigned = [line.removeprefix("#").strip().partition("=") for line in lines if "=" in line]

    assert [(name, value) for name, _, value in assigned] == [
        (name, _default(name)) for name in _names()
    ]
    for field in Settings.model_fields.values():
        assert f"# {field.description}" in lines


def test_the_reference_names_every_setting_with_its_default_and_choices() -> None:
    reference = (ROOT / "docs" / "reference" / "settings.md").read_text()
    sections = dict(re.findall(r"(?ms)^## `(GAPBOT_\w+)`\n(.*?)(?=^## |\Z)", reference))

    assert list(sections) == _names()
    for name, section in sections.items():
        field = Settings.model_fields[name.removeprefix("GAPBOT_").lower()]
        assert (field.description or "") in section
        shown = f"`{_default(name)}`" if _default(name) else "empty"
        assert f"Default: {shown}" in section
        for choice in get_args(field.annotation):
            assert f"`{choice}`" in section
