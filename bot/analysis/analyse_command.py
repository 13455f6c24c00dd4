"""``gapbot analyse FILE.csv``: the engine alone, on a long table of answers from anywhere."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from bot.analysis.answer_rows import COLUMNS
from bot.analysis.csv_file import Problem, UnreadableFile, UnusableTable
from bot.analysis.long_table import LongTable, read_long_table
from bot.analysis.report_text import report_text
from gapengine.report import Report, analyse, analyse_own_table

EX_OK, EX_DATAERR, EX_NOINPUT = 0, 65, 66
_SPELLED_OUT = 500


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command ``analyse`` to the program's commands."""
    parser = subparsers.add_parser(
        "analyse",
        help="measure the gaps in a CSV file of answers",
        description="Measure both sets of five gaps in a long table: one row per answer, with the "
        f"columns {', '.join(COLUMNS)}; others are ignored. Rows with a problem are named by line "
        "on stderr and left out. Exit code 0 if any row was good, 65 if none was or a column is "
        "missing, 66 if the file cannot be read.",
    )
    parser.add_argument("file", type=Path, metavar="FILE.csv", help="the table of answers")
    parser.add_argument("--json", action="store_true", help="print gapbot.report/1 as JSON")
    parser.add_argument(
        "--no-suppress",
        action="store_true",
        help="show small groups too; only for an analyst's own answers",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Read, analyse, print; returns the exit code."""
    file: Path = args.file
    try:
        table = read_long_table(file)
    except UnusableTable as unusable:
        _tell(unusable.rows, file)
        _tell([unusable.problem], file)
        return EX_NOINPUT if isinstance(unusable, UnreadableFile) else EX_DATAERR
    _tell(table.problems, file)
    if table.problems:
        left_out = f"{len(table.problems)} row{'s' if len(table.problems) > 1 else ''} left out"
        sys.stderr.write(f"{file.name}: {left_out}, {table.answers} answers analysed.\n")
    plain = _report(table, hide_nothing=args.no_suppress).to_plain()
    if args.json:
        text = json.dumps(plain, ensure_ascii=False, allow_nan=False, indent=2) + "\n"
    else:
        text = report_text(plain)
    sys.stdout.write(text)
    return EX_OK


def _report(table: LongTable, *, hide_nothing: bool) -> Report:
    analysed = analyse_own_table if hide_nothing else analyse
    return analysed(table.units, table.dimension_by_item)


def _tell(problems: Sequence[Problem], file: Path) -> None:
    for problem in problems[:_SPELLED_OUT]:
        sys.stderr.write(problem.sentence(file.name) + "\n")
    if len(problems) > _SPELLED_OUT:
        more = len(problems) - _SPELLED_OUT
        sys.stderr.write(f"{file.name}: {more} more rows have a problem; correct these first.\n")
