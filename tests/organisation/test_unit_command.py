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
    assert lines[:3] == ["Cup/", "North/", "  Riverside"]
    assert lines[3].startswith("    Mill (merged since ")


def test_several_units_lie_in_one_region_and_what_comes_later_joins_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    main(["unit", "list"])
    at_first = capsys.readouterr().out.splitlines()
    main(["unit", "add", "Station"])

    joined = main(["unit", "add", "cup", "--over-all"])
    again = main(["unit", "add", "Cup", "--over-all"])

    capsys.readouterr()
    main(["unit", "list"])
    assert at_first == ["Cup/", "  Mill", "  Riverside"]
    assert (joined, again) == (0, 64)  # nothing else stands at the top
    assert capsys.readouterr().out.splitlines() == [*at_first, "  Station"]


def test_what_cannot_be_done_is_told_with_its_code(capsys: pytest.CaptureFixture[str]) -> None:
    codes = [
        main(["unit", "move", "Mill", "--in", "Riverside"]),  # no region
        main(["unit", "rename", "Mill", "--to", "Riverside"]),  # taken
        main(["unit", "close"]),  # which?
    ]

    said = capsys.readouterr().err
    assert codes == [64, 64, 64]
    assert all(f"[{code}]" in said for code in ("S404", "S410", "S411"))
