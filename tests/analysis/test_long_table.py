"""A long table from anywhere: good rows are analysed, bad rows are named by line."""

import csv
import time
from datetime import datetime
from pathlib import Path

import pytest
import xlsxwriter

from bot.analysis.long_table import read_long_table
from bot.analysis.own_table import UnusableTable
from bot.analysis.week_order import ordered_weeks
from gapengine.vantage import Group

HEADER = "respondent,role,unit,week,vantage,dimension,item,score"
GOOD = "ana,customer,Riverside,2026-W01,E,reliability,on_time,7"


def table_of(
    folder: Path, *rows: str, header: str = HEADER, encoding: str = "utf-8", newline: str = "\n"
) -> Path:
    path = folder / "answers.csv"
    path.write_bytes((newline.join([header, *rows]) + newline).encode(encoding))
    return path


def replaced(**fields: str) -> str:
    """The good row with some fields changed."""
    row = dict(zip(HEADER.split(","), GOOD.split(","), strict=True)) | fields
    return ",".join(row.values())


def test_a_good_table_becomes_moments_by_unit_and_group(tmp_path: Path) -> None:
    rows = [
        GOOD,
        replaced(vantage="P", score="5"),
        replaced(unit="Hill", role="staff", vantage="D"),
    ]

    table = read_long_table(table_of(tmp_path, *rows))

    assert list(table.units) == ["Hill", "Riverside"]
    assert table.units["Riverside"][Group.CUSTOMER].answers == 2
    assert list(table.units["Hill"]) == [Group.STAFF]
    assert table.dimension_by_item == {"on_time": "reliability"}
    assert (table.answers, table.problems) == (3, ())


def test_a_respondent_is_one_person_over_all_weeks_and_another_in_another_unit(
    tmp_path: Path,
) -> None:
    rows = [GOOD, replaced(week="2026-W02", score="5"), replaced(unit="Hill")]

    units = read_long_table(table_of(tmp_path, *rows)).units

    assert units["Riverside"][Group.CUSTOMER].respondents[0, 0] == 1
    both = units["Riverside"][Group.CUSTOMER] + units["Hill"][Group.CUSTOMER]
    assert both.respondents[0, 0] == 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_what_spreadsheets_write_is_read(
    tmp_path: Path, encoding: str, newline: str, delimiter: str
) -> None:
    rows = [line.replace(",", delimiter) for line in (GOOD, replaced(unit="河畔店"))]
    path = table_of(
        tmp_path,
        *rows,
        header=HEADER.replace(",", delimiter),
        encoding=encoding,
        newline=newline,
    )

    assert list(read_long_table(path).units) == ["Riverside", "河畔店"]


def test_columns_may_stand_in_any_order_with_others_between(tmp_path: Path) -> None:
    header = "Score,note,item,dimension,vantage,week,unit,role,respondent"
    path = table_of(tmp_path, '6,"a, b",on_time,reliability,p,1,Hill,Customers,ana', header=header)

    table = read_long_table(path)

    assert table.units["Hill"][Group.CUSTOMER].histogram[1, 0, 5] == 1


@pytest.mark.parametrize("word", ["no rule", "No Rule", "none", "no_rule"])
def test_no_rule_is_an_answer_to_s(tmp_path: Path, word: str) -> None:
    row = replaced(role="manager", vantage="S", score=word)

    moments = read_long_table(table_of(tmp_path, row)).units["Riverside"][Group.MANAGER]

    assert moments.no_rule.tolist() == [1]
    assert moments.histogram.sum() == 0


@pytest.mark.parametrize(
    ("row", "code", "words"),
    [
        (replaced(score="8"), "A206", "score '8'"),
        (replaced(score="0"), "A206", "score '0'"),
        (replaced(score="5.5"), "A206", "score '5.5'"),
        (replaced(score="five"), "A206", "score 'five'"),
        (replaced(score=""), "A206", "score is empty"),
        (replaced(score="no rule"), "A207", "vantage E"),
        (replaced(vantage="X"), "A204", "vantage 'X'"),
        (replaced(vantage=""), "A202", "vantage is empty"),
        (replaced(role="robot"), "A203", "role 'robot'"),
        (replaced(role="staff"), "A205", "does not fit vantage E"),
        (replaced(role="manager", vantage="D"), "A205", "asked of role 'staff'"),
        (replaced(respondent=" "), "A202", "respondent is empty"),
        (replaced(unit=""), "A202", "unit is empty"),
        (replaced(item=""), "A202", "item is empty"),
        (replaced(dimension=""), "A202", "dimension is empty"),
        (replaced(dimension="empathy"), "A208", "earlier in 'reliability'"),
        (replaced(unit="*"), "A209", "whole organisation"),
        ("ana,customer", "A201", "too few fields"),
    ],
)
def test_a_bad_row_is_named_by_line_and_the_good_rows_are_kept(
    tmp_path: Path, row: str, code: str, words: str
) -> None:
    table = read_long_table(table_of(tmp_path, GOOD, row, replaced(respondent="bo")))

    (problem,) = table.problems

    assert (problem.code, problem.line) == (code, 3)
    sentence = problem.sentence("answers.csv")
    assert sentence.startswith("answers.csv: line 3: ")
    assert words in sentence
    assert sentence.endswith(f"[{code}]")
    assert table.answers == 2


def test_lines_are_counted_where_a_field_holds_line_breaks(tmp_path: Path) -> None:
    header = HEADER + ",comment"
    rows = [GOOD + ',"two\nlines"', "", replaced(score="9") + ",x"]

    table = read_long_table(table_of(tmp_path, *rows, header=header))

    assert [problem.line for problem in table.problems] == [5]


@pytest.mark.parametrize("score", ["6.0", "6.00", '"6,0"'])
def test_a_whole_number_written_with_a_decimal_is_a_score(tmp_path: Path, score: str) -> None:
    table = read_long_table(table_of(tmp_path, replaced(score=score)))

    assert table.units["Riverside"][Group.CUSTOMER].histogram[0, 0, 5] == 1


def test_an_item_is_placed_by_its_first_good_row(tmp_path: Path) -> None:
    rows = [replaced(dimension="empathy", score="99"), GOOD]

    table = read_long_table(table_of(tmp_path, *rows))

    assert table.dimension_by_item == {"on_time": "reliability"}
    assert [problem.code for problem in table.problems] == ["A206"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "A103"),
        (b"respondent,role,unit\n1,2,3\n", "A103"),
        (HEADER.encode() + b"\n", "A105"),
        (HEADER.encode() + b"\n" + replaced(score="9").encode(), "A105"),
        (b"\xff\xfe" + HEADER.encode("utf-16-le"), "A105"),
        (b"\xff\xfe" + HEADER.encode("utf-16-le")[:-1], "A102"),
        (b"\x80\x00\x81\xff", "A102"),
        (HEADER.encode() + b'\n"' + b"x" * 200_000, "A104"),
    ],
)
def test_a_file_that_gives_no_answers_is_refused_in_one_sentence(
    tmp_path: Path, content: bytes, code: str
) -> None:
    path = tmp_path / "answers.csv"
    path.write_bytes(content)

    with pytest.raises(UnusableTable) as refused:
        read_long_table(path)

    assert refused.value.problem.code == code
    assert "\n" not in refused.value.problem.sentence(path.name)


def test_a_file_that_is_not_there_or_is_a_folder_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "absent.csv", tmp_path):
        with pytest.raises(UnusableTable) as refused:
            read_long_table(path)
        assert refused.value.problem.code == "A101"


def test_a_table_of_ten_levels_is_refused_whole(tmp_path: Path) -> None:
    """Leaving out every 8, 9 and 10 would leave the discontented behind."""
    rows = [replaced(respondent=str(k), score=str(1 + k % 10)) for k in range(40)]

    with pytest.raises(UnusableTable) as refused:
        read_long_table(table_of(tmp_path, *rows))

    problem = refused.value.problem
    assert problem.code == "A210"
    assert "30% of the scores are whole numbers outside 1 to 7 (8, 9, 10)" in problem.cause
    assert len(refused.value.rows) == 12


def test_a_few_mistyped_scores_are_left_out_and_no_more_is_said(tmp_path: Path) -> None:
    rows = [replaced(respondent=str(k), score="7" if k else "77") for k in range(40)]

    table = read_long_table(table_of(tmp_path, *rows))

    assert (table.answers, len(table.problems), table.notes) == (39, 1, ())


@pytest.mark.parametrize(("highest", "told"), [(5, True), (6, False)])
def test_a_table_that_may_have_had_five_levels_is_told_so(
    tmp_path: Path, highest: int, told: bool
) -> None:
    rows = [replaced(respondent=str(k), score=str(1 + k % highest)) for k in range(120)]

    notes = read_long_table(table_of(tmp_path, *rows)).notes

    assert any("no score is above 5" in note for note in notes) is told


def test_names_that_differ_in_capitals_only_are_told_and_kept_apart(tmp_path: Path) -> None:
    rows = [replaced(respondent=str(k), unit=unit) for k, unit in enumerate(["Hill", "hill"])]

    table = read_long_table(table_of(tmp_path, *rows))

    assert list(table.units) == ["Hill", "hill"]
    assert table.notes == (
        "units that differ in capitals or blanks only are kept apart: 'Hill' and 'hill'",
    )


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252"])
def test_other_encodings_are_read_and_a_guess_is_told(tmp_path: Path, encoding: str) -> None:
    rows = [replaced(unit="Hafenstraße", respondent=f"Jürgen {k}") for k in range(30)]

    table = read_long_table(table_of(tmp_path, *rows, encoding=encoding))

    assert list(table.units) == ["Hafenstraße"]
    assert any(note.startswith("read as ") for note in table.notes) is (encoding == "cp1252")


def test_the_first_sheet_of_a_workbook_is_read(tmp_path: Path) -> None:
    day = datetime(2026, 2, 11, 9, 30)  # noqa: DTZ001  # a sheet knows no zones
    path = tmp_path / "answers.xlsx"
    with xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd hh:mm"}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADER.split(","))
        sheet.write_row(1, 0, ["ana", "customer", "Hill", day, "E", "reliability", "on_time", 6])

    table = read_long_table(path)

    assert table.units["Hill"][Group.CUSTOMER].histogram[0, 0, 5] == 1
    assert list(table.weeks) == ["2026-W07"]


def test_a_wide_table_is_told_what_a_long_one_is(tmp_path: Path) -> None:
    path = table_of(tmp_path, "ana,customer,Hill,7,5", header="respondent,role,unit,Q1_E,Q1_P")

    with pytest.raises(UnusableTable) as refused:
        read_long_table(path)

    assert refused.value.problem.code == "A103"
    assert "a row per answer" in refused.value.problem.cure


def test_bad_rows_are_told_even_when_no_row_is_good(tmp_path: Path) -> None:
    with pytest.raises(UnusableTable) as refused:
        read_long_table(table_of(tmp_path, replaced(score="9")))

    assert [problem.line for problem in refused.value.rows] == [2]


def test_two_hundred_thousand_rows_are_read_in_seconds(tmp_path: Path) -> None:
    path = tmp_path / "big.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER.split(","))
        for k in range(200_000):
            score, item = 1 + k % 7, f"i{k % 22}"
            week = f"w{k % 12}"
            writer.writerow([k // 4, "customer", k % 9, week, "EPC"[k % 3], "d", item, score])
    start = time.process_time()

    table = read_long_table(path)
    weekly = sum(moments[Group.CUSTOMER].answers for moments in table.weeks["w11"].values())

    assert time.process_time() - start < 10  # about 1 s where this was written
    assert table.answers == 200_000
    assert weekly == len(range(11, 200_000, 12))


def test_weeks_hold_the_same_answers_as_the_whole_and_stand_in_order(tmp_path: Path) -> None:
    rows = [
        replaced(respondent=str(who), unit=unit, week=f"2026-W{week:02d}", score=str(3 + who))
        for who, unit, week in [(0, "Hill", 10), (1, "Hill", 9), (2, "Dale", 10), (3, "Hill", 10)]
    ]

    table = read_long_table(table_of(tmp_path, *rows))

    assert list(table.weeks) == ["2026-W09", "2026-W10"]
    assert list(table.weeks["2026-W10"]) == ["Dale", "Hill"]
    weekly = [table.weeks[week]["Hill"][Group.CUSTOMER] for week in table.weeks]
    assert weekly[0] + weekly[1] == table.units["Hill"][Group.CUSTOMER]
    assert table.weeks.note is None
    assert "2026-W11" not in table.weeks


def test_answers_without_a_week_count_in_the_whole_only(tmp_path: Path) -> None:
    table = read_long_table(table_of(tmp_path, GOOD, replaced(respondent="bo", week=" ")))

    assert list(table.weeks) == ["2026-W01"]
    assert table.weeks["2026-W01"]["Riverside"][Group.CUSTOMER].answers == 1
    assert table.units["Riverside"][Group.CUSTOMER].answers == 2
    assert table.weeks.note == "1 answers name no week: they count in the whole, in no week"


@pytest.mark.parametrize(
    ("names", "ordered"),
    [
        (["10", "9", "2"], ["2", "9", "10"]),
        (["w10", "w2", "w1"], ["w1", "w2", "w10"]),
        (["2026-W01", "2025-W52", "2026-W10"], ["2025-W52", "2026-W01", "2026-W10"]),
        (["2026-02-09", "2025-12-29"], ["2026-W01", "2026-W07"]),
        (["2026-02-16", "2026-W07", "2026W06"], ["2026-W06", "2026-W07", "2026-W08"]),
        (["2026-02-09", "2026-02-15T23:59", "2026/2/11 08:00:00"], ["2026-W07"]),
        (["09.02.2026", "2026-W07", "16.2.2026"], ["2026-W07", "2026-W08"]),
        (["9/2/2026", "16/2/2026"], ["2026-W07", "2026-W08"]),
        (["2/9/2026", "2/16/2026"], ["2026-W07", "2026-W08"]),
    ],
)
def test_weeks_that_tell_their_time_are_put_in_its_order(
    names: list[str], ordered: list[str]
) -> None:
    assert ordered_weeks(names).names == tuple(ordered)
    assert ordered_weeks(names).note is None


def test_a_date_that_may_be_read_in_two_ways_is_not_guessed() -> None:
    """With and without a date that shows it: the 9th of February, or the 2nd of September."""
    unsure, sure = ordered_weeks(["9/2/2026"]), ordered_weeks(["9/2/2026", "13/2/2026"])

    assert unsure.names == ("9/2/2026",)
    assert unsure.note is not None
    assert "'9/2/2026' may begin with the day or the month" in unsure.note
    assert sure.of["9/2/2026"] == "2026-W07"


def test_days_of_one_week_are_one_week(tmp_path: Path) -> None:
    rows = [
        replaced(respondent=who, week=day)
        for who, day in [("ana", "2026-02-09"), ("bo", "11.02.2026"), ("cy", "2026-02-16 09:30")]
    ]

    weeks = read_long_table(table_of(tmp_path, *rows)).weeks

    assert list(weeks) == ["2026-W07", "2026-W08"]
    assert weeks["2026-W07"]["Riverside"][Group.CUSTOMER].answers == 2
    assert weeks.returning[Group.CUSTOMER] == 0.0


@pytest.mark.parametrize("names", [["b", "a"], ["w2", "x1"], ["2026-02-30", "2026-13-01"]])
def test_other_weeks_are_taken_by_their_letters_with_a_note(names: list[str]) -> None:
    order = ordered_weeks(names)

    assert order.names == tuple(sorted(names))
    assert order.note is not None
    assert "order of their letters" in order.note
