"""``gapbot import`` as a test runs it: a file, or a text or bytes as one."""

import argparse
from collections.abc import Callable
from pathlib import Path

import pytest

from bot import import_command

EXAMPLES = Path(__file__).parents[2] / "docs/reference/examples"

Import = Callable[..., tuple[int, str, str]]
"""Takes the kind, what is imported, and options; returns exit code, what was said, complaints."""


def importer(
    address: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    folder: Path,
) -> Import:
    """Return a function that imports into the database at this address."""
    monkeypatch.setenv("GAPBOT_DATABASE_URL", address)

    def run(kind: str, source: Path | str | bytes, *options: str) -> tuple[int, str, str]:
        path = source if isinstance(source, Path) else folder / "table.csv"
        if not isinstance(source, Path):
            path.write_bytes(source.encode() if isinstance(source, str) else source)
        parser = argparse.ArgumentParser()
        import_command.add_parser(parser.add_subparsers())
        args = parser.parse_args(["import", kind, str(path), *options])
        code = args.run(args)
        told = capsys.readouterr()
        return code, told.out, told.err

    return run
