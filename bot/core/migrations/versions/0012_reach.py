"""How often and when a person is asked: pauses, zones, calendars, reminders."""

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of this feature."""
