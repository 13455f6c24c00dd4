"""Small anonymous waves forget whom they asked."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    op.add_column(
        "wave", sa.Column("pooled", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("wave", sa.Column("counted", sa.JSON(), nullable=True))
