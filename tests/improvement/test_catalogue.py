"""The catalogue of fixes: complete, in every language, and clear about its mistakes."""

from pathlib import Path
from typing import get_args

import pytest
from ruamel.yaml import YAML

from bot.core.errors import InputError
from bot.core.i18n import LANGUAGES
from bot.improvement.catalogue import FIXES, CauseName, Fix, GapName, load_fixes

LINES = (FIXES / "delivery.yaml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def fixes() -> tuple[Fix, ...]:
    return load_fixes()


def broken(folder: Path, text: str) -> InputError:
    (folder / "broken.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_fixes(folder)
    return caught.value


def test_every_gap_and_every_cause_has_a_fix(fixes: tuple[Fix, ...]) -> None:
    assert {gap for fix in fixes for gap in fix.gaps} == set(get_args(GapName))
    assert {cause for fix in fixes for cause in fix.causes} == set(get_args(CauseName))
    assert len(fixes) >= 35


def test_every_gap_has_a_fix_that_fits_without_a_known_cause_in_any_dimension(
    fixes: tuple[Fix, ...],
) -> None:
    for gap in get_args(GapName):
        assert any(gap in fix.gaps and not fix.dimensions for fix in fixes), gap


def test_fixes_come_from_the_seed_and_from_the_literature(fixes: tuple[Fix, ...]) -> None:
    assert {fix.source.kind for fix in fixes} == {"S", "L"}


def test_no_language_is_a_copy_of_another(fixes: tuple[Fix, ...]) -> None:
    for fix in fixes:
        steps = [fix.in_language(language).first_step for language in LANGUAGES]
        assert len(set(steps)) == len(LANGUAGES), fix.code


def test_codes_fit_into_a_button_and_come_sorted(fixes: tuple[Fix, ...]) -> None:
    codes = [fix.code for fix in fixes]

    assert codes == sorted(set(codes))
    assert all(len(code.encode()) <= 34 for code in codes)


def test_an_unknown_language_reads_english(fixes: tuple[Fix, ...]) -> None:
    assert fixes[0].in_language("tlh") == fixes[0].in_language("en")


def test_a_line_that_is_no_yaml_is_named(tmp_path: Path) -> None:
    error = broken(tmp_path, "fixes:\n  - code: [\n")

    assert error.code == "F402"
    assert error.place.startswith("broken.yaml:")


def test_a_file_without_a_list_is_refused(tmp_path: Path) -> None:
    assert broken(tmp_path, "fixes: 3\n").code == "F403"


@pytest.mark.parametrize(
    ("old", "new", "place", "cause"),
    [
        ("gaps: [delivery]", "gaps: [deliverance]", "fixes[0].gaps.0", "Input should be"),
        ("effort: medium", "effort: huge", "fixes[0].effort", "'small', 'medium' or 'large'"),
        ("who: team", "whom: team", "fixes[0].who", "Field required"),
        ("      ar:", "      it:", "fixes[0]", "no 'ar' text, 'it'?"),
        ("code: delivery.step-by-step", "code: Delivery!", "fixes[0].code", "pattern"),
    ],
)
def test_a_mistake_names_its_place_and_cause(
    *, tmp_path: Path, old: str, new: str, place: str, cause: str
) -> None:
    error = broken(tmp_path, LINES.replace(old, new, 1))

    assert error.code == "F403"
    assert error.place.startswith(f"broken.yaml: {place}")
    assert cause in error.cause


def test_a_code_used_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "again.yaml").write_text(LINES, encoding="utf-8")

    assert broken(tmp_path, LINES).code == "F404"


def test_a_duplicate_key_is_refused(tmp_path: Path) -> None:
    assert broken(tmp_path, LINES.replace("effort: medium", "effort: small\n    effort: small", 1))


def test_an_empty_folder_and_an_unreadable_file_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no catalogue file"):
        load_fixes(tmp_path)
    (tmp_path / "bytes.yaml").write_bytes(b"fixes: \xff\xfe")
    with pytest.raises(InputError, match="cannot be read"):
        load_fixes(tmp_path)


def test_shipped_files_are_plain_yaml(fixes: tuple[Fix, ...]) -> None:
    counted = 0
    for path in FIXES.glob("*.yaml"):
        counted += len(YAML(typ="safe", pure=True).load(path.read_text("utf-8"))["fixes"])

    assert counted == len(fixes)
