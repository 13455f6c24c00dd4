"""Draw groups.svg: three branches and their company, and what a report tells of them.

PYTHONPATH=. .venv/bin/python docs/pictures/groups.py
"""

import numpy as np
from svg import BLUE, GREY, INK, PALE, RED, Sheet

from gapengine.folding import AnswerColumns, fold
from gapengine.report import WHOLE, analyse
from gapengine.vantage import Group

PEOPLE = {"Riverside": 20, "Harbour": 9, "Kiosk": 2}
ITEM = {"on time": "reliability"}
ROW, BAR = 46, 6.6


def main() -> None:
    """Write the picture beside this file."""
    rng = np.random.default_rng(3)
    units = {}
    for name, many in PEOPLE.items():
        score = rng.integers(3, 8, many)
        own = AnswerColumns.of(
            range(many), np.zeros(many, dtype=int), vantage=np.ones(many, dtype=int), score=score
        )
        units[name] = {Group.CUSTOMER: fold(Group.CUSTOMER, ITEM, own)}
    told = analyse(units, ITEM).units
    sheet = Sheet(760, 318, title="Which of three branches and their company a report tells of")
    sheet.note(14, 24, "Only the small branch hidden", bold=True)
    sheet.note(404, 24, "What the engine tells", bold=True)
    rows = [("company", sum(PEOPLE.values())), *PEOPLE.items()]
    for place, (name, many) in enumerate(rows):
        y = 52 + ROW * place
        verdict = told[WHOLE if name == "company" else name]["vantage"]["P"]["overall"]
        naive = None if many >= 5 else "too few"
        row(sheet, 14, y, name, people=many, hidden=naive)
        row(sheet, 404, y, name, people=many, hidden=verdict.get("reason"))
    y = 52 + ROW * len(rows) + 12
    sheet.note(14, y, "31 − 20 − 9 = 2: whoever subtracts has them,", colour=RED)
    sheet.note(14, y + 18, "their number and their mean.", colour=RED)
    sheet.note(404, y, "31 − 20 = 11 people of two branches:", colour=BLUE)
    sheet.note(404, y + 18, "nobody can tell which is which.", colour=BLUE)
    sheet.write(__file__)


def row(sheet: Sheet, left: float, y: float, name: str, *, people: int, hidden: str | None) -> None:
    """Draw one bar, as long as people are many; dashed when it is not told."""
    sheet.note(left, y + 15, name)
    start, length = left + 76, people * BAR
    if hidden is None:
        sheet.box((start, y), (length, 22), colour=BLUE)
        sheet.note(start + length + 6, y + 15, f"{people} people", size=12)
    else:
        sheet.box((start, y), (length, 22), colour=PALE, edge=GREY, dash="3 3")
        sheet.note(start + length + 6, y + 15, f"hidden: {hidden}", colour=INK, size=12)


if __name__ == "__main__":
    main()
