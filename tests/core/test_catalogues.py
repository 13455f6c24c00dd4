"""Every text for people is translated into every shipped language, and nothing else is kept."""

import re

import pytest

from bot.core.i18n import LANGUAGES, TEMPLATES
from tests.support.catalogues import Msgid, catalogue, catalogue_path, features, literals, msgids

TRANSLATED = [language for language in LANGUAGES if language != "en"]
PLURAL_FORMS = {
    "zh-Hans": 1,
    "zh-Hant": 1,
    "es": 2,
    "ar": 6,
    "fr": 2,
    "de": 2,
    "pt-BR": 2,
    "ja": 1,
    "hi": 2,
}
_PLACEHOLDER = re.compile(r"%(?:\((\w+)\))?[a-z%]")
_TAG = re.compile(r"</?\w+[^>]*>")
_BARE_COMMAND = re.compile(r"(?<![\w:/<.\-\u200e])/(?=[a-z]{3,}\b)")


def _placeholders(text: str) -> list[str]:
    return sorted(_PLACEHOLDER.findall(text))


def _shown(msgid: Msgid | list[str]) -> str:
    return msgid if isinstance(msgid, str) else " / ".join(msgid)


def _forms(text: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


SPEAKING = sorted(path.stem for path in catalogue_path("", "es").parent.glob("*.po"))
"""The features that have a catalogue: told by names alone, for whoever only collects the tests."""
every_catalogue = pytest.mark.parametrize(
    ("feature", "language"),
    [(feature, language) for feature in SPEAKING for language in TRANSLATED],
)


def test_the_features_that_speak_are_found():
    assert {"core", "people", "surveys", "digests"} <= set(features())
    assert "I agree" in msgids("people")
    assert "This is not open to you." in msgids("core")


@every_catalogue
def test_every_text_has_a_translation_and_every_translation_a_text(feature: str, language: str):
    kept = {message.id for message in catalogue(feature, language) if message.id}

    wanted = msgids(feature)

    assert sorted(_shown(one) for one in wanted - kept) == []
    assert sorted(_shown(one) for one in kept - wanted - literals(feature)) == []


@every_catalogue
def test_every_translation_is_complete_and_sure(feature: str, language: str):
    read = catalogue(feature, language)

    for message in read:
        if not message.id:
            continue
        forms = _forms(message.string)
        wanted = PLURAL_FORMS[language] if message.pluralizable else 1
        assert len(forms) == wanted, message.id
        assert all(form.strip() for form in forms), message.id
        assert not message.fuzzy, message.id
    assert not read.obsolete


@every_catalogue
def test_every_translation_inserts_what_the_source_inserts(feature: str, language: str):
    """A plural form may leave out the number: Arabic says "one answer" and "two answers" so."""
    for message in catalogue(feature, language):
        if not message.id:
            continue
        source = _forms(message.id)[-1]
        for form in _forms(message.string):
            missing = set(_placeholders(source)) - set(_placeholders(form))
            added = set(_placeholders(form)) - set(_placeholders(source))
            assert not added, (message.id, form)
            assert missing <= ({"num", "n"} if message.pluralizable else set()), (message.id, form)
            assert _TAG.findall(form) == _TAG.findall(source), (message.id, form)


@every_catalogue
def test_every_catalogue_says_how_its_language_counts(feature: str, language: str):
    read = catalogue(feature, language)
    head = catalogue_path(feature, language).read_text("utf-8").split("\n\n")[0]

    assert read.num_plurals == PLURAL_FORMS[language]
    assert f"nplurals={PLURAL_FORMS[language]};" in head
    assert f'"Language: {language.replace("-", "_")}\\n"' in head
    assert read.plural_expr == catalogue("core", language).plural_expr  # so texts may move


def test_there_is_no_catalogue_that_nothing_uses():
    there = {path.stem for path in (TEMPLATES / "locales").rglob("*.po")}

    assert there == set(features())


@pytest.mark.parametrize("feature", SPEAKING)
def test_commands_in_arabic_keep_their_slash_in_front(feature: str):
    """Between Arabic words a bare slash would be drawn behind the command: "gaps/"."""
    bare = [
        form
        for message in catalogue(feature, "ar")
        for form in _forms(message.string)
        if _BARE_COMMAND.search(form)
    ]

    assert bare == []
