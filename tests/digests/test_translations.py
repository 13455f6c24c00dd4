"""Every text of this feature has a translation with the same places to fill in."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po
from jinja2.ext import babel_extract

from bot.core.i18n import LANGUAGES, TEMPLATES
from bot.digests import message, pages, words

SOURCES = Path(words.__file__).parent
TABLES: list[Mapping[Any, str]] = [
    *(words.VANTAGES, words.GAPS, words.CLASSIC, words.QUESTIONS, words.SHORTFALLS),
    *(words.SURPLUSES, words.STATES, words.DIMENSIONS, words.CAUSES, words.STEPS, words.LOSSES),
    *(message.QUIET_HEADLINES, message.HEADLINES, message.TURNS, pages.EFFORTS, pages.PEOPLE),
]
PLACE = re.compile(r"%\(\w+\)s")


def spoken() -> Iterator[str]:
    """Every English text of the templates, the tables and the modules."""
    for table in TABLES:
        yield from table.values()
    for path in SOURCES.glob("*.py"):
        for text in re.findall(r"\.say\(\s*((?:\"[^\"]*\"\s*)+)", path.read_text("utf-8")):
            yield "".join(re.findall(r'"([^"]*)"', text))
    options = {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
    for folder in ("digests", "charts"):
        for path in (TEMPLATES / folder).glob("*.j2"):
            with path.open("rb") as source:
                for _, _, found, _ in babel_extract(source, ("_", "ngettext"), [], options):
                    yield found if isinstance(found, str) else str((found or ("",))[0])


@pytest.mark.parametrize("language", [each for each in LANGUAGES if each != "en"])
def test_every_text_is_translated_with_the_same_places(language: str) -> None:
    folder = TEMPLATES / "locales" / language.replace("-", "_") / "LC_MESSAGES"
    translated = {}
    for path in folder.glob("*.po"):
        with path.open("rb") as source:
            for entry in read_po(source):
                single = entry.id if isinstance(entry.id, str) else entry.id[0]
                many = [entry.string] if isinstance(entry.string, str) else list(entry.string)
                translated[single] = many
    texts = set(spoken())

    assert len(texts) > 120
    assert [text for text in texts if not all(translated.get(text, [""]))] == []
    for text in texts:
        for string in translated[text]:
            missing = set(PLACE.findall(text)) - set(PLACE.findall(string)) - {"%(num)s"}
            assert not missing, string


def test_arabic_counts_in_six_forms() -> None:
    path = TEMPLATES / "locales" / "ar" / "LC_MESSAGES" / "digests.po"
    with path.open("rb") as source:
        catalogue = read_po(source)

    plural = [entry for entry in catalogue if isinstance(entry.id, (list, tuple))]

    assert catalogue.num_plurals == 6
    assert len(plural) >= 5
    assert all(len(entry.string) == 6 and all(entry.string) for entry in plural)
