"""Actions: fixes that were taken, with owner and date."""

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of this feature."""
