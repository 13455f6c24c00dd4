"""How often and when a person is asked: budget, wishes, calendars, a second reminder."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, and count what was asked lately against the budget."""
    op.create_table(
        "contact",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("person_id", "on_day", "what"),
        sqlite_with_rowid=False,
    )
    op.create_index("contact_day", "contact", ["on_day"])
    op.create_table(
        "contact_skipped",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=30), nullable=False),
        sa.CheckConstraint("reason <> ''", name="contact_skipped_reason"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"]),
        sa.PrimaryKeyConstraint("person_id", "what", "unit_id", "week"),
        sqlite_with_rowid=False,
    )
    op.create_index("contact_skipped_unit", "contact_skipped", ["unit_id", "week"])
    _make_wishes()
    op.create_table(
        "unit_calendar",
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("country", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("unit_id"),
    )
    op.create_table(
        "closed_day",
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("unit_id", "day"),
    )
    op.add_column(
        "wave", sa.Column("reminders", sa.Integer(), nullable=False, server_default="0")
    )
    op.add_column(
        "wave", sa.Column("rolling", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.create_index(
        "wave_rolling",
        "wave",
        ["version_id", "unit_id", "due_on"],
        unique=True,
        sqlite_where=sa.text("rolling"),
        postgresql_where=sa.text("rolling"),
    )
    op.drop_column("invitee", "reminded")  # the deliveries say it for as long as the wave is open
    _count_what_was_asked()


def _make_wishes() -> None:
    op.create_table(
        "wish",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("days_apart", sa.Integer(), nullable=True),
        sa.Column("weekdays", sa.String(length=7), nullable=False),
        sa.Column("quiet_from", sa.Time(), nullable=True),
        sa.Column("quiet_until", sa.Time(), nullable=True),
        sa.Column("away_until", sa.Date(), nullable=True),
        sa.Column("shift_days", sa.String(length=7), nullable=False),
        sa.Column("shift_from", sa.Time(), nullable=True),
        sa.Column("shift_to", sa.Time(), nullable=True),
        sa.Column("unheard", sa.Integer(), nullable=False),
        sa.CheckConstraint("unheard >= 0", name="wish_unheard"),
        sa.CheckConstraint("days_apart IS NULL OR days_apart > 0", name="wish_days_apart"),
        sa.CheckConstraint("(quiet_from IS NULL) = (quiet_until IS NULL)", name="wish_quiet"),
        sa.CheckConstraint("(shift_from IS NULL) = (shift_to IS NULL)", name="wish_shift"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("person_id"),
    )


def _count_what_was_asked() -> None:
    """Whoever was asked before the budget was kept by day was asked on the day of the plan."""
    op.execute(
        """
        INSERT INTO contact (person_id, on_day, what)
        SELECT DISTINCT i.person_id, date(w.planned_at), v.name
        FROM invitee i
        JOIN wave w ON w.id = i.wave_id
        JOIN questionnaire_version v ON v.id = w.version_id
        WHERE i.state <> 'skipped'
        """
    )
