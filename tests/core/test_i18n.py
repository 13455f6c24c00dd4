"""Which language somebody probably reads, and what the catalogues give."""

import pytest

from bot.core.i18n import DEFAULT, LANGUAGES, N_, NAMES, RIGHT_TO_LEFT, guess, translations


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("en", "en"),
        ("en-GB", "en"),
        ("es-419", "es"),
        ("es_MX", "es"),
        ("ar-EG", "ar"),
        ("zh", "zh-Hans"),
        ("zh-CN", "zh-Hans"),
        ("zh-SG", "zh-Hans"),
        ("zh-Hans", "zh-Hans"),
        ("zh-Hans-HK", "zh-Hans"),  # a named script says more than the place
        ("zh-TW", "zh-Hant"),
        ("zh_HK", "zh-Hant"),
        ("ZH-MO", "zh-Hant"),
        ("zh-Hant-US", "zh-Hant"),
        ("pt-BR", "pt-BR"),
        ("pt", "pt-BR"),
        ("pt-PT", "pt-BR"),
        ("fr-CA", "fr"),
        ("de_AT", "de"),
        ("ja-JP", "ja"),
        ("hi-Latn", "hi"),
        ("tlh", DEFAULT),
        ("", DEFAULT),
        ("-", DEFAULT),
        ("\u2068", DEFAULT),
        (None, DEFAULT),
    ],
)
def test_a_clients_code_gives_the_nearest_shipped_language(code: str | None, language: str):
    assert guess(code) == language


def test_what_is_not_known_gives_the_organisations_language_where_there_is_one():
    assert guess("tlh", "ar") == "ar"
    assert guess(None, "es") == "es"
    assert guess("zh-TW", "es") == "zh-Hant"


def test_every_language_has_a_name_of_its_own():
    assert len(set(NAMES.values())) == len(LANGUAGES) == 10
    assert DEFAULT in LANGUAGES
    assert set(LANGUAGES) >= RIGHT_TO_LEFT == {"ar"}


def test_english_is_what_the_source_says():
    assert translations("en").gettext("I agree") == "I agree"
    assert translations("en").ngettext("%(num)s answer", "%(num)s answers", 2) == "%(num)s answers"


@pytest.mark.parametrize(
    ("language", "said"), [("zh-Hans", "我同意"), ("es", "Acepto"), ("ar", "أوافق")]
)
def test_the_catalogues_of_all_features_are_one(language: str, said: str):
    """One text of the people's catalogue, one of the core's."""
    assert translations(language).gettext("I agree") == said
    sorry = "We are sorry: something went wrong on our side. Please try again in a moment."
    assert translations(language).gettext(sorry) != sorry


def test_what_nobody_translated_is_said_in_english():
    assert translations("ar").gettext("no such text") == "no such text"


def test_a_marked_text_is_itself():
    assert N_("Customers") == "Customers"
