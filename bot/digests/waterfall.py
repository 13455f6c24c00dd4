"""The chain as a waterfall: from what customers expect, step by step, to what they experience."""

from dataclasses import dataclass

from bot.core.i18n import N_
from bot.core.render import Texts
from bot.core.typeface import fitted, text_width
from bot.digests.frame import INNER, LABEL, MARGIN, SMALL, TITLE, Frame, Line, Side, legend
from bot.digests.measured import ORDER, Step, Tone
from bot.digests.view import DigestView
from bot.digests.words import LOSSES, STEPS, Words

LOW = 1.0
ROW = 116.0
BAR = 38.0
BAR_BELOW = 20.0
BESIDE = 18.0
NUMBERS = 350.0
FIGURE = 62.0
TOTAL_ROOM = 400.0
NOTE_ROOM = 150.0


@dataclass(frozen=True)
class Bar:
    """A horizontal bar and the whisker of its interval, in pixels from the left."""

    left: float
    width: float
    y: float
    whisker: tuple[float, float] | None = None


@dataclass(frozen=True)
class Note:
    """The level a step ends at: its name, and the place of its figure."""

    name: Line
    figure_x: float


@dataclass(frozen=True)
class Row:
    """One row: a level that stands on the scale's low end, or a step between two levels."""

    y: float
    label: Line
    label_box: tuple[float, float]
    bar: Bar
    level: float
    end_x: float
    next_top: float
    tone: Tone | None = None
    step: Step | None = None
    note: Note | None = None


@dataclass(frozen=True)
class Total:
    """Where the whole difference is written: behind the last bar, or on it where that is long."""

    label: str
    x: float
    y: float
    anchor: Side
    inside: bool


@dataclass(frozen=True)
class Plot:
    """Where things go: the picture's frame, the reader's words, and the scale's highest level."""

    frame: Frame
    words: Words
    highest: int

    def offset(self, level: float) -> float:
        """Return how far a level lies from the edge where reading starts."""
        inside = min(max(level, LOW), self.highest)
        return MARGIN + INNER * (inside - LOW) / (self.highest - LOW)


def chain_svg(texts: Texts, view: DigestView, language: str) -> str | None:
    """Draw where the customer gap arises; None where fewer than two of its levels may be shown."""
    if not view.chain:
        return None
    frame, words = Frame(language), Words(texts, language)
    title = frame.block(words.label(_title(view)), 122, size=TITLE, lines=2, bold=True)
    plot = Plot(frame, words, view.points)
    rows = _rows(view, plot, title[-1].y + 84)
    foot = rows[-1].y + BAR_BELOW + BAR + 30
    signs = legend(frame, words, [row.tone for row in rows if row.tone], foot + 88)
    caution = words.label(
        "The steps add up exactly. They show where the difference arises, not what causes it."
    )
    note = frame.block(caution, signs[-1].line.y + 44, size=SMALL, lines=2, bold=False)
    note += _left_out(view, words, frame, note[-1].y + 34)
    return texts.render(
        "charts/chain.svg",
        language,
        frame=frame,
        view=view,
        kicker=frame.kicker(view.unit_name, words.days(view.first_day, view.last_day)),
        title=title,
        rows=rows,
        signs=signs,
        note=note,
        ticks=[(tick, frame.x(plot.offset(tick))) for tick in range(1, view.points + 1)],
        total=_total(view, plot, rows[-1], label=words.label("in all")),
        foot=foot,
        height=round(note[-1].y + 40),
    )


def _title(view: DigestView) -> str:
    """Name the step that loses most, where a loss is established; else what the chart shows."""
    gap = view.customer_gap.estimate
    short = [step for step in view.chain if step.tone is Tone.SHORT and not step.joined]
    if gap is None or gap >= 0 or not short:
        return N_("From what is expected to what is experienced")
    worst = min(short, key=lambda step: step.estimate or 0.0)
    return LOSSES[f"{worst.end}-{worst.start}"]


def _left_out(view: DigestView, words: Words, frame: Frame, y: float) -> list[Line]:
    """Say which levels the chain runs across, and why they are not in it."""
    missing = [view.level(point) for point in ORDER if view.level(point).mean is None]
    if not missing:
        return []
    said = [
        f"{words.vantage(each.vantage)} ({words.state(each.withheld or Tone.NOT_ASKED)})"
        for each in missing
    ]
    text = words.label("Not in the picture: %(levels)s", levels=" · ".join(said))
    return frame.block(text, y, size=SMALL, lines=3, bold=False)


def _rows(view: DigestView, plot: Plot, top: float) -> list[Row]:
    first, last = view.chain[0], view.chain[-1]
    rows = [_level_row(first.start, first.start_level or LOW, plot, y=top)]
    for step in view.chain:
        rows.append(_step_row(step, plot, y=top + ROW * len(rows), final=step is last))
    y = top + ROW * len(rows)
    return [*rows, _level_row(last.end, last.end_level or LOW, plot, y=y)]


def _level_row(point: str, level: float, plot: Plot, *, y: float) -> Row:
    frame = plot.frame
    left, width = frame.span(plot.offset(LOW), plot.offset(level))
    label = _label(plot.words.vantage(point), frame, MARGIN, y=y, width=INNER - 110)
    return Row(
        y=y,
        label=label,
        label_box=_box(label, frame, MARGIN),
        bar=Bar(left, width, y + BAR_BELOW),
        level=level,
        end_x=frame.x(plot.offset(level)),
        next_top=y + ROW + BAR_BELOW,
    )


def _step_row(step: Step, plot: Plot, *, y: float, final: bool) -> Row:
    frame = plot.frame
    start, end = step.start_level or LOW, step.end_level or LOW
    left, width = frame.span(plot.offset(start), plot.offset(end))
    whisker = None
    if step.low is not None and step.high is not None:
        whisker = (frame.x(plot.offset(start + step.low)), frame.x(plot.offset(start + step.high)))
    name = "Several steps together" if step.joined else STEPS[f"{step.end}-{step.start}"]
    label = _label(plot.words.label(name), frame, MARGIN + 38, y=y, width=INNER - NUMBERS - 40)
    return Row(
        y=y,
        label=label,
        label_box=_box(label, frame, MARGIN + 38),
        bar=Bar(left, max(width, 3.0), y + BAR_BELOW, whisker),
        level=end,
        end_x=frame.x(plot.offset(end)),
        next_top=y + ROW + BAR_BELOW,
        tone=step.tone,
        step=step,
        note=None if final else _note(step, plot, y),
    )


def _label(text: str, frame: Frame, offset: float, *, y: float, width: float) -> Line:
    (first, *_), size = fitted(text, LABEL, width=width, lines=1, bold=True)
    return frame.line(first, offset, y, size=size)


def _box(label: Line, frame: Frame, offset: float) -> tuple[float, float]:
    """Left edge and width of the paper behind a label, so that no line runs through it."""
    return frame.span(offset - 4, offset + text_width(label.text, label.size, bold=True) + 4)


def _note(step: Step, plot: Plot, y: float) -> Note | None:
    """Name the level a step ends at, on the side of its bar where there is more room.

    A step or an interval over nearly the whole scale leaves room on neither side: no note then.
    """
    frame, start, end = plot.frame, step.start_level or LOW, step.end_level or LOW
    reached = [start, end, *(start + part for part in (step.low, step.high) if part is not None)]
    before, after = plot.offset(min(reached)) - BESIDE, plot.offset(max(reached)) + BESIDE
    at_start = before - MARGIN >= MARGIN + INNER - after
    room = before - MARGIN if at_start else MARGIN + INNER - after
    if room < NOTE_ROOM:
        return None
    (name, *_), size = fitted(plot.words.vantage(step.end), SMALL, width=room - FIGURE, lines=1)
    base = y + BAR_BELOW + BAR / 2 + SMALL * 0.36
    if at_start:
        line = frame.line(name, before - FIGURE, base, size=size, at="end")
        return Note(line, frame.x(before - FIGURE / 2 + 6))
    return Note(frame.line(name, after + FIGURE, base, size=size), frame.x(after + FIGURE / 2 - 6))


def _total(view: DigestView, plot: Plot, last: Row, *, label: str) -> Total | None:
    """Place the customer gap at the last bar, where the chain spans all of it."""
    whole = view.chain[0].start == "E" and view.chain[-1].end == "P"
    if not whole or view.customer_gap.estimate is None:
        return None
    behind = plot.offset(last.level) + BESIDE
    inside = MARGIN + INNER - behind < TOTAL_ROOM
    line = plot.frame.line("", MARGIN + BESIDE if inside else behind, last.bar.y + 28, size=SMALL)
    return Total(label, line.x, line.y, line.anchor, inside)
