"""Every piece of advice has its fixes, and the page on fixes says which."""

import re
from pathlib import Path
from typing import get_args

import pytest

from bot.cli import main
from bot.core.errors import InputError
from bot.core.i18n import LANGUAGES
from bot.improvement.catalogue import (
    FIXES,
    CauseName,
    DimensionName,
    Effort,
    Fix,
    GapName,
    Who,
    load_fixes,
)
from bot.improvement.packs import (
    NO_SECTOR,
    PACKS,
    load_pack,
    problems_in,
    refined,
    sectors,
)
from bot.improvement.shelf import read_catalogue
from bot.settings import Settings

PAGE = (FIXES.parents[1] / "docs" / "reference" / "fixes.md").read_text(encoding="utf-8")
CLASSIC = {
    "G1": "expectation",
    "G2": "G2",
    "G3": "specification",
    "G4": "communication",
    "G5": "G5",
}
KEYS = {
    "expectation": "expectation",
    "standards": "G2",
    "specification": "specification",
    "delivery": "delivery",
    "perception": "perception",
    "communication": "communication",
    "customer": "G5",
}
OWN = PAGE.split("```yaml\n")[1].split("```")[0]


@pytest.fixture(scope="module")
def fixes() -> dict[str, Fix]:
    return {fix.code: fix for fix in load_fixes()}


def coverage() -> list[tuple[str, str, list[str], list[str]]]:
    """Return gap, kind of source, causes and codes of each row of the page's table."""
    rows = re.findall(r"^\| (\w+) \| ([SL]): [^|]+ \|([^|]*)\| ([^|]+) \|$", PAGE, re.MULTILINE)
    return [
        (gap, kind, re.findall(r"`(\w+)`", causes), re.findall(r"`([\w.-]+)`", codes))
        for gap, kind, causes, codes in rows
    ]


def test_each_row_of_the_table_names_fixes_that_fit_it(fixes: dict[str, Fix]) -> None:
    assert len(coverage()) > 40
    for gap, kind, causes, codes in coverage():
        assert codes, gap
        for code in codes:
            assert KEYS[gap] in fixes[code].gaps, code
            assert fixes[code].source.kind == kind, code
            assert set(causes) == set(fixes[code].causes), code


def test_each_fix_stands_in_the_table_once(fixes: dict[str, Fix]) -> None:
    named = [code for *_, codes in coverage() for code in codes]

    assert sorted(named) == sorted(fixes)


def test_each_gap_of_both_sets_has_two_fixes_at_least(fixes: dict[str, Fix]) -> None:
    for gap in {*get_args(GapName), *CLASSIC.values()}:
        assert sum(gap in fix.gaps for fix in fixes.values()) >= 2, gap


def test_each_cause_has_a_fix_and_stands_in_the_table(fixes: dict[str, Fix]) -> None:
    named = {cause for _, _, causes, _ in coverage() for cause in causes}

    assert named == set(get_args(CauseName))
    assert {cause for fix in fixes.values() for cause in fix.causes} == named


def test_the_page_explains_every_key_and_value() -> None:
    words = set(re.findall(r"`([\w]+)`", PAGE))

    assert set(Fix.model_fields) <= words
    assert set(get_args(DimensionName)) | set(get_args(GapName)) <= words
    assert {*(one.value for one in Effort), *(one.value for one in Who)} <= words


def test_every_reference_to_literature_names_a_year(fixes: dict[str, Fix]) -> None:
    for fix in fixes.values():
        if fix.source.kind == "L":
            assert re.search(r"\((19|20)\d\d\), ", fix.source.reference), fix.code


def test_own_files_need_one_language_and_stand_beside_the_shipped(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(OWN, encoding="utf-8")

    read = read_catalogue(Settings(fixes=tmp_path))

    (own,) = [fix for fix in read if fix.code == "service.call-back"]
    assert own.source.kind == "O"
    assert own.in_language("ar") == own.in_language("en")
    assert len(read) == len(load_fixes()) + 1


def test_the_check_finds_every_mistake_of_an_own_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "own.yaml"
    second = OWN.removeprefix("fixes:\n")
    wrong = [second.replace("effort: small", "effort: huge"), second.replace("[delivery]", "[x]")]
    path.write_text(OWN + second + "".join(wrong), encoding="utf-8")

    code = main(["check", str(path)])

    lines = capsys.readouterr().out.splitlines()
    assert code == 1
    assert [line[-6:] for line in lines[:-1]] == ["[F404]", "[F403]", "[F403]"]
    assert "fixes[2].effort" in lines[1]
    assert lines[-1] == "own.yaml: 3 errors, no warnings"


def test_the_check_refuses_a_code_that_is_shipped_or_made_in_chat(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for code, found in (("delivery.step-by-step", "F404"), ("ours.7", "F403")):
        path = tmp_path / "own.yaml"
        path.write_text(OWN.replace("service.call-back", code), encoding="utf-8")

        assert main(["check", str(path)]) == 1
        assert f"[{found}]" in capsys.readouterr().out


def pack(folder: Path, code: str = "delivery.step-by-step", *, leave_out: str = "") -> Path:
    path = folder / "trade.yaml"
    words = [f"    {one}: {{title: Follow a guest}}" for one in LANGUAGES if one != leave_out]
    path.write_text("\n".join(["words:", f"  {code}:", *words, ""]), encoding="utf-8")
    return path


def test_a_pack_changes_words_and_nothing_else(tmp_path: Path, fixes: dict[str, Fix]) -> None:
    found = load_pack(pack(tmp_path), fixes.values())

    assert found["delivery.step-by-step"]["ar"].title == "Follow a guest"
    assert refined(fixes.values(), "none") == tuple(fixes.values())


def test_a_pack_with_an_unknown_code_or_a_missing_language_is_refused(
    tmp_path: Path, fixes: dict[str, Fix]
) -> None:
    (unknown,) = problems_in(pack(tmp_path, "delivery.nothing"), fixes.values())
    (missing,) = problems_in(pack(tmp_path, leave_out="ar"), fixes.values())

    assert (unknown.code, missing.code) == ("F405", "F403")
    with pytest.raises(InputError):
        load_pack(pack(tmp_path, leave_out="ar"), fixes.values())


def test_every_sector_that_can_be_set_has_a_pack_and_no_other() -> None:
    settable = set(get_args(Settings.model_fields["sector"].annotation))

    assert {NO_SECTOR, *sectors()} == settable
    assert all(f"`{sector}`" in PAGE for sector in sectors())


@pytest.mark.parametrize("sector", sectors())
def test_each_pack_rewords_ten_fixes_in_every_language(sector: str, fixes: dict[str, Fix]) -> None:
    pack = load_pack(PACKS / f"{sector}.yaml", fixes.values())
    reworded = {fix.code: fix for fix in refined(fixes.values(), sector)}

    assert len(pack) >= 10
    for code in pack:
        for language in LANGUAGES:
            assert reworded[code].text[language] != fixes[code].text[language], (code, language)
