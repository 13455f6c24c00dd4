"""Fixes that an organisation wrote itself."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_DRAFT = sa.text("state = 'draft'")


def upgrade() -> None:
    """Make the table of own fixes."""
    op.create_table(
        "own_fix",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("gap", sa.String(length=20), nullable=False),
        sa.Column("dimension", sa.String(length=40), nullable=True),
        sa.Column("first_step", sa.String(length=280), nullable=False),
        sa.Column("sign", sa.String(length=200), nullable=False),
        sa.Column("effort", sa.String(length=10), nullable=False),
        sa.Column("who", sa.String(length=10), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("written_by", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('draft','ready','retired')", name="own_fix_state"),
        sa.CheckConstraint(
            "gap IN ('','expectation','perception','specification','delivery','communication',"
            "'G2','G5')",
            name="own_fix_gap",
        ),
        sa.CheckConstraint(
            "state = 'draft' OR (title <> '' AND gap <> '' AND dimension IS NOT NULL"
            " AND first_step <> '' AND sign <> '' AND effort <> '' AND who <> '')",
            name="own_fix_is_whole",
        ),
        sa.ForeignKeyConstraint(["written_by"], ["person.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "own_fix_draft",
        "own_fix",
        ["written_by"],
        unique=True,
        sqlite_where=_DRAFT,
        postgresql_where=_DRAFT,
    )
