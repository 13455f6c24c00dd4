"""``gapbot import visit_rules``: which questionnaire follows a visit where, and when."""

import re
from datetime import datetime, timedelta
from pathlib import Path

from sqlmodel import Session

from bot.core.csv_file import Codes
from bot.core.errors import GapbotError
from bot.crm.keeping import rules_of, write_rule
from bot.crm.rules import EVERYWHERE, QUESTIONNAIRE, Rule
from bot.crm.visit_rows import touchpoint_in
from bot.registers.importing import CHANGED, NEW, SAME, Plan, Planned
from bot.registers.table_file import BadRow, Layout, Row, note_twice, read_table
from bot.settings import read_settings
from bot.surveys.desk import survey_desk
from bot.surveys.versions import Library

LAYOUT = Layout(
    root="visit_rules",
    needed=("touchpoint", "delay"),
    more=("questionnaire",),
    codes=Codes("R601", "R602", "R603", "R604", "R605"),
    short="R611",
)
NEVER = "never"
MOST = timedelta(days=30)
_DELAY = re.compile(r"(\d{1,5})\s*(m|h|d)")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def plan_rules(
    session: Session,
    path: Path,
    _items: object,
    *,
    now: datetime,  # noqa: ARG001 - the planners' common shape
    encoding: str = "",
) -> Plan:
    """Read a table and say what would come of it; nothing is written yet.

    Raises
    ------
    UnusableTable
        When the file gives nothing at all.
    """
    library = survey_desk(read_settings()).library
    good = read_table(path, LAYOUT, lambda row: _rule(row, library), encoding=encoding)
    note_twice(good, lambda row: row[0], "R615", "this touchpoint")
    known = rules_of(session)
    planned = []
    for line, (touchpoint, rule) in good.rows:
        before = known.get(touchpoint)
        kind = NEW if before is None else (SAME if before == rule else CHANGED)
        planned.append(_planned(line, touchpoint, rule, kind=kind))
    return Plan(planned, good.problems, good.notes)


def delay_in(text: str) -> timedelta | None:
    """Return how long after a visit one asks; None for never.

    >>> delay_in("3h"), delay_in("never")
    (datetime.timedelta(seconds=10800), None)
    """
    plain = text.strip().lower()
    if plain == NEVER:
        return None
    found = _DELAY.fullmatch(plain)
    delay = timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else MOST * 2
    if delay > MOST:
        cure = "Write it as 45m, 3h or 2d, at most 30d; or never."
        raise BadRow("R614", f"delay '{text}'", cure)
    return delay


def _rule(row: Row, library: Library) -> tuple[str, Rule]:
    at = EVERYWHERE if row["touchpoint"] == EVERYWHERE else touchpoint_in(row["touchpoint"], "R612")
    name = row["questionnaire"] or QUESTIONNAIRE
    delay = delay_in(row["delay"])
    if delay is not None:
        _check(name, library)
    return at, Rule(name, delay)


def _check(name: str, library: Library) -> None:
    if name not in library.names():
        cure = f"There are: {', '.join(library.names())}."
        raise BadRow("R613", f"there is no questionnaire '{name}'", cure)
    try:
        content = library.read(name)
    except GapbotError as error:
        raise BadRow("R613", f"questionnaire '{name}' cannot be used", error.cure) from None
    if content.audience != "customer" or content.anonymous or not content.is_triggered:
        cause = f"questionnaire '{name}' cannot follow a visit"
        cure = "It needs audience: customer, anonymous: false and cadence: {after: visit}."
        raise BadRow("R616", cause, cure)


def _planned(line: int, touchpoint: str, rule: Rule, *, kind: str) -> Planned:
    def write(session: Session) -> bool:
        write_rule(session, touchpoint, rule)
        return True

    when = NEVER if rule.delay is None else f"{rule.questionnaire} after {rule.delay}"
    return Planned(line, kind, f"{touchpoint}: {when}", write)
