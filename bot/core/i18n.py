"""Languages: which there are, which one a person probably reads, and their translations."""

import gettext
import io
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
DEFAULT = "en"
NAMES = {
    "en": "English",
    "zh-Hans": "简体中文",
    "zh-Hant": "繁體中文",
    "es": "Español",
    "ar": "العربية",
    "fr": "Français",
    "de": "Deutsch",
    "pt-BR": "Português",
    "ja": "日本語",
    "hi": "हिन्दी",
}
LANGUAGES = tuple(NAMES)
RIGHT_TO_LEFT = frozenset({"ar"})
NEAR: Mapping[str, tuple[str, ...]] = {"zh-Hans": ("zh-Hant",), "zh-Hant": ("zh-Hans",)}
"""Which other languages a reader of one can read as well."""
_TRADITIONAL = {"hant", "tw", "hk", "mo"}
_BY_NAME = {code.partition("-")[0]: code for code in NAMES if not code.startswith("zh")}


def guess(code: str | None, default: str = DEFAULT) -> str:
    """Return the shipped language nearest to a client's language code, or the default.

    >>> guess("zh-TW"), guess("zh"), guess("ar-EG"), guess("pt"), guess("tlh")
    ('zh-Hant', 'zh-Hans', 'ar', 'pt-BR', 'en')
    """
    parts = (code or "").replace("_", "-").lower().split("-")
    if parts[0] == "zh":
        traditional = "hans" not in parts and _TRADITIONAL.intersection(parts[1:])
        return "zh-Hant" if traditional else "zh-Hans"
    return _BY_NAME.get(parts[0], default)


@cache
def translations(language: str) -> gettext.NullTranslations:
    """Return the merged catalogues of a language; English is what the source says."""
    folder = TEMPLATES / "locales" / language.replace("-", "_") / "LC_MESSAGES"
    merged = gettext.NullTranslations()
    for path in sorted(folder.glob("*.po"), reverse=True):
        with path.open("rb") as source:
            catalogue = read_po(source, locale=language.replace("-", "_"))
        compiled = io.BytesIO()
        write_mo(compiled, catalogue)
        compiled.seek(0)
        one = gettext.GNUTranslations(compiled)
        one.add_fallback(merged)
        merged = one
    return merged


def N_(msgid: str) -> str:  # noqa: N802 - the customary name of the mark
    """Mark a text for the catalogues where it is kept as a constant and translated later."""
    return msgid
