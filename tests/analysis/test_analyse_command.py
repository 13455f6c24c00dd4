"""``gapbot analyse``: what a person reads, what a program reads, and how it ends."""

import argparse
import json
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
    """By hand for P-E: sum z^2 = 2 * 8 * 0.5^2 / 8^2, n = 16, SE 0.2582, t(0.975, 15) = 2.1314."""
    code, out, err = analyse(rows_of(FULL))

    assert (code, err) == (0, "")
    assert "Unit Riverside" in out
    assert "All units together (*)" in out
    assert "G5                P-E     −2.00* [−2.55, −1.45]      n 8 P, 8 E" in out
    assert "specification/G3  D-S      0.00" in out
    assert "chain: P-D 0.00  D-S 0.00  S-M −1.00  M-E −1.00  =  P-E −2.00" in out


def test_the_text_says_what_is_hidden_and_why(analyse: Run) -> None:
    _, out, _ = analyse(rows_of(FULL | {"D": 4, "C": 0}))

    assert "fewer than 5 staff answered D" in out
    assert "C was not asked" in out
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
    bad = ["x,customer,Riverside,w1,E,reliability,on_time,9"] * 700

    _, _, err = analyse([*rows_of(FULL), *bad])

    assert err.count("[A206]") == 500
    assert "200 more rows have a problem" in err


def test_a_table_without_a_good_row_ends_with_65_and_a_missing_file_with_66(analyse: Run) -> None:
    code, out, err = analyse(["x,customer,Riverside,w1,E,reliability,on_time,9"])
    assert (code, out) == (65, "")
    assert err.splitlines()[0].startswith("answers.csv: line 2: ")
    assert err.splitlines()[-1].endswith("[A105]")

    code, out, err = analyse(None, name="absent.csv")
    assert (code, out) == (66, "")
    assert err == (
        "absent.csv: cannot be read: no such file or directory. "
        "Name an existing CSV file that you may read. [A101]\n"
    )


def test_nothing_but_this_command_can_skip_the_suppression() -> None:
    root = Path(__file__).parents[2]

    users = {
        path.relative_to(root).as_posix()
        for folder in ("bot", "gapengine")
        for path in (root / folder).rglob("*.py")
        if "analyse_own_table" in path.read_text(encoding="utf-8")
    }

    assert users == {"bot/analysis/analyse_command.py", "gapengine/report.py"}
