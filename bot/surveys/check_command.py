"""``gapbot check``: say what is wrong or doubtful in questionnaire files."""

import argparse
import json
import sys
from pathlib import Path

from bot.core.i18n import TEMPLATES
from bot.surveys.check import check
from bot.surveys.definition import json_schema


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    parser = subparsers.add_parser(
        "check",
        help="check questionnaires, fixes and sector packs",
        description="Check questionnaires and fixes. Exit code 1 when one of them cannot be used.",
    )
    parser.add_argument(
        "files",
        nargs="*",
        type=Path,
        metavar="FILE",
        help="a YAML file; the shipped ones and your own when none is named",
    )
    parser.add_argument("--schema", action="store_true", help="print the format's JSON Schema")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the problems of each file; 1 when there is an error among them, else 0."""
    if args.schema:
        say(json.dumps(json_schema(), indent=2, ensure_ascii=False))
        return 0
    files = args.files or sorted((TEMPLATES / "questionnaires").glob("*.yaml"))
    return max([report(path) for path in files])


def report(path: Path) -> int:
    """Print the problems of a questionnaire file; 1 when there is an error among them, else 0."""
    problems = check(path)
    errors = sum(problem.is_error for problem in problems)
    for problem in problems:
        say(str(problem))
    say(f"{path.name}: {counted(errors, 'error')}, {counted(len(problems) - errors, 'warning')}")
    return 1 if errors else 0


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, as in "no errors" or "1 error"."""
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"


def say(line: str) -> None:
    """Print one line."""
    sys.stdout.write(line + "\n")
