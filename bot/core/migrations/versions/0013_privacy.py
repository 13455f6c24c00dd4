"""What is sealed, for how long it is kept, and who looked at it."""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

from bot.core.keyring import keys_of

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_LINES = {
    "person": (("id",), ("name",)),
    "issue": (("id",), ("outcome",)),
    "customer_case": (("id",), ("outcome_words",)),
    "action": (("id",), ("title", "note", "dropped_words")),
}
_TEXTS = {
    "comment": (("run_key",), ("text",)),
    "issue_post": (("issue_id", "place"), ("text",)),
    "case_note": (("id",), ("words",)),
    "idea": (("id",), ("text",)),
    "told_text": (("note_id", "language"), ("words",)),
    "inbox_update": (("update_id",), ("raw", "calls")),
}
_PORTION = 500


def upgrade() -> None:
    """Seal what is there, and make the tables of this feature."""
    if op.get_bind().dialect.name == "postgresql":  # SQLite takes text of any length
        for table, (_, columns) in _LINES.items():
            for column in columns:
                op.alter_column(table, column, type_=sa.String())
    op.create_table(
        "sealing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key_name", sa.String(length=8), nullable=False),
        sa.Column("changing", sa.Boolean(), nullable=False),
        sa.Column("index_secret", sa.Text(), nullable=False),
        sa.CheckConstraint("id = 1", name="one_sealing"),
        sa.PrimaryKeyConstraint("id"),
    )
    for table, (keys, columns) in {**_LINES, **_TEXTS}.items():
        for column in columns:
            _seal(_table(table, keys, sa.column(column, sa.Text())), keys, column)
    _seal(_table("notice", ("id",), sa.column("content", sa.JSON())), ("id",), "content")


def _table(name: str, keys: tuple[str, ...], column: sa.ColumnClause[Any]) -> sa.TableClause:
    return sa.table(name, *(sa.column(key) for key in keys), column)


def _seal(table: sa.TableClause, keys: tuple[str, ...], column: str) -> None:
    """Seal one column in portions, so that a large table needs little memory."""
    connection = op.get_bind()
    value = table.c[column]
    place = [table.c[key] for key in keys]
    after: tuple[Any, ...] | None = None
    while True:
        query = sa.select(*place, value).order_by(*place).limit(_PORTION)
        if after is not None:
            query = query.where(sa.tuple_(*place) > sa.tuple_(*map(sa.literal, after)))
        rows = connection.execute(query).fetchall()
        for row in rows:
            if row[-1]:
                is_here = [key == part for key, part in zip(place, row[:-1], strict=True)]
                changed = sa.update(table).where(*is_here)
                connection.execute(changed.values({column: _sealed(row[-1])}))
        if len(rows) < _PORTION:
            return
        after = tuple(rows[-1][:-1])


def _sealed(value: Any) -> str:
    keys = keys_of(op.get_bind().dialect)
    keys.ensure()
    plain = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return keys.seal(plain)
