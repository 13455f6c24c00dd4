"""A notice may go under a picture, as the effect of an action does; waves keep their drawing."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    op.add_column(
        "notice",
        sa.Column("picture", sa.String(length=64), nullable=False, server_default=""),
    )
    op.add_column("wave", sa.Column("drawing", sa.LargeBinary(), nullable=True))
