"""What the documentation says is there, is there; what is there, the documentation says."""

import argparse
import doctest
import importlib
import pkgutil
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import SQLModel

import bot
import gapengine
from bot.cli import COMMANDS, main
from bot.core.i18n import LANGUAGES

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))]
MODULES = [
    one.name
    for package in (bot, gapengine)
    for one in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    if not one.name.startswith("bot.core.migrations.") and one.name != "bot.__main__"
]
REFERENCE = ("error-codes.md", "report.md")
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_CODE_IN_PYTHON = re.compile(r"[\"']([SQFARE]\d{3})[\"']")
_CODE_IN_PROSE = re.compile(r"\b[SQFARE]\d{3}\b")
_FENCE = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, made as GitHub makes them."""
    titles = re.findall(r"^#+ (.+)$", _FENCE.sub("", read(page)), re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", title.lower()) for title in titles)
    return {title.replace(" ", "-") for title in plain}


def links(page: Path) -> list[str]:
    return [one for one in _LINK.findall(_FENCE.sub("", read(page))) if "://" not in one]


def parser_of(command: str) -> argparse.ArgumentParser:
    subparsers = argparse.ArgumentParser().add_subparsers()
    importlib.import_module(COMMANDS[command][0]).add_parser(subparsers)
    found: argparse.ArgumentParser = subparsers.choices[command]
    return found


def section(page: Path, heading: str) -> str:
    found = re.search(
        rf"^## {re.escape(heading)}$(.*?)(?=^## |\Z)", read(page), re.MULTILINE | re.DOTALL
    )
    assert found, f"{page.name} has no heading '{heading}'"
    return found.group(1)


def code_of_program() -> Iterator[str]:
    for folder in ("bot", "gapengine"):
        for path in (ROOT / folder).rglob("*.py"):
            yield from _CODE_IN_PYTHON.findall(read(path))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in links(page):
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page

        assert target.exists(), f"{page.name}: {link}"
        if anchor:
            assert anchor in anchors(target), f"{page.name}: {link}"


def test_every_page_can_be_reached_from_the_index() -> None:
    index = DOCS / "index.md"
    linked = {(DOCS / link.partition("#")[0]).resolve() for link in links(index)}

    assert set(DOCS.rglob("*.md")) - linked == {index}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_and_option_is_explained(command: str) -> None:
    text = section(DOCS / "reference" / "commands.md", f"`gapbot {command}`")

    for action in parser_of(command)._actions:
        if "--help" in action.option_strings:
            continue
        shown = action.option_strings[-1] if action.option_strings else action.metavar
        assert f"`{shown or action.dest.upper()}" in text


def test_no_command_is_explained_that_is_not_there() -> None:
    explained = re.findall(
        r"^## `gapbot ([\w-]+)`", read(DOCS / "reference/commands.md"), re.MULTILINE
    )

    assert sorted(explained) == sorted(COMMANDS)


def test_every_option_that_is_explained_exists() -> None:
    for command in COMMANDS:
        text = section(DOCS / "reference/commands.md", f"`gapbot {command}`")
        offered = {word for one in parser_of(command)._actions for word in one.option_strings}

        for option in re.findall(r"^\| `(--[\w-]+)", text, re.MULTILINE):
            assert option in offered, f"{command} {option}"


def test_every_command_of_the_chat_is_explained() -> None:
    named = {
        word
        for path in (ROOT / "bot").glob("*/*.py")
        for word in re.findall(r"\bCommand\(\s*\"(\w+)\"", read(path))
    }
    text = section(DOCS / "reference/commands.md", "In the chat")

    assert len(named) > 8
    assert set(re.findall(r"^\| `/(\w+)`", text, re.MULTILINE)) == named


def test_every_code_of_an_error_is_explained() -> None:
    explained = {
        code
        for name in REFERENCE
        for code in _CODE_IN_PROSE.findall(read(DOCS / "reference" / name))
    }

    assert set(code_of_program()) - explained == set()


def test_no_code_is_explained_that_nothing_raises() -> None:
    headings = re.findall(
        r"^#+ ([SQFARE]\d{3})\b", read(DOCS / "reference/error-codes.md"), re.MULTILINE
    )

    assert set(headings) - set(code_of_program()) == set()
    assert len(headings) == len(set(headings))


def test_every_table_is_explained_and_no_other() -> None:
    for name in MODULES:
        if name.endswith("tables"):
            importlib.import_module(name)
    explained = re.findall(r"^\| `(\w+)` \|", read(DOCS / "reference/tables.md"), re.MULTILINE)

    assert sorted(explained) == sorted(SQLModel.metadata.tables)


def test_every_word_of_the_glossary_that_names_code_exists() -> None:
    words = set(re.findall(r"`([a-z_.]+)`", read(DOCS / "glossary.md")))
    known = {*SQLModel.metadata.tables, *MODULES, "bot", "gapengine"}

    assert len(words) > 20
    assert words - known == set()


def test_the_glossary_is_in_order_and_names_each_word_once() -> None:
    words = re.findall(r"^\| ([^|`]+) \| ", read(DOCS / "glossary.md"), re.MULTILINE)[1:]

    assert words == sorted(set(words), key=lambda word: word.replace("'", ""))


def test_decisions_have_a_number_each_and_say_why() -> None:
    files = sorted((DOCS / "decisions").glob("*.md"))
    numbers = [path.name[:4] for path in files]

    assert len(numbers) == len(set(numbers))
    for path in files:
        text = read(path)
        assert text.startswith(f"# {int(path.name[:4])}. ")
        for part in ("Context", "Decision", "Consequences"):
            assert f"\n## {part}\n" in text, f"{path.name}: {part}"


def test_the_readme_names_the_two_commands_and_both_exist() -> None:
    readme, script = read(ROOT / "README.md"), read(ROOT / "run.sh")

    for word in ("demo", "test", "bot"):
        assert f"./run.sh {word}" in readme
        assert f"./run.sh {word}" in script


def test_the_readme_shows_pictures_of_moderate_size_and_none_is_forgotten() -> None:
    shown = {
        (page.parent / link).resolve()
        for page in PAGES
        for link in links(page)
        if link.endswith(".png")
    }
    there = set((DOCS / "pictures").glob("*.png"))

    assert shown == there
    assert all(path.stat().st_size <= 250_000 for path in there)
    assert sum(path.stat().st_size for path in there) <= 1_800_000


def test_every_language_of_the_program_is_in_the_readme() -> None:
    names = {
        "en": "English",
        "es": "Spanish",
        "ar": "Arabic",
        "fr": "French",
        "de": "German",
        "pt-BR": "Portuguese (Brazil)",
        "ja": "Japanese",
        "hi": "Hindi",
        "zh-Hans": "Simplified",
        "zh-Hant": "Traditional",
    }

    assert set(names) == set(LANGUAGES)
    assert all(name in read(ROOT / "README.md") for name in names.values())


def test_every_library_that_is_installed_for_running_is_in_the_notice() -> None:
    wanted = re.findall(r"^([\w-]+[\w.]*)", read(ROOT / "requirements/run.in"), re.MULTILINE)
    notice = read(ROOT / "NOTICE").lower()

    assert len(wanted) > 10
    assert [name for name in wanted if name.lower() not in notice] == []


def test_the_examples_of_check_are_what_it_prints(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check"]) == 0

    assert capsys.readouterr().out in read(DOCS / "reference/commands.md")


def test_the_questionnaire_of_the_guide_passes_the_check(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    guide = read(DOCS / "how-to/first-questionnaire.md")
    yaml = re.search(r"```yaml\n(.*?)```", guide, re.DOTALL)
    assert yaml
    file = tmp_path / "cafe.yaml"
    file.write_text(re.sub(r"^   ", "", yaml.group(1), flags=re.MULTILINE), encoding="utf-8")

    assert main(["check", str(file)]) == 0

    assert capsys.readouterr().out == "cafe.yaml: no errors, no warnings\n"


def test_examples_in_docstrings_hold() -> None:
    outcomes = {name: doctest.testmod(importlib.import_module(name)) for name in MODULES}

    assert [name for name, outcome in outcomes.items() if outcome.failed] == []


def test_the_help_of_the_script_names_its_words() -> None:
    shown = subprocess.run(
        [ROOT / "run.sh", "help"], check=True, capture_output=True, text=True, timeout=20
    ).stdout

    assert all(f"./run.sh {word}" in shown for word in ("demo", "test", "bot"))
