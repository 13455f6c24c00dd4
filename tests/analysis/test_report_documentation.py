"""The page on the report names every key and code, and its example runs."""

import re
from pathlib import Path
from typing import Any

from gapengine.report import SCHEMA

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/reference/report.md").read_text(encoding="utf-8")


def test_every_code_of_the_reader_is_explained() -> None:
    source = (ROOT / "bot/analysis/long_table.py").read_text(encoding="utf-8")

    used, told = (set(re.findall(r"\bA[12]\d\d\b", text)) for text in (source, PAGE))

    assert used == told
    assert len(used) == 14


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
