"""Reports of made-up units, written by hand in the plain form the engine gives them."""

from collections.abc import Callable, Mapping
from datetime import date
from itertools import pairwise
from typing import Any

import pytest

from bot.digests.view import Comment, DigestView, EarlierAction, Focus, Response, digest_view

Plain = dict[str, Any]

GAPS = (
    ("seed", "expectation", "M", "E"),
    ("seed", "perception", "P", "D"),
    ("seed", "specification", "D", "S"),
    ("seed", "delivery", "D", "E"),
    ("seed", "communication", "D", "C"),
    ("classic", "G1", "M", "E"),
    ("classic", "G2", "S", "M"),
    ("classic", "G3", "D", "S"),
    ("classic", "G4", "D", "C"),
    ("classic", "G5", "P", "E"),
)
RIVERSIDE = {"E": 6.1, "M": 5.9, "S": 5.8, "D": 5.0, "C": 5.6, "P": 4.8}
COUNTS = {"E": 48, "M": 6, "S": 6, "D": 14, "C": 48, "P": 48}
HALF_WIDTHS = {"M-E": 0.5, "S-M": 0.6, "D-S": 0.4, "P-D": 0.35, "D-E": 0.3, "D-C": 0.3, "P-E": 0.25}
DIMENSIONS = {
    "tangibles": ("equipment", 0.3),
    "reliability": ("on_time", -0.5),
    "responsiveness": ("prompt", -0.1),
    "assurance": ("courteous", 0.2),
    "empathy": ("your_interest", 0.1),
}


def plain_unit(
    levels: Mapping[str, float] = RIVERSIDE, *, hidden: str = "", width: float = 1.0
) -> Plain:
    """Write the report of one unit; ``hidden`` vantage points were told by too few people."""
    cells = [("overall", "overall", 0.0)]
    cells += [("dimension", name, shift) for name, (_, shift) in DIMENSIONS.items()]
    cells += [("item", f"{name}.{item}", shift) for name, (item, shift) in DIMENSIONS.items()]
    return {
        "vantage": {point: _vantage(point, levels, hidden) for point in "EMSDCP"},
        "gaps": [
            {"set": kind, "name": name, "level": level, "key": key}
            | _difference((minuend, subtrahend), levels, hidden, shift=shift, width=width)
            for level, key, shift in cells
            for kind, name, minuend, subtrahend in GAPS
        ],
        "chain": _chain([p for p in "EMSDP" if p in levels and p not in hidden], levels, width),
    }


def _vantage(point: str, levels: Mapping[str, float], hidden: str) -> Plain:
    if point in levels and point not in hidden:
        return {"overall": {"mean": levels[point], "n_respondents": COUNTS[point]}}
    reason = "too few" if point in hidden else "not asked"
    return {"overall": {"mean": None, "n_respondents": None, "suppressed": True, "reason": reason}}


def _difference(
    pair: tuple[str, str], levels: Mapping[str, float], hidden: str, *, shift: float, width: float
) -> Plain:
    named = {"minuend": pair[0], "subtrahend": pair[1]}
    if any(point not in levels or point in hidden for point in pair):
        reason = "too few" if any(point in hidden for point in pair) else "not asked"
        return named | {"suppressed": True, "reason": reason}
    moved = shift if pair[0] in "PD" and pair[1] not in "PD" else 0.0
    estimate = round(levels[pair[0]] - levels[pair[1]] + moved, 6)
    half = HALF_WIDTHS.get(f"{pair[0]}-{pair[1]}", 0.6) * width
    return named | {
        "estimate": estimate,
        "low": round(estimate - half, 6),
        "high": round(estimate + half, 6),
        "n_minuend": COUNTS[pair[0]],
        "n_subtrahend": COUNTS[pair[1]],
    }


def _chain(points: list[str], levels: Mapping[str, float], width: float) -> list[Plain]:
    links = [
        {"from": end, "to": start, "label": f"{end}-{start}"}
        | _difference((end, start), levels, "", shift=0.0, width=width)
        for start, end in pairwise(points)
    ]
    return links[::-1]


def focus_on(gap: str = "specification", **parts: Any) -> Focus:
    """Make one gap of reliability the one to work on."""
    defaults: Plain = {
        "gap": gap,
        "dimension": "reliability",
        "estimate": -0.8,
        "low": -1.2,
        "high": -0.4,
        "minuend_count": 14,
        "subtrahend_count": 6,
        "segment": "D-S",
        "segment_share": 0.62,
        "cause": "technology_job_fit",
        "cause_score": 3.4,
        "fixes": (
            "specification.tool-failures",
            "specification.clear-rules",
            "specification.training",
            "specification.shared-goals",
        ),
    }
    return Focus(**(defaults | parts))


COMMENTS = [
    Comment("I waited forty minutes although I had an appointment.", "en"),
    Comment("Todo bien, pero nadie me avisó del retraso.", "es"),
    Comment("The card reader was broken <again> & nobody knew what to do.", "en"),
    Comment("工作人员很好，就是要等很久。", "zh-Hans"),
    Comment("櫃檯人員很親切，只是等太久。", "zh-Hant"),
    Comment("الموظفون لطفاء لكن الانتظار طويل.", "ar"),
    Comment("Lovely people.", "en"),
    Comment("Please call when it is ready.", "en"),
    Comment("Phone line always busy.", "en"),
]

CHANGE = [
    {"gap": "G5", "estimate": 0.4, "low": 0.1, "high": 0.7, "verdict": "up"},
    {"gap": "expectation", "estimate": 0.0, "low": -0.5, "high": 0.5, "verdict": "no evidence"},
    {"gap": "specification", "estimate": -0.5, "low": -0.9, "high": -0.1, "verdict": "down"},
]

EARLIER = (
    EarlierAction("communication.promise-register", "Ana", date(2026, 12, 4)),
    EarlierAction(
        "perception.visible-work",
        "Li Wei",
        state="checked",
        verdict="improved",
        estimate=0.3,
        low=0.1,
        high=0.5,
    ),
)


@pytest.fixture
def unit() -> Callable[..., Plain]:
    """Make the report of one unit."""
    return plain_unit


@pytest.fixture
def focus() -> Callable[..., Focus]:
    """Make a gap to work on."""
    return focus_on


@pytest.fixture
def make_view() -> Callable[..., DigestView]:
    """Make the view of a full week; any part of it may be set apart."""

    def make(**parts: Any) -> DigestView:
        defaults: Plain = {
            "unit_name": "Riverside <Café> & Söhne",
            "report_unit": plain_unit(),
            "change": CHANGE,
            "response": Response(asked=96, answered=48),
            "comments": COMMENTS,
            "advice": [focus_on()],
            "window": (date(2026, 11, 16), date(2026, 11, 22)),
            "weeks_of_history": 5,
            "earlier_actions": EARLIER,
        }
        return digest_view(**(defaults | parts))

    return make


@pytest.fixture
def full_view(make_view: Callable[..., DigestView]) -> DigestView:
    """The view of a full week."""
    return make_view()
