"""Actions, their effects, and what was told to those who were asked."""

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of this feature."""
