"""``gapbot import customers|visits|visit_rules``: any encoding, spreadsheets, problems by line."""

from pathlib import Path

import pytest
import xlsxwriter

from bot.crm.tables import Customer, Visit, VisitRule
from tests.crm.conftest import CustomerHouse
from tests.support.importing import EXAMPLES, Import, importer

VISITS = "reference,customer,unit,time,kind,touchpoint,channel\n"


@pytest.fixture
def bring(
    one_house: CustomerHouse,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> Import:
    """Import into the house's database."""
    return importer(one_house.database.address, monkeypatch, capsys, tmp_path)


@pytest.mark.parametrize(("kind", "rows"), [("customers", 3), ("visits", 3), ("visit_rules", 4)])
def test_the_examples_are_read_and_reading_them_again_changes_nothing(
    bring: Import, kind: str, rows: int
) -> None:
    first = bring(kind, EXAMPLES / f"{kind}.csv")
    again = bring(kind, EXAMPLES / f"{kind}.csv")

    assert first == (0, f"{kind}.csv: {rows} new, 0 changed, 0 as before.\n", "")
    assert again == (0, f"{kind}.csv: 0 new, 0 changed, {rows} as before.\n", "")


def test_a_dry_run_writes_nothing(one_house: CustomerHouse, bring: Import) -> None:
    code, said, _ = bring("customers", EXAMPLES / "customers.csv", "--dry-run")

    assert code == 0
    assert "line 2: new: customer C-1042" in said
    assert one_house.rows(Customer) == []


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252", "gb18030", "cp1256", "utf-8-sig"])
def test_names_come_out_well_whatever_the_encoding(
    one_house: CustomerHouse, bring: Import, encoding: str
) -> None:
    names = {
        "gb18030": ["王小明", "李娜", "欧阳文静", "陈建国", "张伟", "刘洋"],
        "cp1256": ["محمد عبد الله", "فاطمة الزهراء", "يوسف إبراهيم", "ليلى حسن"],
    }.get(encoding, ["José Núñez", "Zoë Müller", "François Lefèvre", "Søren Ærø"])
    rows = "".join(f"C-{number};{name}\n" for number, name in enumerate(names))

    code, _, told = bring("customers", f"reference;name\n{rows}".encode(encoding))

    assert code == 0
    assert {one.name for one in one_house.rows(Customer)} == set(names)
    assert ("read as" in told) == (encoding not in {"utf-16", "utf-8-sig"})


def test_the_encoding_can_be_named_where_the_guess_is_wrong(
    one_house: CustomerHouse, bring: Import
) -> None:
    """One short name tells no encoding: in cp1251 these bytes are another name."""
    raw = "reference;name\nC-1;Łąć\n".encode("cp1250")

    _, wrong, guess = bring("customers", raw, "--dry-run", "--encoding", "cp1251")
    code, preview, told = bring("customers", raw, "--dry-run", "--encoding", "windows-1250")
    bring("customers", raw, "--encoding", "cp1250")

    assert code == 0
    assert "line 2: new: customer C-1, Łąć" in preview
    assert "read as cp1250" in told
    assert "read as cp1251" in guess
    assert "Łąć" not in wrong
    assert [one.name for one in one_house.rows(Customer)] == ["Łąć"]


@pytest.mark.parametrize("encoding", ["shift_jis", "ascii", "utf-8"])
def test_bytes_that_the_named_encoding_does_not_have_are_refused(
    one_house: CustomerHouse, bring: Import, encoding: str
) -> None:
    code, _, told = bring("customers", b"reference;name\nC-1;\x81\n", "--encoding", encoding)

    assert code == 65
    assert f"is not {encoding.upper()}" in told
    assert one_house.rows(Customer) == []


@pytest.mark.parametrize("name", ["klingon", "rot13", "base64"])
def test_what_is_no_encoding_of_texts_is_refused(bring: Import, name: str) -> None:
    with pytest.raises(SystemExit) as refused:
        bring("customers", b"reference\nC-1\n", "--encoding", name)

    assert refused.value.code in {2, 64}


def test_a_spreadsheet_is_read_with_its_dates_and_numbers(
    one_house: CustomerHouse, bring: Import, tmp_path: Path
) -> None:
    path = tmp_path / "visits.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        day = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        sheet.write_row(0, 0, ["Reference", "Customer", "Unit", "Time", "Phone"])
        sheet.write_row(1, 0, [4711, "0042", "Riverside"])
        sheet.write_number(1, 3, 46084.5, day)  # 2026-03-03 12:00 in a spreadsheet's days
        sheet.write_string(1, 4, "+44 20 7946 0000")

    code, said, told = bring("visits", path)

    assert (code, said) == (0, "visits.xlsx: 1 new, 0 changed, 0 as before.\n")
    (visit,) = one_house.rows(Visit)
    (customer,) = one_house.rows(Customer)
    assert (visit.reference, customer.reference) == ("4711", "0042")
    assert visit.at.isoformat() == "2026-03-03T12:00:00+00:00"
    assert told == "visits.xlsx: not read: phone.\n"


def test_something_else_under_the_name_of_a_spreadsheet_is_refused(
    bring: Import, tmp_path: Path
) -> None:
    path = tmp_path / "customers.xlsx"
    path.write_bytes(b"PK\x03\x04 not really")

    assert "[R404]" in bring("customers", path)[2]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (",x,,", "R412"),
        (f"{'9' * 81},x,,", "R412"),
        ("C-1,x,pigeon,", "R413"),
        ("C-1,x,web,old", "R414"),
        (f"C-1,{'x' * 81},,", "R416"),
        ("C-0,again,,", "R415"),
    ],
)
def test_a_bad_customer_is_named_by_line_and_the_good_ones_can_be_taken(
    one_house: CustomerHouse, bring: Import, row: str, code: str
) -> None:
    table = f"reference,name,channel,tenure\nC-0,Ben,web,new\n{row}\n"

    exit_code, said, complaint = bring("customers", table)

    assert (exit_code, said) == (65, "")
    assert "table.csv: line 3: " in complaint
    assert f"[{code}]" in complaint
    assert one_house.rows(Customer) == []
    assert bring("customers", table, "--partial")[0] == 0
    assert [one.reference for one in one_house.rows(Customer)] == ["C-0"]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (",C-1,Riverside,2026-03-03,,,", "R512"),
        ("V-1,,Riverside,2026-03-03,,,", "R514"),
        ("V-1,C-1,Rivrside,2026-03-03,,,", "R513"),
        ("V-1,C-1,Riverside,yesterday,,,", "R515"),
        ("V-1,C-1,Riverside,2926-03-03,,,", "R515"),
        ("V-1,C-1,Riverside,2026-03-03,,at the till,", "R516"),
        ("V-1,C-1,Riverside,2026-03-03,,,fax", "R517"),
        ("V-1,C-1,Riverside,2026-03-03,theft,,", "R518"),
        ("V-0,C-0,Riverside,2026-03-03,,,", "R519"),
        ("V-1,C-1,Riverside", "R511"),
    ],
)
def test_a_bad_visit_is_named(bring: Import, row: str, code: str) -> None:
    _, _, complaint = bring("visits", f"{VISITS}V-0,C-0,Riverside,2026-03-02,,,\n{row}\n")

    assert "line 3: " in complaint
    assert f"[{code}]" in complaint


def test_a_visit_of_another_customer_is_named(one_house: CustomerHouse, bring: Import) -> None:
    bring("visits", f"{VISITS}V-1,C-1,Riverside,2026-03-02,,,\n")

    _, _, complaint = bring("visits", f"{VISITS}V-1,C-2,Riverside,2026-03-02,,,\n")

    assert "[R520]" in complaint


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("At Till,3h,", "R612"),
        ("till,3h,nobody", "R613"),
        ("till,soon,", "R614"),
        ("till,99d,", "R614"),
        ("*,1h,", "R615"),
        ("till,3h,customers", "R616"),
    ],
)
def test_a_bad_rule_is_named_and_anonymous_questionnaires_follow_no_visit(
    one_house: CustomerHouse, bring: Import, row: str, code: str
) -> None:
    _, _, complaint = bring("visit_rules", f"touchpoint,delay,questionnaire\n*,2h,\n{row}\n")

    assert f"[{code}]" in complaint
    assert one_house.rows(VisitRule) == []


@pytest.mark.parametrize(
    ("kind", "text", "code"),
    [
        ("customers", "name\nAna\n", "R403"),
        ("customers", "reference\n", "R405"),
        ("visits", "reference\n1\n", "R503"),
        ("visit_rules", "touchpoint\n*\n", "R603"),
    ],
)
def test_a_table_that_gives_nothing_is_refused(
    bring: Import, kind: str, text: str, code: str
) -> None:
    assert f"[{code}]" in bring(kind, text)[2]


def test_bytes_that_are_no_text_are_refused(bring: Import) -> None:
    assert "[R402]" in bring("customers", b"reference\n\x00\xff\xfe\x80\n")[2]
