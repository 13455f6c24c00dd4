"""One unit's released figures as plain values: dicts, lists, floats, ints, None."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any

from gapengine.disclosure import Floors, Released, Verdict
from gapengine.estimate import CUSTOMER_GAP, Pair
from gapengine.levels import DIMENSION, ITEM, OVERALL, WEIGHTED, Levels
from gapengine.scale import Scale
from gapengine.sheets import Plain, Sheet, Sheets
from gapengine.vantage import (
    CHAIN_ORDER,
    GAP_SETS,
    LIVED_PROMISE,
    Gap,
    Harm,
    Vantage,
    chain_over,
    group_of,
)

PAIRED_DIFFERS = 0.05
"""Points of seven by which the paired P-E must differ from the difference of means to be shown."""

Portion = tuple[Sequence[str], Released]
"""Names of some units, and their figures."""

Complete = Callable[[Plain, int, int], None]


class Written(Mapping[str, Plain]):
    """Units of released figures, written out one at a time when they are asked for.

    ``names`` says which units of the portions are listed, and in which order; ``complete`` adds
    to the plain form of a unit, given by number of portion and place in it.
    """

    def __init__(
        self, portions: Sequence[Portion], names: Sequence[str], complete: Complete | None = None
    ) -> None:
        self.portions = portions
        self._complete = complete
        listed = set(names)
        places = {
            name: (number, unit)
            for number, (own, _) in enumerate(portions)
            for unit, name in enumerate(own)
            if name in listed
        }
        self._place = {name: places[name] for name in names}
        self._laid_out: tuple[int, Sheets] | None = None

    def __getitem__(self, name: str) -> Plain:
        number, unit = self._place[name]
        if self._laid_out is None or self._laid_out[0] != number:
            self._laid_out = number, Sheets(self.portions[number][1])
        plain = unit_plain(self._laid_out[1], unit)
        if self._complete is not None:
            self._complete(plain, number, unit)
        return plain

    def __contains__(self, name: object) -> bool:
        return name in self._place  # asking for a unit would write it out

    def __iter__(self) -> Iterator[str]:
        return iter(self._place)

    def __len__(self) -> int:
        return len(self._place)


def unit_plain(sheets: Sheets, unit: int) -> Plain:
    """Everything a report says about one unit."""
    sheet, floors = sheets.sheet(unit), sheets.released.floors
    levels = sheet.levels
    chains: dict[str, dict[str, list[Plain]]] = {OVERALL: {}, WEIGHTED: {}, DIMENSION: {}}
    for at, (level, key) in enumerate(levels.keys[: levels.upper]):
        chains[level][key] = _chain(sheet, at)
    columns = [
        [
            _gap_column(sheet, gap, templates, floors)
            for gap, templates in zip(gaps, own, strict=True)
        ]
        for gaps, own in zip(GAP_SETS.values(), _templates(levels), strict=True)
    ]
    plain: Plain = {
        "vantage": {vantage.value: _vantage(sheet, vantage, floors) for vantage in Vantage},
        "gaps": [entry for own in columns for row in zip(*own, strict=True) for entry in row],
        "chain": chains[OVERALL][OVERALL],
        "chain_by_dimension": chains[DIMENSION],
    }
    if WEIGHTED in chains[WEIGHTED]:
        plain["chain_weighted"] = chains[WEIGHTED][WEIGHTED]
    return plain


@lru_cache(maxsize=8)
def _templates(levels: Levels) -> list[list[list[Plain]]]:
    """What stands before the figures in every unit's gaps: per set, gap and level."""
    return [
        [
            [
                {
                    "set": name,
                    "name": gap.name,
                    "minuend": gap.minuend.value,
                    "subtrahend": gap.subtrahend.value,
                    "level": level,
                    "key": key,
                    "harm": gap.harm.value,
                }
                for level, key in levels.keys
            ]
            for gap in gaps
        ]
        for name, gaps in GAP_SETS.items()
    ]


def _vantage(sheet: Sheet, vantage: Vantage, floors: Floors | None) -> Plain:
    share = _share(vantage, sheet.levels.scale)
    plain: Plain = {OVERALL: {}, "dimensions": {}, "items": {}}
    rows = zip(sheet.levels.keys, sheet.cells[vantage], sheet.cell_verdicts[vantage], strict=True)
    for at, ((level, key), (cell, part), verdict) in enumerate(rows):
        if share is not None:
            cell[share] = part
        if verdict is not Verdict.SHOWN:
            cell.update(_hidden(verdict, (_cause(sheet, vantage, at),), floors))
        if level == DIMENSION:
            plain["dimensions"][key] = cell
        elif level == ITEM:
            plain["items"][key] = cell
        else:
            plain[level] = cell
    return plain


def _share(vantage: Vantage, scale: Scale) -> str | None:
    """What the share of answers worth noting is called."""
    names = {
        Vantage.EXPECTED: scale.ceiling,
        Vantage.PERCEIVED: scale.content,
        Vantage.SPECIFIED: "share_no_rule",
    }
    return names.get(vantage)


Causes = tuple[tuple[Vantage, Verdict, bool], ...]
"""A vantage point, its verdict, and whether all its answers were that there is no rule."""

NO_RULE = "no rule"


def _hidden(verdict: Verdict, causes: Causes, floors: Floors | None) -> Plain:
    """Why a figure is missing: the reason, and the points it is missing for."""
    reason, because = _why(verdict, causes, floors)
    return {"suppressed": True, "reason": reason, "because": [cause.copy() for cause in because]}


@cache
def _why(verdict: Verdict, causes: Causes, floors: Floors | None) -> tuple[str, list[Plain]]:
    because: list[Plain] = []
    for vantage, own, unruled in causes:
        if own is Verdict.SHOWN:
            continue
        reason = NO_RULE if unruled and own is Verdict.NOT_ASKED else own.reason
        entry: Plain = {"vantage": vantage.value, "reason": reason}
        if own is Verdict.TOO_FEW and floors is not None:
            entry["floor"] = floors.of(group_of(vantage))
        because.append(entry)
    return verdict.reason, because


def _gap_column(
    sheet: Sheet, gap: Gap, templates: list[Plain], floors: Floors | None
) -> list[Plain]:
    """One gap at every level."""
    both, pair = gap.harm is Harm.BOTH, gap.pair
    figures, verdicts = sheet.gaps[pair], sheet.gap_verdicts[pair]
    alike, alike_verdicts = sheet.alike[pair], sheet.alike_verdicts[pair]
    speaks, customers = gap.name == "communication", pair == CUSTOMER_GAP
    column = []
    for at, (template, own) in enumerate(zip(templates, figures, strict=True)):
        if verdicts[at] is not Verdict.SHOWN:
            why = _hidden(verdicts[at], _causes(sheet, pair, at), floors)
            column.append({**template, **own, **why})
            continue
        estimate, low = own["estimate"], own["low"]
        entry = {
            **template,
            **own,
            "harmful": estimate < 0 or (both and estimate > 0),
            "established": low is not None and (own["high"] < 0 or low > 0),
        }
        if alike[at] is not None or alike_verdicts[at] is Verdict.TOO_FEW:
            entry["like_for_like"] = _alike(sheet, pair, at)
        if customers and _differs(sheet.paired[at]["estimate"], estimate, sheet.levels.scale):
            entry["paired"] = sheet.paired[at]
        if speaks:
            entry["lived_promise"] = _LIVED | _difference(sheet, LIVED_PROMISE.pair, at, floors)
        column.append(entry)
    return column


_LIVED = {
    "minuend": LIVED_PROMISE.minuend.value,
    "subtrahend": LIVED_PROMISE.subtrahend.value,
}


def _differs(paired: float | None, estimate: float, scale: Scale) -> bool:
    return paired is not None and abs(paired - estimate) > scale.of_seven(PAIRED_DIFFERS)


def _alike(sheet: Sheet, pair: Pair, at: int) -> Plain:
    """The gap over the items both points cover, or why it is missing."""
    figures, items = sheet.alike[pair][at], {"items": sheet.common_items[pair][at]}
    if figures is None:
        return {"suppressed": True, "reason": sheet.alike_verdicts[pair][at].reason, **items}
    return {**figures, **items}


def _difference(sheet: Sheet, pair: Pair, at: int, floors: Floors | None) -> Plain:
    verdict, figures = sheet.gap_verdicts[pair][at], sheet.gaps[pair][at]
    if verdict is Verdict.SHOWN:
        return figures
    return {**figures, **_hidden(verdict, _causes(sheet, pair, at), floors)}


def _causes(sheet: Sheet, pair: Pair, at: int) -> Causes:
    return tuple(_cause(sheet, vantage, at) for vantage in pair)


def _cause(sheet: Sheet, vantage: Vantage, at: int) -> tuple[Vantage, Verdict, bool]:
    unruled = vantage is Vantage.SPECIFIED and sheet.cells[vantage][at][1] == 1.0
    return vantage, sheet.cell_verdicts[vantage][at], unruled


def _chain(sheet: Sheet, at: int) -> list[Plain]:
    """The links between the points that may be shown, from P back to E."""
    shown = tuple(v for v in CHAIN_ORDER if sheet.cell_verdicts[v][at] is Verdict.SHOWN)
    return [
        link | {"joins": [*joins]} | sheet.gaps[pair][at] for pair, link, joins in _links(shown)
    ]


@cache
def _links(shown: tuple[Vantage, ...]) -> list[tuple[Pair, dict[str, Any], list[str]]]:
    """The links over some points of the chain, with the missing points each runs across."""
    return [
        (
            link.pair,
            {
                "from": link.minuend.value,
                "to": link.subtrahend.value,
                "minuend": link.minuend.value,
                "subtrahend": link.subtrahend.value,
                "label": link.label,
            },
            _skipped(link.pair),
        )
        for link in chain_over(shown)
    ]


def _skipped(pair: Pair) -> list[str]:
    start, end = (CHAIN_ORDER.index(v) for v in pair)
    return [v.value for v in CHAIN_ORDER[start + 1 : end]]
