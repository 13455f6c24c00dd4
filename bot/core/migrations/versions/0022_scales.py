"""Every figure knows how many levels the answers behind it had."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_NOTED = (
    "stored_report",
    "standard_version",
    "promise_version",
    "forecast_card",
    "action",
    "fix_decision",
)
"""What was said or fixed in points of the scale that was used then: seven, until now."""

_KEYS = {
    "moment_block": ("unit_id", "week", "audience", "points"),
    "told_moments": ("unit_id", "audience", "since", "points"),
    "told_segment": ("unit_id", "segment", "points"),
}


def upgrade() -> None:
    """Name the scale; what stood under an audience such as customer_5 is customers' on five."""
    for table in _NOTED:
        op.add_column(
            table, sa.Column("points", sa.SmallInteger(), nullable=False, server_default="7")
        )
    for table, key in _KEYS.items():
        _add_to_key(table, key)
    for table in ("moment_block", "told_moments"):
        op.execute(
            f"UPDATE {table} SET points = 5, audience = replace(audience, '_5', '')"  # noqa: S608
            " WHERE audience IN ('customer_5', 'staff_5', 'manager_5')"
        )


def _add_to_key(table: str, key: tuple[str, ...]) -> None:
    op.add_column(
        table, sa.Column("points", sa.SmallInteger(), nullable=False, server_default="7")
    )
    if op.get_bind().dialect.name == "postgresql":
        before = sa.inspect(op.get_bind()).get_pk_constraint(table)["name"] or ""
        op.drop_constraint(before, table, type_="primary")
        op.create_primary_key(f"{table}_pkey", table, list(key))
        return
    found = sa.Table(table, sa.MetaData(), autoload_with=op.get_bind())
    columns = [sa.Column(one.name, one.type, nullable=one.nullable) for one in found.columns]
    columns[-1].server_default = sa.DefaultClause("7")
    op.rename_table(table, f"{table}_before")
    op.create_table(
        table,
        *columns,
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"]),
        sa.PrimaryKeyConstraint(*key),
    )
    names = ", ".join(one.name for one in found.columns)
    op.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM {table}_before")  # noqa: S608
    op.drop_table(f"{table}_before")
