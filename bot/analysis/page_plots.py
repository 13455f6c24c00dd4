"""Two further charts of the page: importance against performance, and a series of weeks."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.analysis.page_charts import WIDTH, Axis
from bot.analysis.wording import Plain, share, signed

_SQUARE, _EDGE = 320.0, 44.0


@dataclass(frozen=True)
class Spot:
    """One dimension of the importance-performance chart, with its two intervals."""

    name: str
    verdict: str
    x: float
    y: float
    across: tuple[float, float] | None
    up: tuple[float, float] | None
    words: str


@dataclass(frozen=True)
class Grid:
    """Importance upwards against the customer gap rightwards, cut at the mean weight and zero."""

    spots: tuple[Spot, ...]
    across: Axis
    up: Axis
    line_x: float
    line_y: float
    size: float


def importance_grid(rows: Sequence[Plain], gaps: Sequence[Plain]) -> Grid | None:
    """Place each dimension; ``gaps`` are its customer gaps. None with fewer than two to place."""
    known = [pair for pair in zip(rows, gaps, strict=True) if pair[1]["estimate"] is not None]
    if len(known) < 2:
        return None
    parts = ("estimate", "low", "high")
    across = Axis.over(
        [0.4, *(gap[part] for _, gap in known for part in parts)], left=_EDGE, right=WIDTH - 20
    )
    up = Axis.over(
        [row[part] for row, _ in known for part in ("weight", "low", "high")],
        step=0.1,
        left=_SQUARE - _EDGE,
        right=14.0,
    )
    spots = tuple(_spot(row, gap, across, up) for row, gap in known)
    weight_mean = sum(row["weight"] for row, _ in known) / len(known)
    return Grid(spots, across, up, across.at(0.0), up.at(weight_mean), _SQUARE)


def _spot(row: Plain, gap: Plain, across: Axis, up: Axis, /) -> Spot:
    return Spot(
        row["dimension"],
        row["quadrant"],
        across.at(gap["estimate"]),
        up.at(row["weight"]),
        None if gap["low"] is None else (across.at(gap["low"]), across.at(gap["high"])),
        None if row["low"] is None else (up.at(row["low"]), up.at(row["high"])),
        f"{row['dimension']}: weight {share(row['weight'])}, P-E {signed(gap['estimate'])}, "
        f"{row['quadrant']}",
    )


@dataclass(frozen=True)
class Line:
    """A series of weeks: its stretches between breaks, its points, its band of intervals."""

    title: str
    verdict: str
    stretches: tuple[str, ...]
    whiskers: tuple[tuple[float, float, float], ...]
    spots: tuple[tuple[float, float], ...]
    breaks: tuple[float, ...]
    weeks: tuple[tuple[str, float], ...]
    axis: Axis
    height: float


def series_line(one: Plain) -> Line | None:
    """Draw one series; None where no week may be shown."""
    points = one["points"]
    height = 190.0
    axis = Axis.over(
        [0.0, *(point.get(part) for point in points for part in ("estimate", "low", "high"))],
        left=height - 30,
        right=14.0,
    )
    apart = (WIDTH - 70) / max(len(points) - 1, 1)
    placed = [(round(50 + k * apart, 1), point) for k, point in enumerate(points)]
    known = [(x, point) for x, point in placed if point["estimate"] is not None]
    if not known:
        return None
    key = "" if one["key"] == "overall" else f" · {one['key']}"
    return Line(
        title=f"{one['gap']}{key}",
        verdict=one["verdict"],
        stretches=tuple(_stretches(known, axis)),
        whiskers=tuple(
            (x, axis.at(p["low"]), axis.at(p["high"])) for x, p in known if p["low"] is not None
        ),
        spots=tuple((x, axis.at(p["estimate"])) for x, p in known),
        breaks=tuple(round(x - apart / 2, 1) for x, point in placed if point.get("break")),
        weeks=((points[0]["week"], placed[0][0]), (points[-1]["week"], placed[-1][0])),
        axis=axis,
        height=height,
    )


def _stretches(known: Sequence[tuple[float, Plain]], axis: Axis) -> list[str]:
    """Points of the lines; none is drawn across a week that begins anew."""
    runs: list[list[str]] = [[]]
    for x, point in known:
        if point.get("break"):
            runs.append([])
        runs[-1].append(f"{x},{axis.at(point['estimate'])}")
    return [" ".join(run) for run in runs if run]
