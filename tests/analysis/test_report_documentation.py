"""The page on the report names every key and code, and its example runs."""

import re
from pathlib import Path
from typing import Any

from gapengine.report import SCHEMA
from tests.support.reports import example_report

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/reference/report.md").read_text(encoding="utf-8")


def test_every_code_of_the_command_is_explained_in_a_row_of_its_own() -> None:
    folder = ROOT / "bot/analysis"
    source = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py"))
    rows = "".join(line.split("|")[1] for line in PAGE.splitlines() if line.startswith("| A"))

    used, told = (re.findall(r"\bA[1-4]\d\d\b", text) for text in (source, rows))

    assert set(used) == set(told)
    assert len(told) == len(set(told)) == 38


def test_every_key_that_the_command_adds_is_named() -> None:
    plain = example_report()
    unit = plain["units"]["*"]
    advice = unit["advice"][0]
    parts = [plain, plain["importance_stated"], unit, advice, advice["evidence"]]
    parts += [advice["why"][0], advice["passed_over"][0], unit["importance"][0], *unit["gaps"]]
    parts += [unit["series"][0], unit["series"][0]["points"][0], unit["changes"][0]]

    keys = {key for part in parts for key in part}

    assert {key for key in keys if f"`{key}`" not in PAGE} == {"schema"}
    for reason in ("concentrate here", "protects others"):
        assert f"`{reason}`" in PAGE


def test_the_python_example_runs_and_every_key_it_gives_is_named() -> None:
    example = PAGE.split("```python\n")[1].split("```")[0]
    names: dict[str, Any] = {}

    exec(compile(example, "report.md", "exec"), names)  # noqa: S102  # our own page

    plain = names["report"].to_plain()
    unit = plain["units"]["Riverside"]
    assert plain["schema"] == SCHEMA
    assert unit["vantage"]["P"]["overall"]["mean"] == (14 / 3 + 5.5) / 2
    keys = set(plain) | set(unit) | set(unit["vantage"]["E"]["overall"])
    keys |= {key for gap in unit["gaps"] for key in gap} | set(unit["chain"][0])
    assert {key for key in keys if f"`{key}`" not in PAGE and f'"{key}"' not in PAGE} == set()
