"""The command ``gapbot``: finds the command's module and runs it; errors become one line."""

import argparse
import errno
import importlib
import os
import sys
from collections.abc import Sequence

from bot import __version__
from bot.core.errors import GapbotError, StorageError
from bot.core.logs import redact

COMMANDS = {
    "run": ("bot.run_command", "run the bot (GAPBOT_TOKEN)"),
    "demo": ("bot.demo.demo_command", "the whole product offline: no token, no account"),
    "init": ("bot.people.command", "set up a new database and print the owner's link"),
    "invite": ("bot.people.command", "print a link that lets somebody in"),
    "poster": ("bot.ways.poster_command", "make a poster with a code by which customers come in"),
    "unit": ("bot.organisation.unit_command", "list, make, rename, move, merge, close units"),
    "send": ("bot.send_command", "send a questionnaire to the people of a unit"),
    "recompute": ("bot.analysis.command", "bring the stored gaps up to date"),
    "digest": ("bot.digests.command", "send a unit's digest to its managers, or print it"),
    "analyse": ("bot.analysis.analyse_command", "the engine alone, on a table of your own"),
    "export-person": ("bot.privacy.person_command", "write what leads to somebody into a file"),
    "erase-person": ("bot.privacy.person_command", "erase what leads to somebody"),
    "retention": ("bot.privacy.retention_command", "print what is held, and when it goes"),
    "key": ("bot.key_command", "check the key that seals names and texts, or change it"),
    "import": ("bot.import_command", "read customers, visits, standards and more from a table"),
    "link": ("bot.crm.link_command", "print a link that ties a customer to Telegram"),
    "integration": ("bot.web.integration_command", "let another system report events"),
    "segments": ("bot.analysis.segments_command", "print the gaps by kind of customer"),
    "check": ("bot.improvement.check_command", "check questionnaires, fixes and sector packs"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        args = _parser(words[0] if words else "").parse_args(words)
        code: int = args.run(args)
    except GapbotError as error:
        print(f"gapbot: {redact(str(error))}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        plain = _plain(error)
        print(f"gapbot: {redact(str(plain))}", file=sys.stderr)
        return plain.exit_code
    return code


def _parser(word: str) -> argparse.ArgumentParser:
    """Build the parser; only the named command's module is imported, so that starting is quick."""
    parser = argparse.ArgumentParser(
        prog="gapbot", description="Measures in chat where a service falls short."
    )
    parser.add_argument("--version", action="version", version=f"gapbot {__version__}")
    subparsers = parser.add_subparsers(metavar="COMMAND", required=True)
    if word in COMMANDS:
        importlib.import_module(COMMANDS[word][0]).add_parser(subparsers)
    for name, (_, line) in COMMANDS.items():
        if name not in subparsers.choices:
            subparsers.add_parser(name, help=line)
    return parser


def _plain(error: OSError) -> StorageError:
    place = str(error.filename or "the disk")
    if error.errno == errno.ENOSPC:
        return StorageError("S202", place, "the disk is full.", "Make room and start again.")
    return StorageError("S207", place, f"{error.strerror or error}.", "Check the path and rights.")
