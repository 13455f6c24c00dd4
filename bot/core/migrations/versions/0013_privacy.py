"""What is sealed, for how long it is kept, and who looked at it."""

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of this feature."""
