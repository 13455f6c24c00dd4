"""Customers, their visits, integrations and webhooks."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_CHANNEL = "channel IN ('','counter','phone','web','app','delivery','other')"
_WAITING = sa.text("asking = 'waiting'")
_QUEUED = sa.text("state = 'queued'")


def upgrade() -> None:
    """Make the tables of this feature."""
    op.add_column(
        "invitee", sa.Column("about", sa.String(length=8), nullable=False, server_default="")
    )
    op.add_column("invitee", sa.Column("about_on", sa.Date(), nullable=True))
    op.create_table(
        "run_segment",
        sa.Column("run_key", sa.String(length=32), nullable=False),
        sa.Column("tenure", sa.String(length=9), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.CheckConstraint("tenure IN ('','new','returning')", name="run_segment_tenure"),
        sa.ForeignKeyConstraint(["run_key"], ["run.key"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_key"),
        sqlite_with_rowid=False,
    )
    _customers()
    _integrations()
    op.create_table(
        "told_segment",
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("segment", sa.String(length=10), nullable=False),
        sa.Column("weeks", sa.JSON(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"]),
        sa.PrimaryKeyConstraint("unit_id", "segment"),
    )


def _customers() -> None:
    op.create_table(
        "customer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference_print", sa.String(length=64), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("tenure", sa.String(length=9), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(_CHANNEL, name="customer_channel"),
        sa.CheckConstraint("tenure IN ('','new','returning')", name="customer_tenure"),
        sa.CheckConstraint("(person_id IS NULL) = (linked_at IS NULL)", name="customer_link"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("person_id"),
        sa.UniqueConstraint("reference_print"),
    )
    op.create_table(
        "visit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("reference_print", sa.String(length=64), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("touchpoint", sa.String(length=40), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("tenure", sa.String(length=9), nullable=False),
        sa.Column("asking", sa.String(length=7), nullable=False),
        sa.Column("reason", sa.String(length=30), nullable=False),
        sa.Column("ask_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("invitee_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("kind IN ('visit','purchase')", name="visit_kind"),
        sa.CheckConstraint(_CHANNEL, name="visit_channel"),
        sa.CheckConstraint("tenure IN ('new','returning')", name="visit_tenure"),
        sa.CheckConstraint("asking IN ('waiting','asked','skipped')", name="visit_asking"),
        sa.CheckConstraint("(asking = 'skipped') = (reason <> '')", name="visit_reason"),
        sa.CheckConstraint("(asking = 'waiting') = (ask_at IS NOT NULL)", name="visit_waits"),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"]),
        sa.ForeignKeyConstraint(["invitee_id"], ["invitee.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("reference_print"),
    )
    op.create_index("visit_customer", "visit", ["customer_id", "at"])
    op.create_index(
        "visit_due", "visit", ["ask_at"], sqlite_where=_WAITING, postgresql_where=_WAITING
    )
    op.create_table(
        "visit_rule",
        sa.Column("touchpoint", sa.String(length=40), nullable=False),
        sa.Column("questionnaire", sa.String(length=60), nullable=False),
        sa.Column("delay_minutes", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "delay_minutes IS NULL OR delay_minutes BETWEEN 0 AND 43200", name="visit_rule_delay"
        ),
        sa.PrimaryKeyConstraint("touchpoint"),
    )
    op.create_table(
        "customer_invitation",
        sa.Column("invitation_id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["invitation_id"], ["invitation.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("invitation_id"),
    )
    op.create_index(
        op.f("ix_customer_invitation_customer_id"), "customer_invitation", ["customer_id"]
    )


def _integrations() -> None:
    op.create_table(
        "integration",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_free", sa.BigInteger(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(address = '') = (secret = '')", name="integration_secret"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key_hash"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "event_answer",
        sa.Column("integration_id", sa.Integer(), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("body_hash", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["integration_id"], ["integration.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("integration_id", "key_hash"),
    )
    op.create_index("event_answer_at", "event_answer", ["at"])
    op.create_table(
        "webhook",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("integration_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=7), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=80), nullable=False),
        sa.CheckConstraint("state IN ('queued','sending','sent','dead')", name="webhook_state"),
        sa.ForeignKeyConstraint(["integration_id"], ["integration.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("integration_id", "key"),
    )
    op.create_index(
        "webhook_due", "webhook", ["due_at"], sqlite_where=_QUEUED, postgresql_where=_QUEUED
    )
    op.create_index("webhook_state_at", "webhook", ["state", "due_at"])
