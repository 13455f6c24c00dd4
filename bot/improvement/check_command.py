"""``gapbot check``: say what is wrong or doubtful in questionnaires, fixes and sector packs."""

import argparse
import re
from pathlib import Path

from bot.core.errors import InputError
from bot.core.i18n import TEMPLATES
from bot.improvement import packs
from bot.improvement.catalogue import FIXES, load_fixes, read_entries, used_twice
from bot.settings import read_settings
from bot.surveys import check_command
from bot.surveys.check_command import counted, say

_FIRST_KEY = re.compile(r"^(fixes|words)[ \t]*:", re.MULTILINE)


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    check_command.add_parser(subparsers)
    subparsers.choices["check"].set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the problems of each file; 1 when there is an error among them, else 0."""
    if args.schema:
        return check_command.run(args)
    codes: dict[str, Path] = {}
    return max([_report(path, codes) for path in args.files or _usual_files()])


def problems_in(path: Path, codes: dict[str, Path]) -> list[InputError]:
    """Return everything that is wrong with a file of fixes.

    ``codes`` says which file each code was found in; those of this file are added to it.
    """
    is_shipped = path.resolve().parent == FIXES
    found = []
    known = {} if is_shipped else {fix.code: FIXES for fix in load_fixes()}
    for entry in read_entries(path, is_shipped=is_shipped):
        if isinstance(entry, InputError):
            found.append(entry)
        elif entry.code in known or entry.code in codes:
            found.append(used_twice(path, entry.code))
        else:
            codes[entry.code] = path
    return found


def _report(path: Path, codes: dict[str, Path]) -> int:
    kind = _kind_of(path)
    if not kind:
        return check_command.report(path)
    problems = (
        packs.problems_in(path, load_fixes()) if kind == "words" else problems_in(path, codes)
    )
    for problem in problems:
        say(str(problem))
    say(f"{path.name}: {counted(len(problems), 'error')}, {counted(0, 'warning')}")
    return 1 if problems else 0


def _kind_of(path: Path) -> str:
    """Return the first word by which a file is one of fixes or a pack; empty for all others."""
    try:
        found = _FIRST_KEY.search(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return ""
    return found[1] if found else ""


def _usual_files() -> list[Path]:
    """Return the shipped files, and those of the organisation's own folder of fixes."""
    folders = [TEMPLATES / "questionnaires", FIXES, packs.PACKS]
    own = read_settings().fixes
    if own.name:
        folders.append(own)
    return [path for folder in folders for path in sorted(folder.glob("*.yaml"))]
