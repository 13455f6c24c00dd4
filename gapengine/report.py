"""analyse(...) -> Report: all gaps of all units, small groups hidden, as plain data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from gapengine import __version__
from gapengine.beside import AmongSiblings, Beside, parents
from gapengine.columns import gap_columns, mean_columns
from gapengine.disclosure import Floors, Withheld, release, withhold
from gapengine.errors import AnswersError, SettingsError
from gapengine.estimate import figures
from gapengine.intervals import Bounds, Errors, Method
from gapengine.levels import DIMENSION, OPTIONAL, FloatArray, Levels
from gapengine.moments import Moments
from gapengine.plain import Portion, Written
from gapengine.scale import SEVEN, Scale
from gapengine.sheets import Plain
from gapengine.stacking import Stacked, nobody, stack
from gapengine.vantage import CHAIN_ORDER, GROUPS, Group, Vantage

SCHEMA = "gapbot.report/1"
WHOLE = "*"
"""The unit that stands for the whole organisation."""

GIVEN = "given"
"""What a report says of weights whose source nobody named."""

_BODY = ("units", "regions")
_UNITS_AT_ONCE = 256

UnitMoments = Mapping[Group, Moments]


@dataclass(frozen=True, eq=False)
class Report:
    """What may be known about each unit. ``head`` says how it was computed.

    ``units`` and ``regions`` map names to plain values (docs/reference/report.md); those of a
    fresh report are written out when asked for, so that thousands of units cost little.
    """

    head: Mapping[str, Any]
    units: Mapping[str, Plain]
    regions: Mapping[str, Plain] = field(default_factory=dict)

    def to_plain(self) -> Plain:
        """Everything as dicts, lists, strings, floats, ints, booleans and None."""
        return {**self.head, "units": dict(self.units), "regions": dict(self.regions)}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        """Read back what ``to_plain`` gave.

        Raises
        ------
        SettingsError
            If it is of another schema.
        """
        if plain.get("schema") != SCHEMA:
            raise SettingsError(
                f"report has schema {plain.get('schema')!r}, wanted {SCHEMA!r}; analyse again"
            )
        head = {key: value for key, value in plain.items() if key not in _BODY}
        return cls(head, dict(plain["units"]), dict(plain.get("regions", {})))

    def table(self, level: str = DIMENSION) -> dict[str, NDArray[Any]]:
        """Every gap of every unit and region at one level, as columns of equal length.

        Parameters
        ----------
        level
            ``overall``, ``weighted``, ``dimension`` or ``item``.

        Returns
        -------
        dict
            unit, set, gap, level, key (text); estimate, se, low, high, df, n_minuend,
            n_subtrahend (float, NaN where unknown or hidden); interval (``t`` or ``logit``, empty
            where there is none); verdict (``shown`` or the reason).

        Raises
        ------
        SettingsError
            If the report has no such level, or was read back: its figures are in ``units``.
        """
        return gap_columns(self._portions, level)

    def means(self, level: str = DIMENSION) -> dict[str, NDArray[Any]]:
        """Every vantage point's mean, as ``table`` gives the gaps.

        Returns
        -------
        dict
            unit, vantage, level, key (text); mean, se, low, high, df, n_respondents, n_answers
            (float, NaN where unknown or hidden); interval; verdict.

        Raises
        ------
        SettingsError
            As ``table``.
        """
        return mean_columns(self._portions, level)

    @property
    def _portions(self) -> Sequence[Portion]:
        if not isinstance(self.units, Written):
            raise SettingsError("a report that was read back has no table; analyse again")
        return self.units.portions

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Report) and self.to_plain() == other.to_plain()

    __hash__ = None  # type: ignore[assignment]  # holds mappings


def analyse(  # noqa: PLR0913 - an analysis has this many settings, each given by name
    units: Mapping[str, UnitMoments],
    dimension_by_item: Mapping[str, str],
    *,
    regions: Mapping[str, Sequence[str]] | None = None,
    floors: Floors | None = None,
    confidence: float = 0.95,
    weights: Mapping[str, float] | None = None,
    weights_source: str = GIVEN,
    errors: Errors = Errors.LINEARISED,
    bounds: Bounds = Bounds.CHECKED,
    scale: Scale = SEVEN,
) -> Report:
    """Analyse every unit, every region and, as unit ``*``, the whole organisation.

    Parameters
    ----------
    units
        Moments by unit and group; respondents of different units are different people.
    dimension_by_item
        The dimension of each item, in the order the report shall list them.
    regions
        Units of each region; a region is all its units together. Regions may nest or overlap.
    floors
        Fewest respondents a shown cell may have; None is the least there is (5, managers 3).
    confidence
        Two-sided level of the intervals.
    weights
        Importance of each dimension. The figures ``weighted`` then stand beside ``overall``, which
        is always the plain mean of dimension means.
    weights_source
        Where the weights come from, for the report's head.
    errors
        How standard errors are computed. CORRECTED stays honest where runs ask a few items of
        many, so that an item has few answers; where every item has many, both agree.
    bounds
        How limits are found: CHECKED is t where its coverage was measured to hold and logit
        elsewhere, each figure saying which; T is always t, as in textbooks.
    scale
        On which all answers were given. Figures are in its points; the head names it in ``scale``.

    Returns
    -------
    Report
        With every cell under a floor suppressed. Nothing else leaves this function.

    Raises
    ------
    SettingsError
        If there are no items, a weight is missing, a unit is called ``*``, or a region names an
        unknown unit or bears the name of a unit.
    MixedMomentsError
        If moments hold items that ``dimension_by_item`` does not, or in another dimension.
    AnswersError
        If moments hold an answer above the scale.
    """
    return _analyse(
        units,
        _levels(units, dimension_by_item, weights, scale=scale),
        regions=regions or {},
        floors=floors or Floors(),
        method=Method(confidence, errors, bounds),
        weights_source=weights_source,
    )


def analyse_own_table(
    units: Mapping[str, UnitMoments],
    dimension_by_item: Mapping[str, str],
    *,
    regions: Mapping[str, Sequence[str]] | None = None,
    confidence: float = 0.95,
    weights: Mapping[str, float] | None = None,
    weights_source: str = GIVEN,
    errors: Errors = Errors.LINEARISED,
    bounds: Bounds = Bounds.CHECKED,
    scale: Scale = SEVEN,
) -> Report:
    """As ``analyse``, but hiding nothing: for an analyst who holds the very answers.

    Only ``gapbot analyse --no-suppress`` calls this; a test watches that nothing else does.
    """
    return _analyse(
        units,
        _levels(units, dimension_by_item, weights, scale=scale),
        regions=regions or {},
        floors=None,
        method=Method(confidence, errors, bounds),
        weights_source=weights_source,
    )


def _analyse(
    units: Mapping[str, UnitMoments],
    levels: Levels,
    *,
    regions: Mapping[str, Sequence[str]],
    floors: Floors | None,
    method: Method,
    weights_source: str,
) -> Report:
    member = _membership(list(units), regions)
    totals = {group: nobody(group, len(member), levels) for group in Group}
    everything, names = list(units.values()), list(units)
    raw, places = [], _portions(len(names))
    for some in places:
        stacked = _stacked(everything[some], levels)
        raw.append(figures(stacked, method=method))
        for group, part in stacked.items():
            totals[group].add(part, member[:, some])
    hidden = Withheld.nothing()
    if floors is not None and raw:
        hidden = withhold(raw, member, floors=floors)
    raw.reverse()  # from its end each portion is dropped when it is released: half the memory
    written = [
        (names[some], release(raw.pop(), floors, hidden=hidden.units.some(some))) for some in places
    ]
    summed = []
    for some in _portions(len(member)):
        stacked = {group: total.some(some) for group, total in totals.items()}
        own = figures(stacked, method=method)
        summed.append(
            ([WHOLE, *regions][some], release(own, floors, hidden=hidden.sums.some(some)))
        )
    head = _head(levels, floors=floors, method=method) | {
        "weights_source": None if levels.weights is None else weights_source,
        "region_units": {name: list(own) for name, own in regions.items()},
    }
    released = [own for _, own in written]
    sums = Beside(
        [own for _, own in summed],
        lambda number: totals[Group.CUSTOMER].some(_portions(len(member))[number]),
        confidence=method.confidence,
    )
    single = Beside(
        released,
        lambda number: _stacked(everything[places[number]], levels)[Group.CUSTOMER],
        confidence=method.confidence,
        siblings=AmongSiblings(released, parents(names, regions), confidence=method.confidence),
    )

    def complete(plain: Plain, number: int, unit: int) -> None:
        if number < len(summed):
            sums.complete(plain, number, unit)
        else:
            single.complete(plain, number - len(summed), unit)

    return Report(
        head,
        units=Written([*summed, *written], [WHOLE, *names], complete),
        regions=Written(summed, list(regions), sums.complete),
    )


def _levels(
    units: Mapping[str, UnitMoments],
    dimension_by_item: Mapping[str, str],
    weights: Mapping[str, float] | None,
    *,
    scale: Scale,
) -> Levels:
    for name, own in units.items():
        for moments in own.values():
            if moments.histogram[:, :, scale.points :].any():
                raise AnswersError(
                    f"unit {name!r} has answers above {scale.points}; name the scale they are on"
                )
    apart = _apart(units, dimension_by_item)
    return Levels.of(dimension_by_item, weights=weights, apart=apart, scale=scale)


def _apart(units: Mapping[str, UnitMoments], dimension_by_item: Mapping[str, str]) -> set[str]:
    """Optional dimensions that are not asked from every point of the chain that is asked at all.

    They would move one end of the chain and not the other, so they count in no overall figure.
    """
    found = OPTIONAL.intersection(dimension_by_item.values())
    if not found:
        return set()
    asked: dict[Vantage, set[str]] = {}
    for own in units.values():
        for group, moments in own.items():
            for vantage, answers in zip(GROUPS[group], moments.histogram, strict=True):
                told = answers.any(axis=1) if len(answers) else ()
                asked.setdefault(vantage, set()).update(
                    dimension
                    for dimension, any_told in zip(moments.dimension_of, told, strict=True)
                    if any_told
                )
    chain = [told for vantage in CHAIN_ORDER if (told := asked.get(vantage))]
    return {dimension for dimension in found if not all(dimension in told for told in chain)}


def _portions(many: int) -> list[slice]:
    return [slice(k, k + _UNITS_AT_ONCE) for k in range(0, many, _UNITS_AT_ONCE)]


def _membership(names: Sequence[str], regions: Mapping[str, Sequence[str]]) -> FloatArray:
    """Shape (1 + regions, units): 1 where the unit belongs; the first row is the whole."""
    if WHOLE in names or WHOLE in regions:
        raise SettingsError(f"a unit or region is called {WHOLE!r}, the whole's name; rename it")
    place = {name: k for k, name in enumerate(names)}
    member = np.zeros((1 + len(regions), len(names)))
    member[0] = 1.0
    for row, (region, own) in enumerate(regions.items(), start=1):
        if region in place:
            raise SettingsError(f"region {region!r} bears the name of a unit; rename one of them")
        unknown = [name for name in own if name not in place]
        if unknown:
            raise SettingsError(f"region {region!r} names unknown units {unknown}; correct it")
        member[row, [place[name] for name in own]] = 1.0
    return member


def _stacked(units: Sequence[UnitMoments], levels: Levels) -> dict[Group, Stacked]:
    return {group: stack(group, [own.get(group) for own in units], levels) for group in Group}


def _head(levels: Levels, *, floors: Floors | None, method: Method) -> Plain:
    return {
        "schema": SCHEMA,
        "engine": __version__,
        "confidence": method.confidence,
        "errors": method.errors.value,
        "bounds": method.bounds.value,
        "floors": None if floors is None else {g.value: floors.of(g) for g in Group},
        "scale": [1, levels.scale.points],
        "overall": "mean of dimension means",
        "weights": None
        if levels.weights is None
        else dict(zip(levels.dimensions, levels.weights, strict=True)),
        "apart": sorted(levels.apart),
        "dimensions": dict(zip(levels.items, levels.dimension_of, strict=True)),
    }
