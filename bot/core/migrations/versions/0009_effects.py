"""Effects of actions, and what was told to those who were asked."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_DRAFT = sa.text("state = 'draft'")


def upgrade() -> None:
    """Make the tables of this feature."""
    op.create_table(
        "action_effect",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("action_id", sa.Integer(), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verdict", sa.String(length=12), nullable=False),
        sa.Column("again_on", sa.Date(), nullable=True),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("engine_version", sa.String(length=20), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "verdict IN ('improved','no evidence','worse','too early','no baseline')",
            name="action_effect_verdict",
        ),
        sa.CheckConstraint(
            "again_on IS NULL OR verdict = 'too early'", name="action_effect_again_fits"
        ),
        sa.ForeignKeyConstraint(["action_id"], ["action.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("action_id", "planned_on", name="action_effect_once"),
    )
    _told()


def _told() -> None:
    op.create_table(
        "told_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("audience", sa.String(length=10), nullable=False),
        sa.Column("action_id", sa.Integer(), nullable=True),
        sa.Column("written_by", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("asked_from", sa.Date(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recipients", sa.Integer(), nullable=False),
        sa.CheckConstraint("state IN ('draft','sent','dropped')", name="told_note_state"),
        sa.CheckConstraint("audience IN ('customer','staff','partner')", name="told_note_audience"),
        sa.CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="told_note_sent_fits"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"]),
        sa.ForeignKeyConstraint(["action_id"], ["action.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["written_by"], ["person.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("told_note_unit", "told_note", ["unit_id", "state", "sent_at"])
    op.create_index(
        "told_note_draft",
        "told_note",
        ["unit_id", "written_by"],
        unique=True,
        sqlite_where=_DRAFT,
        postgresql_where=_DRAFT,
    )
    op.create_index("told_note_action", "told_note", ["action_id"])
    op.create_table(
        "told_text",
        sa.Column("note_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["note_id"], ["told_note.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("note_id", "language"),
    )
