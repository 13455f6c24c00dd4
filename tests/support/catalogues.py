"""The msgids that a feature uses, and the catalogues that translate them."""

import ast
import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from jinja2.ext import babel_extract

from bot.core.i18n import LANGUAGES, TEMPLATES

ROOT = TEMPLATES.parent
Msgid = str | tuple[str, ...]

_KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2)}
_OPTIONS = {"trim_blocks": "true", "lstrip_blocks": "true", "newstyle_gettext": "true"}
_MARKS = frozenset({"toast", "label", "say", "N_"})
_WORD = re.compile(r"(?!/\w+$).*[a-z]{2}", re.DOTALL)  # not a symbol, a code or a command


def features() -> list[str]:
    """Return the folders under bot/ that say something to people."""
    names = sorted(path.name for path in (ROOT / "bot").iterdir() if path.is_dir())
    return [name for name in names if msgids(name)]


@cache
def msgids(feature: str) -> frozenset[Msgid]:
    """Return what the templates and the code of a feature ask to be translated.

    The demo plays what other features say; their words are translated there.
    """
    if feature == "demo":
        others = [path.name for path in (ROOT / "bot").iterdir() if path.is_dir()]
        return _asked("demo").difference(*(_asked(one) for one in others if one != "demo"))
    return _asked(feature)


def _asked(feature: str) -> frozenset[Msgid]:
    found: set[Msgid] = set()
    for path in sorted((TEMPLATES / feature).glob("**/*.j2")):
        found.update(_in_template(path))
    for path in _code(feature):
        found.update(_in_code(path))
    return frozenset(found)


def literals(feature: str) -> set[Msgid]:
    """Return every text that stands in the code of a feature, marked for translation or not."""
    trees = (ast.parse(path.read_text("utf-8")) for path in _code(feature))
    constants = (
        node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant)
    )
    return {node.value for node in constants if isinstance(node.value, str)}


def catalogue_path(feature: str, language: str) -> Path:
    """Return where the translations of a feature into a language lie."""
    folder = TEMPLATES / "locales" / language.replace("-", "_") / "LC_MESSAGES"
    return folder / f"{feature}.po"


def catalogue(feature: str, language: str) -> Catalog:
    """Read the translations of a feature into a language."""
    with catalogue_path(feature, language).open("rb") as source:
        return read_po(source, locale=language.replace("-", "_"))


def _code(feature: str) -> list[Path]:
    return sorted((ROOT / "bot" / feature).glob("**/*.py"))


def _in_template(path: Path) -> Iterator[Msgid]:
    with path.open("rb") as source:
        for _, text, _, _ in extract(babel_extract, source, keywords=_KEYWORDS, options=_OPTIONS):
            yield tuple(text) if isinstance(text, (tuple, list)) else text


def _in_code(path: Path) -> Iterator[Msgid]:
    """Literal texts in ``toast("...")``, ``label("...")``, ``label(of, "...")``, ``say("...")``
    and ``N_("...")``; in a module ``words.py`` also the values of its tables."""
    tree = ast.parse(path.read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) in _MARKS:
            yield from _texts(node.args[:2])
    tables = tree.body if path.name == "words.py" else []
    for statement in tables:
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.value, ast.Dict):
            yield from _texts(statement.value.values)


def _texts(nodes: Sequence[ast.expr]) -> Iterator[str]:
    literals = [node.value for node in nodes if isinstance(node, ast.Constant)]
    for text in literals:
        if text in LANGUAGES:
            continue
        if isinstance(text, str) and _WORD.match(text) and not text.endswith(".html"):
            yield text


def _name(called: ast.expr) -> str:
    if isinstance(called, ast.Attribute):
        return called.attr
    return called.id if isinstance(called, ast.Name) else ""
