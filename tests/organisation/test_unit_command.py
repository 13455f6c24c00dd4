"""``gapbot unit``: the tree from the command line."""

from pathlib import Path

import pytest

from bot.cli import main


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An empty folder with an organisation of two units."""
    monkeypatch.chdir(tmp_path)
    for name in ("GAPBOT_TOKEN", "GAPBOT_DATABASE_URL", "GAPBOT_DATA", "GAPBOT_KEY"):
        monkeypatch.delenv(name, raising=False)
    assert main(["init", "--organisation", "Cup", "--unit", "Riverside", "--unit", "Mill"]) == 0


def test_a_region_is_made_and_units_move_and_merge(capsys: pytest.CaptureFixture[str]) -> None:
    done = [
        main(["unit", "add", "North", "--region"]),
        main(["unit", "move", "riverside", "--in", "North"]),
        main(["unit", "merge", "Mill", "--to", "Riverside"]),
    ]
    capsys.readouterr()

    main(["unit", "list"])

    lines = capsys.readouterr().out.splitlines()
    assert done == [0, 0, 0]
    assert lines[:2] == ["North/", "  Riverside"]
    assert lines[2].startswith("    Mill (merged since ")


def test_what_cannot_be_done_is_told_with_its_code(capsys: pytest.CaptureFixture[str]) -> None:
    codes = [
        main(["unit", "move", "Mill", "--in", "Riverside"]),  # no region
        main(["unit", "rename", "Mill", "--to", "Riverside"]),  # taken
        main(["unit", "close"]),  # which?
    ]

    said = capsys.readouterr().err
    assert codes == [64, 64, 64]
    assert all(f"[{code}]" in said for code in ("S404", "S410", "S411"))
