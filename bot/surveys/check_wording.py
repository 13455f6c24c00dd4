"""Rules about wording: one idea per statement, short enough to read on a phone."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from bot.surveys.check_problem import Finding, Path
from bot.surveys.check_texts import phrases_of

LONG_LATIN, LONG_HAN, TOO_LONG = 120, 60, 300
LONG_LABEL, TOO_LONG_LABEL = 36, 64
_SQUARE = ("CJK", "HIRAGANA", "KATAKANA")
_LABELS = {"low", "middle", "high", "no_rule"}

_TWO_IDEAS: Mapping[str, str] = {
    "en": r"\b(?:and|as well as|or)\b|&",
    "zh-Hans": r"以及|并且|而且|同时|还有|或者|[和与跟且]",
    "zh-Hant": r"以及|並且|而且|同時|還有|或者|[和與跟且]",
    "es": r"\b(?:y|e|o|u|así como|además)\b",
    "ar": r"(?:^|\s)(?:و|أو|بالإضافة إلى|كذلك|وأن\w*|ومن|وفي|وعلى|وب?ال\w{3,}|ولل\w{3,})(?=\s|$)",
    "fr": r"\b(?:et|ou|ainsi que)\b",
    "de": r"\b(?:und|oder|sowie)\b",
    "pt": r"\b(?:e|ou|bem como)\b",
    "ja": r"および|及び|または|又は|あるいは|かつ|ならびに|並びに",
    "hi": r"(?:^|\s)(?:और|या|तथा|एवं|व)(?=\s)",
}
"""What joins two ideas, per language."""

_ONE_IDEA: Mapping[str, str] = {
    "en": r"\b(?:again and again|more and more|health and safety|sooner or later|more or less"
    r"|food and drink|terms and conditions|one or two)\b",
    "zh-Hans": r"和[气善蔼睦谐平]|[温平缓暖谦随]和"
    r"|参与|与否|与其|与众不同|跟[进上随]|而且是|尚且|况且",
    "zh-Hant": r"和[氣善藹睦諧平]|[溫平緩暖謙隨]和"
    r"|參與|與否|與其|與眾不同|跟[進上隨]|而且是|尚且|況且",
    "es": r"\b(?:una y otra vez|más o menos|tarde o temprano|uno u otro|hoy y siempre)\b",
    "ar": r"(?:^|\s)(?:والد\w*|والي\w*|واليا|واله\w*)(?=\s|$)",
    "de": r"\b(?:nach und nach|mehr oder weniger|ab und zu)\b",
}
"""Set phrases that hold such a word and still are one idea."""


def wording_findings(tree: Mapping[str, Any]) -> Iterator[Finding]:
    """Find statements of two ideas, texts too long for a card, and characters that break it."""
    for path, language, words in phrases_of(tree):
        yield from _breaks(words, path)
        yield from _label(words, path) if path[-2] in _LABELS else _length(words, path)
        if _is_statement(path):
            yield from _two_ideas(language, words, path)


def _is_statement(path: Path) -> bool:
    return path[0] == "items" or path[:2] == ("causes", "statements")


def _breaks(words: str, path: Path) -> Iterator[Finding]:
    if any(unicodedata.category(letter) in {"Cc", "Zl", "Zp", "Cs"} for letter in words.strip()):
        cause = "holds a line break or a control character."
        yield Finding("Q405", path, cause, "Write it as one line.")


def _length(words: str, path: Path) -> Iterator[Finding]:
    han = sum(unicodedata.name(letter, "").startswith(_SQUARE) for letter in words)
    long = LONG_HAN if han * 2 > len(words) else LONG_LATIN
    if len(words) > TOO_LONG:
        cause = f"{len(words)} characters do not fit on a card."
        yield Finding("Q403", path, cause, f"Use at most {TOO_LONG}, better {long}.")
    elif len(words) > long:
        cause = f"{len(words)} characters are hard to read on a phone."
        yield Finding("Q402", path, cause, f"Use at most {long}.", "warning")


def _label(words: str, path: Path) -> Iterator[Finding]:
    if len(words) > TOO_LONG_LABEL:
        cause = f"{len(words)} characters do not fit on a button or beside the row."
        yield Finding("Q404", path, cause, f"Use at most {TOO_LONG_LABEL}, better {LONG_LABEL}.")
    elif len(words) > LONG_LABEL:
        cause = f"{len(words)} characters are cut off on a small phone."
        yield Finding("Q402", path, cause, f"Use at most {LONG_LABEL}.", "warning")


def _two_ideas(language: str, words: str, path: Path) -> Iterator[Finding]:
    key = language if language in _TWO_IDEAS else language.partition("-")[0]
    if key not in _TWO_IDEAS:
        return
    rest = re.sub(_ONE_IDEA.get(key, r"(?!)"), " ", words, flags=re.IGNORECASE)
    found = re.search(_TWO_IDEAS[key], rest, flags=re.IGNORECASE)
    if found:
        cause = f"'{found[0].strip()}' joins two ideas, and nobody can tell which was rated."
        yield Finding("Q401", path, cause, "Ask one of them, or make two items.", "warning")
