"""Each fault of a questionnaire file is found, on its line, with its code and a cure."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.surveys.check import QuestionnaireError, check, load
from gapengine.vantage import Vantage

GOOD = """\
id: pulse
instrument: cafe
version: 1
audience: customer
anonymous: true
languages: [en, es]
title: {en: Your coffee, es: Su café}
cadence: {every_days: 7}
window: {from: "10:00", to: "18:00"}
expires_days: 5
reminder_after_days: 2
taps: 4
vantage_points:
  E:
    stem: {en: "At a good place:", es: "En un buen lugar:"}
    low: {en: not at all, es: nada}
    high: {en: completely, es: por completo}
  P:
    stem: {en: "With us:", es: "Con nosotros:"}
    low: {en: not at all, es: nada}
    high: {en: completely, es: por completo}
items:
  - id: hot
    dimension: tangibles
    text:
      E: {en: Coffee is hot., es: El café está caliente.}
      P: {en: Your coffee was hot., es: Su café estaba caliente.}
  - id: quick
    dimension: responsiveness
    text:
      E: {en: Orders come fast., es: Los pedidos llegan pronto.}
      P: {en: Your order came fast., es: Su pedido llegó pronto.}
"""
STAFF = """\
causes:
  stem: {en: Agree?, es: ¿De acuerdo?}
  low: {en: no, es: "no"}
  high: {en: "yes", es: sí}
  statements:
    - id: teamwork
      gap: G3
      text: {en: We help., es: Ayudamos.}
"""

UNUSED = """\
  C:
    stem: {en: a, es: b}
    low: {en: a, es: b}
    high: {en: a, es: b}
"""

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(text: str | bytes, name: str = "pulse.yaml") -> Path:
        path = tmp_path / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return written


def changed(*changes: tuple[str, str]) -> str:
    text = GOOD
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return text


def test_a_sound_file_has_no_problem(write: Write) -> None:
    assert check(write(GOOD)) == []


def test_a_problem_reads_as_place_cause_cure_and_code(write: Write) -> None:
    path = write(changed((", es: Su pedido llegó pronto.", "")))

    (problem,) = check(path)

    assert str(problem) == (
        "pulse.yaml: items[1].text.P (line 32): no 'es' text, but languages lists it. "
        "Add it, or drop the language. [Q203]"
    )


FAULTS = {
    "a tag": (("version: 1", "version: !!python/name:os.system 1"), "Q105", "version", 3),
    "a loop": (("{en: Your coffee, es: Su café}", "&t [*t]"), "Q105", "title[0]", 7),
    "a doubled key": (("taps: 4", "taps: 4\ntaps: 3"), "Q104", "taps", 13),
    "an unknown key": (("anonymous:", "colour: red\nanonymous:"), "Q107", "colour", 5),
    "a missing key": (("version: 1\n", ""), "Q108", "version", None),
    "a missing anchor": (
        ("    high: {en: completely, es: por completo}\n", ""),
        "Q108",
        "vantage_points.E.high",
        14,
    ),
    "a number as text": (("en: Coffee is hot.", "en: 7"), "Q109", "items[0].text.E.en", 26),
    "a text as truth": (("anonymous: true", "anonymous: yes"), "Q109", "anonymous", 5),
    "another file's id": (("id: pulse", "id: paper"), "Q110", "id", 1),
    "an item id with capitals": (("id: hot", "id: Hot"), "Q111", "items[0].id", 23),
    "an id too long for a table": (("id: hot", f"id: {'h' * 41}"), "Q111", "items[0].id", 23),
    "version nought": (("version: 1", "version: 0"), "Q111", "version", 3),
    "an unknown language": (("[en, es]", "[en, es, xx]"), "Q201", "languages[2]", 6),
    "bare Chinese": (("[en, es]", "[en, es, zh]"), "Q201", "languages[2]", 6),
    "an underscore": (("[en, es]", "[en, es, pt_BR]"), "Q201", "languages[2]", 6),
    "an empty text": (("es: nada", 'es: " "'), "Q202", "vantage_points.E.low.es", 16),
    "a missing language": ((", es: Su café", ""), "Q203", "title", 7),
    "a language listed twice": (("[en, es]", "[en, es, en]"), "Q205", "languages[2]", 6),
    "an unknown audience": (("audience: customer", "audience: guest"), "Q301", "audience", 4),
    "an unknown vantage point": (
        ("      P: {en: Your c", "      X: {en: Your c"),
        "Q302",
        "items[0].text.X",
        27,
    ),
    "an unknown dimension": (
        ("dimension: tangibles", "dimension: taste"),
        "Q303",
        "items[0].dimension",
        24,
    ),
    "customers asked as staff": (("  P:\n", "  D:\n"), "Q304", "vantage_points.D", 18),
    "staff asked as customers": (
        ("audience: customer", "audience: staff"),
        "Q304",
        "vantage_points.E",
        14,
    ),
    "a point without anchors": (
        ("      E: {en: Coffee", "      C: {en: a, es: b}\n      E: {en: Coffee"),
        "Q305",
        "items[0].text.C",
        26,
    ),
    "E without P": (
        ("      P: {en: Your coffee was hot., es: Su café estaba caliente.}\n", ""),
        "Q307",
        "items[0].text",
        25,
    ),
    "an id twice": (("id: quick", "id: hot"), "Q308", "items[1].id", 28),
    "too few taps": (("taps: 4", "taps: 1"), "Q309", "taps", 12),
    "every nought days": (("every_days: 7", "every_days: 0"), "Q311", "cadence.every_days", 8),
    "no cadence at all": (("{every_days: 7}", "{}"), "Q311", "cadence", 8),
    "two cadences": (
        ("{every_days: 7}", "{every_days: 7, weekdays: [mon]}"),
        "Q311",
        "cadence",
        8,
    ),
    "a day twice": (("{every_days: 7}", "{weekdays: [mon, mon]}"), "Q311", "cadence.weekdays", 8),
    "an unknown day": (
        ("{every_days: 7}", "{weekdays: [monday]}"),
        "Q311",
        "cadence.weekdays[0]",
        8,
    ),
    "a window upside down": (('from: "10:00"', 'from: "19:00"'), "Q312", "window", 9),
    "a time that is none": (('from: "10:00"', 'from: "10.00"'), "Q312", "window.from", 9),
    "a late reminder": (
        ("reminder_after_days: 2", "reminder_after_days: 5"),
        "Q313",
        "reminder_after_days",
        11,
    ),
    "no rule where there is none to ask": (
        (
            "    high: {en: completely, es: por completo}",
            "    high: {en: c, es: d}\n    no_rule: {en: no rule, es: sin norma}",
        ),
        "Q315",
        "vantage_points.E.no_rule",
        18,
    ),
    "causes asked of customers": (("items:\n", STAFF + "items:\n"), "Q316", "causes", 22),
    "a text beyond a card": (("Coffee is hot.", "Hot " * 76), "Q403", "items[0].text.E.en", 26),
    "an anchor beyond a button": (
        ("en: not at all", f"en: {'no ' * 30}"),
        "Q404",
        "vantage_points.E.low.en",
        16,
    ),
    "a line break": (("Coffee is hot.", '"Coffee\\nis hot."'), "Q405", "items[0].text.E.en", 26),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found_where_it_stands_and_stops_the_file(write: Write, fault: str) -> None:
    change, code, place, line = FAULTS[fault]
    path = write(changed(change))

    problems = check(path)

    found = [p for p in problems if p.code == code and p.place == f"pulse.yaml: {place}"]
    assert [(p.is_error, p.line) for p in found] == [(True, line or 1)]
    with pytest.raises(QuestionnaireError) as raised:
        load(path)
    assert code in {problem.code for problem in raised.value.problems}


DOUBTS = {
    "taps that cannot be filled": (("taps: 4", "taps: 6"), "Q310", "taps"),
    "a text nobody sees": ((", es: Su café", ", es: Su café, fr: Café"), "Q204", "title.fr"),
    "a long untranslated text": (
        ("es: Los pedidos llegan pronto.", "es: Orders come fast."),
        "Q206",
        "items[1].text.E.es",
    ),
    "a point that no item uses": (
        (
            "items:\n",
            UNUSED + "items:\n",
        ),
        "Q306",
        "vantage_points.C",
    ),
    "an expiry after the next": (("expires_days: 5", "expires_days: 9"), "Q314", "expires_days"),
    "two ideas": (("Orders come fast.", "Orders come fast and hot."), "Q401", "items[1].text.E.en"),
    "two ideas in Spanish": (
        ("Los pedidos llegan pronto.", "Los pedidos llegan pronto y bien."),
        "Q401",
        "items[1].text.E.es",
    ),
    "a long text": (("Coffee is hot.", "Hot " * 31), "Q402", "items[0].text.E.en"),
    "a long anchor": (("en: not at all", f"en: {'n' * 37}"), "Q402", "vantage_points.E.low.en"),
}


@pytest.mark.parametrize("doubt", DOUBTS)
def test_a_doubt_is_a_warning_and_the_file_can_be_used(write: Write, doubt: str) -> None:
    change, code, place = DOUBTS[doubt]
    path = write(changed(change))

    (problem,) = check(path)

    assert (problem.code, problem.place) == (code, f"pulse.yaml: {place}")
    assert str(problem).endswith(f"[{code}] (warning)")
    assert load(path).id == "pulse"


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("anonimous", "anonymous"),
        ("wndow", "window"),
        ("reminder_after_day", "reminder_after_days"),
    ],
)
def test_an_unknown_key_names_the_nearest_known_one(write: Write, key: str, meant: str) -> None:
    (problem,) = check(write(f"{GOOD}{key}: 1\n"))

    assert problem.cure == f"Did you mean '{meant}'?"


def test_a_key_unknown_deep_inside_is_compared_with_the_keys_of_its_own_place(write: Write) -> None:
    (problem,) = check(
        write(changed(("    low: {en: not", "    midle: {en: a, es: b}\n    low: {en: not")))
    )

    assert problem.cure == "Did you mean 'middle'?"
    assert problem.place == "pulse.yaml: vantage_points.E.midle"


def test_all_faults_are_told_at_once_in_the_order_of_the_file(write: Write) -> None:
    path = write(
        changed(
            ("audience: customer", "audience: guest"),
            (", es: Su café", ""),
            ("dimension: tangibles", "dimension: taste"),
            ("Coffee is hot.", "Hot and strong."),
        )
    )

    problems = check(path)

    assert [problem.code for problem in problems] == ["Q301", "Q203", "Q303", "Q401"]


@pytest.mark.parametrize(
    ("content", "code", "line"),
    [
        (b"", "Q106", None),
        (b"# only a comment\n", "Q106", None),
        (b"- a\n- b\n", "Q106", None),
        (b"just words\n", "Q106", None),
        (b"id: pulse\n  bad: [1\n", "Q103", 2),
        (b"id: [pulse\n", "Q103", 2),
        (b"id: a\n---\nid: b\n", "Q103", 2),
        (b'id: "\x01"\n', "Q103", None),
        (b"id: *nothing\n", "Q103", 1),
        (b"title: a\nid: \xff\xfe\n", "Q102", 2),
        (b"#" * 1_000_001, "Q105", None),
    ],
)
def test_what_is_not_a_questionnaire_at_all_is_one_problem(
    write: Write, content: bytes, code: str | None, line: int | None
) -> None:
    (problem,) = check(write(content))

    assert (problem.code, problem.line, problem.is_error) == (code, line, True)


def test_a_file_that_multiplies_by_references_is_refused_quickly(write: Write) -> None:
    lines = ["a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]

    problems = check(write("\n".join(lines)))

    assert [p.code for p in problems].count("Q105") == 1


def test_a_byte_order_mark_is_no_fault(write: Write) -> None:
    assert check(write(b"\xef\xbb\xbf" + GOOD.encode())) == []


def test_a_missing_file_and_a_folder_are_one_clear_line(tmp_path: Path) -> None:
    for path in (tmp_path / "none.yaml", tmp_path):
        (problem,) = check(path)

        assert problem.code == "Q101"
        with pytest.raises(QuestionnaireError, match="cannot be read"):
            load(path)


def test_the_error_names_the_first_fault_and_counts_the_others(write: Write) -> None:
    path = write(changed(("taps: 4", "taps: 1"), ('from: "10:00"', 'from: "19:00"')))

    with pytest.raises(QuestionnaireError) as raised:
        load(path)

    assert str(raised.value).startswith("pulse.yaml: taps (line 12): 1 is too few")
    assert "(1 more: see `gapbot check`)" in str(raised.value)
    assert raised.value.exit_code == 65


def test_managers_need_an_answer_for_no_rule(write: Write) -> None:
    text = changed(("audience: customer", "audience: manager")).replace("P: ", "S: ")
    text = text.replace("E: ", "M: ").replace("  E:\n", "  M:\n").replace("  P:\n", "  S:\n")

    (problem,) = check(write(text))

    assert (problem.code, problem.place) == ("Q315", "pulse.yaml: vantage_points.S")


def test_more_causes_per_run_than_there_are_is_a_fault(write: Write) -> None:
    text = changed(("audience: customer", "audience: partner")) + STAFF + "  per_run: 2\n"

    (problem,) = check(write(text))

    assert (problem.code, problem.place) == ("Q309", "pulse.yaml: causes.per_run")


def test_files_of_one_instrument_are_compared(write: Write) -> None:
    write(
        changed(
            ("id: pulse", "id: other"),
            ("id: hot", "id: warm"),
            ("dimension: resp", "dimension: resp"),
        ),
        "other.yaml",
    )

    (problem,) = check(write(GOOD))

    assert (problem.code, problem.is_error) == ("Q317", False)
    assert problem.cause == "1 of them are not in other.yaml: hot."


def test_an_item_in_two_dimensions_is_a_fault(write: Write) -> None:
    write(
        changed(("id: pulse", "id: other"), ("dimension: tangibles", "dimension: empathy")),
        "other.yaml",
    )

    (problem,) = check(write(GOOD))

    assert (problem.code, problem.place) == ("Q318", "pulse.yaml: items[0].dimension")
    assert problem.is_error


def test_a_sibling_of_another_instrument_or_a_broken_one_does_not_matter(write: Write) -> None:
    write(changed(("instrument: cafe", "instrument: bar"), ("id: hot", "id: cold")), "bar.yaml")
    write("id: [", "broken.yaml")

    assert check(write(GOOD)) == []


PARTLY = (
    ("languages: [en, es]", "languages: [en, es]\nfallback: en"),
    (", es: El café está caliente.", ""),
)


def test_with_a_stated_fallback_a_missing_text_is_a_warning(write: Write) -> None:
    (problem,) = check(write(changed(*PARTLY)))

    assert (problem.code, problem.severity) == ("Q209", "warning")
    assert "shown in 'en'" in str(problem)


def test_a_fallback_must_be_one_of_the_languages(write: Write) -> None:
    (problem,) = check(write(changed(("version: 1", "version: 1\nfallback: fr"))))

    assert (problem.code, problem.severity) == ("Q210", "error")


def test_what_is_missing_is_said_in_the_fallback_and_the_rest_in_ones_own(write: Write) -> None:
    form = load(write(changed(*PARTLY)))

    missing = form.items[0].text[Vantage.EXPECTED]

    assert form.say(form.title, "es") == "Su café"
    assert (form.shown_in(missing, "es"), form.say(missing, "es")) == ("en", "Coffee is hot.")
    assert form.say(form.title, "ar") == "Your coffee"


def test_a_reader_of_one_script_of_chinese_is_asked_in_the_other(write: Write) -> None:
    form = load(write(changed(*PARTLY))).model_copy(update={"languages": ("en", "zh-Hant")})

    assert form.spoken("zh-Hans") == "zh-Hant"
