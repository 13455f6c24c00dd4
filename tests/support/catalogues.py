"""The msgids that a feature uses, and the catalogues that translate them."""

import ast
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from jinja2.ext import babel_extract

from bot.core.i18n import TEMPLATES

ROOT = TEMPLATES.parent
Msgid = str | tuple[str, ...]

_KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2)}
_OPTIONS = {"trim_blocks": "true", "lstrip_blocks": "true", "newstyle_gettext": "true"}
_MARKS = frozenset({"toast", "label", "N_"})


def features() -> list[str]:
    """Return the folders under bot/ that say something to people."""
    names = sorted(path.name for path in (ROOT / "bot").iterdir() if path.is_dir())
    return [name for name in names if msgids(name)]


def msgids(feature: str) -> set[Msgid]:
    """Return what the templates and the code of a feature ask to be translated."""
    found: set[Msgid] = set()
    for path in sorted((TEMPLATES / feature).glob("**/*.j2")):
        found.update(_in_template(path))
    for path in sorted((ROOT / "bot" / feature).glob("**/*.py")):
        found.update(_in_code(path))
    return found


def catalogue_path(feature: str, language: str) -> Path:
    """Return where the translations of a feature into a language lie."""
    folder = TEMPLATES / "locales" / language.replace("-", "_") / "LC_MESSAGES"
    return folder / f"{feature}.po"


def catalogue(feature: str, language: str) -> Catalog:
    """Read the translations of a feature into a language."""
    with catalogue_path(feature, language).open("rb") as source:
        return read_po(source, locale=language.replace("-", "_"))


def _in_template(path: Path) -> Iterator[Msgid]:
    with path.open("rb") as source:
        for _, text, _, _ in extract(babel_extract, source, keywords=_KEYWORDS, options=_OPTIONS):
            yield tuple(text) if isinstance(text, (tuple, list)) else text


def _in_code(path: Path) -> Iterator[Msgid]:
    """Literal texts in ``toast("...")``, ``label("...")``, ``label(of, "...")``, ``N_("...")``."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and _name(node.func) in _MARKS:
            literals = [one.value for one in node.args[:2] if isinstance(one, ast.Constant)]
            yield from (one for one in literals[:1] if isinstance(one, str))


def _name(called: ast.expr) -> str:
    if isinstance(called, ast.Attribute):
        return called.attr
    return called.id if isinstance(called, ast.Name) else ""
