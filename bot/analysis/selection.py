"""Which units of a report are told in full, and how the others stand beside each other."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from bot.analysis.wording import Plain, customer_gap
from gapengine.report import WHOLE


@dataclass(frozen=True)
class Place:
    """A title, and what the report says of it."""

    title: str
    unit: Plain


def told_in_full(plain: Plain, chosen: Collection[str], *, most: int) -> Iterator[Place]:
    """The whole, the regions, then the units unless they are more than ``most``.

    With ``chosen`` these units alone.
    """
    units: dict[str, Plain] = plain["units"]
    if chosen:
        yield from (Place(f"Unit {name}", units[name]) for name in units if name in chosen)
        return
    yield Place("All units together (*)", units[WHOLE])
    for name, region in plain.get("regions", {}).items():
        many = len(plain["region_units"][name])
        yield Place(f"Region {name} ({many} unit{'s' if many > 1 else ''})", region)
    if len(units) - 1 <= most:
        yield from (Place(f"Unit {name}", unit) for name, unit in units.items() if name != WHOLE)


@dataclass(frozen=True)
class Standing:
    """One unit's customer gap beside those of its siblings; ``drawn`` is the shrunken one."""

    name: str
    raw: Plain
    drawn: Plain | None

    @property
    def ranks(self) -> str:
        """The ranks it may have among its siblings; 1 is the largest shortfall."""
        if self.drawn is None or self.drawn.get("rank_low") is None:
            return ""
        low, high, of = (self.drawn[name] for name in ("rank_low", "rank_high", "siblings"))
        return f"{low}–{high} of {of}" if low < high else f"{low} of {of}"

    @property
    def worst(self) -> float | None:
        """Probability that it is the worst of all."""
        return None if self.drawn is None else self.drawn.get("p_worst")


@dataclass(frozen=True)
class Standings:
    """All units: by their figure where these were drawn together, the others after them by name.

    ``ranked`` is False where none was.
    """

    rows: tuple[Standing, ...]
    ranked: bool


def standings(plain: Plain) -> Standings:
    """How the units stand in P-E. Raw figures alone make no ranking: chance would lead it."""
    rows = [
        Standing(name, gap, _drawn(gap))
        for name, unit in plain["units"].items()
        if name != WHOLE
        for gap in [customer_gap(unit)]
    ]
    rows.sort(key=_order)
    return Standings(tuple(rows), any(row.ranks for row in rows))


def _drawn(gap: Plain) -> Plain | None:
    found: Plain | None = gap.get("shrunken")
    return found if found and found.get("estimate") is not None else None


def _order(row: Standing) -> tuple[bool, float, str]:
    return row.drawn is None, 0.0 if row.drawn is None else row.drawn["estimate"], row.name
