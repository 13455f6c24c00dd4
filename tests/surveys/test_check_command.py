"""``gapbot check``: what it prints, and how it ends."""

import json
import re
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

import bot.surveys
from bot.cli import main
from bot.core.i18n import TEMPLATES
from bot.surveys.check import check

Pulse = Callable[[str, str], Path]

ROOT = Path(bot.surveys.__file__).parents[2]
CODES = ROOT / "docs" / "reference" / "error-codes.md"
FORMAT = ROOT / "docs" / "reference" / "questionnaire-format.md"


@pytest.fixture
def pulse(tmp_path: Path) -> Pulse:
    def written(old: str, new: str) -> Path:
        text = (TEMPLATES / "questionnaires" / "staff.yaml").read_text(encoding="utf-8")
        assert old in text
        path = tmp_path / "staff.yaml"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return path

    return written


def test_the_shipped_files_are_fine(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check"]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == [
        "customers.yaml: no errors, no warnings",
        "managers.yaml: no errors, no warnings",
    ]
    assert all(line.endswith(": no errors, no warnings") for line in lines)


def test_an_error_is_printed_and_the_exit_code_is_1(
    capsys: pytest.CaptureFixture[str], pulse: Pulse
) -> None:
    code = main(["check", str(pulse("every_days: 14", "every_days: 0"))])

    lines = capsys.readouterr().out.splitlines()
    assert code == 1
    assert re.fullmatch(
        r"staff\.yaml: cadence\.every_days \(line \d+\): .+ Use at least 1\. \[Q311\]", lines[0]
    )
    assert lines[1] == "staff.yaml: 1 error, no warnings"


def test_a_warning_is_printed_and_the_exit_code_is_0(
    capsys: pytest.CaptureFixture[str], pulse: Pulse
) -> None:
    code = main(["check", str(pulse("expires_days: 5", "expires_days: 20"))])

    assert code == 0
    assert capsys.readouterr().out.splitlines()[1] == "staff.yaml: no errors, 1 warning"


def test_one_bad_file_among_good_ones_decides(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    good = TEMPLATES / "questionnaires" / "staff.yaml"

    assert main(["check", str(good), str(tmp_path / "none.yaml")]) == 1
    assert "none.yaml: cannot be read: no such file or directory." in capsys.readouterr().out


def test_the_schema_is_printed_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--schema"]) == 0

    assert json.loads(capsys.readouterr().out)["properties"]["vantage_points"]


def test_the_command_works_in_a_shell_without_a_utf_8_locale(pulse: Pulse) -> None:
    path = pulse("整洁", "整潔")

    done = subprocess.run(
        [sys.executable, "-m", "bot", "check", str(path)],
        capture_output=True,
        cwd=ROOT,
        check=False,
        env={"LC_ALL": "C", "PATH": ""},
    )

    assert done.returncode == 0, done.stderr.decode()
    assert "[Q208] (warning)" in done.stdout.decode()


def test_every_code_is_explained_and_every_explained_code_exists() -> None:
    source = "".join(p.read_text("utf-8") for p in (ROOT / "bot" / "surveys").glob("check*.py"))
    used = set(re.findall(r'"(Q\d{3})"', source))

    explained = set(re.findall(r"^### (Q\d{3})", CODES.read_text("utf-8"), re.MULTILINE))

    assert explained == used


def test_every_key_of_the_format_is_explained() -> None:
    schema = json.loads((TEMPLATES / "questionnaires" / "questionnaire.schema.json").read_text())
    parts = [schema, *schema["$defs"].values()]
    keys = {key for part in parts for key in part.get("properties", {})}

    text = FORMAT.read_text("utf-8")

    assert {key for key in keys if f"`{key}`" not in text} == set()


def test_the_example_of_the_guide_is_sound(tmp_path: Path) -> None:
    guide = (ROOT / "docs" / "how-to" / "first-questionnaire.md").read_text("utf-8")
    example = guide.split("```yaml\n")[1].split("```")[0]
    path = tmp_path / "cafe.yaml"
    path.write_text(textwrap.dedent(example), encoding="utf-8")

    assert [str(problem) for problem in check(path)] == []
