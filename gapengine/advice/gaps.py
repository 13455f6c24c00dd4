"""Which gaps of a report may be advised on, how large they count, and where they arise."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scipy.special import ndtr, stdtr

from gapengine.advice.entries import Choice, PassedOver, Plain, Reason
from gapengine.importance import Weights, prior_weights
from gapengine.levels import OVERALL
from gapengine.scale import SEVEN, Scale
from gapengine.vantage import CHAIN, CHAIN_ORDER, Vantage, names_of

NOTABLE = -0.25
"""A gap worth acting on, in points of seven: P(gap < NOTABLE) enters the priority."""

RAW, SHRUNKEN = "raw", "shrunken"

_COMPOSITE = frozenset({"P-E", "D-E"})
_LEVELS = frozenset({"overall", "dimension"})


@dataclass(frozen=True)
class Size:
    """How large a gap counts: its estimate, P(gap < NOTABLE), and from which figures."""

    estimate: float
    probability: float
    basis: str


def candidates(report_unit: Plain) -> Iterator[Plain]:
    """Overall and dimension gaps, each difference once however many names it has."""
    for entry in report_unit["gaps"]:
        pair = Vantage(entry["minuend"]), Vantage(entry["subtrahend"])
        if entry["level"] in _LEVELS and names_of(pair)[0] == entry["name"]:
            yield entry


def priorities_of(
    report_unit: Plain, *, weights: Weights | None = None, scale: Scale = SEVEN
) -> dict[tuple[str, str], float]:
    """How much every shown gap of one unit presses, by (label such as "P-D", level).

    weight * max(0, -gap) * P(gap < NOTABLE), as advice ranks by, but for gaps whose interval
    reaches 0 as well: those are the ones more answers would tell. The level is "overall" or a
    dimension; a dimension's weight is taken times their number, so that it is 1 on average and
    levels can be compared.
    """
    dimensions = tuple(report_unit["chain_by_dimension"])
    shares = (weights or prior_weights(dimensions or (OVERALL,))).shares
    found = {}
    for entry in candidates(report_unit):
        if not entry.get("suppressed") and entry["high"] is not None:
            size, dimension = size_of(entry, scale), dimension_of(entry)
            weight = 1.0 if dimension is None else len(shares) * shares.get(dimension, 0.0)
            pressing = weight * max(0.0, -size.estimate) * size.probability
            found[label(entry), dimension or OVERALL] = pressing
    return found


def dimension_of(entry: Plain) -> str | None:
    """The dimension of a gap, None for the whole."""
    return entry["key"] if entry["level"] == "dimension" else None


def label(entry: Plain) -> str:
    """The difference as written, such as ``P-D``."""
    return f"{entry['minuend']}-{entry['subtrahend']}"


def objection(entry: Plain) -> Reason | None:
    """Why a gap cannot be advised on; None if it is an established shortfall.

    It must be shown, and neither its own interval nor, where there is one, the interval shrunken
    towards sibling units may reach 0.
    """
    if entry.get("suppressed"):
        return Reason.NOT_ASKED if entry.get("reason") == "not asked" else Reason.SUPPRESSED
    if entry["high"] is None:
        return Reason.NO_INTERVAL
    if entry["high"] >= 0:
        return Reason.NO_SHORTFALL if entry["low"] > 0 else Reason.COVERS_ZERO
    drawn = _shrunken(entry, SEVEN)
    if drawn is not None and drawn["high"] is not None and drawn["high"] >= 0:
        return Reason.SHRUNKEN_COVERS_ZERO
    return None


def size_of(entry: Plain, scale: Scale) -> Size:
    """The shrunken gap where the report has it, else the raw one.

    The probability comes from the posterior of the shrunken gap (``p_below``), else from the t
    distribution around the raw estimate.
    """
    drawn, notable = _shrunken(entry, scale), scale.of_seven(NOTABLE)
    if drawn is None:
        return Size(entry["estimate"], _probability(entry, notable), RAW)
    below = drawn["p_below"]
    probability = _probability(entry, notable) if below is None else below
    return Size(drawn["estimate"], probability, SHRUNKEN)


def segment_of(report_unit: Plain, entry: Plain) -> Plain:
    """The established link that loses most inside a composite gap; else the gap itself."""
    if label(entry) not in _COMPOSITE:
        return entry
    losing = [link for link in _links(report_unit, entry) if objection(link) is None]
    return min(losing, key=lambda link: (link["estimate"], link["label"]), default=entry)


def segments_passed_over(report_unit: Plain, entry: Plain, chosen: Plain) -> Iterator[PassedOver]:
    """The other links of a composite gap, and the composite itself once it was traced."""
    if label(entry) not in _COMPOSITE:
        return
    dimension = dimension_of(entry)
    if chosen is not entry:
        yield PassedOver(Choice.SEGMENT, label(entry), dimension, Reason.TRACED, entry["estimate"])
    for link in _links(report_unit, entry):
        if label(link) != label(chosen):
            reason = objection(link) or Reason.LOSES_LESS
            value = link["estimate"]
            yield PassedOver(Choice.SEGMENT, link["label"], dimension, reason, value)


def names_within(entry: Plain) -> tuple[str, ...]:
    """The names of a difference and, where it is a joined link, of the links it runs across."""
    pair = Vantage(entry["minuend"]), Vantage(entry["subtrahend"])
    names = names_of(pair)
    if len(names) > 1:
        return names
    start, end = CHAIN_ORDER.index(pair[0]), CHAIN_ORDER.index(pair[1])
    return names + tuple(name for link in CHAIN[start:end] for name in names_of(link.pair))


def share_of_customer_gap(report_unit: Plain, segment: Plain, found: Plain) -> float | None:
    """Share of P-E that arises in a link of the chain; None for gaps off the chain."""
    links = _chain(report_unit, dimension_of(found))
    total = sum(link["estimate"] for link in links)
    ends = links and (links[0]["minuend"], links[-1]["subtrahend"])
    on_chain = any(label(link) == label(segment) for link in links)
    if ends != (Vantage.PERCEIVED, Vantage.EXPECTED) or total >= 0 or not on_chain:
        return None
    return float(segment["estimate"] / total)


def _shrunken(entry: Plain, scale: Scale) -> Plain | None:
    """The shrunken gap with ``estimate``, ``high`` and, for NOTABLE, ``p_below``; None without.

    A figure of ``gapengine.pooling`` is understood as it is; one that was not pooled is raw.
    """
    drawn: Plain | None = entry.get("shrunken")
    if not drawn or drawn.get("suppressed") or drawn.get("pooled") is False:
        return None
    estimate = drawn.get("estimate", drawn.get("shrunken"))
    if estimate is None:
        return None
    below = drawn.get("below") or {}
    is_notable = below.get("threshold") == scale.of_seven(NOTABLE)
    known = below.get("probability") if is_notable else None
    return {"estimate": estimate, "high": drawn.get("high"), "p_below": drawn.get("p_below", known)}


def _probability(entry: Plain, notable: float) -> float:
    """P(gap < notable) from the t distribution around the estimate.

    Where the spread cannot be estimated but an interval was found by logit, a quarter of its
    width stands in for the standard error.
    """
    distance = notable - entry["estimate"]
    if entry["se"] is None:
        return float(ndtr(4 * distance / (entry["high"] - entry["low"])))
    if entry["se"] == 0:
        return 1.0 if distance > 0 else 0.0
    return float(stdtr(entry["df"], distance / entry["se"]))


def _links(report_unit: Plain, entry: Plain) -> list[Plain]:
    """The links a composite gap runs across: all for P-E, those behind D for D-E."""
    links = list(_chain(report_unit, dimension_of(entry)))
    if entry["minuend"] == Vantage.DELIVERED:
        links = [link for link in links if link["minuend"] != Vantage.PERCEIVED]
    return links


def _chain(report_unit: Plain, dimension: str | None) -> Sequence[Plain]:
    if dimension is None:
        whole: Sequence[Plain] = report_unit["chain"]
        return whole
    own: Sequence[Plain] = report_unit["chain_by_dimension"].get(dimension, [])
    return own
