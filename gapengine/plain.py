"""One unit's released figures as plain values: dicts, lists, floats, ints, None."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any

from gapengine.disclosure import Released, Verdict
from gapengine.estimate import CUSTOMER_GAP, Pair
from gapengine.levels import DIMENSION, ITEM, OVERALL, WEIGHTED, Levels
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
"""Points by which the paired P-E must differ from the difference of means to be shown too."""

_SHARES = {
    Vantage.EXPECTED: "share_7",
    Vantage.PERCEIVED: "share_6_7",
    Vantage.SPECIFIED: "share_no_rule",
}

Portion = tuple[Sequence[str], Released]
"""Names of some units, and their figures."""


class Written(Mapping[str, Plain]):
    """Units of released figures, written out one at a time when they are asked for.

    ``names`` says which units of the portions are listed, and in which order.
    """

    def __init__(self, portions: Sequence[Portion], names: Sequence[str]) -> None:
        self.portions = portions
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
        return unit_plain(self._laid_out[1], unit)

    def __iter__(self) -> Iterator[str]:
        return iter(self._place)

    def __len__(self) -> int:
        return len(self._place)


def unit_plain(sheets: Sheets, unit: int) -> Plain:
    """Everything a report says about one unit."""
    sheet, released = sheets.sheet(unit), sheets.released
    levels = sheet.levels
    chains: dict[str, dict[str, list[Plain]]] = {OVERALL: {}, WEIGHTED: {}, DIMENSION: {}}
    for at, (level, key) in enumerate(levels.keys[: levels.upper]):
        chains[level][key] = _chain(sheet, at)
    plain: Plain = {
        "vantage": {vantage.value: _vantage(released, sheet, vantage) for vantage in Vantage},
        "gaps": [
            template | _gap_entry(released, sheet, gap, at)
            for gap, at, template in _templates(levels)
        ],
        "chain": chains[OVERALL][OVERALL],
        "chain_by_dimension": chains[DIMENSION],
    }
    if WEIGHTED in chains[WEIGHTED]:
        plain["chain_weighted"] = chains[WEIGHTED][WEIGHTED]
    return plain


@lru_cache(maxsize=8)
def _templates(levels: Levels) -> list[tuple[Gap, int, Plain]]:
    """What stands in every unit's list of gaps before its figures: gap, level index, keys."""
    return [
        (
            gap,
            at,
            {
                "set": name,
                "name": gap.name,
                "minuend": gap.minuend.value,
                "subtrahend": gap.subtrahend.value,
                "level": level,
                "key": key,
                "harm": gap.harm.value,
            },
        )
        for name, gaps in GAP_SETS.items()
        for at, (level, key) in enumerate(levels.keys)
        for gap in gaps
    ]


def _vantage(released: Released, sheet: Sheet, vantage: Vantage) -> Plain:
    share = _SHARES.get(vantage)
    plain: Plain = {OVERALL: {}, "dimensions": {}, "items": {}}
    rows = zip(sheet.levels.keys, sheet.cells[vantage], sheet.cell_verdicts[vantage], strict=True)
    for (level, key), (mean, part, respondents, answers), verdict in rows:
        cell: Plain = {"mean": mean, "n_respondents": respondents, "n_answers": answers}
        if share is not None:
            cell[share] = part
        if verdict is not Verdict.SHOWN:
            cell |= _hidden(released, {vantage: verdict}, verdict)
        if level == DIMENSION:
            plain["dimensions"][key] = cell
        elif level == ITEM:
            plain["items"][key] = cell
        else:
            plain[level] = cell
    return plain


def _hidden(released: Released, causes: Mapping[Vantage, Verdict], verdict: Verdict) -> Plain:
    """Why a figure is missing: the reason, and the points it is missing for."""
    because: list[Plain] = []
    for vantage, own in causes.items():
        if own is Verdict.SHOWN:
            continue
        entry: Plain = {"vantage": vantage.value, "reason": own.reason}
        if own is Verdict.TOO_FEW and released.floors is not None:
            entry["floor"] = released.floors.of(group_of(vantage))
        because.append(entry)
    return {"suppressed": True, "reason": verdict.reason, "because": because}


def _gap_entry(released: Released, sheet: Sheet, gap: Gap, at: int) -> Plain:
    pair = gap.pair
    plain = _difference(released, sheet, pair, at)
    if plain.get("suppressed"):
        return plain
    estimate, low, high = plain["estimate"], plain["low"], plain["high"]
    beside: Plain = {
        "harmful": estimate < 0 or (gap.harm is Harm.BOTH and estimate > 0),
        "established": low is not None and (high < 0 or low > 0),
    }
    common = sheet.common_items[pair][at]
    alike, verdict = sheet.alike[pair][at], sheet.alike_verdicts[pair][at]
    if alike is not None:
        beside["like_for_like"] = alike | {"items": common}
    elif verdict is Verdict.TOO_FEW:
        beside["like_for_like"] = {"suppressed": True, "reason": verdict.reason, "items": common}
    if pair == CUSTOMER_GAP:
        pairs = sheet.paired[at]["estimate"]
        if pairs is not None and abs(pairs - estimate) > PAIRED_DIFFERS:
            beside["paired"] = sheet.paired[at]
    if gap.name == "communication":
        beside["lived_promise"] = {
            "minuend": LIVED_PROMISE.minuend.value,
            "subtrahend": LIVED_PROMISE.subtrahend.value,
        } | _difference(released, sheet, LIVED_PROMISE.pair, at)
    return plain | beside


def _difference(released: Released, sheet: Sheet, pair: Pair, at: int) -> Plain:
    verdict = sheet.gap_verdicts[pair][at]
    if verdict is Verdict.SHOWN:
        return sheet.gaps[pair][at]
    causes = {v: sheet.cell_verdicts[v][at] for v in pair}
    return sheet.gaps[pair][at] | _hidden(released, causes, verdict)


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
