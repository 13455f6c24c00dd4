"""The sendings of a version of a questionnaire are found without looking at all sendings."""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    op.create_index("wave_version", "wave", ["version_id", "id"], unique=False)
