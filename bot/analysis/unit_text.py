"""One unit of a report as lines of text: what to look at, means, the chain, the gaps."""

from collections.abc import Iterator
from textwrap import wrap

from bot.analysis.terminal_plot import Axis, interval_row, level_row, step_row
from bot.analysis.wording import (
    POINTS,
    Plain,
    at_place,
    ceiling_warning,
    content_of,
    customer_gap,
    interval,
    is_established,
    joined_over,
    label_of,
    mean_interval,
    merged,
    padded,
    paired_beside,
    share,
    signed,
    why_hidden,
)

_LABEL = 22
_MARGIN = 2


def unit_lines(unit: Plain, *, width: int) -> Iterator[str]:
    """Everything on one unit but its further sections."""
    columns = max(min(width - _LABEL - _MARGIN, 60), 20)
    yield from _advice(unit.get("advice", []), width=width)
    yield from _means(unit["vantage"])
    yield from _waterfall(unit, columns)
    yield from _by_dimension(unit, columns)
    for level, key, links in _places(unit):
        yield from _place(key, at_place(unit, level, key), links)


def _places(unit: Plain) -> Iterator[tuple[str, str, list[Plain]]]:
    """Level, key and chain of every part of the unit that is told."""
    yield "overall", "overall", unit["chain"]
    if "chain_weighted" in unit:
        yield "weighted", "weighted", unit["chain_weighted"]
    for name, links in unit["chain_by_dimension"].items():
        yield "dimension", name, links


def _advice(advice: list[Plain], *, width: int) -> Iterator[str]:
    """What to look at first, in order of priority."""
    if not advice:
        return
    yield ""
    yield "  look at this first"
    for place, one in enumerate(advice[:3], start=1):
        evidence = one["evidence"]
        where = one["dimension"] or "overall"
        what = f"{place}. {where}: {one['segment']} {signed(evidence['estimate'])} "
        what += f"{interval(evidence)}. {evidence['why']}."
        yield from wrap(what, width - 4, initial_indent="    ", subsequent_indent="       ")
    if len(advice) > 3:
        yield f"    and {len(advice) - 3} more with a smaller priority"


def _means(vantage: Plain) -> Iterator[str]:
    yield ""
    yield f"  {'mean':<26}{'overall':>9}  {'interval':<12}{'people':>8}{'answers':>9}"
    for point, cells in vantage.items():
        cell = cells["overall"]
        start = f"  {point} {POINTS[point]:<24}"
        if cell.get("suppressed"):
            yield f"{start}{why_hidden(cell)}"
        else:
            yield (
                f"{start}{cell['mean']:>9.2f}  {mean_interval(cell):<12}"
                f"{cell['n_respondents']:>8}{cell['n_answers']:>9}"
            )
        for note in (ceiling_warning(point, cell), _content(cell)):
            if note:
                yield f"    {note}"


def _content(cell: Plain) -> str:
    """The share of the content, with its interval where there is one."""
    content = content_of(cell)
    if content is None:
        return ""
    told = f"{share(content.share)} of P are {content.levels}"
    if content.low is not None:
        told += f" ({share(content.low)} to {share(content.high)})"
    return told


def _waterfall(unit: Plain, columns: int) -> Iterator[str]:
    """From the first point of the chain, expected, step by step down to what was perceived."""
    links = list(reversed(unit["chain"]))
    if not links:
        return
    start = unit["vantage"][links[0]["subtrahend"]]["overall"]["mean"]
    levels = [start]
    for link in links:
        levels.append(levels[-1] + link["estimate"])
    axis = Axis.over([min(levels) - 0.1, max(levels) + 0.1], columns)
    yield ""
    yield f"  {'where the gap arises':<{_LABEL}}{axis.scale()}"
    first = f"  {links[0]['subtrahend']}   {start:.2f}"
    yield f"  {padded(first, _LABEL)}{level_row(axis, start)}"
    for link, before, after in zip(links, levels, levels[1:], strict=False):
        star = "*" if is_established(link) else " "
        label = f"  {link['label']} {signed(link['estimate'])}{star}"
        row = step_row(axis, before, after, sure=is_established(link))
        yield f"  {padded(label, _LABEL)}{row}"
    end = f"  {links[-1]['minuend']}   {levels[-1]:.2f}"
    yield f"  {padded(end, _LABEL)}{level_row(axis, levels[-1])}"
    if paired_beside(unit):
        yield f"  {paired_beside(unit)}"


def _by_dimension(unit: Plain, columns: int) -> Iterator[str]:
    """The customer gap of each dimension, with its interval, on one axis."""
    names = list(unit["chain_by_dimension"])
    gaps = {"overall": customer_gap(unit)}
    gaps |= {name: customer_gap(unit, "dimension", name) for name in names}
    shown = {name: gap for name, gap in gaps.items() if gap["estimate"] is not None}
    if not shown:
        return
    numbers = [gap[part] for gap in shown.values() for part in ("estimate", "low", "high")]
    axis = Axis.over([*numbers, 0.0], columns)
    yield ""
    yield f"  {padded('customer gap P-E', _LABEL)}{axis.scale()}"
    for name, gap in gaps.items():
        start = f"  {padded(f'  {name}', _LABEL - 1)} "
        if name not in shown:
            yield f"{start}{why_hidden(gap)}"
        else:
            bounds = None if gap["low"] is None else (gap["low"], gap["high"])
            yield f"{start}{interval_row(axis, gap['estimate'], bounds)}"


def _place(title: str, gaps: list[Plain], links: list[Plain]) -> Iterator[str]:
    yield ""
    yield f"  {title}"
    if all(gap.get("reason") == "not asked" for gap in gaps):
        yield "    not asked"
        return
    hidden: dict[str, list[str]] = {}
    for label, same in merged(gaps).items():
        if same[0].get("suppressed"):
            hidden.setdefault(why_hidden(same[0]), []).append(label)
            continue
        names = "/".join(gap["name"] for gap in same)
        yield f"    {names:<18}{label:<6}{_figures(same[0])}"
        yield from _beside(same)
    for reason, labels in hidden.items():
        yield f"    {', '.join(labels)} not shown: {reason}"
    if links:
        steps = "  ".join(f"{link['label']} {signed(link['estimate'])}" for link in links)
        total = sum(link["estimate"] for link in links)
        ends = f"{links[0]['minuend']}-{links[-1]['subtrahend']}"
        yield f"    chain: {steps}  =  {ends} {signed(total)}"
        if joined_over(links):
            yield f"           {joined_over(links)}"


def _figures(gap: Plain) -> str:
    star = "*" if gap["established"] else " "
    people = f"n {gap['n_minuend']} {gap['minuend']}, {gap['n_subtrahend']} {gap['subtrahend']}"
    return f"{signed(gap['estimate']):>7}{star} {interval(gap):<20}{people}"


def _beside(same: list[Plain]) -> Iterator[str]:
    """Figures of the same difference found in another way."""
    extra = {key: value for gap in same for key, value in gap.items()}
    if "paired" in extra:
        yield f"      same person, same item: {_line(extra['paired'])}"
    alike = extra.get("like_for_like")
    if alike and not alike.get("suppressed"):
        many = "the one item" if alike["items"] == 1 else f"the {alike['items']} items"
        yield f"      over {many} both were asked: {_line(alike)}"
    drawn = extra.get("shrunken")
    if drawn and drawn.get("estimate") is not None:
        yield f"      drawn towards the other units: {_line(drawn)}"
    lived = extra.get("lived_promise")
    if lived and not lived.get("suppressed"):
        yield f"      the promise as lived, {label_of(lived)}: {_line(lived)}"


def _line(gap: Plain) -> str:
    return f"{signed(gap['estimate'])} {interval(gap)}"
