"""Regions, closed units, and roles that see a part of the organisation."""

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of this feature."""
