"""Touchpoints as a kind of customers."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, and room for its values where moments are kept."""
    op.add_column(
        "run_segment",
        sa.Column("touchpoint", sa.String(length=40), nullable=False, server_default=""),
    )
    for table, column in (("moment_block", "audience"), ("told_segment", "segment")):
        with op.batch_alter_table(table) as changed:
            changed.alter_column(
                column,
                type_=sa.String(length=50),
                existing_type=sa.String(length=10),
                existing_nullable=False,
            )
