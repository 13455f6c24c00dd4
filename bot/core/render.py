"""Texts for people: Jinja2 templates with gettext, always escaped, numbers and names isolated."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from functools import cache
from math import copysign
from pathlib import Path
from types import CodeType

from babel import Locale
from babel.dates import format_date, format_timedelta
from babel.numbers import format_decimal, format_percent
from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.bccache import Bucket
from markupsafe import Markup, escape

from bot.core.i18n import TEMPLATES, translations
from bot.core.visible import harmless

_FIRST_STRONG_ISOLATE, _POP_ISOLATE = escape("\u2068"), escape("\u2069")
_MINUS = "\u2212"
_NEVER_WEEKS = 1_000_000


class _Compiled(BytecodeCache):
    """What templates were compiled to: one code serves all languages, whose filters differ."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._codes: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give a template the code that was made of the same source, if there is one."""
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the code of a template."""
        if bucket.code is not None:
            self._codes[bucket.key, bucket.checksum] = bucket.code


_compiled = _Compiled()


COLONS = {"zh-Hans": "：", "zh-Hant": "：", "ja": "：", "fr": "\u00a0: "}
"""What stands between a name and what is said of it, where that is not a colon and a space."""


class Texts:
    """Renders the templates of one folder in any shipped language."""

    def __init__(self, folder: Path = TEMPLATES) -> None:
        """Read templates from this folder; they are compiled at first use."""
        self._folder = folder
        self._environments: dict[str, Environment] = {}

    def render(self, template: str, language: str, /, **values: object) -> str:
        """Render ``people/welcome.html`` for a reader of this language, without outer space."""
        return self._environment(language).get_template(f"{template}.j2").render(values).strip()

    def label(self, language: str, msgid: str, /, **values: object) -> str:
        """Translate a short text for a button; what is inserted is not escaped."""
        text = translations(language).gettext(msgid)
        return text % values if values else text

    def _environment(self, language: str) -> Environment:
        if language not in self._environments:
            self._environments[language] = _environment(self._folder, language)
        return self._environments[language]


def _environment(folder: Path, language: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
        auto_reload=False,
        bytecode_cache=_compiled,
    )
    environment.install_gettext_translations(  # type: ignore[attr-defined]
        translations(language), newstyle=True
    )
    locale = _locale(language)
    environment.globals["language"] = language
    environment.globals["colon"] = COLONS.get(language, ": ")
    by_locale: dict[str, Callable[..., str]] = {
        "number": lambda _, value, digits=1: number(value, locale, digits),
        "signed": lambda _, value, digits=1: signed(value, locale, digits),
        "limit": lambda _, value, digits=1: limit(value, locale, digits),
        "percent": lambda _, share: format_percent(share, locale=locale),
        "days": lambda _, count: days(count, locale),
        "day": lambda _, day: long_day(day, locale),
        "weekday": lambda _, day: near_day(day, locale),
    }
    environment.filters |= {"isolate": isolate, "harmless": harmless}
    # Filters that want the context are never worked out while compiling: the code is shared.
    environment.filters |= {name: pass_context(write) for name, write in by_locale.items()}
    return environment


@cache
def _locale(language: str) -> Locale:
    return Locale.parse(language.replace("-", "_"))


def isolate(value: object) -> Markup:
    """Wrap an inserted name or number, so that it does not disturb the direction around it."""
    return _FIRST_STRONG_ISOLATE + escape(value) + _POP_ISOLATE


def number(value: float, locale: Locale | str, digits: int = 1) -> str:
    """Write a number with this many decimals as the locale does, with a true minus sign."""
    pattern = "0." + "0" * digits if digits else "0"
    shown: str = format_decimal(value + 0.0, pattern, locale=locale)
    return shown.replace("-", _MINUS)


def signed(value: float, locale: Locale | str, digits: int = 1) -> str:
    """Write a number with its sign always shown; what rounds to nothing has none."""
    shown = number(abs(value), locale, digits)
    if round(value, digits) == 0:
        return shown
    return (_MINUS if value < 0 else "+") + shown


def days(count: int, locale: Locale | str) -> str:
    """Write so many days as the locale counts them, also where two have a word of their own."""
    span = timedelta(days=count)
    return format_timedelta(span, granularity="day", threshold=_NEVER_WEEKS, locale=locale)


def limit(value: float, locale: Locale | str, digits: int = 1) -> str:
    """Write an end of an interval; what is just off zero is not written as zero.

    An interval that ends at -0.02 does not hold zero, so "0.0" beside "falls short" would be wrong.
    """
    return signed(off_zero(value, digits), locale, digits)


def off_zero(value: float, digits: int) -> float:
    """The smallest number that can be written, in place of what would be rounded to nothing."""
    if value == 0 or round(value, digits) != 0:
        return value
    return copysign(10.0**-digits, value)


def long_day(day: date, locale: Locale | str) -> str:
    """Write a day as the locale does in running text."""
    return format_date(day, "long", locale=locale)


def near_day(day: date, locale: Locale | str) -> str:
    """Write a day of the last or next weeks with its weekday and without its year."""
    spoken = Locale.parse(locale)
    skeletons = spoken.datetime_skeletons
    short = (skeletons.get("MMMMEd") or skeletons["MMMEd"]).pattern
    return format_date(day, re.sub(r"E+|c+", "EEEE", re.sub("M{3,}", "MMMM", short)), locale=spoken)
