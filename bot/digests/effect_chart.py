"""Did an action work, as a picture: its unit's gap over the weeks, held against comparable units.

Reading goes on in time from where reading starts, so in Arabic the first week stands on the right.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from bot.core.i18n import N_
from bot.core.render import Texts
from bot.digests.frame import INNER, MARGIN, SMALL, TITLE, WIDTH, Frame, Line
from bot.digests.words import Words
from bot.surveys.definition import POINTS
from gapengine.scale import Scale as AnswerScale

PLOT = 340.0
AXIS = 62.0
"""Room at the reading edge for the numbers of the scale."""

BESIDE = 190.0
"""Room behind the last week for the effect with its interval."""

LEAST_SPAN = 1.0
"""Points of seven that the scale spans at least, so that small differences look small."""

SIGN_ROW = 40.0
_WEEK = timedelta(weeks=1)

VERDICTS: Mapping[str, str] = {
    "improved": N_("It helped."),
    "worse": N_("It got worse."),
    "no evidence": N_("No effect can be shown."),
}


@dataclass(frozen=True)
class Scale:
    """Turns points of a gap into heights, and weeks into distances from the reading edge."""

    low: float
    high: float
    top: float
    first: date
    weeks: int

    def y(self, value: float) -> float:
        """Return the height of a value."""
        return round(self.top + PLOT * (self.high - value) / (self.high - self.low), 1)

    def offset(self, week: date) -> float:
        """Return how far the beginning of a week lies from the reading edge."""
        room = INNER - AXIS - BESIDE
        return MARGIN + AXIS + room * ((week - self.first).days / 7) / self.weeks


@dataclass(frozen=True)
class Band:
    """A window of weeks: its place, its name above it, and the level it came to."""

    left: float
    width: float
    name: Line
    level_y: float
    ends: tuple[float, float]


@dataclass(frozen=True)
class Mark:
    """What the unit showed in a span: a dot with its interval; a longer span has a bar as well."""

    x: float
    y: float
    whisker: tuple[float, float]
    bar: tuple[float, float]


@dataclass(frozen=True)
class Result:
    """The effect behind the last week: from where it would be without to where it is."""

    x: float
    whisker: tuple[float, float]
    y: float
    size: float
    low: float
    high: float
    figure: Line
    range_y: float


def effect_svg(
    texts: Texts, content: Mapping[str, Any], *, verdict: str, unit_name: str, language: str
) -> str | None:
    """Draw an effect as it was kept; None where it has no figures, or no week may be shown."""
    spans, told = content.get("series") or [], content["effect"]
    shown = [one for one in spans if one["own"] is not None]
    if told["estimate"] is None or len(shown) < 2 or verdict not in VERDICTS:
        return None
    frame, words = Frame(language), Words(texts, language)
    first, last = _monday(spans[0]["from"]), _monday(spans[-1]["to"])
    title = frame.block(words.label(VERDICTS[verdict]), 122, size=TITLE, lines=1, bold=True)
    about = f"{words.gap(content['gap'])} · {words.dimension(content['dimension'] or None)}"
    points = content.get("points", POINTS)
    if points != POINTS:
        about += " · " + words.label("In points of a scale from 1 to %(points)s.", points=points)
    lead = frame.block(about, title[-1].y + 44, size=SMALL + 2, lines=2, bold=False)
    scale = _scale(content, shown, top=lead[-1].y + 74, weeks=(first, last))
    foot = scale.top + PLOT
    signs = _signs(frame, words, content, y=foot + 100, unit_name=unit_name)
    return texts.render(
        "charts/effect.svg",
        language,
        frame=frame,
        kicker=frame.kicker(unit_name, words.days(first, last + _WEEK - timedelta(days=1))),
        title=title,
        lead=lead,
        top=scale.top,
        foot=foot,
        ticks=_ticks(scale),
        number_x=frame.x(MARGIN),
        plot=(frame.x(MARGIN + AXIS), frame.x(WIDTH - MARGIN - BESIDE)),
        zero_y=scale.y(0.0) if scale.low <= 0 <= scale.high else None,
        bands=_bands(frame, words, content, scale),
        trigger_x=frame.x(scale.offset(_monday(content["trigger"])) + _half_week(scale)),
        days=_days(frame, words, scale, ends=(first, last)),
        marks=[_mark(frame, scale, one) for one in shown],
        own_line=_line(
            frame, scale, [(one, one["own"] and one["own"]["estimate"]) for one in spans]
        ),
        others_line=_line(frame, scale, [(one, one["others"]) for one in spans]),
        without_y=scale.y(_without(told)) if told["comparisons"] else None,
        result=_result(frame, scale, content),
        tone={"improved": "above", "worse": "short"}.get(verdict, "even"),
        signs=signs,
        height=round(signs[-1][1].y + 40),
    )


def _scale(
    content: Mapping[str, Any],
    shown: Sequence[Mapping[str, Any]],
    *,
    top: float,
    weeks: tuple[date, date],
) -> Scale:
    """Let the scale hold everything that is drawn, and zero where that is near."""
    told = content["effect"]
    values = [one["own"][name] for one in shown for name in ("low", "high")]
    values += [one["others"] for one in shown if one["others"] is not None]
    base = _without(told)
    values += [told["before"], told["after"], base, base + told["low"], base + told["high"]]
    low, high = min(values), max(values)
    least = AnswerScale(content.get("points", POINTS)).of_seven(LEAST_SPAN)
    step = _step(max(high - low, least))
    if -step <= high < 0:
        high = 0.0
    if 0 < low <= step:
        low = 0.0
    spare = max(0.0, least - (high - low)) / 2
    low, high = (math.floor((low - spare) / step) * step, math.ceil((high + spare) / step) * step)
    many = (weeks[1] - weeks[0]).days // 7 + 1
    return Scale(low, high, top, weeks[0], many)


def _without(told: Mapping[str, Any]) -> float:
    """Return where the gap would be, to judge by the units beside it, or by the unit before."""
    return float(told["before"] + (told["comparison_change"] or 0.0))


def _step(span: float) -> float:
    return 0.5 if span <= 2.5 else 1.0 if span <= 5 else 2.0


def _ticks(scale: Scale) -> list[tuple[float, float]]:
    step = _step(scale.high - scale.low)
    many = round((scale.high - scale.low) / step)
    values = [scale.low + step * place for place in range(many + 1)]
    return [(value, scale.y(value)) for value in values]


def _bands(frame: Frame, words: Words, content: Mapping[str, Any], scale: Scale) -> list[Band]:
    told = content["effect"]
    both = (
        (content["before"], N_("before"), told["before"]),
        (content["after"], N_("after"), told["after"]),
    )
    bands = []
    for (first, last), name, level in both:
        start, end = scale.offset(_monday(first)), scale.offset(_monday(last) + _WEEK)
        left, width = frame.span(start, end)
        line = frame.line(words.label(name), start + 8, scale.top - 12, size=SMALL)
        bands.append(Band(left, width, line, scale.y(level), (frame.x(start), frame.x(end))))
    return bands


def _mark(frame: Frame, scale: Scale, span: Mapping[str, Any]) -> Mark:
    start, end = _edges(scale, span)
    own = span["own"]
    return Mark(
        x=frame.x((start + end) / 2),
        y=scale.y(own["estimate"]),
        whisker=(scale.y(own["low"]), scale.y(own["high"])),
        bar=(frame.x(start + 3), frame.x(end - 3)),
    )


def _line(
    frame: Frame, scale: Scale, points: Sequence[tuple[Mapping[str, Any], float | None]]
) -> str:
    """Return an SVG path through the known points; it is broken where one is missing."""
    path, pen_is_up = [], True
    for span, value in points:
        if value is None:
            pen_is_up = True
            continue
        start, end = _edges(scale, span)
        path.append(f"{'M' if pen_is_up else 'L'}{frame.x((start + end) / 2)} {scale.y(value)}")
        pen_is_up = False
    return "".join(path)


def _result(frame: Frame, scale: Scale, content: Mapping[str, Any]) -> Result:
    told = content["effect"]
    sign = 1 if content["upwards"] else -1
    low, high = sorted((sign * told["low"], sign * told["high"]))
    offset = WIDTH - MARGIN - BESIDE + 34
    base, y = _without(told), scale.y(told["after"])
    text_y = min(max(y, scale.top + 14), scale.top + PLOT - 34)
    return Result(
        x=frame.x(offset),
        whisker=(scale.y(base + told["low"]), scale.y(base + told["high"])),
        y=y,
        size=sign * told["estimate"],
        low=low,
        high=high,
        figure=frame.line("", offset + 24, text_y + 6, size=30),
        range_y=text_y + 36,
    )


def _days(frame: Frame, words: Words, scale: Scale, *, ends: tuple[date, date]) -> list[Line]:
    """Write the first day at the beginning of the weeks, and the last at their end."""
    foot = scale.top + PLOT
    first, last = words.day(ends[0]), words.day(ends[1] + _WEEK - timedelta(days=1))
    begin, end = scale.offset(ends[0]), scale.offset(ends[1] + _WEEK)
    return [
        frame.line(first, begin, foot + 34, size=SMALL),
        frame.line(last, end, foot + 34, size=SMALL, at="end"),
    ]


def _signs(
    frame: Frame, words: Words, content: Mapping[str, Any], *, y: float, unit_name: str
) -> list[tuple[str, Line]]:
    """Explain each kind of line, one below the other."""
    many = len(content["effect"]["comparisons"])
    said = [
        ("own", words.label("%(unit)s: each week with its interval", unit=unit_name)),
        ("trigger", words.label("The week that gave rise to it; it counts in neither window")),
    ]
    if content["by"] != "weeks":
        said[0] = (
            "own",
            words.label("%(unit)s: some weeks together, with the interval", unit=unit_name),
        )
    if many:
        said.insert(1, ("others", words.label("Mean of %(num)s comparable units", num=many)))
        said.insert(2, ("without", words.label("After, had it gone as elsewhere")))
    told = words.label("The effect, and between what it most likely lies")
    said.append(("effect", told))
    return [
        (kind, _fitting(frame, text, y + SIGN_ROW * place))
        for place, (kind, text) in enumerate(said)
    ]


def _fitting(frame: Frame, text: str, y: float) -> Line:
    (line, *_) = frame.block(text, y, size=SMALL, width=INNER - 60, lines=1, bold=False)
    return frame.line(_bare(line.text), MARGIN + 60, y, size=line.size)


def _bare(text: str) -> str:
    return text.strip("\u2067\u2069")


def _edges(scale: Scale, span: Mapping[str, Any]) -> tuple[float, float]:
    return scale.offset(_monday(span["from"])), scale.offset(_monday(span["to"]) + _WEEK)


def _half_week(scale: Scale) -> float:
    return (scale.offset(scale.first + _WEEK) - scale.offset(scale.first)) / 2


def _monday(day: str) -> date:
    return date.fromisoformat(day)
