"""A report as one self-contained page: figures, charts and what is hidden, for any browser."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from bot.analysis.page_charts import (
    WIDTH,
    Axis,
    IntervalChart,
    Waterfall,
    axis_of,
    interval_chart,
    tone_of,
    waterfall,
)
from bot.analysis.page_plots import Grid, Line, importance_grid, series_line
from bot.analysis.section_text import claimed_changes, reliability_rows
from bot.analysis.selection import Place, Standings, standings, told_in_full
from bot.analysis.wording import (
    MEANINGS,
    POINTS,
    Plain,
    at_place,
    ceiling_warning,
    content_of,
    customer_gap,
    figure,
    interval,
    joined_over,
    mean_interval,
    merged,
    paired_beside,
    share,
    signed,
    why_hidden,
)
from bot.core.i18n import TEMPLATES

if TYPE_CHECKING:
    from jinja2 import Environment

IN_FULL = 40
"""Up to so many units each has a part of its own on the page."""

OPEN = 6
"""Up to so many of these parts are open from the start; of more, each opens by a press."""


@dataclass(frozen=True)
class Part:
    """Everything the page shows of one unit or region."""

    anchor: str
    title: str
    unit: Plain
    chain: Waterfall | None
    joined: str
    paired: str
    overall: IntervalChart
    by_dimension: tuple[IntervalChart, ...]
    warnings: tuple[str, ...]
    places: tuple[tuple[str, dict[str, list[Plain]]], ...]
    reliability: tuple[tuple[str, str, Plain], ...]
    grid: Grid | None
    series: tuple[Line, ...]
    moved: tuple[str, ...]
    hidden: tuple[str, ...]


@dataclass(frozen=True)
class League:
    """All units beside each other, on one axis."""

    standings: Standings
    axis: Axis


def report_page(
    plain: Plain, *, title: str, chosen: Collection[str] = (), note: str | None = None
) -> str:
    """Write the page; nothing on it is fetched from elsewhere, and it runs no script.

    ``chosen`` are the units it shall tell of instead of all; ``note`` is added to its foot.
    """
    places = told_in_full(plain, chosen, most=IN_FULL)
    parts = [_part(place, number) for number, place in enumerate(places)]
    wholes = 0 if chosen else 1 + len(plain.get("regions", {}))
    page = _environment().get_template("page.html.j2")
    return page.render(
        title=title,
        plain=plain,
        parts=parts,
        wholes=wholes,
        folded=not chosen and len(parts) - wholes > OPEN,
        league=None if chosen else _league(plain),
        meanings=MEANINGS,
        points=POINTS,
        note=note,
        width=WIDTH,
    )


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES / "analysis"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters |= {
        "signed": signed,
        "interval": interval,
        "mean_interval": mean_interval,
        "content_of": content_of,
        "share": share,
        "why_hidden": why_hidden,
        "tone": tone_of,
        "figure": figure,
    }
    return environment


def _part(place: Place, number: int) -> Part:
    unit = place.unit
    names = list(unit["chain_by_dimension"])
    gaps = merged(at_place(unit, "overall", "overall"))
    overall = [(_named(label, same), same[0]) for label, same in gaps.items()]
    charts = tuple(_charts_by_dimension(unit, names))
    rows = unit.get("importance", [])
    lines = (series_line(one) for one in unit.get("series", []))
    return Part(
        anchor=f"part-{number}",
        title=place.title,
        unit=unit,
        chain=waterfall(unit),
        joined=joined_over(unit["chain"]),
        paired=paired_beside(unit),
        overall=interval_chart("The gaps overall", overall, axis_of(gap for _, gap in overall)),
        by_dimension=charts,
        warnings=tuple(_warnings(unit["vantage"])),
        places=tuple(_places(unit, names)),
        reliability=tuple(reliability_rows(unit.get("reliability", {}))),
        grid=importance_grid(
            rows, [customer_gap(unit, "dimension", row["dimension"]) for row in rows]
        ),
        series=tuple(line for line in lines if line is not None),
        moved=tuple(claimed_changes(unit.get("changes", []))),
        hidden=tuple(_hidden(unit, names)),
    )


def _named(label: str, same: Sequence[Plain]) -> str:
    return f"{same[0]['name']} {label}".replace("-", "−")


def _charts_by_dimension(unit: Plain, names: Sequence[str]) -> Iterator[IntervalChart]:
    """One chart per difference, all on one axis so that they may be compared."""
    rows: dict[str, list[tuple[str, Plain]]] = {}
    titles: dict[str, str] = {}
    for name in names:
        for label, same in merged(at_place(unit, "dimension", name)).items():
            titles[label] = " · ".join(gap["name"] for gap in same)
            rows.setdefault(label, []).append((name, same[0]))
    axis = axis_of(gap for own in rows.values() for _, gap in own)
    for label, own in rows.items():
        if any(gap["estimate"] is not None for _, gap in own):
            yield interval_chart(f"{label.replace('-', '−')} · {titles[label]}", own, axis)


def _warnings(vantage: Plain) -> Iterator[str]:
    for point, cells in vantage.items():
        warning = ceiling_warning(point, cells["overall"])
        if warning:
            yield warning


def _places(unit: Plain, names: Sequence[str]) -> Iterator[tuple[str, dict[str, list[Plain]]]]:
    yield "overall", merged(at_place(unit, "overall", "overall"))
    if "chain_weighted" in unit:
        yield "weighted", merged(at_place(unit, "weighted", "weighted"))
    for name in names:
        yield name, merged(at_place(unit, "dimension", name))


def _hidden(unit: Plain, names: Sequence[str]) -> Iterator[str]:
    """Each vantage point that is missing somewhere, and why."""
    for cells in unit["vantage"].values():
        own = {"overall": cells["overall"]}
        own |= {name: cells["dimensions"][name] for name in names if name in cells["dimensions"]}
        reasons: dict[str, list[str]] = {}
        for name, cell in own.items():
            if cell.get("suppressed"):
                reasons.setdefault(why_hidden(cell), []).append(name)
        yield from (f"{', '.join(where)}: {why}" for why, where in reasons.items())


def _league(plain: Plain) -> League | None:
    found = standings(plain)
    if len(found.rows) < 2:
        return None
    gaps = [row.drawn or row.raw for row in found.rows]
    axis = axis_of(gaps)
    return League(found, Axis(axis.low, axis.high, 6.0, 214.0))
