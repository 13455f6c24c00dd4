"""The further sections of a unit as lines of text; one that is not in the report is left out."""

from collections.abc import Iterator

from bot.analysis.terminal_plot import spark_line
from bot.analysis.wording import Plain, figure, limit, padded, share, signed

_NAME = 22


def section_lines(unit: Plain) -> Iterator[str]:
    """Importance, agreement of managers with customers, reliability, weeks, changes."""
    yield from _importance(unit.get("importance", []))
    yield from _profile(unit.get("profile"))
    yield from _reliability(unit.get("reliability", {}))
    yield from _series(unit.get("series", []))
    yield from _changes(unit.get("changes", []))


def _importance(rows: list[Plain]) -> Iterator[str]:
    if not rows:
        return
    yield ""
    yield f"  {padded('importance', _NAME)}{'weight':>7}  {'interval':<16}  verdict"
    for row in rows:
        between = "" if row["low"] is None else f"{share(row['low'])} to {share(row['high'])}"
        weight = share(row["weight"])
        name = padded(f"  {row['dimension']}", _NAME)
        yield f"  {name}{weight:>7}  {between:<16}  {row['quadrant']}"


def _profile(profile: Plain | None) -> Iterator[str]:
    if not profile:
        return
    found = profile["rank_correlation"]
    told = profile["verdict"] if found is None else f"{profile['verdict']} ({signed(found)})"
    yield ""
    yield f"  managers' order of strong and weak sides beside customers': {told}"


def reliability_rows(section: Plain) -> Iterator[tuple[str, str, Plain]]:
    """(Vantage point or ``P-E``, dimension, entry) of everything a section tells."""
    for point, entries in section.get("vantage", {}).items():
        for dimension, entry in entries.items():
            yield point, dimension, entry
    for dimension, entry in section.get("difference", {}).items():
        yield "P-E", dimension, entry


def _reliability(section: Plain) -> Iterator[str]:
    rows = list(reliability_rows(section))
    if not rows:
        return
    yield ""
    yield f"  {padded('reliability', _NAME)}{'alpha':>7}  {'interval':<17}{'omega':>6}  items"
    for point, dimension, entry in rows:
        start = f"  {padded(f'  {point} {dimension}', _NAME)}"
        if "not_estimable" in entry:
            yield f"{start}    not estimable: {entry['not_estimable']}"
        elif point == "P-E":
            yield f"{start}{figure(entry['value']):>7}  of one person's difference"
        else:
            between = f"{figure(entry['low'])} to {figure(entry['high'])}"
            omega = figure(entry["omega"]["value"])
            alpha = figure(entry["alpha"])
            yield f"{start}{alpha:>7}  {between:<17}{omega:>6}  {entry['items']:>5}"


def _series(series: list[Plain]) -> Iterator[str]:
    for one in series:
        points = one["points"]
        numbers = [point["estimate"] for point in points]
        known = [number for number in numbers if number is not None]
        if not known:
            continue
        key = "" if one["key"] == "overall" else f" {one['key']}"
        yield ""
        yield (
            f"  {one['gap']}{key} by week, {points[0]['week']} to {points[-1]['week']}: "
            f"{one['verdict']}"
        )
        line = spark_line(numbers, [bool(point.get("break")) for point in points])
        yield f"    {line}  from {signed(min(known))} to {signed(max(known))}"


def _changes(changes: list[Plain]) -> Iterator[str]:
    told = claimed_changes(changes)
    if told:
        yield ""
        yield "  lately"
        yield from (f"    {line}" for line in told)


def claimed_changes(changes: list[Plain]) -> list[str]:
    """Only what may be claimed, or that nothing may; nothing where no weeks can be compared."""
    known = [change for change in changes if change["estimate"] is not None]
    claimed = [change for change in known if change["verdict"] in {"up", "down"}]
    if known and not claimed:
        return ["no change that may be claimed"]
    return [_change(change) for change in claimed]


def _change(change: Plain) -> str:
    key = "" if change["key"] == "overall" else f" {change['key']}"
    later, earlier = change["weeks"], change["against"]
    last = "the last week" if later == 1 else f"the last {later} weeks"
    return (
        f"{change['gap']}{key} {change['verdict']} by {signed(change['estimate'])} "
        f"[{limit(change['low'])}, {limit(change['high'])}], {last} against {earlier} before"
    )
