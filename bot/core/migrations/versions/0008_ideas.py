"""Ideas and votes."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_STATE = "('new','open','planned','done','declined','merged')"


def upgrade() -> None:
    """Make the tables of this feature."""
    op.create_table(
        "idea",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("dimension", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("by_name", sa.Boolean(), nullable=False),
        sa.Column("token", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("merged_into", sa.Integer(), nullable=True),
        sa.Column("action_id", sa.Integer(), nullable=True),
        sa.Column("views", sa.Integer(), nullable=False),
        sa.Column("kept_votes", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("voters_told", sa.Integer(), nullable=False),
        sa.CheckConstraint(f"state IN {_STATE}", name="idea_state"),
        sa.CheckConstraint(
            "(state = 'merged') = (merged_into IS NOT NULL)", name="idea_merged_fits"
        ),
        sa.CheckConstraint(
            "merged_into IS NULL OR merged_into <> id", name="idea_merged_elsewhere"
        ),
        sa.CheckConstraint(
            "(closed_on IS NULL) = (state IN ('new','open','planned'))", name="idea_closed_fits"
        ),
        sa.CheckConstraint("(reason <> '') = (state = 'declined')", name="idea_reason_fits"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["merged_into"], ["idea.id"]),
        sa.ForeignKeyConstraint(["action_id"], ["action.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token"),
    )
    op.create_index("idea_unit", "idea", ["unit_id", "state"])
    op.create_index("idea_author", "idea", ["person_id"])
    op.create_index("idea_action", "idea", ["action_id"])
    op.create_table(
        "idea_vote",
        sa.Column("idea_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("wanted", sa.Boolean(), nullable=False),
        sa.Column("said_on", sa.Date(), nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["idea_id"], ["idea.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("idea_id", "person_id"),
    )
    op.create_index("idea_vote_person", "idea_vote", ["person_id"])
