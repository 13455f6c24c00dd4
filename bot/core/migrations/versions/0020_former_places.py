"""Where units lay before they were moved or merged, and figures told by where they were answered."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table, and the Monday since which a unit lay somewhere to what was told of it."""
    op.create_table(
        "former_place",
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["parent_id"], ["unit.id"]),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"]),
        sa.PrimaryKeyConstraint("unit_id", "until"),
    )
    op.create_table(
        "told_moments_by_place",
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("audience", sa.String(length=10), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("weeks", sa.JSON(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"]),
        sa.PrimaryKeyConstraint("unit_id", "audience", "since"),
    )
    op.execute(
        "INSERT INTO told_moments_by_place (unit_id, audience, since, weeks, payload) "
        "SELECT unit_id, audience, '0001-01-01', weeks, payload FROM told_moments"
    )
    op.drop_table("told_moments")
    op.rename_table("told_moments_by_place", "told_moments")
