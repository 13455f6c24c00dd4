"""The key file: made once, closed to others, read again when it changes."""

import threading
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.core import keyfile
from bot.core.database import Database
from bot.core.errors import SettingError
from bot.core.keyring import key_name, new_key
from bot.core.migrations import upgrade
from bot.settings import Settings

SHUT = 0o600


def test_the_first_start_makes_a_key_file_that_only_its_owner_can_read(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, data=tmp_path / "data", key="")
    (tmp_path / "data").mkdir()
    database = Database(settings.database_address(), settings.keyring())

    upgrade(database)
    file = tmp_path / "data" / keyfile.NAME
    named = database.run(lambda one: one.execute(text("SELECT key_name FROM sealing")).scalar())
    database.close()

    assert file.stat().st_mode & 0o777 == SHUT
    assert [key_name(key) for key in keyfile.read(file)] == [named]


def test_a_setting_goes_before_the_file_and_its_first_key_seals(tmp_path: Path) -> None:
    first, second = new_key(), new_key()

    keys = keyfile.keyring_of(f"{first}, {second}", tmp_path / keyfile.NAME)

    assert keys.names == (key_name(first), key_name(second))
    assert not (tmp_path / keyfile.NAME).exists()


def test_a_database_whose_key_file_is_gone_says_so_and_makes_no_new_one(tmp_path: Path) -> None:
    file = tmp_path / keyfile.NAME
    address = f"sqlite:///{tmp_path / 'x.sqlite'}"
    database = Database(address, keyfile.keyring_of("", file))
    upgrade(database)
    database.close()
    file.unlink()

    with pytest.raises(SettingError) as error:
        upgrade(Database(address, keyfile.keyring_of("", file)))

    assert error.value.code == "S120"
    assert not file.exists()


def test_a_foreign_key_file_is_noticed_at_the_start(tmp_path: Path) -> None:
    file = tmp_path / keyfile.NAME
    address = f"sqlite:///{tmp_path / 'x.sqlite'}"
    upgrade(Database(address, keyfile.keyring_of("", file)))
    file.write_text(new_key())

    with pytest.raises(SettingError) as error:
        upgrade(Database(address, keyfile.keyring_of("", file)))

    assert error.value.code == "S122"


@pytest.mark.parametrize("content", ["some words", "AAAA", "ключ"])
def test_a_file_that_holds_no_key_is_named(tmp_path: Path, content: str) -> None:
    file = tmp_path / keyfile.NAME
    file.write_text(content, "utf-8")

    with pytest.raises(SettingError) as error:
        _ = keyfile.keyring_of("", file).current

    assert error.value.code == "S121"
    assert content not in str(error.value)


def test_a_key_file_that_is_a_folder_or_no_text_is_named_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\x00")

    for name in ("folder", "bytes"):
        with pytest.raises(SettingError, match=name) as error:
            keyfile.read(tmp_path / name)
        assert error.value.code == "S123"


def test_processes_that_start_at_once_agree_on_one_key(tmp_path: Path) -> None:
    file = tmp_path / keyfile.NAME
    found: list[str] = []
    together = threading.Barrier(8)

    def begin() -> None:
        keys = keyfile.keyring_of("", file)
        together.wait()
        found.append(keys.ensure())

    threads = [threading.Thread(target=begin) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert len(found) == 8
    assert len(set(found)) == 1
    assert [one.name for one in tmp_path.iterdir()] == [keyfile.NAME]


def test_a_process_seals_with_a_new_key_as_soon_as_the_file_has_one(tmp_path: Path) -> None:
    file = tmp_path / keyfile.NAME
    keys = keyfile.keyring_of("", file)
    old = keys.ensure()
    sealed = keys.seal("Ana")
    fresh = new_key()

    keyfile.put_first(file, fresh)

    assert keys.current == key_name(fresh) != old
    assert keys.open(sealed) == "Ana"
    assert file.stat().st_mode & 0o777 == SHUT
