"""Questionnaires as versions: stored at first use, found again, never changed underneath."""

from pathlib import Path

import pytest

from bot.core.errors import InputError
from bot.surveys.check_problem import QuestionnaireError
from bot.surveys.tables import QuestionnaireVersion
from bot.surveys.versions import SHIPPED, Library, asks_of
from tests.support.surveys import House


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of one's own with the customers' questionnaire."""
    (tmp_path / "customers.yaml").write_bytes((SHIPPED / "customers.yaml").read_bytes())
    return tmp_path


def keep(house: House, library: Library, named: str = "customers") -> int:
    return house.database.run(lambda session: library.keep(session, library.read(named)).version_id)


def reword(folder: Path, *, version: int) -> None:
    path = folder / "customers.yaml"
    changed = path.read_text("utf-8").replace("Your view of our service", "How we do")
    path.write_text(changed.replace("\nversion: 1\n", f"\nversion: {version}\n"), "utf-8")


def test_the_same_content_is_the_same_version(house: House, folder: Path) -> None:
    first = keep(house, Library(folder))

    assert keep(house, Library(folder)) == first
    assert len(house.rows(QuestionnaireVersion)) == 1


def test_a_change_without_a_new_version_is_refused_and_says_what_to_write(
    house: House, folder: Path
) -> None:
    library = Library(folder)
    keep(house, library)

    reword(folder, version=1)

    with pytest.raises(InputError, match=r"customers\.yaml: version: .* 'version: 2'.*\[S451\]"):
        keep(house, library)
    assert len(house.rows(QuestionnaireVersion)) == 1


def test_a_new_version_stands_beside_the_old_one(house: House, folder: Path) -> None:
    library = Library(folder)
    old = keep(house, library)

    reword(folder, version=2)
    new = keep(house, library)

    with house.database.reading() as session:
        by_id = {row.id: row.fingerprint for row in house.rows(QuestionnaireVersion)}
        titles = [library.paper(session, one, by_id[one]).content.title["en"] for one in (old, new)]
    assert titles == ["Your view of our service", "How we do"]


def test_a_version_outlives_its_file(house: House, folder: Path) -> None:
    version = keep(house, Library(folder))
    (folder / "customers.yaml").unlink()

    with house.database.reading() as session:
        newest = Library(folder).newest(session, "customers")

    assert newest is not None
    assert newest.version_id == version
    assert newest.content == Library().read("customers")


def test_a_file_anywhere_can_be_named_by_its_path(house: House, folder: Path) -> None:
    assert keep(house, Library(), str(folder / "customers.yaml")) == keep(house, Library())


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(InputError, match=r"customer: there is no such .* customers\?"):
        Library().read("customer")


def test_a_file_that_is_wrong_says_where(folder: Path) -> None:
    path = folder / "customers.yaml"
    path.write_text(path.read_text("utf-8").replace("taps: 5", "taps: many"), "utf-8")

    with pytest.raises(QuestionnaireError, match="taps"):
        Library(folder).read("customers")


def test_every_question_of_every_form_has_its_words() -> None:
    library = Library()
    for name in library.names():
        content = library.read(name)
        asks = asks_of(content)

        asked = {(item.id, str(v)) for item in content.items for v in item.text}
        if "C" in content.vantage_points:  # any item may be promised
            asked |= {(item.id, "C") for item in content.items}
        causes = {(one.id, "A") for one in content.causes.statements} if content.causes else set()

        assert set(asks) == asked | causes
        for ask in asks.values():
            assert all(ask.text[one] and ask.stem[one] for one in content.languages)
