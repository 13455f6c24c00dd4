"""Changing the key: everything sealed is opened and sealed again, in portions.

begin ──> portion, portion, ... ──> a pass that finds nothing old ──> finish

Each portion is committed by itself; who is killed half way begins again where old seals are left.
Until the end both keys are needed, and a process that runs meanwhile reads both.
"""

from collections import Counter
from collections.abc import Generator, Iterator
from typing import Any

from sqlalchemy import Column, Table, and_, literal, select, text, tuple_, type_coerce, update
from sqlmodel import Session, SQLModel, col

from bot.core.database import Database
from bot.core.keyring import Keyring, keys_of, sealed_with
from bot.core.sealing import is_sealed
from bot.core.tables import Sealing

PORTION = 500


def sealed_columns() -> list[tuple[Table, list[Column[Any]]]]:
    """Return every table with sealed columns; the tables of all features must be loaded."""
    found = []
    for table in SQLModel.metadata.sorted_tables:
        columns = [one for one in table.columns if is_sealed(one.type)]
        if columns:
            found.append((table, columns))
    return found


def counts(session: Session) -> dict[str, Counter[str]]:
    """Count sealed values by table and by the short name of their key."""
    found: dict[str, Counter[str]] = {}
    for table, columns in sealed_columns():
        named = found.setdefault(str(table.name), Counter())
        for row in session.execute(select(*(_raw(one) for one in columns)).select_from(table)):
            named.update(sealed_with(value) for value in row if isinstance(value, str) and value)
    secret = session.scalar(select(col(Sealing.index_secret)))
    if secret:
        found["sealing"] = Counter([sealed_with(secret)])
    return found


def begin(session: Session, keys: Keyring) -> None:
    """Name the new key as the one the database is sealed with, and seal its own secret with it."""
    secret = session.execute(select(col(Sealing.index_secret))).scalar_one()
    session.execute(
        update(Sealing).values(
            key_name=keys.current, changing=True, index_secret=keys.seal(keys.open(secret))
        )
    )


def reseal(database: Database, *, portion: int = PORTION) -> Generator[int, None, None]:
    """Seal everything with the current key; yields how many rows each portion changed.

    Passes go on until one finds nothing old, since a process may have written meanwhile.
    """
    while True:
        changed = 0
        for table, columns in sealed_columns():
            for count in _pass(database, table, columns, portion):
                changed += count
                yield count
        if not changed:
            return


def finish(database: Database) -> bool:
    """Note that no old seal is left; False when one is, so that the passes go on.

    On PostgreSQL writers are waited for and held up, so that nothing slips in behind the count.
    """
    with database.transaction() as session:
        if not database.is_sqlite:
            names = ", ".join(f'"{table.name}"' for table, _ in sealed_columns())
            session.execute(text(f"LOCK TABLE {names} IN SHARE MODE"))
        current = keys_of(session).current
        if any(name != current for named in counts(session).values() for name in named):
            return False
        session.execute(update(Sealing).values(changing=False))
        return True


def _pass(
    database: Database, table: Table, columns: list[Column[Any]], portion: int
) -> Iterator[int]:
    after: tuple[Any, ...] | None = None
    while True:
        with database.transaction() as session:
            rows, count = _portion(session, table, columns, after=after, portion=portion)
        if count:
            yield count
        if len(rows) < portion:
            return
        after = rows[-1]


def _portion(
    session: Session,
    table: Table,
    columns: list[Column[Any]],
    *,
    after: tuple[Any, ...] | None,
    portion: int,
) -> tuple[list[tuple[Any, ...]], int]:
    """Seal again what is old among the next rows; return their keys, and how many were changed."""
    keys, place = keys_of(session), list(table.primary_key.columns)
    query = select(*place, *(_raw(one) for one in columns)).order_by(*place).limit(portion)
    if after is not None:
        query = query.where(
            tuple_(*place)
            > tuple_(*(literal(part, key.type) for key, part in zip(place, after, strict=True)))
        )
    seen, changed, current = [], 0, keys.current
    for row in session.execute(query.with_for_update() if _locks(session) else query):
        key, values = tuple(row[: len(place)]), row[len(place) :]
        seen.append(key)
        fresh = {
            column.name: type_coerce(keys.seal(keys.open(value)), _bare(column))
            for column, value in zip(columns, values, strict=True)
            if isinstance(value, str) and sealed_with(value) not in {"", current}
        }
        if fresh:
            is_it = and_(*(one == part for one, part in zip(place, key, strict=True)))
            session.execute(update(table).where(is_it).values(fresh))
            changed += 1
    return seen, changed


def _locks(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


def _bare(column: Column[Any]) -> Any:
    return column.type.impl_instance  # type: ignore[attr-defined]


def _raw(column: Column[Any]) -> Any:
    """Return a column as it lies in the database."""
    return type_coerce(column, _bare(column))
