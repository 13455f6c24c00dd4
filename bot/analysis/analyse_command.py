"""``gapbot analyse FILE``: the engine alone, on a long table of answers from anywhere."""

import argparse
import json
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from bot.analysis.answer_rows import COLUMNS
from bot.analysis.long_table import LongTable, read_long_table
from bot.analysis.own_report import Wishes, own_report
from bot.analysis.own_table import Problem, UnreadableFile, UnusableTable
from bot.analysis.regions_table import RegionsTable, read_regions_table
from bot.analysis.report_page import report_page
from bot.analysis.report_text import report_text
from bot.analysis.terminal_plot import fitted
from bot.analysis.thin_answers import thin_note
from bot.analysis.weights_table import WeightsTable, read_weights_table
from bot.analysis.wording import Plain
from gapengine.intervals import Errors
from gapengine.scale import FEWEST_POINTS, USUAL_POINTS, Scale

EX_OK, EX_DATAERR, EX_NOINPUT = 0, 65, 66
_SPELLED_OUT = 100
_LINES = 5


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command ``analyse`` to the program's commands."""
    parser = subparsers.add_parser(
        "analyse",
        help="measure the gaps in a table of answers",
        description="Measure both sets of five gaps in a long table: one row per answer, with the "
        f"columns {', '.join(COLUMNS)}; others are ignored. Rows with a problem are named by line "
        "on stderr and left out. Exit code 0 if any row was good, 65 if none was or a column is "
        "missing, 66 if the file cannot be read.",
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="the table of answers, CSV or XLSX")
    parser.add_argument(
        "--weights",
        type=Path,
        metavar="FILE",
        help="table with respondent, role and points for each dimension",
    )
    parser.add_argument(
        "--regions", type=Path, metavar="FILE", help="table with unit and region, one pair a row"
    )
    parser.add_argument(
        "--unit",
        action="append",
        default=[],
        metavar="NAME",
        help="tell this unit in full and no other (may be given several times)",
    )
    parser.add_argument(
        "--confidence",
        type=_confidence,
        default=0.95,
        metavar="SHARE",
        help="level of the intervals (0.95)",
    )
    parser.add_argument(
        "--points",
        type=int,
        choices=range(FEWEST_POINTS, USUAL_POINTS + 1),
        default=USUAL_POINTS,
        help="levels of the scale, beginning with 1 (7)",
    )
    parser.add_argument(
        "--errors",
        choices=[kind.value for kind in Errors],
        default=Errors.LINEARISED.value,
        help="standard errors: linearised, or corrected where people were asked a few items of "
        "many (linearised)",
    )
    parser.add_argument("--json", action="store_true", help="print gapbot.report/1 as JSON")
    parser.add_argument(
        "--html", type=Path, metavar="FILE", help="write a page with charts instead of text"
    )
    parser.add_argument(
        "--no-suppress",
        action="store_true",
        help="show small groups too; only for an analyst's own answers",
    )
    parser.set_defaults(run=run)


def _confidence(text: str) -> float:
    try:
        level = float(text)
    except ValueError:
        level = 0.0
    if not 0.5 <= level <= 0.999:
        raise argparse.ArgumentTypeError(f"{text!r}; give a share from 0.5 to 0.999, such as 0.95")
    return level


def run(args: argparse.Namespace) -> int:
    """Read, analyse, print; returns the exit code."""
    reading: Path = args.file
    try:
        table = read_long_table(reading, args.points)
        _tell_rows(table.problems, reading, f"{table.answers} answers analysed")
        _tell_notes([*table.notes, *([table.weeks.note] if table.weeks.note else [])], reading)
        _check_units(args.unit, table)
        reading = args.weights or reading
        weights = _weights(args.weights, table)
        reading = args.regions or reading
        regions = _regions(args.regions, table)
    except UnusableTable as unusable:
        _tell(unusable.rows, reading)
        _tell([unusable.problem], reading)
        return EX_NOINPUT if isinstance(unusable, UnreadableFile) else EX_DATAERR
    errors = Errors(args.errors)
    if errors is Errors.LINEARISED and (note := thin_note(table)) is not None:
        _tell_notes([note], args.file)
    wishes = Wishes(
        hide_nothing=args.no_suppress,
        confidence=args.confidence,
        errors=errors,
        scale=Scale(args.points),
    )
    plain = own_report(
        table, wishes, weights=weights, regions=None if regions is None else regions.units
    )
    _put_out(plain, table, args)
    return EX_OK


def _check_units(chosen: Sequence[str], table: LongTable) -> None:
    for name in chosen:
        if name not in table.units:
            cause = f"--unit {name!r} has no answers in this table"
            raise UnusableTable(Problem("A106", None, cause, "Name a unit as the table does."))


def _weights(file: Path | None, table: LongTable) -> WeightsTable | None:
    if file is None:
        return None
    dimensions = tuple(dict.fromkeys(table.dimension_by_item.values()))
    found = read_weights_table(file, dimensions)
    kept = sum(len(rows) for rows in found.rows.values())
    _tell_rows(found.problems, file, f"{kept} respondents' points used")
    _tell_notes(found.notes, file)
    return found


def _regions(file: Path | None, table: LongTable) -> RegionsTable | None:
    if file is None:
        return None
    found = read_regions_table(file, table.units)
    _tell_rows(found.problems, file, f"{len(found.units)} regions made")
    _tell_notes(found.notes, file)
    return found


def _put_out(plain: Plain, table: LongTable, args: argparse.Namespace) -> None:
    """Print text or JSON, write a page, as was asked."""
    if args.html is not None:
        page = report_page(plain, title=args.file.stem, chosen=args.unit, note=table.weeks.note)
        args.html.write_text(page, encoding="utf-8")
    if args.json:
        sys.stdout.write(json.dumps(plain, ensure_ascii=False, allow_nan=False, indent=2) + "\n")
    elif args.html is not None:
        sys.stdout.write(f"{args.html} holds the report.\n")
    else:
        width = shutil.get_terminal_size((80, 24)).columns if sys.stdout.isatty() else 80
        text = report_text(plain, width=width, chosen=args.unit)
        sys.stdout.write(fitted(text, sys.stdout.encoding))


def _tell_rows(problems: Sequence[Problem], file: Path, rest: str) -> None:
    """Name the bad rows and say what is left."""
    _tell(problems, file)
    if problems:
        left_out = f"{len(problems)} row{'s' if len(problems) > 1 else ''} left out"
        sys.stderr.write(f"{file.name}: {left_out}, {rest}.\n")


def _tell_notes(notes: Sequence[str], file: Path) -> None:
    for note in notes:
        sys.stderr.write(f"{file.name}: {note}.\n")


def _tell(problems: Sequence[Problem], file: Path) -> None:
    """Name each problem once, with the lines that have it."""
    alike: dict[tuple[str, str, str], list[Problem]] = {}
    for problem in problems:
        alike.setdefault((problem.code, problem.cause, problem.cure), []).append(problem)
    for rows in list(alike.values())[:_SPELLED_OUT]:
        sys.stderr.write(_sentence(rows, file.name) + "\n")
    if len(alike) > _SPELLED_OUT:
        more = sum(len(rows) for rows in list(alike.values())[_SPELLED_OUT:])
        sys.stderr.write(f"{file.name}: {more} more rows have a problem; correct these first.\n")


def _sentence(rows: Sequence[Problem], file: str) -> str:
    first = rows[0]
    if len(rows) == 1:
        return first.sentence(file)
    lines = ", ".join(str(row.line) for row in rows[:_LINES])
    more = f" and {len(rows) - _LINES} more" if len(rows) > _LINES else ""
    return f"{file}: lines {lines}{more}: {first.cause}. {first.cure} [{first.code}]"
