"""The page "The engine on your own data": its tables and outputs are what the program makes."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest

from bot.analysis.long_table import read_long_table
from gapengine.vantage import Group

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs/how-to/example"
PAGE = ROOT / "docs/how-to/engine-on-your-own-data.md"


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    """Load the script beside the tables; ``docs`` is no package."""
    spec = importlib.util.spec_from_file_location("make_example", EXAMPLE / "make.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_example_tables_are_those_the_script_draws(maker: ModuleType) -> None:
    made = {name: maker.as_csv(rows) for name, rows in maker.tables().items()}

    assert made == {path.name: path.read_text("utf-8") for path in EXAMPLE.glob("*.csv")}


def test_the_outputs_on_the_page_are_what_its_commands_and_its_python_print(
    maker: ModuleType,
) -> None:
    page = PAGE.read_text(encoding="utf-8")

    assert page.count("$ gapbot") == 2
    assert maker.with_outputs(page) == page


def test_outputs_that_are_no_longer_true_are_replaced(maker: ModuleType) -> None:
    page = PAGE.read_text(encoding="utf-8")
    old = page.replace("All units together", "All units apart").replace("alpha empathy", "beta")
    assert old != page

    assert maker.with_outputs(old) == page


def test_a_wide_table_is_turned_as_the_page_tells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = [f"{item}_{point}" for item in ("order_complete", "told_how_long") for point in "EP"]
    who = {"respondent": ["a", "b"], "role": "customer", "unit": "Hill", "week": "2026-02-09"}
    answers = {"order_complete_E": [7, 6], "told_how_long_P": [3, None]}
    wide = pd.DataFrame(who | {question: answers.get(question) for question in asked})
    wide.to_csv(tmp_path / "wide.csv", index=False)
    monkeypatch.chdir(tmp_path)
    snippet = PAGE.read_text(encoding="utf-8").split("```python\n")[1].split("```")[0]

    exec(compile(snippet, PAGE.name, "exec"), {})  # noqa: S102  # our own page
    table = read_long_table(tmp_path / "answers.csv")

    assert (table.answers, table.problems) == (3, ())
    assert table.units["Hill"][Group.CUSTOMER].histogram[1].tolist() == [
        [0] * 7,
        [0, 0, 1, 0, 0, 0, 0],
    ]
