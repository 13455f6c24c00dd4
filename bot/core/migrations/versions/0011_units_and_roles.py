"""Regions, closed units, and roles that see a part of the organisation."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_KINDS = "('owner','regional','manager','analyst','staff','customer','partner')"
_UNIT_CHECKS = {
    "unit_kind": "kind IN ('unit','region')",
    "unit_state": "state IN ('open','closed','merged')",
    "unit_closed_has_its_day": "(state = 'open') = (closed_on IS NULL)",
    "unit_merged_into_one": "state <> 'merged' OR parent_id IS NOT NULL",
    "unit_not_in_itself": "parent_id IS NULL OR parent_id <> id",
}
_HOLDS_FOR_ALL = sa.text("unit_id IS NULL")
_HOLDS_FOR_ONE = sa.text("unit_id IS NOT NULL")


def upgrade() -> None:
    """Let units be regions, be closed and be merged; let roles hold for a part of the tree."""
    with op.batch_alter_table("unit") as unit:
        unit.add_column(
            sa.Column("kind", sa.String(length=6), nullable=False, server_default="unit")
        )
        unit.add_column(
            sa.Column("state", sa.String(length=6), nullable=False, server_default="open")
        )
        unit.add_column(sa.Column("closed_on", sa.Date(), nullable=True))
        for name, rule in _UNIT_CHECKS.items():
            unit.create_check_constraint(name, rule)
    with op.batch_alter_table("unit") as unit:
        unit.alter_column("kind", server_default=None, existing_type=sa.String(length=6))
        unit.alter_column("state", server_default=None, existing_type=sa.String(length=6))
    op.create_index("unit_parent", "unit", ["parent_id"])
    # Rebuilding a table on SQLite would lose what its partial indexes are about.
    for name in ("role_once", "role_owner_once", "role_unit"):
        op.drop_index(name, table_name="role")
    _widen("role", "kind", kinds="role_kind", fits="role_unit_fits")
    _index_roles()
    _widen("invitation", "role", kinds="invitation_role", fits="invitation_unit_fits")


def _widen(table: str, column: str, *, kinds: str, fits: str) -> None:
    with op.batch_alter_table(table) as changed:
        changed.drop_constraint(kinds, type_="check")
        changed.drop_constraint(fits, type_="check")
        changed.create_check_constraint(kinds, f"{column} IN {_KINDS}")
        changed.create_check_constraint(
            fits,
            f"({column} <> 'owner' OR unit_id IS NULL)"
            f" AND ({column} IN ('owner','analyst') OR NOT (unit_id IS NULL))",
        )


def _index_roles() -> None:
    op.create_index(
        "role_once",
        "role",
        ["person_id", "kind", "unit_id"],
        unique=True,
        sqlite_where=_HOLDS_FOR_ONE,
        postgresql_where=_HOLDS_FOR_ONE,
    )
    op.create_index(
        "role_owner_once",
        "role",
        ["person_id", "kind"],
        unique=True,
        sqlite_where=_HOLDS_FOR_ALL,
        postgresql_where=_HOLDS_FOR_ALL,
    )
    op.create_index("role_unit", "role", ["unit_id", "kind"], unique=False)
