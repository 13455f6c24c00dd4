"""Draw change.svg: one unit's weekly gap, its EWMA and limits, as the engine computes them.

PYTHONPATH=. .venv/bin/python docs/pictures/change.py
"""

from collections.abc import Sequence
from math import isfinite
from pathlib import Path

import numpy as np

from gapengine.change import WeekPoints, ewma

WEEKS, FALL, SE = 26, 16, 0.2
WIDTH, HEIGHT, LEFT, TOP, STEP = 720, 300, 46, 16, 25.5
HIGH, LOW = -0.1, -1.9
INK, GREY, RED, BLUE = "#22333b", "#8a9ba3", "#b3372f", "#1f6f8b"


def main() -> None:
    """Write the picture beside this file."""
    rng = np.random.default_rng(11)
    truth = -0.7 - 0.5 * (np.arange(WEEKS) >= FALL)
    estimate = truth + SE * rng.standard_normal(WEEKS)
    weeks = [f"{k + 1}" for k in range(WEEKS)]
    chart = ewma(WeekPoints.of(weeks, estimate.tolist(), se=[SE] * WEEKS, df=40.0))
    centre, value, limit = (one[0] for one in (chart.centre, chart.value, chart.limit))
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
            'font-family="sans-serif" font-size="12">'
        ),
        "<title>Weekly gap of one unit with its EWMA chart</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        *_scale(),
        _line(centre + SE * limit, GREY, "3 3"),
        _line(centre - SE * limit, GREY, "3 3"),
        _line(centre, GREY, ""),
        _line(centre + SE * value, BLUE, "", width=2.5),
        *(_dot(k, x) for k, x in enumerate(estimate)),
        *(_signal(k, (centre + SE * value)[k]) for k in np.flatnonzero(chart.signal[0]).tolist()),
        _text(_across(3.5), HEIGHT - 30, "learning: 8 weeks"),
        _text(_across(13), HEIGHT - 30, "watching"),
        _text(_across(21.5), HEIGHT - 30, "learning the new level"),
        "</svg>",
    ]
    Path(__file__).with_suffix(".svg").write_text("\n".join(parts) + "\n", encoding="utf-8")


def _across(week: float) -> float:
    return round(LEFT + STEP * (week + 0.5), 1)


def _down(points: float) -> float:
    return round(TOP + (HIGH - points) / (HIGH - LOW) * (HEIGHT - 2 * TOP - 24), 1)


def _scale() -> list[str]:
    marks = [-0.5, -1.0, -1.5]
    lines = [
        f'<line x1="{LEFT}" x2="{WIDTH - 8}" y1="{_down(m)}" y2="{_down(m)}" stroke="#e6ebed"/>'
        for m in marks
    ]
    labels = [_text(LEFT - 24, _down(m) + 4, f"{m:.1f}".replace("-", "−")) for m in marks]
    edge = _across(7.5)
    border = f'<line x1="{edge}" x2="{edge}" y1="{TOP}" y2="{HEIGHT - 40}" stroke="{GREY}"/>'
    weeks = [_text(_across(k), HEIGHT - 10, str(k + 1)) for k in range(0, WEEKS, 5)]
    return [*lines, *labels, border, *weeks]


def _line(values: Sequence[float] | np.ndarray, colour: str, dash: str, *, width: float = 1) -> str:
    known = [(k, float(v)) for k, v in enumerate(values) if isfinite(v)]
    places = " ".join(
        f"{'L' if n and known[n - 1][0] == k - 1 else 'M'}{_across(k)} {_down(v)}"
        for n, (k, v) in enumerate(known)
    )
    return (
        f'<path d="{places}" fill="none" stroke="{colour}" stroke-width="{width}" '
        f'stroke-dasharray="{dash or "none"}"/>'
    )


def _dot(week: int, points: float) -> str:
    return f'<circle cx="{_across(week)}" cy="{_down(points)}" r="3" fill="{INK}"/>'


def _signal(week: int, points: float) -> str:
    return (
        f'<circle cx="{_across(week)}" cy="{_down(points)}" r="8" fill="none" stroke="{RED}" '
        f'stroke-width="2.5"/>' + _text(_across(week) + 4, _down(points) + 26, "signal", RED)
    )


def _text(x: float, y: float, words: str, colour: str = INK) -> str:
    return f'<text x="{x}" y="{y}" text-anchor="middle" fill="{colour}">{words}</text>'


if __name__ == "__main__":
    main()
