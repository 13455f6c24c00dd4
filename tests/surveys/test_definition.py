"""A questionnaire is immutable, has one canonical form, and says what may be asked."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.core.i18n import TEMPLATES
from bot.surveys.check import load
from bot.surveys.definition import Questionnaire
from gapengine.allocation import form_for
from gapengine.vantage import Vantage

SHIPPED = TEMPLATES / "questionnaires"


@pytest.fixture(scope="module")
def customers() -> Questionnaire:
    return load(SHIPPED / "customers.yaml")


def test_the_canonical_form_reads_back_as_the_same_questionnaire(customers: Questionnaire) -> None:
    again = Questionnaire.from_canonical(customers.canonical())

    assert again == customers
    assert again.fingerprint == customers.fingerprint
    assert len(customers.fingerprint) == 64


def test_comments_and_layout_change_no_fingerprint_but_a_word_does(
    tmp_path: Path, customers: Questionnaire
) -> None:
    text = (SHIPPED / "customers.yaml").read_text(encoding="utf-8")
    same, other = tmp_path / "a" / "customers.yaml", tmp_path / "b" / "customers.yaml"
    for path in (same, other):
        path.parent.mkdir()
    same.write_text("# another comment\n" + text.replace("taps: 5", "taps:   5"), encoding="utf-8")
    other.write_text(
        text.replace("Staff are glad to help.", "Staff like to help."), encoding="utf-8"
    )

    assert load(same).fingerprint == customers.fingerprint
    assert load(other).fingerprint != customers.fingerprint


def test_what_is_left_out_is_left_out_of_the_canonical_form(customers: Questionnaire) -> None:
    assert '"note"' not in customers.canonical()
    assert '"causes"' not in customers.canonical()


def test_a_questionnaire_cannot_be_changed(customers: Questionnaire) -> None:
    with pytest.raises(ValidationError, match="frozen"):
        setattr(customers, "version", 2)  # noqa: B010 - mypy forbids the plain form too
    with pytest.raises(ValidationError, match="frozen"):
        setattr(customers.items[0], "id", "other")  # noqa: B010


def test_somebody_who_reads_none_of_the_languages_gets_the_first(customers: Questionnaire) -> None:
    assert customers.spoken("ar") == "ar"
    assert customers.spoken("it") == "en"


@pytest.mark.parametrize(
    ("name", "together", "extra", "causes"),
    [
        ("customers", (Vantage.EXPECTED, Vantage.PERCEIVED), 8, 0),
        ("staff", (Vantage.DELIVERED,), 0, 16),
        ("managers", (Vantage.BELIEVED, Vantage.SPECIFIED), 0, 16),
    ],
)
def test_the_blueprint_says_what_may_be_asked(
    name: str, together: tuple[Vantage, ...], extra: int, causes: int
) -> None:
    form = load(SHIPPED / f"{name}.yaml")

    blueprint = form.blueprint()

    assert blueprint.together == together
    assert (len(blueprint.items), len(blueprint.extra), len(blueprint.causes)) == (
        22,
        extra,
        causes,
    )
    assert blueprint.dimension_of == {
        item: dimension
        for item, dimension in form.dimensions.items()
        if dimension != "social_responsibility"
    }


def test_every_question_of_a_form_has_its_text(customers: Questionnaire) -> None:
    texts = {(item.id, str(vantage)) for item in customers.items for vantage in item.text}

    for number in range(132):
        assert set(form_for(customers.blueprint(), seed=1, sequence=number).questions) <= texts


def test_files_that_name_one_reminder_keep_their_fingerprint_and_two_are_read(
    customers: Questionnaire, tmp_path: Path
) -> None:
    """The canonical form of a file without the newer keys holds none of them."""
    source = (SHIPPED / "customers.yaml").read_text("utf-8")
    file = tmp_path / "customers.yaml"
    file.write_text(source.replace("reminder_after_days: 2", "reminder_after_days: [2, 4]"))
    two = load(file)

    assert '"reminder_after_days":2,' in customers.canonical()
    assert '"contact"' not in customers.canonical()
    assert '"weekdays"' not in customers.canonical()
    assert (customers.reminders, two.reminders) == ((2,), (2, 4))
    assert Questionnaire.from_canonical(two.canonical()) == two
