"""analyse(...) -> Report: all gaps of all units, small groups hidden, as plain data."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from gapengine import __version__
from gapengine.disclosure import Floors, Released, release
from gapengine.errors import SettingsError
from gapengine.estimate import figures
from gapengine.intervals import Errors, Method
from gapengine.levels import Levels
from gapengine.moments import Moments
from gapengine.plain import Plain, unit_plain
from gapengine.stacking import Stacked, added_up, stack
from gapengine.vantage import Group

SCHEMA = "gapbot.report/1"
WHOLE = "*"
"""The unit that stands for the whole organisation."""

_UNITS_AT_ONCE = 256

UnitMoments = Mapping[Group, Moments]


@dataclass(frozen=True, eq=False)
class Report:
    """What may be known about each unit. ``head`` says how it was computed.

    ``units`` maps a unit's name to plain values (docs/reference/report.md); those of a fresh
    report are written out when asked for, so that thousands of units cost little.
    """

    head: Mapping[str, Any]
    units: Mapping[str, Plain]

    def to_plain(self) -> Plain:
        """Everything as dicts, lists, strings, floats, ints, booleans and None."""
        return {**self.head, "units": {name: self.units[name] for name in self.units}}

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
        head = {key: value for key, value in plain.items() if key != "units"}
        return cls(head, dict(plain["units"]))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Report) and self.to_plain() == other.to_plain()

    __hash__ = None  # type: ignore[assignment]  # holds mappings


class _Written(Mapping[str, Plain]):
    """Units of released figures, written out one at a time."""

    def __init__(self, names: Sequence[str], portions: Sequence[Released], whole: Released) -> None:
        self._place = {WHOLE: -1} | {name: k for k, name in enumerate(names)}
        self._portions = portions
        self._whole = whole

    def __getitem__(self, name: str) -> Plain:
        if name == WHOLE:
            return unit_plain(self._whole, 0)
        portion, unit = divmod(self._place[name], _UNITS_AT_ONCE)
        return unit_plain(self._portions[portion], unit)

    def __iter__(self) -> Iterator[str]:
        return iter(self._place)

    def __len__(self) -> int:
        return len(self._place)


def analyse(
    units: Mapping[str, UnitMoments],
    dimension_by_item: Mapping[str, str],
    *,
    floors: Floors | None = None,
    confidence: float = 0.95,
    weights: Mapping[str, float] | None = None,
    errors: Errors = Errors.LINEARISED,
) -> Report:
    """Analyse every unit and, as unit ``*``, the whole organisation.

    Parameters
    ----------
    units
        Moments by unit and group; respondents of different units are different people.
    dimension_by_item
        The dimension of each item, in the order the report shall list them.
    floors
        Fewest respondents a shown cell may have; None is the least there is (5, managers 3).
    confidence
        Two-sided level of the intervals.
    weights
        Importance of each dimension in the overall figures; None is the plain mean.
    errors
        How standard errors are computed. CORRECTED stays honest where runs ask a few items of
        many, so that an item has few answers; where every item has many, both agree.

    Returns
    -------
    Report
        With every cell under a floor suppressed. Nothing else leaves this function.

    Raises
    ------
    SettingsError
        If there are no items, a weight is missing, or a unit is called ``*``.
    MixedMomentsError
        If moments hold items that ``dimension_by_item`` does not, or in another dimension.
    """
    return _analyse(
        units,
        Levels.of(dimension_by_item, weights=weights),
        floors=floors or Floors(),
        method=Method(confidence, errors),
    )


def analyse_own_table(
    units: Mapping[str, UnitMoments],
    dimension_by_item: Mapping[str, str],
    *,
    confidence: float = 0.95,
    weights: Mapping[str, float] | None = None,
) -> Report:
    """As ``analyse``, but hiding nothing: for an analyst who holds the very answers.

    Only ``gapbot analyse --no-suppress`` calls this; a test watches that nothing else does.
    """
    levels = Levels.of(dimension_by_item, weights=weights)
    return _analyse(units, levels, floors=None, method=Method(confidence))


def _analyse(
    units: Mapping[str, UnitMoments],
    levels: Levels,
    *,
    floors: Floors | None,
    method: Method,
) -> Report:
    if WHOLE in units:
        raise SettingsError(f"a unit is called {WHOLE!r}, the name of the whole; rename the unit")
    everything = list(units.values())
    whole = _stacked([{}], levels)
    portions = []
    for start in range(0, len(everything), _UNITS_AT_ONCE):
        stacked = _stacked(everything[start : start + _UNITS_AT_ONCE], levels)
        portions.append(release(figures(stacked, method=method), floors))
        whole = {group: added_up(whole[group], part) for group, part in stacked.items()}
    head = _head(levels, floors=floors, method=method)
    released = release(figures(whole, method=method), floors)
    return Report(head, _Written(list(units), portions, released))


def _stacked(units: Sequence[UnitMoments], levels: Levels) -> dict[Group, Stacked]:
    return {group: stack(group, [own.get(group) for own in units], levels) for group in Group}


def _head(levels: Levels, *, floors: Floors | None, method: Method) -> Plain:
    return {
        "schema": SCHEMA,
        "engine": __version__,
        "confidence": method.confidence,
        "errors": method.errors.value,
        "floors": None if floors is None else {g.value: floors.of(g) for g in Group},
        "overall": "mean of dimension means" if levels.weights is None else "weighted mean",
        "weights": None
        if levels.weights is None
        else dict(zip(levels.dimensions, levels.weights, strict=True)),
        "dimensions": dict(zip(levels.items, levels.dimension_of, strict=True)),
    }
