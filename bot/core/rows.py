"""Changing one row where it still is as supposed: the conditional UPDATE decides who was first."""

from typing import Any

from sqlalchemy import update
from sqlmodel import Session, SQLModel


def change_row(session: Session, row: SQLModel, *conditions: Any, **values: Any) -> bool:
    """Change a stored row where these conditions hold; tell whether they did.

    Of two who change it at once one wins. Afterwards ``row`` shows what the database holds.
    """
    table: Any = type(row)
    result = session.execute(
        update(table)
        .where(table.id == row.id, *conditions)  # type: ignore[attr-defined]
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    session.refresh(row)
    return bool(result.rowcount == 1)  # type: ignore[attr-defined]
