"""Where units lay before they were moved or merged, and figures told by where they were answered.

SQLite gives the number of a row that is gone to the next one. An old button, an entry in the record
of changes or a delivery would then mean somebody else, so numbers that are noted elsewhere are never
given twice. PostgreSQL never does.
"""

import re

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_NOTED_ELSEWHERE = ("person", "role", "invitation", "notice", "customer", "told_note", "own_fix")


def upgrade() -> None:
    """Add the table, and the Monday since which a unit lay somewhere to what was told of it."""
    if op.get_bind().dialect.name == "sqlite":
        for table in _NOTED_ELSEWHERE:
            _give_numbers_once(table)
    op.create_table(
        "former_place",
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["parent_id"], ["unit.id"]),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"]),
        sa.PrimaryKeyConstraint("unit_id", "until"),
    )
    op.create_table(
        "told_moments_by_place",
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("audience", sa.String(length=10), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("weeks", sa.JSON(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"]),
        sa.PrimaryKeyConstraint("unit_id", "audience", "since"),
    )
    op.execute(
        "INSERT INTO told_moments_by_place (unit_id, audience, since, weeks, payload) "
        "SELECT unit_id, audience, '0001-01-01', weeks, payload FROM told_moments"
    )
    op.drop_table("told_moments")
    op.rename_table("told_moments_by_place", "told_moments")


def _give_numbers_once(table: str) -> None:
    """Make a table anew as it is, but with numbers that only grow."""
    connection = op.get_bind()
    made, *others = (
        row[0]
        for row in connection.exec_driver_sql(
            "SELECT sql FROM sqlite_master WHERE tbl_name = ? AND sql IS NOT NULL "
            "ORDER BY type <> 'table'",
            (table,),
        )
    )
    columns, plain = re.subn(r"\bid INTEGER NOT NULL", "id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT", made)
    columns, keys = re.subn(r",\s*PRIMARY KEY \(id\)", "", columns)
    columns, names = re.subn(rf'CREATE TABLE "?{table}"?', f"CREATE TABLE {table}_anew", columns)
    if (plain, keys, names) != (1, 1, 1):
        raise ValueError(table)
    connection.exec_driver_sql(columns)
    connection.exec_driver_sql(f"INSERT INTO {table}_anew SELECT * FROM {table}")  # noqa: S608
    connection.exec_driver_sql(f"DROP TABLE {table}")
    connection.exec_driver_sql(f"ALTER TABLE {table}_anew RENAME TO {table}")
    for statement in others:
        connection.exec_driver_sql(statement)
