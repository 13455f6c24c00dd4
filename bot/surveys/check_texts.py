"""Rules about languages: every text there in every language, in its own script, not a copy."""

import unicodedata
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches

from bot.core.i18n import LANGUAGES
from bot.surveys.check_problem import Finding, Path
from bot.surveys.definition import Questionnaire, Scale

_SCRIPTS = {"zh": "CJK", "ar": "ARABIC", "hi": "DEVANAGARI"}
_MIN_LETTERS_OF_A_COPY = 12


def texts_of(form: Questionnaire) -> Iterator[tuple[Path, Mapping[str, str]]]:
    """Walk over all texts of a questionnaire with their places."""
    single = {"title": form.title, "note": form.note, "open_question": form.open_question}
    yield from (((name,), text) for name, text in single.items() if text is not None)
    for vantage, scale in form.vantage_points.items():
        yield from _scale_texts(("vantage_points", str(vantage)), scale)
    for index, item in enumerate(form.items):
        for vantage, text in item.text.items():
            yield ("items", index, "text", str(vantage)), text
    if form.causes is None:
        return
    for name in ("stem", "low", "high"):
        yield ("causes", name), getattr(form.causes, name)
    for index, statement in enumerate(form.causes.statements):
        yield ("causes", "statements", index, "text"), statement.text


def _scale_texts(path: Path, scale: Scale) -> Iterator[tuple[Path, Mapping[str, str]]]:
    for name in ("stem", "low", "middle", "high", "no_rule"):
        text = getattr(scale, name)
        if text is not None:
            yield (*path, name), text


def language_findings(form: Questionnaire) -> Iterator[Finding]:
    """Find languages that are unknown, doubled, missing, empty, strange or only copied."""
    yield from _declared(form)
    for path, text in texts_of(form):
        yield from _coverage(form, path, text)
        for language, words in text.items():
            yield from _script(language, words, (*path, language))
        yield from _copies(path, text)


def _declared(form: Questionnaire) -> Iterator[Finding]:
    for index, language in enumerate(form.languages):
        path: Path = ("languages", index)
        if language in form.languages[:index]:
            yield Finding("Q205", path, f"'{language}' is listed twice.", "Remove one of the two.")
        elif not _is_known(language):
            yield Finding(
                "Q201", path, f"'{language}' is no known language.", _suggestion(language)
            )


def _coverage(form: Questionnaire, path: Path, text: Mapping[str, str]) -> Iterator[Finding]:
    for language in dict.fromkeys(form.languages):
        if language not in text:
            cause = f"no '{language}' text, but languages lists it."
            yield Finding("Q203", path, cause, "Add it, or drop the language.")
        elif not text[language].strip():
            here = (*path, language)
            yield Finding("Q202", here, "the text is empty.", "Write it, or drop the language.")
    for language in text:
        here = (*path, language)
        if not _is_known(language):
            cause = f"'{language}' is no known language."
            yield Finding("Q201", here, cause, _suggestion(language))
        elif language not in form.languages:
            cause = f"languages does not list '{language}', so nobody sees this text."
            yield Finding("Q204", here, cause, "List the language, or remove it.", "warning")


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


def _has_script(words: str, script: str) -> bool:
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


def _copies(path: Path, text: Mapping[str, str]) -> Iterator[Finding]:
    """Long texts that are the same in two languages were probably not translated."""
    seen: dict[str, str] = {}
    for language, words in text.items():
        first = seen.setdefault(words.strip(), language)
        is_long = sum(map(str.isalpha, words)) >= _MIN_LETTERS_OF_A_COPY
        both_chinese = first.startswith("zh") and language.startswith("zh")
        if first != language and is_long and not both_chinese:
            cause = f"is the same as the '{first}' text."
            yield Finding("Q206", (*path, language), cause, "Translate it.", "warning")
