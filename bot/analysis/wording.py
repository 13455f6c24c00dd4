"""The words and numbers a report is told in, on a terminal as on a page."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from bot.core.render import off_zero

Plain = dict[str, Any]

POINTS = {
    "E": "expected (customers)",
    "M": "managers' belief",
    "S": "specified (managers)",
    "D": "delivered (staff)",
    "C": "communicated (customers)",
    "P": "perceived (customers)",
}
MEANINGS = {
    "M-E": "what managers believe customers expect, less what they expect",
    "S-M": "what the rules require, less what managers believe is expected",
    "D-S": "what is done, less what the rules require",
    "D-E": "what is done, less what customers expect",
    "P-D": "what customers live, less what is done",
    "D-C": "what is done, less what was promised",
    "P-E": "what customers live, less what they expect",
}
CUSTOMER_GAP = "G5"
_WHO = {"E": "customers", "P": "customers", "C": "customers", "M": "managers", "S": "managers"}
_MINUS = "−"
_CONTENT, _CEILING = re.compile(r"share_(\d)_(\d)"), re.compile(r"share_(\d)")


def title_of(name: str) -> str:
    """A unit's title; ``*`` is the whole organisation."""
    return "All units together (*)" if name == "*" else f"Unit {name}"


def label_of(gap: Plain) -> str:
    """The difference as written, such as ``P-D``."""
    return f"{gap['minuend']}-{gap['subtrahend']}"


def at_place(unit: Plain, level: str, key: str) -> list[Plain]:
    """The gaps of a unit at one level and key."""
    return [gap for gap in unit["gaps"] if (gap["level"], gap["key"]) == (level, key)]


def merged(gaps: list[Plain]) -> dict[str, list[Plain]]:
    """Gaps by label: the seed's name and the classic code of one difference belong together."""
    found: dict[str, list[Plain]] = {}
    for gap in gaps:
        found.setdefault(label_of(gap), []).append(gap)
    return found


def customer_gap(unit: Plain, level: str = "overall", key: str = "overall") -> Plain:
    """The entry of P-E at one level and key."""
    return next(gap for gap in at_place(unit, level, key) if gap["name"] == CUSTOMER_GAP)


def signed(value: float | None) -> str:
    """Two decimals with a sign that reads well; a dash where there is no number."""
    if value is None:
        return "–"
    rounded = round(value, 2)
    if rounded == 0:
        return "0.00"
    return f"{'+' if rounded > 0 else _MINUS}{abs(rounded):.2f}"


def limit(value: float | None) -> str:
    """An end of an interval: as ``signed``, but what is just off zero is not written as zero."""
    return signed(None if value is None else off_zero(value, 2))


def figure(value: float | None) -> str:
    """Two decimals, a sign only below zero; a dash where there is no number."""
    return signed(value).removeprefix("+")


def interval(gap: Plain) -> str:
    """The interval in brackets, or why there is none."""
    if gap["low"] is None:
        return _no_interval(min(gap.get("n_minuend") or 0, gap.get("n_subtrahend") or 0))
    return f"[{limit(gap['low'])}, {limit(gap['high'])}]"


def mean_interval(cell: Plain) -> str:
    """The same of a mean, which needs no sign."""
    if cell.get("low") is None:
        return _no_interval(cell["n_respondents"])
    return f"[{cell['low']:.2f}, {cell['high']:.2f}]"


def _no_interval(people: int) -> str:
    return "no interval (n 1)" if people < 2 else "no interval (spread unknown)"


def share(value: float | None) -> str:
    """A share of 1 in percent; a dash where there is no number."""
    return "–" if value is None else f"{value:.0%}"


def is_established(gap: Plain) -> bool:
    """Whether the interval of a difference leaves out zero."""
    return gap["low"] is not None and (gap["low"] > 0 or gap["high"] < 0)


def why_hidden(cell: Plain) -> str:
    """Why a figure is missing: one reason per vantage point."""
    return "; ".join(_reason(cause) for cause in cell["because"])


def _reason(cause: Plain) -> str:
    point = cause["vantage"]
    if cause["reason"] == "not asked":
        return f"{point} was not asked"
    if cause["reason"] == "no rule":
        return f"managers say that there is no rule ({point})"
    if "floor" in cause:
        return f"fewer than {cause['floor']} {_WHO.get(point, 'staff')} answered {point}"
    return f"{point} would give hidden figures away"


def joined_over(links: list[Plain]) -> str:
    """The missing points a chain runs across, if any."""
    missing = [point for link in links for point in link["joins"]]
    return f"({', '.join(missing)} missing, neighbours joined)" if missing else ""


def paired_beside(unit: Plain) -> str:
    """What the overall P-E is from complete pairs alone, where it differs from the chain's."""
    paired = customer_gap(unit).get("paired")
    if paired is None:
        return ""
    return f"P−E of the same person and item alone: {signed(paired['estimate'])} {interval(paired)}"


@dataclass(frozen=True)
class Content:
    """The share of answers of the two highest levels, named in words, with its limits."""

    share: float
    levels: str
    low: float | None
    high: float | None


def content_of(cell: Plain) -> Content | None:
    """How many are content, of P and where it may be shown."""
    for key, told in cell.items():
        if told is not None and (named := _CONTENT.fullmatch(key)):
            low, high = cell.get(f"{key}_low"), cell.get(f"{key}_high")
            return Content(told, f"{named[1]} or {named[2]}", low, high)
    return None


def ceiling_warning(point: str, cell: Plain) -> str | None:
    """What the shares of a vantage point warn of, if they do."""
    top = next((named[1] for key in cell if (named := _CEILING.fullmatch(key))), "")
    highest, unruled = cell.get(f"share_{top}"), cell.get("share_no_rule")
    if point == "E" and highest is not None and highest > 0.5:
        return f"{highest:.0%} of E are {top}: the scale's ceiling hides how much more is expected"
    if point == "S" and unruled:
        return f"{unruled:.0%} of managers' answers to S say there is no rule"
    return None


def width_of(text: str) -> int:
    """Columns a text takes on a terminal: Chinese characters take two, combining marks none."""
    wide = sum(unicodedata.east_asian_width(sign) in "WF" for sign in text)
    return len(text) + wide - sum(bool(unicodedata.combining(sign)) for sign in text)


def padded(text: str, columns: int) -> str:
    """Fill up with blanks, or cut short with an ellipsis."""
    if width_of(text) > columns:
        while width_of(text) >= columns:
            text = text[:-1]
        text += "…"
    return text + " " * (columns - width_of(text))
