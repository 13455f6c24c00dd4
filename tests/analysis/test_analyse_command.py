"""``gapbot analyse``: what a person reads, what a program reads, and how it ends."""

import argparse
import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from bot.analysis import analyse_command
from bot.analysis.report_text import report_text
from gapengine.report import Report

HEADER = "respondent,role,unit,week,vantage,dimension,item,score"
ROLES = {"E": "customer", "P": "customer", "C": "customer", "M": "manager", "S": "manager"}


Run = Callable[..., tuple[int, str, str]]


def rows_of(people: dict[str, int], unit: str = "Riverside") -> list[str]:
    """One item; E 7, P 5, C 6, M 6, S 5, D 5 and one point less from every other person."""
    scores = {"E": 7, "P": 5, "C": 6, "M": 6, "S": 5, "D": 5}
    return [
        f"{v}{who},{ROLES.get(v, 'staff')},{unit},w1,{v},reliability,on_time,{score - who % 2}"
        for v, score in scores.items()
        for who in range(people.get(v, 0))
    ]


FULL = {"E": 8, "P": 8, "C": 8, "M": 4, "S": 4, "D": 6}


@pytest.fixture
def analyse(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Write a table, run the command on it, give exit code, output and errors."""

    def run(
        rows: Sequence[str] | None, *options: str, name: str = "answers.csv"
    ) -> tuple[int, str, str]:
        path = tmp_path / name
        if rows is not None:
            path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
        parser = argparse.ArgumentParser()
        analyse_command.add_parser(parser.add_subparsers())
        args = parser.parse_args(["analyse", str(path), *options])
        code = args.run(args)
        out, err = capsys.readouterr()
        return code, out, err

    return run


def test_the_text_shows_both_gap_sets_intervals_people_and_the_chain(analyse: Run) -> None:
    """By hand: means E 6.5, P 4.5, M 5.5, S 4.5, D 4.5."""
    code, out, err = analyse(rows_of(FULL))

    assert (code, err) == (0, "")
    assert "Unit Riverside" in out
    assert "All units together (*)" in out
    gap = next(line for line in out.splitlines() if line.startswith("    G5  "))
    assert re.fullmatch(r"    G5 +P-E +−2\.00\* \[−\d\.\d\d, −\d\.\d\d\] +n 8 P, 8 E", gap)
    assert "specification/G3  D-S      0.00" in out
    assert "chain: P-D 0.00  D-S 0.00  S-M −1.00  M-E −1.00  =  P-E −2.00" in out


def test_the_text_says_what_is_hidden_and_why(analyse: Run) -> None:
    _, out, _ = analyse(rows_of(FULL | {"D": 4, "C": 0}))

    assert "fewer than 5 staff answered D" in out
    assert "C was not asked" in out
    assert "P-D, D-S, D-E not shown: fewer than 5 staff answered D" in out
    assert "(D missing, neighbours joined)" in out
    assert "Hidden below 5 customers, 5 staff or 3 managers." in out


def test_the_text_warns_of_ceilings_and_missing_rules(analyse: Run) -> None:
    rows = [row.replace(",6", ",7") if ",E," in row else row for row in rows_of(FULL)]
    rows += [f"S{who},manager,Riverside,w1,S,reliability,first_time,no rule" for who in range(4)]

    _, out, _ = analyse(rows)

    assert "100% of E are 7" in out
    assert "50% of managers' answers to S say there is no rule" in out


def test_json_is_the_report_and_nothing_else(analyse: Run) -> None:
    code, out, err = analyse(rows_of(FULL), "--json")

    plain = json.loads(out)
    assert (code, err, plain["schema"]) == (0, "", "gapbot.report/1")
    assert set(plain["units"]) == {"*", "Riverside"}
    assert Report.from_plain(plain).units["Riverside"]["vantage"]["E"]["overall"]["mean"] == 6.5
    assert report_text(plain).startswith("Gaps in points")


def test_small_groups_are_shown_only_when_the_analyst_asks(analyse: Run) -> None:
    few = dict.fromkeys("EPCMSD", 2)

    _, hidden, _ = analyse(rows_of(few), "--json")
    _, shown, _ = analyse(rows_of(few), "--json", "--no-suppress")
    _, text, _ = analyse(rows_of(few), "--no-suppress")

    assert {gap["estimate"] for gap in json.loads(hidden)["units"]["*"]["gaps"]} == {None}
    assert None not in {gap["estimate"] for gap in json.loads(shown)["units"]["*"]["gaps"]}
    assert "Nothing is hidden" in text


def test_one_answer_per_point_is_shown_without_an_interval(analyse: Run) -> None:
    code, out, _ = analyse(rows_of(dict.fromkeys("EPCMSD", 1)), "--no-suppress")

    assert code == 0
    assert "no interval (n 1)" in out


def test_bad_rows_are_named_and_the_rest_is_analysed(analyse: Run) -> None:
    code, out, err = analyse([*rows_of(FULL), "x,customer,Riverside,w1,E,reliability,on_time,9"])

    assert code == 0
    assert "answers.csv: line 40: score '9', wanted a whole number from 1 to 7." in err
    assert "1 row left out, 38 answers analysed." in err
    assert "Unit Riverside" in out


def test_a_flood_of_bad_rows_is_cut_short_with_their_number(analyse: Run) -> None:
    bad = [f"x,customer,Riverside,w1,E,reliability,on_time,{k}.5" for k in range(300)]

    _, _, err = analyse([*rows_of(FULL), *bad])

    assert err.count("[A206]") == 100
    assert "200 more rows have a problem" in err


def test_a_problem_that_many_rows_have_is_told_once_with_their_lines(analyse: Run) -> None:
    bad = ["x,custmer,Riverside,w1,E,reliability,on_time,6"] * 700

    _, _, err = analyse([*rows_of(FULL), *bad])

    assert "answers.csv: lines 40, 41, 42, 43, 44 and 695 more: role 'custmer' is unknown." in err
    assert err.count("[A203]") == 1
    assert "700 rows left out, 38 answers analysed." in err


def test_a_table_without_a_good_row_ends_with_65_and_a_missing_file_with_66(analyse: Run) -> None:
    code, out, err = analyse(["x,customer,Riverside,w1,E,reliability,on_time,9"])
    assert (code, out) == (65, "")
    assert err.splitlines()[0].startswith("answers.csv: line 2: ")
    assert err.splitlines()[-1].endswith("[A105]")

    code, out, err = analyse(None, name="absent.csv")
    assert (code, out) == (66, "")
    assert err == (
        "absent.csv: cannot be read: no such file or directory. "
        "Name an existing file that you may read. [A101]\n"
    )


def write(folder: Path, name: str, *lines: str) -> str:
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


def two_dimensions() -> list[str]:
    """The rows of ``rows_of`` twice: half a point apart in a second dimension for P."""
    rows = rows_of(FULL)
    return rows + [row.replace("reliability,on_time", "empathy,knows_you") for row in rows]


def test_points_of_customers_weigh_the_dimensions(analyse: Run, tmp_path: Path) -> None:
    """Thirty customers give 80 : 20 on average; the weighted figures then stand beside."""
    people = [f"c{k},customer,{80 + k % 2},{20 - k % 2}" for k in range(30)]
    file = write(tmp_path, "weights.csv", "respondent,role,reliability,empathy", *people)

    _, out, _ = analyse(two_dimensions(), "--weights", file, "--json")
    _, text, _ = analyse(two_dimensions(), "--weights", file)

    plain = json.loads(out)
    assert plain["weights"] == pytest.approx({"reliability": 0.805, "empathy": 0.195})
    assert (plain["weights_source"], plain["importance_stated"]["n"]) == ("customers", 30)
    importance = plain["units"]["Riverside"]["importance"]
    assert [row["quadrant"] for row in importance] == ["concentrate here", "low priority"]
    assert importance[0]["low"] < 0.805 < importance[0]["high"]
    assert "weighted with reliability 80%, empathy 20% (customers)" in " ".join(text.split())
    assert "\n  weighted\n" in text


def test_few_customers_leave_the_published_weights_in_place(analyse: Run, tmp_path: Path) -> None:
    people = [f"c{k},customer,80,20" for k in range(7)]
    people += [f"{role}{k},{role},30,70" for k in range(3) for role in ("manager", "staff")]
    file = write(tmp_path, "weights.csv", "respondent,role,reliability,empathy", *people, "x,,1,1")

    _, out, err = analyse(two_dimensions(), "--weights", file, "--json")

    plain = json.loads(out)
    assert plain["weights"] == pytest.approx({"reliability": 32 / 48, "empathy": 16 / 48})
    assert plain["weights_source"] == "published prior"
    assert plain["importance_stated"]["stated"] == pytest.approx(
        {"reliability": 0.8, "empathy": 0.2}
    )
    (others,) = plain["importance_stated"]["others"].items()
    assert (others[0], others[1]["n"]) == ("manager", 3)
    assert others[1]["shares"] == pytest.approx({"reliability": 0.3, "empathy": 0.7})
    assert {row["quadrant"] for row in plain["units"]["*"]["importance"]} == {"undecided"}
    assert "weights.csv: line 15: role '' is unknown." in err
    assert "weights.csv: 1 row left out, 13 respondents' points used." in err


def test_regions_stand_between_the_whole_and_the_units(analyse: Run, tmp_path: Path) -> None:
    rows = rows_of(FULL) + rows_of(FULL, unit="Hill")
    file = write(tmp_path, "regions.csv", "unit,region", "Hill,North", "Riverside,North", "Moor,X")

    code, out, err = analyse(rows, "--regions", file)

    titles = [
        line for line in out.splitlines() if line.startswith(("All", "Region", "The", "Unit"))
    ]
    assert code == 0
    assert titles[0] == "All units together (*)"
    assert titles[1:3] == ["Region North (2 units)", "The 2 units by customer gap P-E"]
    assert titles[3:] == ["Unit Hill", "Unit Riverside"]
    assert "regions.csv: line 4: unit 'Moor' has no answers." in err


@pytest.mark.parametrize("option", ["--weights", "--regions"])
def test_a_table_beside_the_answers_that_cannot_be_used_ends_the_command(
    analyse: Run, tmp_path: Path, option: str
) -> None:
    code, out, err = analyse(rows_of(FULL), option, str(tmp_path / "absent.csv"))
    assert (code, out) == (66, "")
    assert "absent.csv: cannot be read" in err

    code, out, err = analyse(rows_of(FULL), option, write(tmp_path, "bad.csv", "a,b", "1,2"))
    assert (code, out) == (65, "")
    assert "bad.csv: line 1: no column" in err


def test_only_the_units_asked_for_are_told_in_full(analyse: Run) -> None:
    rows = rows_of(FULL) + rows_of(FULL, unit="Hill")

    _, out, _ = analyse(rows, "--unit", "Hill")
    code, nothing, err = analyse(rows, "--unit", "Hull")

    assert "Unit Hill" in out
    assert "Riverside" not in out
    assert "All units" not in out
    assert (code, nothing) == (65, "")
    assert err == (
        "answers.csv: --unit 'Hull' has no answers in this table. "
        "Name a unit as the table does. [A106]\n"
    )


def test_many_units_are_listed_and_told_in_full_on_request_only(analyse: Run) -> None:
    rows = [row for k in range(13) for row in rows_of(FULL, unit=f"u{k:02d}")]

    _, out, _ = analyse(rows)

    assert "The 13 units by customer gap P-E" in out
    assert "Unit u00" not in out
    assert sum(line.startswith("u") and "●" in line for line in out.splitlines()) == 13


def test_the_confidence_is_the_one_asked_for(
    analyse: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    def width(*options: str) -> float:
        _, out, _ = analyse(rows_of(FULL), "--json", *options)
        plain = json.loads(out)
        gap = next(gap for gap in plain["units"]["*"]["gaps"] if gap["name"] == "G5")
        return float(gap["high"] - gap["low"])

    assert width("--confidence", "0.8") < width() < width("--confidence", "0.99")
    for wrong in ("95", "0.4", "much"):
        with pytest.raises(SystemExit) as ended:
            analyse(rows_of(FULL), "--confidence", wrong)
        assert ended.value.code == 2
        assert "give a share from 0.5 to 0.999" in capsys.readouterr().err


def test_the_page_is_written_alone_or_beside_json(analyse: Run, tmp_path: Path) -> None:
    page = tmp_path / "page.html"

    _, out, _ = analyse(rows_of(FULL), "--html", str(page))
    _, as_json, _ = analyse(rows_of(FULL), "--html", str(page), "--json")

    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert out == f"{page} holds the report.\n"
    assert json.loads(as_json)["schema"] == "gapbot.report/1"


def test_advice_comes_first_and_says_where_the_gap_arises(analyse: Run) -> None:
    _, out, _ = analyse(rows_of(FULL), "--json")
    _, text, _ = analyse(rows_of(FULL))

    first = json.loads(out)["units"]["Riverside"]["advice"][0]
    assert [step["choice"] for step in first["why"]] == ["gap", "segment"]
    assert first["segment"] in {"M-E", "S-M"}
    assert first["evidence"]["estimate"] == -1.0
    assert "1. reliability: " in text
    assert text.index("look at this first") < text.index("mean  ")


def test_nothing_but_this_command_can_skip_the_suppression() -> None:
    root = Path(__file__).parents[2]

    users = {
        path.relative_to(root).as_posix()
        for folder in ("bot", "gapengine")
        for path in (root / folder).rglob("*.py")
        if "analyse_own_table" in path.read_text(encoding="utf-8")
    }

    assert users == {"bot/analysis/own_report.py", "gapengine/report.py"}


def thin_rows() -> list[str]:
    """Twelve customers, each asked one of six items."""
    return [
        f"c{who},customer,Riverside,w1,{v},d{who % 2},i{who % 6},{score - who // 6 - who % 2}"
        for who in range(12)
        for v, score in (("E", 7), ("P", 5))
    ]


def test_thin_answers_are_told_and_can_be_corrected(analyse: Run) -> None:
    _, plain, warned = analyse(thin_rows(), "--json")
    _, corrected, silent = analyse(thin_rows(), "--json", "--errors", "corrected")
    _, text, _ = analyse(thin_rows(), "--errors", "corrected")

    told = "answers.csv: unit Riverside had fewer than 5 answers to an item on average (E, P)"
    assert warned.startswith(told)
    assert silent == ""
    assert "corrected for items with few answers" in " ".join(text.split())
    reports = [json.loads(one) for one in (plain, corrected)]
    assert [one["errors"] for one in reports] == ["linearised", "corrected"]
    errors = [one["units"]["Riverside"]["vantage"]["P"]["overall"]["se"] for one in reports]
    assert errors[0] < errors[1]


def test_few_people_who_answered_everything_are_not_thin(analyse: Run) -> None:
    scores = {"E": 7, "P": 5}
    rows = [
        f"c{who},customer,Riverside,w1,{v},d{item % 2},i{item},{score - (who + item) % 3}"
        for who in range(4)
        for item in range(3)
        for v, score in scores.items()
    ]

    _, plain, warned = analyse(rows, "--json", "--no-suppress")
    _, corrected, _ = analyse(rows, "--json", "--no-suppress", "--errors", "corrected")

    assert warned == ""
    one, other = (json.loads(text)["units"]["Riverside"]["gaps"] for text in (plain, corrected))
    for own, same in zip(one, other, strict=True):
        if own["se"]:  # answers that do not differ leave the corrected error unknown
            assert own["se"] == pytest.approx(same["se"], abs=1e-12)
        assert own["low"] == pytest.approx(same["low"], abs=1e-9)


def test_a_shorter_scale_can_be_named(analyse: Run) -> None:
    """Five people, E 5 and P 4 or 3 of five levels."""
    rows = [
        f"c{who},customer,Riverside,w1,{v},reliability,on_time,{score}"
        for who in range(5)
        for v, score in (("E", 5), ("P", 4 - who % 2))
    ]

    _, plain, err = analyse(rows, "--json", "--points", "5")
    _, text, _ = analyse(rows, "--points", "5")

    assert err == ""
    report = json.loads(plain)
    cells = {v: report["units"]["*"]["vantage"][v]["overall"] for v in "EP"}
    assert report["scale"] == [1, 5]
    assert (cells["E"]["high"], cells["E"]["share_5"]) == (5.0, 1.0)
    assert cells["P"]["share_4_5"] == 0.6
    assert "points of the 1 to 5 scale" in text
    assert "60% of P are 4 or 5 (" in text
    assert "100% of E are 5: the scale's ceiling" in text


def test_a_score_above_the_named_scale_is_told(analyse: Run) -> None:
    rows = [f"c{who},customer,Riverside,w1,P,reliability,on_time,{who % 5 + 1}" for who in range(9)]

    _, _, err = analyse([*rows, rows[0][:-1] + "6"], "--points", "5")

    assert "score '6', wanted a whole number from 1 to 5." in err
