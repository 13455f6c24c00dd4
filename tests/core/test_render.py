"""Texts for people: escaped, isolated, with numbers and days as the reader writes them."""

from datetime import date
from pathlib import Path

import pytest
from jinja2 import TemplateNotFound, UndefinedError

from bot.core.i18n import LANGUAGES
from bot.core.render import Texts, isolate, long_day, number, signed

OPEN, CLOSE = "\u2068", "\u2069"


@pytest.fixture
def page(tmp_path: Path):
    """Write a template and render it in a language."""

    def render(source: str, language: str = "en", /, **values: object) -> str:
        (tmp_path / "page.html.j2").write_text(source, "utf-8")
        return Texts(tmp_path).render("page.html", language, **values)

    return render


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "1 day, 2 days, 30 days"),
        ("ar", "يوم, يومان, 30 يومًا"),
        ("zh-Hans", "1天, 2天, 30天"),
    ],
)
def test_days_are_counted_as_the_language_counts_them(page, language, said):
    """As CLDR writes durations: Arabic has words of their own for one and two."""
    assert page("{{ 1|days }}, {{ 2|days }}, {{ 30|days }}", language) == said


def test_what_is_inserted_is_escaped_whatever_the_file_is_called(page):
    said = page("<b>{{ name }}</b>", name="<i>&\"'")

    assert said == "<b>&lt;i&gt;&amp;&#34;&#39;</b>"


def test_what_is_inserted_into_a_translated_sentence_is_escaped_too(page):
    said = page('{{ _("Hello, %(name)s!", name=name) }}', "es", name="<b>")

    assert said == "¡Hola, &lt;b&gt;!"


def test_an_isolated_name_is_escaped_once(page):
    said = page('{{ _("Hello, %(name)s!", name=name|isolate) }}', "ar", name="A & B")

    assert said == f"مرحبًا {OPEN}A &amp; B{CLOSE}!"


def test_a_percent_sign_in_a_name_means_nothing(page):
    said = page('{{ _("Hello, %(name)s!", name=name) }}', name="100%(x)s %d")

    assert said == "Hello, 100%(x)s %d!"


def test_a_value_that_is_missing_is_an_error_not_a_hole(page):
    with pytest.raises(UndefinedError):
        page("{{ nobody }}")


def test_a_constant_is_written_for_each_reader_although_the_code_is_shared(tmp_path: Path):
    (tmp_path / "page.html.j2").write_text("{{ 0.5|percent }} {{ 1.5|number }}", "utf-8")
    texts = Texts(tmp_path)

    shown = [texts.render("page.html", language) for language in ("en", "fr", "en")]

    assert shown == ["50% 1.5", "50\N{NO-BREAK SPACE}% 1,5", "50% 1.5"]


def test_a_template_that_is_missing_is_an_error(tmp_path: Path):
    with pytest.raises(TemplateNotFound):
        Texts(tmp_path).render("nothing.html", "en")


def test_lines_of_blocks_leave_no_empty_lines(page):
    assert page("\n{% if true %}\n  a\n  {% endif %}\nb\n") == "a\nb"


@pytest.mark.parametrize(
    ("value", "language", "shown"),
    [
        (0.3, "en", "+0.3"),
        (-0.8, "en", "\u22120.8"),
        (-0.8, "es", "\u22120,8"),
        (0.04, "en", "0.0"),
        (-0.04, "en", "0.0"),
        (-1.25, "zh_Hans", "\u22121.2"),
    ],
)
def test_a_signed_number_has_a_true_sign_and_nothing_has_none(
    value: float, language: str, shown: str
):
    assert signed(value, language) == shown


def test_an_end_of_an_interval_just_off_zero_is_not_written_as_zero(page):
    source = "{{ a|limit }} {{ b|limit }} {{ c|limit(2) }} {{ d|limit }} {{ e|limit }}"

    said = page(source, "en", a=-0.02, b=0.02, c=-0.02, d=0.0, e=-1.24)

    assert said == "\u22120.1 +0.1 \u22120.02 0.0 \u22121.2"


def test_numbers_have_the_decimals_that_were_asked_for():
    assert number(5.25, "en") == "5.2"
    assert number(5, "en", 0) == "5"
    assert number(-0.0, "en") == "0.0"
    assert number(1.005, "es", 2) == "1,00"


def test_filters_speak_the_readers_language(page):
    source = "{{ 0.256|percent }} {{ 4.25|number }} {{ (-0.5)|signed(2) }} {{ day|day }}"

    said = page(source, "es", day=date(2026, 3, 4))

    assert said == "26\u00a0% 4,2 \u22120,50 4 de marzo de 2026"


def test_a_long_day_is_written_as_the_locale_does():
    assert long_day(date(2026, 3, 4), "en") == "March 4, 2026"
    assert long_day(date(2026, 3, 4), "zh_Hant") == "2026年3月4日"


def test_isolating_keeps_marks_around_the_whole():
    assert isolate(7) == f"{OPEN}7{CLOSE}"


def test_a_button_is_translated_and_not_escaped(texts: Texts):
    assert texts.label("es", "customer of %(unit)s", unit="A & B") == "cliente de A & B"
    assert texts.label("es", "I agree") == "Acepto"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_can_render_the_same_page(page, language: str):
    said = page("{{ 1.5|signed }}{{ language }}", language)

    assert said.endswith(language)
    assert said.startswith("+")
