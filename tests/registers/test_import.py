"""``gapbot import``: tables of standards, promises and measurements, and their problems."""

from pathlib import Path

import pytest

from bot.core.tables import AuditEntry
from bot.registers.tables import Measurement, Promise, PromiseVersion, StandardVersion
from tests.registers.conftest import AGREED, ANA, RegisterHouse
from tests.support.importing import EXAMPLES, Import, importer

HEAD = "item,unit,level,wording,metric,measure,comparison,target,rule,valid_from\n"
TARGET = "m,s,at_most,180,60:7 180:6 600:3"


@pytest.fixture
def bring(
    one_house: RegisterHouse,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> Import:
    """Import into the house's database."""
    return importer(one_house.database.address, monkeypatch, capsys, tmp_path)


def test_the_examples_of_the_documentation_are_read(
    one_house: RegisterHouse, bring: Import
) -> None:
    assert bring("standards", EXAMPLES / "standards.csv")[1] == (
        "standards.csv: 3 new, 0 changed, 0 as before.\n"
    )
    assert bring("standards", EXAMPLES / "standards.yaml")[1] == (
        "standards.yaml: 1 new, 0 changed, 1 as before.\n"
    )
    assert bring("promises", EXAMPLES / "promises.csv")[0] == 0
    assert bring("measurements", EXAMPLES / "measurements.csv")[1] == (
        "measurements.csv: 4 new, 0 changed, 0 as before.\n"
    )

    assert one_house.rules("Old Town")[AGREED].level == 5
    assert len(one_house.rows(Promise)) == 2
    assert sum(one.n for one in one_house.rows(Measurement)) == 29


@pytest.mark.parametrize("kind", ["standards", "promises", "measurements"])
def test_importing_again_changes_nothing(
    one_house: RegisterHouse, bring: Import, kind: str
) -> None:
    bring("standards", EXAMPLES / "standards.csv")
    bring(kind, EXAMPLES / f"{kind}.csv")
    tables = (StandardVersion, PromiseVersion, Measurement)
    before = [len(one_house.rows(table)) for table in tables]

    code, said, _ = bring(kind, EXAMPLES / f"{kind}.csv")

    assert code == 0
    assert "0 new, 0 changed" in said
    assert [len(one_house.rows(table)) for table in tables] == before


def test_a_byte_order_mark_and_semicolons_do_no_harm(
    one_house: RegisterHouse, bring: Import
) -> None:
    code, said, _ = bring("standards", f"\ufeffitem;level;wording\n{AGREED};5;On time; \n")

    assert (code, said) == (0, "table.csv: 1 new, 0 changed, 0 as before.\n")
    assert one_house.rows(StandardVersion)[0].wording == "On time"


def test_a_changed_row_is_a_new_version(one_house: RegisterHouse, bring: Import) -> None:
    bring("standards", HEAD + f"{AGREED},,6,On time.,{TARGET},\n")

    _, said, _ = bring("standards", HEAD + f"{AGREED},,5,On time.,,,,,,\n")

    assert said == "table.csv: 0 new, 1 changed, 0 as before.\n"
    assert [(one.number, one.level) for one in one_house.rows(StandardVersion)] == [(1, 6), (2, 5)]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("reliability.agreed_tim,,6,w,,,,,,", "R112"),
        (f"{AGREED},Rivrside,6,w,,,,,,", "R113"),
        (f"{AGREED},,8,w,,,,,,", "R114"),
        (f"{AGREED},,6, ,,,,,,", "R115"),
        (f"{AGREED},,6,{'x' * 301},,,,,,", "R115"),
        (f"{AGREED},,6,w,m,s,at_most,180,,", "R116"),
        (f"{AGREED},,6,w,m,s,below,180,60:7 180:6,", "R116"),
        (f"{AGREED},,6,w,m,s,at_most,nan,60:7 180:6,", "R116"),
        (f"{AGREED},,6,w,m,s,at_most,180,60:7 180,", "R117"),
        (f"{AGREED},,6,w,m,s,at_most,180,180:6 60:7,", "R117"),
        (f"{AGREED},,6,w,m,s,at_most,180,60:6 180:7,", "R117"),
        (f"{AGREED},,6,w,m,s,at_least,180,60:7 180:6,", "R117"),
        (f"{AGREED},,6,w,m,s,at_most,180,60:9 180:6,", "R117"),
        (f"{AGREED},,3,w,{TARGET},", "R118"),
        (f"{AGREED},,6,w,,,,,,tomorrow", "R119"),
        (f"{AGREED},,6", "R111"),
    ],
)
def test_a_bad_row_is_named_by_line_and_nothing_is_written(
    one_house: RegisterHouse, bring: Import, row: str, code: str
) -> None:
    table = HEAD + "responsiveness.short_waits,,5,Quickly.,,,,,,\n" + row + "\n"

    exit_code, said, complaint = bring("standards", table)

    assert (exit_code, said) == (65, "")
    assert "table.csv: line 3: " in complaint
    assert f"[{code}]" in complaint
    assert "nothing was written, because 1 row has a problem" in complaint
    assert one_house.rows(StandardVersion) == []
    assert bring("standards", table, "--partial")[1] == (
        "table.csv: 1 new, 0 changed, 0 as before.\n"
    )


def test_the_same_item_and_unit_twice_is_a_problem(bring: Import) -> None:
    twice = HEAD + f"{AGREED},,6,w,,,,,,\n{AGREED},*,5,w,,,,,,\n"

    assert "line 3: this item and unit stands on line 2 already" in bring("standards", twice)[2]


def test_a_dry_run_says_what_would_come_of_it(one_house: RegisterHouse, bring: Import) -> None:
    code, said, _ = bring("standards", EXAMPLES / "standards.csv", "--dry-run")

    assert code == 0
    assert f"line 3: new: {AGREED}, Old Town: level 5\n" in said
    assert said.endswith("Nothing was written (--dry-run).\n")
    assert one_house.rows(StandardVersion) == []
    assert one_house.rows(AuditEntry) == []


@pytest.mark.parametrize(
    ("kind", "text", "code"),
    [
        ("standards", "item,level\nx,1\n", "R103"),
        ("standards", HEAD, "R105"),
        ("promises", "item,level\nx,1\n", "R203"),
        ("measurements", "unit,value\nx,1\n", "R303"),
    ],
)
def test_a_table_that_gives_nothing_is_refused(
    bring: Import, kind: str, text: str, code: str
) -> None:
    exit_code, _, complaint = bring(kind, text)

    assert exit_code == 65
    assert f"[{code}]" in complaint


def test_files_that_cannot_be_read_are_named(bring: Import, tmp_path: Path) -> None:
    (tmp_path / "bytes.csv").write_bytes(b"item,level,wording\nx,1,\x00\xff\x80")
    (tmp_path / "bad.yaml").write_text("standards: [", encoding="utf-8")
    (tmp_path / "other.yaml").write_text("rules: 1", encoding="utf-8")

    assert bring("standards", tmp_path / "none.csv")[0] == 66
    assert "[R102]" in bring("standards", tmp_path / "bytes.csv")[2]
    assert "[R104]" in bring("standards", tmp_path / "bad.yaml")[2]
    assert "[R103]" in bring("standards", tmp_path / "other.yaml")[2]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (f"{AGREED},,6,w,radio,,,", "R216"),
        (f"{AGREED},Riverside,6,w,site,Nobody,,", "R217"),
        (f"{AGREED},,6,w,site,,2026-05-01,2026-04-01", "R218"),
        (f"{AGREED},,0,w,site,,,", "R214"),
    ],
)
def test_a_bad_promise_is_named(bring: Import, row: str, code: str) -> None:
    head = "item,unit,level,wording,channel,owner,valid_from,valid_to\n"

    assert "line 2: " in bring("promises", head + row)[2]
    assert f"[{code}]" in bring("promises", head + row)[2]


def test_a_promise_above_the_delivered_level_is_flagged_before_it_is_written(
    one_house: RegisterHouse, bring: Import
) -> None:
    """Six members of staff: 4 4 3 3 4 4, so 80 in 100 ratings are at 4 or below."""
    one_house.ledger.fill(levels={"D": 4})
    one_house.report()
    head = "item,unit,level,wording,channel\n"
    rows = f"{AGREED},Riverside,5,On time or free.,site\n{AGREED},Riverside,4,On time.,advert\n"

    _, _, before = bring("promises", head + rows, "--dry-run")
    code, _, told = bring("promises", head + rows)

    assert (
        before
        == told
        == (
            "table.csv: line 2: level 5 is more than is delivered: "
            "eight in ten of staff's 6 ratings are 4 or less.\n"
        )
    )
    assert code == 0
    assert bring("promises", head + rows)[2] == ""  # it was said when it was new


def test_a_promise_in_a_table_may_name_its_owner(one_house: RegisterHouse, bring: Import) -> None:
    head = "item,unit,level,wording,channel,owner\n"

    assert bring("promises", head + f"{AGREED},Riverside,6,w,site,p{ANA}")[0] == 0

    assert one_house.rows(Promise)[0].owner_id == 1


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (f"Riversid,{AGREED},2026-02-23,60,", "R313"),
        ("Riverside,agreed_tim,2026-02-23,60,", "R312"),
        ("Riverside,,2026-02-23,60,", "R314"),
        (f"Riverside,{AGREED},yesterday,60,", "R315"),
        (f"Riverside,{AGREED},2926-02-23,60,", "R315"),
        (f"Riverside,{AGREED},2026-02-23,inf,", "R316"),
        (f"Riverside,{AGREED},2026-02-23,60,0", "R317"),
        ("Riverside,responsiveness.short_waits,2026-02-23,60,", "R318"),
        (f"Riverside,{AGREED},2025-02-23,60,", "R318"),
    ],
)
def test_a_bad_measurement_is_named(
    one_house: RegisterHouse, bring: Import, row: str, code: str
) -> None:
    one_house.rule()

    _, _, complaint = bring("measurements", f"unit,item,time,value,n\n{row}\n")

    assert f"[{code}]" in complaint
    assert one_house.rows(Measurement) == []


def test_a_measurement_may_name_the_standard_and_is_corrected_by_its_moment(
    one_house: RegisterHouse, bring: Import
) -> None:
    one_house.rule()
    bring("measurements", "unit,standard,time,value\nRiverside,1,2026-02-23T08:00,60\n")

    _, said, _ = bring(
        "measurements", "unit,standard,time,value\nriverside,1,2026-02-23 08:00,90\n"
    )

    assert said == "table.csv: 0 new, 1 changed, 0 as before.\n"
    (kept,) = one_house.rows(Measurement)
    assert (kept.item, kept.value, kept.n) == (AGREED, 90.0, 1)
