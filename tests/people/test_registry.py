"""Setting up, names, and whose clock counts."""

from datetime import datetime
from types import SimpleNamespace

import pytest

from bot.core.database import Database
from bot.core.errors import InputError
from bot.people.registry import (
    all_units,
    clean,
    create_unit,
    find_organisation,
    set_up,
    the_organisation,
    unit_named,
)
from bot.people.tables import Organisation
from bot.people.zones import known_zone, zone_of

FITTING = {"name": "Blue Cup", "units": ["Riverside"], "zone": "Europe/Berlin", "language": "en"}


def _set_up(database: Database, now: datetime, **changes: object) -> Organisation:
    values = FITTING | changes
    return database.run(lambda session: set_up(session, now=now, **values))  # type: ignore[arg-type]


def test_an_organisation_gets_a_key_of_its_own_and_its_units(database: Database, now: datetime):
    made = _set_up(database, now, units=["Old Town", "b & <i>B</i>", "河边店", "فرع النهر"])

    assert len(made.secret) >= 40
    names = database.run(lambda session: [unit.name for unit in all_units(session)])
    assert sorted(names) == sorted(["Old Town", "b & <i>B</i>", "河边店", "فرع النهر"])


def test_there_is_one_organisation_only(database: Database, now: datetime):
    _set_up(database, now)

    with pytest.raises(InputError, match=r"set up already.*S401"):
        _set_up(database, now, name="Another")

    kept = database.run(the_organisation)
    assert kept.name == "Blue Cup"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": " "}, r"--organisation: the name is empty.*S403"),
        ({"name": "x" * 121}, r"121 characters.*120 at most.*S403"),
        ({"units": []}, r"no unit is named.*S403"),
        ({"units": ["\u200b"]}, r"--unit: the name is empty.*S403"),
        ({"units": ["x" * 81]}, r"81 characters.*80 at most.*S403"),
        ({"units": ["ﷺ" * 80]}, r"too long.*S403"),
        ({"units": ["*"]}, r"all units together.*S403"),
        ({"units": ["Main", "  MAIN "]}, r"a unit 'MAIN' already.*S403"),
        ({"zone": "Berlin"}, r"no time zone 'Berlin'. Did you mean Europe/Berlin\?.*S406"),
        ({"zone": "qq"}, r"no time zone 'qq'. Name one like.*S406"),
        ({"language": "tlh"}, r"'tlh' is not a shipped language.*zh-Hant.*S407"),
    ],
)
def test_what_does_not_fit_is_refused_and_leaves_nothing(
    database: Database, now: datetime, changes: dict[str, object], words: str
):
    with pytest.raises(InputError, match=words):
        _set_up(database, now, **changes)

    assert database.run(find_organisation) is None
    assert database.run(all_units) == []


@pytest.mark.parametrize(
    ("typed", "kept"),
    [(("europe/berlin", "zh_hant"), ("Europe/Berlin", "zh-Hant")), (("utc", "ES"), ("UTC", "es"))],
)
def test_spelling_of_zone_and_language_is_forgiven(
    database: Database, now: datetime, typed: tuple[str, str], kept: tuple[str, str]
):
    zone, language = typed

    made = _set_up(database, now, zone=zone, language=language)

    assert (made.zone, made.language) == kept


def test_before_it_is_set_up_the_cure_is_named(database: Database):
    with pytest.raises(InputError, match=r"nothing is set up.*gapbot init.*S402"):
        database.run(the_organisation)


@pytest.mark.parametrize(
    "name", ["Riverside", "RIVERSIDE", "  river\u200bside ", "Ｒｉｖｅｒｓｉｄｅ"]
)
def test_a_unit_is_found_however_its_name_is_typed(database: Database, now: datetime, name: str):
    _set_up(database, now)

    assert database.run(lambda session: unit_named(session, name).name) == "Riverside"


@pytest.mark.parametrize(
    ("name", "words"),
    [("Riversid", r"Did you mean Riverside\?"), ("qqq", r"There are: Old Town, Riverside\.")],
)
def test_an_unknown_unit_is_answered_with_the_nearest(
    database: Database, now: datetime, name: str, words: str
):
    _set_up(database, now, units=["Riverside", "Old Town"])

    with pytest.raises(InputError, match=words):
        database.run(lambda session: unit_named(session, name))


def test_a_unit_may_have_a_zone_of_its_own(database: Database, now: datetime):
    _set_up(database, now)

    unit = database.run(lambda session: create_unit(session, "Lima", zone="america/lima"))

    assert unit.zone == "America/Lima"


@pytest.mark.parametrize(
    ("zones", "counts"),
    [
        (("Asia/Tokyo", "Asia/Taipei", "Europe/Berlin"), "Asia/Tokyo"),
        ((None, "Asia/Taipei", "Europe/Berlin"), "Asia/Taipei"),
        ((None, None, "Europe/Berlin"), "Europe/Berlin"),
        (("", "", ""), "UTC"),
    ],
)
def test_the_nearest_clock_counts(zones: tuple[str | None, ...], counts: str):
    person, unit, organisation = (SimpleNamespace(zone=zone) for zone in zones)

    assert zone_of(person, unit, organisation) == counts


def test_without_anything_known_utc_counts():
    assert zone_of(None, None, None) == "UTC"


def test_a_zone_with_spaces_is_understood():
    assert known_zone("america/new york", "--zone") == "America/New_York"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("  a \t b ", "a b"),
        ("\u202eabc\u2069", "abc"),
        ("👩\u200d👧", "👩\u200d👧"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("\ud800x", "x"),
        ("\u200d\u200d", ""),
        ("\u3164\u2800", ""),
        ("\u200d\ufe0f", ""),
    ],
)
def test_names_lose_only_what_cannot_be_seen(given: str, kept: str):
    assert clean(given) == kept
