"""Touchpoints, counters and shifts with links of their own; posters to be drawn."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_OPEN = sa.text("closed_on IS NULL")


def upgrade() -> None:
    """Make the tables of this feature."""
    op.create_table(
        "way_in",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("invitation_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("label", sa.String(length=40), nullable=False),
        sa.Column("label_key", sa.String(length=80), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.CheckConstraint("kind IN ('unit','touchpoint','counter','shift')", name="way_in_kind"),
        sa.CheckConstraint("(kind = 'unit') = (label = '')", name="way_in_label"),
        sa.CheckConstraint(
            "channel IN ('counter','phone','web','app','delivery','other')", name="way_in_channel"
        ),
        sa.ForeignKeyConstraint(["invitation_id"], ["invitation.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("invitation_id"),
    )
    op.create_index(
        "way_in_once",
        "way_in",
        ["unit_id", "kind", "label_key"],
        unique=True,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )
    op.create_table(
        "way_week",
        sa.Column("way_id", sa.Integer(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["way_id"], ["way_in.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("way_id", "week"),
    )
    op.create_table(
        "came_by",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("way_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["way_id"], ["way_in.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("person_id"),
    )
    op.create_index("ix_came_by_way_id", "came_by", ["way_id"])
    op.create_table(
        "poster_order",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("way_id", sa.Integer(), nullable=False),
        sa.Column("size", sa.String(length=4), nullable=False),
        sa.Column("sha", sa.String(length=64), nullable=False),
        sa.CheckConstraint("size IN ('a4','a5','a6','card')", name="poster_order_size"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["way_id"], ["way_in.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "poster_order_once", "poster_order", ["person_id", "way_id", "size"], unique=True
    )
