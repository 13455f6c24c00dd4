"""Managers' forecasts."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of this feature."""
    op.create_table(
        "forecast_card",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("dimensions", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("person_id", "unit_id", "week"),
    )
    op.create_index("forecast_card_week", "forecast_card", ["unit_id", "week"])
    op.create_table(
        "forecast",
        sa.Column("card_id", sa.Integer(), nullable=False),
        sa.Column("dimension", sa.String(length=40), nullable=False),
        sa.Column("vantage", sa.String(length=1), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("truth", sa.Float(), nullable=True),
        sa.CheckConstraint("vantage IN ('E','P')", name="forecast_vantage"),
        sa.CheckConstraint("level BETWEEN 1 AND 7", name="forecast_level"),
        sa.ForeignKeyConstraint(["card_id"], ["forecast_card.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("card_id", "dimension", "vantage"),
    )
    op.create_table(
        "figures_seen",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"]),
        sa.PrimaryKeyConstraint("person_id", "unit_id", "week"),
    )
