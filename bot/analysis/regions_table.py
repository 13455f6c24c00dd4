"""Reading a table of regions: one row per unit and region it belongs to."""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.analysis.own_table import Codes, Fault, Problem, no_row, open_own
from gapengine.report import WHOLE

COLUMNS = ("unit", "region")
_CODES = Codes("A401", "A402", "A403", "A404", "A405")
_TOO_SHORT: Fault = ("A411", "too few fields", "Give every column a field.")


@dataclass(frozen=True)
class RegionsTable:
    """The units of each region, in the order of the file, and the bad rows."""

    units: Mapping[str, tuple[str, ...]]
    problems: tuple[Problem, ...]
    notes: tuple[str, ...] = ()


def read_regions_table(path: Path, units: Container[str]) -> RegionsTable:
    """Read a table with the columns ``unit`` and ``region``; ``units`` are those with answers.

    A unit may stand in several regions, one row each; regions may nest or overlap.

    Raises
    ------
    UnusableTable
        If the file cannot be read, lacks a column, or has no good row.
    """
    regions: dict[str, dict[str, None]] = {}
    problems: list[Problem] = []
    table, notes = open_own(path, COLUMNS, _CODES)
    for line, fields in table.records(COLUMNS):
        fault = _TOO_SHORT if fields is None else _fault(*fields, units=units)
        if fault is not None:
            problems.append(Problem(fault[0], line, fault[1], fault[2]))
        elif fields is not None:
            regions.setdefault(fields[1], {})[fields[0]] = None
    if not regions:
        raise no_row("A405", problems, "Give one row per unit and region: unit,region.")
    return RegionsTable({name: tuple(own) for name, own in regions.items()}, tuple(problems), notes)


def _fault(unit: str, region: str, *, units: Container[str]) -> Fault | None:
    if not (unit and region):
        empty = "region" if unit else "unit"
        return "A412", f"{empty} is empty", "Fill it in, or drop the row."
    if unit not in units:
        return "A413", f"unit {unit!r} has no answers", "Correct its name, or drop the row."
    if region == WHOLE:
        return "A414", f"region {WHOLE!r} is the whole organisation", "Rename the region."
    if region in units:
        return "A415", f"region {region!r} bears the name of a unit", "Rename the region."
    return None
