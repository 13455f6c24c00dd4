"""Touchpoints, counters and shifts with links of their own; groups."""

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of this feature."""
