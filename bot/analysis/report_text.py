"""A report as text for a terminal: per unit the means, both gap sets, the chain, what is hidden."""

from collections.abc import Iterator
from typing import Any

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
_WHO = {"E": "customers", "P": "customers", "C": "customers", "M": "managers", "S": "managers"}
_MINUS = "−"


def report_text(plain: Plain) -> str:
    """Write out every unit of a plain report."""
    lines = [_preface(plain)]
    for name, unit in plain["units"].items():
        title = "All units together (*)" if name == "*" else f"Unit {name}"
        lines += ["", title, "=" * len(title), *_unit(unit)]
    return "\n".join(lines) + "\n"


def _preface(plain: Plain) -> str:
    share = f"{100 * plain['confidence']:g} %"
    floors = plain["floors"]
    if floors is None:
        hidden = "Nothing is hidden (--no-suppress): do not pass this on."
    else:
        hidden = (
            f"Hidden below {floors['customer']} customers, {floors['staff']} staff or "
            f"{floors['manager']} managers."
        )
    legend = "\n".join(f"  {label}  {meaning}" for label, meaning in MEANINGS.items())
    return (
        f"Gaps in points of the 1 to 7 scale; negative means a shortfall. Intervals: {share}, "
        f"clustered by respondent.\nA dimension is the mean of its items, overall the "
        f"{plain['overall']}. {hidden}\n{legend}\n    *  the interval leaves out zero"
    )


def _unit(unit: Plain) -> Iterator[str]:
    yield from _means(unit["vantage"])
    keys = [("overall", "overall")]
    keys += [("dimension", name) for name in unit["chain_by_dimension"]]
    by_place: dict[tuple[str, str], list[Plain]] = {}
    for gap in unit["gaps"]:
        by_place.setdefault((gap["level"], gap["key"]), []).append(gap)
    for key in keys:
        links = unit["chain"] if key[0] == "overall" else unit["chain_by_dimension"][key[1]]
        yield from _place(key[1], by_place[key], links)


def _means(vantage: Plain) -> Iterator[str]:
    yield ""
    yield f"  {'mean':<28}{'overall':>9}{'people':>8}{'answers':>9}"
    for point, cells in vantage.items():
        cell = cells["overall"]
        start = f"  {point} {POINTS[point]:<26}"
        if cell.get("suppressed"):
            yield f"{start}{_why(cell)}"
        else:
            yield f"{start}{cell['mean']:>9.2f}{cell['n_respondents']:>8}{cell['n_answers']:>9}"
        yield from _share(point, cell)


def _share(point: str, cell: Plain) -> Iterator[str]:
    share = cell.get("share_7")
    if point == "E" and share is not None and share > 0.5:
        yield f"    {share:.0%} of E are 7: the scale's ceiling hides how much more is expected"
    share = cell.get("share_no_rule")
    if point == "S" and share:
        yield f"    {share:.0%} of managers' answers to S say there is no rule"


def _place(title: str, gaps: list[Plain], links: list[Plain]) -> Iterator[str]:
    yield ""
    yield f"  {title}"
    if all(gap.get("reason") == "not asked" for gap in gaps):
        yield "    not asked"
        return
    for label, same in _merged(gaps).items():
        names = "/".join(gap["name"] for gap in same)
        yield f"    {names:<18}{label:<6}{_figures(same[0])}"
        yield from _beside(same)
    if links:
        steps = "  ".join(f"{link['label']} {_signed(link['estimate'])}" for link in links)
        total = sum(link["estimate"] for link in links)
        ends = f"{links[0]['minuend']}-{links[-1]['subtrahend']}"
        yield f"    chain: {steps}  =  {ends} {_signed(total)}{_joins(links)}"


def _merged(gaps: list[Plain]) -> dict[str, list[Plain]]:
    """Gaps by label: the seed's name and the classic code of one difference share a line."""
    merged: dict[str, list[Plain]] = {}
    for gap in gaps:
        merged.setdefault(f"{gap['minuend']}-{gap['subtrahend']}", []).append(gap)
    return merged


def _figures(gap: Plain) -> str:
    if gap.get("suppressed"):
        return f"   hidden: {_why(gap)}" if gap["reason"] == "too few" else f"   {_why(gap)}"
    star = "*" if gap["established"] else " "
    people = f"n {gap['n_minuend']} {gap['minuend']}, {gap['n_subtrahend']} {gap['subtrahend']}"
    return f"{_signed(gap['estimate']):>7}{star} {_interval(gap):<20}{people}"


def _interval(gap: Plain) -> str:
    if gap["low"] is None:
        return "no interval (n 1)"
    return f"[{_signed(gap['low'])}, {_signed(gap['high'])}]"


def _beside(same: list[Plain]) -> Iterator[str]:
    extra = {key: value for gap in same for key, value in gap.items()}
    if "paired" in extra:
        yield f"      same person, same item: {_line(extra['paired'])}"
    alike = extra.get("like_for_like")
    if alike and not alike.get("suppressed"):
        yield f"      over the {alike['items']} items both were asked: {_line(alike)}"
    lived = extra.get("lived_promise")
    if lived and not lived.get("suppressed"):
        yield f"      the promise as lived, P-C: {_line(lived)}"


def _line(gap: Plain) -> str:
    return f"{_signed(gap['estimate'])} {_interval(gap)}"


def _joins(links: list[Plain]) -> str:
    missing = [point for link in links for point in link["joins"]]
    return f"  ({', '.join(missing)} missing, neighbours joined)" if missing else ""


def _why(cell: Plain) -> str:
    """One reason per missing vantage point."""
    return "; ".join(_reason(cause) for cause in cell["because"])


def _reason(cause: Plain) -> str:
    point = cause["vantage"]
    if cause["reason"] == "not asked":
        return f"{point} was not asked"
    return f"fewer than {cause['floor']} {_WHO.get(point, 'staff')} answered {point}"


def _signed(value: float) -> str:
    rounded = round(value, 2)
    if rounded == 0:
        return "0.00"
    return f"{'+' if rounded > 0 else _MINUS}{abs(rounded):.2f}"
