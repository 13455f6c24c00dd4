"""The five gaps as dots on one scale, each with the interval that says how sure it is."""

from dataclasses import dataclass, replace

from bot.core.render import Texts, number
from bot.core.typeface import fitted, text_width
from bot.digests.frame import INNER, LABEL, MARGIN, SMALL, TITLE, Frame, Line, legend
from bot.digests.measured import WITHHELD, Measured
from bot.digests.view import SEED_NAMES, DigestView
from bot.digests.words import Words

ROW = 158.0
NUMBERS = 270.0
LEAST_REACH = 1.5
"""How far the axis reaches at least, in points of seven."""


@dataclass(frozen=True)
class Dot:
    """One gap's row; it has no places where the figure is withheld."""

    gap: Measured
    y: float
    name: Line
    classic: str
    classic_size: float
    question: Line
    state: Line
    x: float | None
    whisker: tuple[float, float] | None


def gaps_svg(texts: Texts, view: DigestView, language: str) -> str | None:
    """Draw the five gaps with their intervals; None where every one of them is withheld."""
    gaps = [view.gap(name) for name in SEED_NAMES]
    if all(gap.tone in WITHHELD for gap in gaps):
        return None
    frame, words = Frame(language), Words(texts, language)
    title = frame.block(words.label("The five gaps"), 122, size=TITLE, lines=1, bold=True)
    lead = frame.block(_lead(view, words), title[-1].y + 46, size=SMALL + 2, lines=1, bold=False)
    top = lead[-1].y + 72
    bounds = [end for gap in gaps for end in (gap.estimate, gap.low, gap.high) if end is not None]
    reach = max(view.scale.of_seven(LEAST_REACH), *(abs(end) for end in bounds)) * 1.04
    dots = [
        _dot(gap, words, frame, y=top + ROW * index, reach=reach) for index, gap in enumerate(gaps)
    ]
    foot = dots[-1].y + 104
    signs = legend(frame, words, [gap.tone for gap in gaps], foot + 90)
    return texts.render(
        "charts/gaps.svg",
        language,
        frame=frame,
        view=view,
        kicker=frame.kicker(view.unit_name, words.days(view.first_day, view.last_day)),
        title=title,
        dots=dots,
        signs=signs,
        lead=lead,
        ticks=[(tick, frame.x(_offset(tick, reach))) for tick in _ticks(reach)],
        foot=foot,
        height=round(signs[-1].line.y + 44),
    )


def _dot(gap: Measured, words: Words, frame: Frame, *, y: float, reach: float) -> Dot:
    room = INNER - NUMBERS - 38
    (name, *_), size = fitted(words.gap(gap.name), LABEL, width=room, lines=1, bold=True)
    width = text_width(name, size, bold=True)
    (question, *_), small = fitted(words.question(gap.name), SMALL, width=INNER - 40, lines=1)
    (classic, *_), tiny = fitted(
        f"({words.classic(gap.name)})", SMALL, width=max(room - width - 14, 60), lines=1
    )

    whisker = None
    if gap.low is not None and gap.high is not None:
        whisker = frame.x(_offset(gap.low, reach)), frame.x(_offset(gap.high, reach))
    return Dot(
        gap=gap,
        y=y,
        name=replace(frame.line("", MARGIN + 38, y, size=size), text=name),
        classic=classic,
        classic_size=tiny,
        question=frame.line(question, MARGIN + 38, y + 36, size=small),
        state=frame.line(words.state(gap.tone), MARGIN + 38, y + 82, size=SMALL),
        x=None if gap.estimate is None else frame.x(_offset(gap.estimate, reach)),
        whisker=whisker,
    )


def _lead(view: DigestView, words: Words) -> str:
    """Say the two levels behind the customer gap, so that no difference stands alone."""
    locale = words.language.replace("-", "_")
    levels = [view.level(point).mean for point in "EP"]
    if None in levels:
        return words.label(
            "Each difference with its interval, in points of the scale from 1 to %(points)s.",
            points=view.points,
        )
    expected, perceived = (number(level, locale) for level in levels if level is not None)
    return words.label(
        "Customers expect %(expected)s and experience %(perceived)s "
        "on a scale from 1 to %(points)s.",
        expected=expected,
        perceived=perceived,
        points=view.points,
    )


def _offset(value: float, reach: float) -> float:
    """Return how far a difference lies from the edge where reading starts; zero is the middle."""
    return MARGIN + INNER / 2 * (1 + value / reach)


def _ticks(reach: float) -> list[int]:
    furthest = int(reach)
    return list(range(-furthest, furthest + 1))
