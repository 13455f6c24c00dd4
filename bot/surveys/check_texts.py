"""Rules about languages: every text there in every language, in its own script, not a copy."""

import unicodedata
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from bot.core.i18n import LANGUAGES
from bot.surveys.check_problem import Finding, Path
from gapengine.vantage import Vantage

_SCRIPTS = {
    "zh": ("CJK",),
    "ar": ("ARABIC",),
    "hi": ("DEVANAGARI",),
    "ja": ("HIRAGANA", "KATAKANA", "CJK"),
}
_MIN_LETTERS_OF_A_COPY = 12
_TOP_TEXTS = {"title", "note", "open_question"}
_SCALE_TEXTS = {"stem", "low", "middle", "high", "no_rule"}


def texts_of(tree: Mapping[str, Any]) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Walk over all texts of a file with their places, also where the file has other faults."""
    for path, value in _walk(tree, ()):
        if _is_text(path) and isinstance(value, Mapping) and value:
            yield path, value


def phrases_of(tree: Mapping[str, Any]) -> Iterator[tuple[Path, str, str]]:
    """Walk over every phrase: its place, its language, its words."""
    for path, text in texts_of(tree):
        for language, words in text.items():
            if isinstance(words, str):
                yield (*path, language), language, words


def _walk(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    yield path, value
    if isinstance(value, Mapping):
        for key, child in value.items():
            yield from _walk(child, (*path, key))
    elif isinstance(value, tuple):
        for index, child in enumerate(value):
            yield from _walk(child, (*path, index))


def _is_text(path: Path) -> bool:
    match path:
        case ("items", _, "text", vantage):
            return vantage in set(Vantage)
        case ("causes", "statements", _, "text"):
            return True
        case ("vantage_points", vantage, name):
            return vantage in set(Vantage) and name in _SCALE_TEXTS
        case ("causes", name):
            return name in _SCALE_TEXTS
        case (name,):
            return name in _TOP_TEXTS
    return False


def language_findings(tree: Mapping[str, Any]) -> Iterator[Finding]:
    """Find languages that are unknown, doubled, missing, empty, strange or only copied."""
    declared = tree.get("languages")
    languages = tuple(declared) if isinstance(declared, tuple) else ()
    yield from _declared(languages)
    fallback = tree.get("fallback")
    if isinstance(fallback, str) and languages and fallback not in languages:
        cause = f"languages does not list '{fallback}'."
        yield Finding("Q210", ("fallback",), cause, "List it too, or name one that is listed.")
    for path, text in texts_of(tree):
        if languages:
            yield from _coverage(languages, path, text, fallback=tree.get("fallback"))
        yield from _copies(path, text)
    for path, language, words in phrases_of(tree):
        yield from _script(language, words, path)


def _declared(languages: tuple[Any, ...]) -> Iterator[Finding]:
    for index, language in enumerate(languages):
        path: Path = ("languages", index)
        if language in languages[:index]:
            yield Finding("Q205", path, f"'{language}' is listed twice.", "Remove one of the two.")
        elif isinstance(language, str) and not _is_known(language):
            yield Finding(
                "Q201", path, f"'{language}' is no known language.", _suggestion(language)
            )


def _coverage(
    languages: tuple[Any, ...], path: Path, text: Mapping[str, Any], *, fallback: Any
) -> Iterator[Finding]:
    for language in dict.fromkeys(languages):
        if language in text:
            continue
        cause = f"no '{language}' text, but languages lists it."
        if fallback is None or language == fallback:
            yield Finding("Q203", path, cause, "Add it, or drop the language.")
        else:
            cure = f"It is shown in '{fallback}' until you add it."
            yield Finding("Q209", path, cause, cure, "warning")
    for language, words in text.items():
        here = (*path, language)
        if not _is_known(language):
            cause = f"'{language}' is no known language."
            yield Finding("Q201", here, cause, _suggestion(language))
        elif language not in languages:
            cause = f"languages does not list '{language}', so nobody sees this text."
            yield Finding("Q204", here, cause, "List the language, or remove it.", "warning")
        elif words is None or (isinstance(words, str) and not words.strip()):
            yield Finding("Q202", here, "the text is empty.", "Write it, or drop the language.")


def _is_known(language: str) -> bool:
    from babel import Locale, UnknownLocaleError

    if language in LANGUAGES:
        return True
    try:
        locale = Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return False
    return locale.language != "zh" and str(locale).replace("_", "-") == language


def _suggestion(language: str) -> str:
    if language.lower().startswith("zh"):
        return "Use zh-Hans (Simplified) or zh-Hant (Traditional)."
    close = get_close_matches(language.replace("_", "-"), LANGUAGES, n=1)
    hint = f"Did you mean '{close[0]}'? " if close else ""
    return f"{hint}Use a code such as {', '.join(LANGUAGES)}."


def _script(language: str, words: str, path: Path) -> Iterator[Finding]:
    script = _SCRIPTS.get(language.partition("-")[0])
    if script and any(map(str.isalpha, words)) and not _has_script(words, script):
        cause = f"holds no letter of the script of '{language}'."
        yield Finding("Q207", path, cause, "Check that the translation is in its place.", "warning")
    wrong = next(filter(_foreign_han(language), words), None)
    if wrong is not None:
        kind = "Simplified" if language == "zh-Hans" else "Traditional"
        cause = f"'{wrong}' is not {kind} Chinese."
        yield Finding("Q208", path, cause, "Check whether the two were mixed up.", "warning")


def _has_script(words: str, script: tuple[str, ...]) -> bool:
    return any(unicodedata.name(letter, "").startswith(script) for letter in words)


def _foreign_han(language: str) -> Callable[[str], bool]:
    """Tell Simplified from Traditional by which national character set knows a character."""
    own, other = {"zh-Hans": ("gb2312", "big5"), "zh-Hant": ("big5", "gb2312")}.get(
        language, ("utf-8", "utf-8")
    )
    return lambda letter: not _fits(letter, own) and _fits(letter, other)


def _fits(letter: str, charset: str) -> bool:
    try:
        letter.encode(charset)
    except UnicodeEncodeError:
        return False
    return True


def _copies(path: Path, text: Mapping[str, Any]) -> Iterator[Finding]:
    """Long texts that are the same in two languages were probably not translated."""
    seen: dict[str, str] = {}
    for language, value in text.items():
        words = str(value)
        first = seen.setdefault(words.strip(), language)
        is_long = sum(map(str.isalpha, words)) >= _MIN_LETTERS_OF_A_COPY
        both_chinese = first.startswith("zh") and language.startswith("zh")
        if first != language and is_long and not both_chinese:
            cause = f"is the same as the '{first}' text."
            yield Finding("Q206", (*path, language), cause, "Translate it.", "warning")
