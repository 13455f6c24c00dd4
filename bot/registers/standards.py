"""Rules and their versions: which one holds where and when, and how a new one is written.

A change is a new version, valid from a day. The unit's own rule goes before the one for all units;
where a unit's own is retired, the one for all holds again. Of two people who change the same rule
at once the first wins: a version follows the one its writer saw.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, select
from sqlmodel import Session, col

from bot.core import audit
from bot.core.database import insert_into
from bot.registers.tables import Standard, StandardVersion
from bot.surveys.definition import POINTS
from gapengine.scale import Scale

CHAT, FILE = "chat", "file"
LONGEST_WORDING = 300


@dataclass(frozen=True, slots=True)
class Content:
    """What a rule says. Without ``comparison`` it has no target that can be measured.

    ``level`` and the levels of ``rule`` are on a scale of so many ``points``.
    """

    level: int
    wording: str
    metric: str = ""
    measure: str = ""
    comparison: str = ""
    target: float | None = None
    rule: tuple[tuple[float, float], ...] = ()
    retired: bool = False
    points: int = POINTS

    def is_at(self, level: int, points: int) -> bool:
        """Tell whether it asks for this level of this scale."""
        return (self.level, self.points) == (level, points)

    def at(self, level: int, points: int) -> "Content":
        """Return the same rule with another level, on a scale of so many points.

        How measurements become levels is carried over from end to end: it is our own rule, no
        answer of anybody's.
        """
        old, new = Scale(self.points), Scale(points)
        rule = self.rule
        if old != new:
            ratio = new.ratio / old.ratio
            rule = tuple((value, 1 + (one - 1) * ratio) for value, one in rule)
        return replace(self, level=level, points=points, rule=rule)


@dataclass(frozen=True, slots=True)
class Ruling:
    """A version of a rule, with where it holds; ``unit_id`` None is all units."""

    standard_id: int
    item: str
    unit_id: int | None
    number: int
    valid_from: date
    content: Content
    source: str
    author_id: int | None


def in_force(
    session: Session, unit_id: int | None, day: date, points: int | None = None
) -> dict[str, Ruling]:
    """Return the rule that holds for each item of a unit on a day; None asks for all units'.

    With ``points`` only those on a scale of so many levels.
    """
    holding = ruling_on(rulings(session, unit_id), day)
    if points is None:
        return holding
    return {item: one for item, one in holding.items() if one.content.points == points}


def rulings(session: Session, unit_id: int | None) -> list[Ruling]:
    """Return every version that holds or held for a unit, its own and those for all units."""
    query = select(Standard, StandardVersion).join(
        StandardVersion, col(StandardVersion.standard_id) == col(Standard.id)
    )
    scope: Any = col(Standard.unit_id).is_(None)
    if unit_id is not None:
        scope = or_(scope, col(Standard.unit_id) == unit_id)
    order = (col(Standard.item), col(StandardVersion.number))
    return [_ruling(*row) for row in session.execute(query.where(scope).order_by(*order))]


def ruling_on(versions: Iterable[Ruling], day: date) -> dict[str, Ruling]:
    """Choose what holds on a day: the newest of each rule, then the unit's own before all's."""
    newest: dict[int, Ruling] = {}
    for one in versions:
        known = newest.get(one.standard_id)
        if one.valid_from <= day and (known is None or _age(known) < _age(one)):
            newest[one.standard_id] = one
    holding: dict[str, Ruling] = {}
    for one in sorted(newest.values(), key=lambda ruling: ruling.unit_id is not None):
        if not one.content.retired:
            holding[one.item] = one
    return holding


def history(session: Session, item: str, unit_id: int) -> list[Ruling]:
    """Return all versions of an item's rules that concern a unit, the newest first."""
    own = [one for one in rulings(session, unit_id) if one.item == item]
    return sorted(own, key=lambda one: (one.valid_from, one.number), reverse=True)


def newest_number(session: Session, item: str, unit_id: int | None) -> int:
    """Return the number of the newest version of a rule in exactly this scope, 0 without any."""
    query = (
        select(col(StandardVersion.number))
        .join(Standard, col(Standard.id) == col(StandardVersion.standard_id))
        .where(col(Standard.item) == item, _scope(unit_id))
        .order_by(col(StandardVersion.number).desc())
        .limit(1)
    )
    return session.scalar(query) or 0


def write_version(
    session: Session,
    content: Content,
    *,
    item: str,
    unit_id: int | None,
    seen: int,
    valid_from: date,
    source: str,
    author_id: int | None,
    now: datetime,
) -> int | None:
    """Write the version that follows the one that was ``seen`` (0: none was there).

    Returns its number, or None when somebody else was quicker.
    """
    if newest_number(session, item, unit_id) != seen:
        return None
    standard_id = _standard_id(session, item, unit_id)
    plain = {
        "standard_id": standard_id,
        "number": seen + 1,
        "valid_from": valid_from,
        "source": source,
        "author_id": author_id,
        "written_at": now,
    }
    inserted = session.execute(
        insert_into(session, StandardVersion)
        .values(**plain, **_columns(content))
        .on_conflict_do_nothing(index_elements=["standard_id", "number"])
        .returning(col(StandardVersion.id))
    )
    if inserted.first() is None:
        return None
    audit.record(
        session,
        "standard.retired" if content.retired else "standard.written",
        now=now,
        subject=f"standard {standard_id}",
        person_id=author_id,
        unit_id=unit_id,
        detail=f"version {seen + 1}, level {content.level}, from {valid_from}, {source}",
    )
    return seen + 1


def retired(content: Content) -> Content:
    """Return the content of the version that ends a rule."""
    return replace(content, retired=True)


def _columns(content: Content) -> dict[str, Any]:
    return {
        "retired": content.retired,
        "level": content.level,
        "points": content.points,
        "wording": content.wording,
        "metric": content.metric,
        "measure": content.measure,
        "comparison": content.comparison,
        "target": content.target,
        "rule": [list(point) for point in content.rule],
    }


def _standard_id(session: Session, item: str, unit_id: int | None) -> int:
    session.execute(
        insert_into(session, Standard).values(item=item, unit_id=unit_id).on_conflict_do_nothing()
    )
    query = select(col(Standard.id)).where(col(Standard.item) == item, _scope(unit_id))
    return session.scalars(query).one() or 0


def _scope(unit_id: int | None) -> Any:
    column = col(Standard.unit_id)
    return column.is_(None) if unit_id is None else column == unit_id


def _age(one: Ruling) -> tuple[date, int]:
    return one.valid_from, one.number


def _ruling(standard: Standard, version: StandardVersion) -> Ruling:
    content = Content(
        level=version.level,
        wording=version.wording,
        metric=version.metric,
        measure=version.measure,
        comparison=version.comparison,
        target=version.target,
        rule=tuple((float(value), float(level)) for value, level in version.rule),
        retired=version.retired,
        points=version.points,
    )
    return Ruling(
        standard_id=standard.id or 0,
        item=standard.item,
        unit_id=standard.unit_id,
        number=version.number,
        valid_from=version.valid_from,
        content=content,
        source=version.source,
        author_id=version.author_id,
    )
