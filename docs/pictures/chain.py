"""Draw chain.svg: six levels of one service, and the steps between five of them.

PYTHONPATH=. .venv/bin/python docs/pictures/chain.py
"""

from svg import BLUE, GREEN, GREY, INK, PALE, RED, Sheet, signed

from gapengine.vantage import CHAIN, CLASSIC_GAPS, Vantage, gap_values

E, M, S, D, C, P = Vantage
MEANS = {E: 6.3, M: 5.9, S: 5.2, D: 5.4, C: 6.0, P: 4.9}
WHO = {
    E: ("expected", "customers"),
    M: ("believed", "managers"),
    S: ("specified", "rules"),
    D: ("delivered", "staff"),
    P: ("perceived", "customers"),
    C: ("promised", "customers"),
}
STEP, LEFT, TOP, HIGH, LOW, TALL = 112, 74, 36, 6.6, 4.6, 250


def main() -> None:
    """Write the picture beside this file."""
    sheet = Sheet(760, 372, title="One service seen from six points, and the gaps between them")
    for level in (5.0, 5.5, 6.0, 6.5):
        sheet.line((LEFT - 14, down(level)), (740, down(level)), colour=PALE)
        sheet.words(LEFT - 22, down(level) + 4, f"{level:.1f}", anchor="end", colour=GREY)
    order = [E, M, S, D, P]
    for place, point in enumerate([*order, C]):
        x = across(place) + (18 if point is C else 0)
        sheet.line((x - 30, down(MEANS[point])), (x + 30, down(MEANS[point])), colour=INK, width=4)
        sheet.words(x, down(MEANS[point]) - 9, f"{point} {MEANS[point]:.1f}", bold=True)
        named, who = WHO[point]
        sheet.words(x, 318, named)
        sheet.words(x, 335, who, colour=GREY, size=12)
    values = gap_values(MEANS, CHAIN)
    for place, gap in enumerate(reversed(CHAIN)):
        start, end = MEANS[gap.subtrahend], MEANS[gap.minuend]
        x = across(place) + STEP / 2
        colour = RED if end < start else GREEN
        sheet.line((across(place) + 30, down(start)), (x + 8, down(start)), dash="2 3")
        sheet.line((x - 8, down(end)), (across(place + 1) - 30, down(end)), dash="2 3")
        sheet.arrow(x, down(start), down(end), colour=colour, width=3)
        sheet.words(
            x, down(min(start, end)) + 18, signed(values[gap.name]), colour=colour, bold=True
        )
        sheet.words(
            x, down(min(start, end)) + 33, gap.label.replace("-", "−"), colour=colour, size=11
        )
    sheet.line((across(4) + 74, 300), (across(4) + 74, 345), colour=PALE)
    communication = gap_values(MEANS, CLASSIC_GAPS)["G4"]
    sheet.words(
        across(5) + 18, down(MEANS[C]) + 20, f"D−C {signed(communication)}", colour=RED, size=12
    )
    total = sum(values.values())
    sheet.note(
        LEFT - 14,
        362,
        f"What customers live less what they expect: P−E = {signed(total)}, "
        "the sum of the four steps",
        colour=BLUE,
        bold=True,
    )
    sheet.note(LEFT - 14, 20, "level, 1 to 7", colour=GREY)
    sheet.write(__file__)


def across(place: int) -> float:
    """Where a point stands."""
    return LEFT + 26 + STEP * place


def down(level: float) -> float:
    """Where a level lies."""
    return TOP + (HIGH - level) / (HIGH - LOW) * TALL


if __name__ == "__main__":
    main()
