"""The shipped instrument: complete, mirrored, in five languages, and in no need of excuses."""

import json
from itertools import combinations

import pytest

from bot.core.i18n import LANGUAGES, TEMPLATES
from bot.surveys.check import check, load
from bot.surveys.check_file import read
from bot.surveys.check_texts import phrases_of, texts_of
from bot.surveys.definition import json_schema
from gapengine.vantage import Vantage

SHIPPED = TEMPLATES / "questionnaires"
NAMES = ("customers", "staff", "managers", "visit")
EACH = pytest.mark.parametrize("name", NAMES)
FORMS = {name: load(SHIPPED / f"{name}.yaml") for name in NAMES}
OF_PARTNERS = {name: load(SHIPPED / f"{name}.yaml") for name in ("partners", "partners_view")}
EVERY = pytest.mark.parametrize("name", [*NAMES, *OF_PARTNERS])


@EVERY
def test_a_shipped_file_has_neither_fault_nor_doubt(name: str) -> None:
    assert [str(problem) for problem in check(SHIPPED / f"{name}.yaml")] == []


def test_there_are_no_other_files_than_those_tested() -> None:
    assert sorted(path.stem for path in SHIPPED.glob("*.yaml")) == sorted([*NAMES, *OF_PARTNERS])


@EACH
def test_every_text_is_there_in_all_five_languages(name: str) -> None:
    tree = read(SHIPPED / f"{name}.yaml").tree

    assert FORMS[name].languages == LANGUAGES
    assert {tuple(text) for _, text in texts_of(tree)} == {LANGUAGES}


@EACH
def test_the_items_are_the_same_22_in_five_dimensions_and_4_in_the_optional_one(name: str) -> None:
    form = FORMS[name]

    sizes = [
        list(form.dimensions.values()).count(d) for d in dict.fromkeys(form.dimensions.values())
    ]
    assert sizes == [4, 5, 4, 4, 5, 4]
    assert list(form.dimensions.values())[-1] == "social_responsibility"
    assert form.dimensions == FORMS["customers"].dimensions


@EACH
def test_the_optional_dimension_is_asked_only_where_it_is_switched_on(name: str) -> None:
    usual, whole = FORMS[name].blueprint(), FORMS[name].blueprint(left_out=())

    assert "social_responsibility" not in usual.dimension_of.values()
    assert len(whole.items) == len(usual.items) + 4 == 26


def test_the_vantage_points_are_asked_of_those_who_can_speak_for_them() -> None:
    asked = {name: [str(vantage) for vantage in form.asked] for name, form in FORMS.items()}

    assert asked == {
        "customers": ["E", "P", "C"],
        "staff": ["D"],
        "managers": ["M", "S"],
        "visit": ["E", "P"],
    }


def test_managers_guess_the_very_statements_that_customers_rate() -> None:
    expected = {item.id: item.text[Vantage.EXPECTED] for item in FORMS["customers"].items}
    believed = {item.id: item.text[Vantage.BELIEVED] for item in FORMS["managers"].items}

    assert believed == expected


def test_promises_are_asked_about_in_every_dimension() -> None:
    promised = [item for item in FORMS["customers"].items if Vantage.COMMUNICATED in item.text]

    assert len(promised) == 9
    assert len({item.dimension for item in promised}) == 6


def test_no_rule_is_an_answer_to_s_alone() -> None:
    scales = {v: s for form in FORMS.values() for v, s in form.vantage_points.items()}

    assert [str(vantage) for vantage, scale in scales.items() if scale.no_rule] == ["S"]


def test_what_was_delivered_is_anchored_in_percent() -> None:
    scale = FORMS["staff"].vantage_points[Vantage.DELIVERED]

    for anchor, percent in ((scale.low, "0"), (scale.middle, "50"), (scale.high, "100")):
        assert anchor is not None
        assert all(percent in words and "%" in words for words in anchor.values())


@pytest.mark.parametrize("name", ["staff", "managers"])
def test_all_sixteen_causes_are_asked_with_the_same_gap_and_direction(name: str) -> None:
    causes = FORMS[name].causes

    assert causes is not None
    by_gap: dict[str, int] = {}
    for statement in causes.statements:
        by_gap[statement.gap] = by_gap.get(statement.gap, 0) + 1
    reverse = {statement.id for statement in causes.statements if statement.reverse}
    assert by_gap == {"G1": 3, "G2": 4, "G3": 7, "G4": 2}
    assert reverse == {
        "levels_of_management",
        "role_conflict",
        "role_ambiguity",
        "propensity_to_overpromise",
    }


def test_anonymity_is_promised_where_it_can_be_kept() -> None:
    assert {name: form.anonymous for name, form in FORMS.items()} == {
        "customers": True,
        "staff": True,
        "managers": False,
        "visit": False,
    }
    assert FORMS["managers"].note is not None
    assert FORMS["visit"].note is not None


def test_a_visit_is_asked_about_in_the_very_words_of_the_other_customers() -> None:
    usual = {item.id: item.text for item in FORMS["customers"].items}

    for item in FORMS["visit"].items:
        assert item.text == {point: usual[item.id][point] for point in item.text}
    assert FORMS["visit"].is_triggered


@EACH
def test_no_two_items_ask_the_same(name: str) -> None:
    for vantage in FORMS[name].asked:
        for language in LANGUAGES:
            said = [i.text[vantage][language] for i in FORMS[name].items if vantage in i.text]
            assert all(one != other for one, other in combinations(said, 2))


@EACH
def test_statements_are_short_enough_to_be_read_at_a_glance(name: str) -> None:
    for path, language, words in phrases_of(read(SHIPPED / f"{name}.yaml").tree):
        if path[0] == "items":
            assert len(words) <= (26 if language.startswith("zh") else 95), words


@EACH
def test_statements_end_as_sentences_do(name: str) -> None:
    for path, _, words in phrases_of(read(SHIPPED / f"{name}.yaml").tree):
        if path[0] == "items" or path[:2] == ("causes", "statements"):
            assert words.endswith((".", "。", "।")), words


def test_the_schema_for_editors_is_what_the_models_say() -> None:
    shipped = json.loads((SHIPPED / "questionnaire.schema.json").read_text(encoding="utf-8"))

    assert shipped == json_schema()


@EACH
def test_editors_find_the_schema(name: str) -> None:
    first = (SHIPPED / f"{name}.yaml").read_text(encoding="utf-8").splitlines()[0]

    assert first == "# yaml-language-server: $schema=questionnaire.schema.json"


def test_partners_tell_how_it_is_to_work_with_us_and_what_they_see() -> None:
    relation, view = OF_PARTNERS["partners"], OF_PARTNERS["partners_view"]

    assert [str(vantage) for vantage in relation.asked] == ["E", "P"]
    assert [str(vantage) for vantage in view.asked] == ["D"]
    assert not set(relation.dimensions) & set(FORMS["customers"].dimensions)
    assert set(view.dimensions) <= set(FORMS["staff"].dimensions)
    assert relation.anonymous
    assert view.anonymous


def test_what_partners_see_is_asked_in_the_words_that_staff_are_asked_in() -> None:
    staff = {item.id: item.text for item in FORMS["staff"].items}

    assert all(item.text == staff[item.id] for item in OF_PARTNERS["partners_view"].items)


def test_the_two_questionnaires_of_partners_take_turns_within_the_contact_budget() -> None:
    """At most two in any 30 days: 17 days after the one, 18 before the next."""
    relation, view = (form.cadence for form in OF_PARTNERS.values())

    assert relation.every_days == view.every_days == 35
    assert (relation.starts_after_days, view.starts_after_days) == (None, 17)
