"""Draw planned.svg: who is asked which items, on a full form and by the adaptive rule.

PYTHONPATH=. .venv/bin/python docs/pictures/planned.py
"""

from svg import BLUE, GREY, INK, PALE, Sheet

from gapengine.allocation import Blueprint, adaptive_form, standing_of
from gapengine.vantage import Vantage

SIZES = {"tangibles": 4, "reliability": 5, "responsiveness": 4, "assurance": 4, "empathy": 5}
SERVICE = tuple((name, tuple(f"{name}.{k}" for k in range(n))) for name, n in SIZES.items())
CUSTOMERS = Blueprint(SERVICE, (Vantage.EXPECTED, Vantage.PERCEIVED), taps=4)
PEOPLE, CELL, TOP = 22, 14, 62
SHORT = {"tangibles": "tangibles", "reliability": "reliability", "responsiveness": "response"}


def main() -> None:
    """Write the picture beside this file."""
    sheet = Sheet(760, 452, title="Who is asked which of 22 items: everything, or two items each")
    forms = planned()
    left, right = 14, 410
    sheet.note(left, 22, "Two people, everything", bold=True)
    sheet.note(left, 38, "44 taps each, 88 together", colour=GREY)
    sheet.note(right, 22, f"{PEOPLE} people, two items each", bold=True)
    sheet.note(right, 38, f"4 taps each, {4 * PEOPLE} together", colour=GREY)
    grid(sheet, left, [set(CUSTOMERS.items)] * 2)
    grid(sheet, right, forms)
    counts = [sum(item in form for form in forms) for item in CUSTOMERS.items]
    y = TOP + PEOPLE * CELL + 34
    sheet.note(left, y, "every item twice,")
    sheet.note(left, y + 18, "told by the same two people")
    told = f"{min(counts)} to {max(counts)} times" if min(counts) < max(counts) else "twice"
    sheet.note(right, y, f"every item {told},")
    sheet.note(right, y + 18, f"told by {PEOPLE} people")
    sheet.write(__file__)


def planned() -> list[set[str]]:
    """The items of each person's form, each drawn with those before it in mind."""
    state, found = standing_of(CUSTOMERS), []
    for number in range(PEOPLE):
        form = adaptive_form(CUSTOMERS, state=state, seed=4, sequence=number)
        state = state.after(form)
        found.append(set(form.items))
    return found


def grid(sheet: Sheet, left: float, asked: list[set[str]]) -> None:
    """One row a person, one column an item; a filled cell is asked, E and P together."""
    x = left
    for number, (name, items) in enumerate(SERVICE):
        for item in items:
            sheet.box((x, TOP), (CELL - 2, len(asked) * CELL - 2), colour=PALE)
            for row, form in enumerate(asked):
                if item in form:
                    sheet.box((x, TOP + row * CELL), (CELL - 2, CELL - 2), colour=BLUE)
            x += CELL
        middle = x - CELL * len(items) / 2
        foot = TOP + len(asked) * CELL + 13
        sheet.words(middle, foot, SHORT.get(name, name), size=9, colour=INK if number % 2 else GREY)
        x += 6


if __name__ == "__main__":
    main()
