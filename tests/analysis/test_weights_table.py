"""Tables of importance and of regions: good rows count, bad rows are named with their cure."""

from pathlib import Path

import pytest

from bot.analysis.own_table import UnreadableFile, UnusableTable
from bot.analysis.regions_table import read_regions_table
from bot.analysis.weights_table import read_weights_table
from gapengine.vantage import Group

DIMENSIONS = ("reliability", "Empathy")


def written(folder: Path, *lines: str, encoding: str = "utf-8") -> Path:
    path = folder / "table.csv"
    path.write_bytes(("\n".join(lines) + "\n").encode(encoding))
    return path


def test_points_become_shares_with_an_interval(tmp_path: Path) -> None:
    """By hand: shares of reliability .6, .5 and .7 (the last row adds up to 10, not 100)."""
    path = written(
        tmp_path,
        "respondent,role,reliability,empathy,note",
        "a,customer,60,40,x",
        "b,Customers,50,50,",
        "c,customer,7,3,",
        "d,manager,90,10,",
    )

    table = read_weights_table(path, DIMENSIONS)

    stated = table.stated(Group.CUSTOMER, confidence=0.95)
    assert stated.shares.tolist() == pytest.approx([0.6, 0.4])
    assert (stated.n, stated.dimensions) == (3, DIMENSIONS)
    assert stated.low[0] < 0.6 < stated.high[0]
    assert table.stated(Group.MANAGER, confidence=0.95).shares.tolist() == pytest.approx([0.9, 0.1])
    assert table.stated(Group.STAFF, confidence=0.95).n == 0
    assert table.problems == ()


def test_a_decimal_comma_is_understood(tmp_path: Path) -> None:
    path = written(tmp_path, "respondent;role;reliability;empathy", "a;customer;62,5;37,5")

    assert read_weights_table(path, DIMENSIONS).rows[Group.CUSTOMER] == [[62.5, 37.5]]


@pytest.mark.parametrize(
    ("row", "code", "words"),
    [
        ("b,customer", "A311", "too few fields"),
        (",customer,50,50", "A312", "respondent is empty"),
        ("b,robot,50,50", "A313", "role 'robot'"),
        ("b,customer,half,50", "A314", "points 'half'"),
        ("b,customer,-1,50", "A314", "points '-1'"),
        ("b,customer,nan,50", "A314", "points 'nan'"),
        ("b,customer,50,", "A314", "points are missing"),
        ("b,customer,0,0", "A315", "0 points"),
        ("a,customer,50,50", "A316", "already in line 2"),
    ],
)
def test_a_bad_row_of_points_is_named_and_the_others_count(
    tmp_path: Path, row: str, code: str, words: str
) -> None:
    path = written(
        tmp_path, "respondent,role,reliability,empathy", "a,customer,60,40", row, "c,customer,1,1"
    )

    table = read_weights_table(path, DIMENSIONS)

    (problem,) = table.problems
    assert (problem.code, problem.line) == (code, 3)
    assert words in problem.cause
    assert len(table.rows[Group.CUSTOMER]) == 2


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        (("respondent,role,reliability", "a,customer,1"), "A303"),
        (("respondent,role,reliability,empathy", '"' + "x" * 200_000), "A304"),
        (("respondent,role,reliability,empathy",), "A305"),
        (("respondent,role,reliability,empathy", "a,customer,0,0"), "A305"),
        (("respondent,role,reliability,empathy", "a,customer,5,0"), "A317"),
    ],
)
def test_a_table_that_gives_no_weights_is_refused(
    tmp_path: Path, lines: tuple[str, ...], code: str
) -> None:
    with pytest.raises(UnusableTable) as refused:
        read_weights_table(written(tmp_path, *lines), DIMENSIONS)

    assert refused.value.problem.code == code


def test_a_unit_may_belong_to_several_regions(tmp_path: Path) -> None:
    path = written(tmp_path, "region,unit", "North,Hill", "Country,Hill", "Country,Dale")

    table = read_regions_table(path, {"Hill", "Dale"})

    assert table.units == {"North": ("Hill",), "Country": ("Hill", "Dale")}


@pytest.mark.parametrize(
    ("row", "code", "words"),
    [
        ("Hill", "A411", "too few fields"),
        ("Hill,", "A412", "region is empty"),
        (",North", "A412", "unit is empty"),
        ("Moor,North", "A413", "unit 'Moor' has no answers"),
        ("Hill,*", "A414", "whole organisation"),
        ("Hill,Dale", "A415", "name of a unit"),
    ],
)
def test_a_bad_row_of_regions_is_named_and_the_others_count(
    tmp_path: Path, row: str, code: str, words: str
) -> None:
    path = written(tmp_path, "unit,region", row, "Hill,North")

    table = read_regions_table(path, {"Hill", "Dale"})

    (problem,) = table.problems
    assert (problem.code, problem.line) == (code, 2)
    assert words in problem.cause
    assert table.units == {"North": ("Hill",)}


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        (("unit,area", "Hill,North"), "A403"),
        (("unit,region", '"' + "x" * 200_000), "A404"),
        (("unit,region",), "A405"),
        (("unit,region", "Moor,North"), "A405"),
    ],
)
def test_a_table_that_gives_no_region_is_refused(
    tmp_path: Path, lines: tuple[str, ...], code: str
) -> None:
    with pytest.raises(UnusableTable) as refused:
        read_regions_table(written(tmp_path, *lines), {"Hill"})

    assert refused.value.problem.code == code


def test_files_that_cannot_be_read_say_which_kind_they_were_to_be(tmp_path: Path) -> None:
    broken = tmp_path / "broken.csv"
    broken.write_bytes(b"\x80\x00\x81\xff")
    with pytest.raises(UnreadableFile, match="cannot be read") as absent:
        read_weights_table(tmp_path / "absent.csv", DIMENSIONS)
    assert absent.value.problem.code == "A301"
    with pytest.raises(UnreadableFile) as absent:
        read_regions_table(tmp_path / "absent.csv", {"Hill"})
    assert absent.value.problem.code == "A401"
    with pytest.raises(UnusableTable) as refused:
        read_weights_table(broken, DIMENSIONS)
    assert refused.value.problem.code == "A302"
    with pytest.raises(UnusableTable) as refused:
        read_regions_table(broken, {"Hill"})
    assert refused.value.problem.code == "A402"
