"""Actions: fixes that were taken, with owner and date; why a fix is not ours."""

from datetime import date, timedelta

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_LIVE = "fix <> '' AND state IN ('open','proposed')"
_PEOPLE = ("taken_by", "owner_id", "asked_id", "asked_by")
_TAKEN_BEFORE = sa.text(
    """
    INSERT INTO action (unit_id, fix, title, gap, dimension, source, state, taken_by, owner_id,
        note, report_id, before_first, before_last, trigger_week, compared, check_on, taken_at,
        dropped_reason, dropped_words)
    VALUES (:unit_id, :fix, '', :gap, :dimension, 'digest', 'open', :person_id, :person_id,
        '', :report_id, :before_first, :before_last, :trigger_week, :compared, :check_on,
        :decided_at, '', '')
    """
).bindparams(
    sa.bindparam("before_first", type_=sa.Date()),
    sa.bindparam("before_last", type_=sa.Date()),
    sa.bindparam("trigger_week", type_=sa.Date()),
    sa.bindparam("compared", type_=sa.JSON()),
    sa.bindparam("check_on", type_=sa.Date()),
    sa.bindparam("decided_at", type_=sa.DateTime(timezone=True)),
)


def upgrade() -> None:
    """Make the table of actions, and give one to each fix that is taken already."""
    op.add_column(
        "fix_decision",
        sa.Column("reason", sa.String(length=20), nullable=False, server_default=""),
    )
    op.add_column("fix_decision", sa.Column("estimate", sa.Float(), nullable=True))
    op.create_table(
        "action",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("fix", sa.String(length=80), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("gap", sa.String(length=20), nullable=False),
        sa.Column("dimension", sa.String(length=40), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=True) for name in _PEOPLE),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=True),
        sa.Column("before_first", sa.Date(), nullable=False),
        sa.Column("before_last", sa.Date(), nullable=False),
        sa.Column("trigger_week", sa.Date(), nullable=False),
        sa.Column("estimate", sa.Float(), nullable=True),
        sa.Column("compared", sa.JSON(), nullable=False),
        sa.Column("check_on", sa.Date(), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dropped_reason", sa.String(length=20), nullable=False),
        sa.Column("dropped_words", sa.String(length=300), nullable=False),
        sa.Column("remind_on", sa.Date(), nullable=True),
        sa.Column("reminded_on", sa.Date(), nullable=True),
        sa.Column("late_on", sa.Date(), nullable=True),
        sa.CheckConstraint("state IN ('proposed','open','done','dropped')", name="action_state"),
        sa.CheckConstraint(
            "asked_id IS NULL OR state = 'proposed'",
            name="action_asked_fits",
        ),
        sa.CheckConstraint("fix <> '' OR title <> ''", name="action_is_named"),
        sa.CheckConstraint(
            "source IN ('digest','idea','issue','promise','own')", name="action_source"
        ),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (state IN ('proposed','open'))", name="action_closed_fits"
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"]),
        sa.ForeignKeyConstraint(["report_id"], ["stored_report.id"]),
        *(sa.ForeignKeyConstraint([name], ["person.id"], ondelete="SET NULL") for name in _PEOPLE),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "action_live",
        "action",
        ["unit_id", "fix"],
        unique=True,
        sqlite_where=sa.text(_LIVE),
        postgresql_where=sa.text(_LIVE),
    )
    op.create_index("action_unit", "action", ["unit_id", "state"])
    op.create_index("action_owner", "action", ["owner_id", "state"])
    op.create_index("action_due", "action", ["state", "due_on"])
    op.create_index("action_check", "action", ["state", "check_on"])
    _carry_over()


def _carry_over() -> None:
    """Make an action of each taken fix."""
    kept = sa.table(
        "fix_decision",
        sa.column("unit_id"),
        sa.column("fix"),
        sa.column("gap"),
        sa.column("dimension"),
        sa.column("person_id"),
        sa.column("report_id"),
        sa.column("decided_at", sa.DateTime(timezone=True)),
        sa.column("check_on", sa.Date()),
        sa.column("state"),
    )
    connection = op.get_bind()
    for row in connection.execute(sa.select(kept).where(kept.c.state == "taken")).mappings():
        values = {name: row[name] for name in row if name != "state"}
        connection.execute(_TAKEN_BEFORE, values | _weeks_before(row["decided_at"].date()))


def _weeks_before(day: date) -> dict[str, object]:
    trigger = day - timedelta(days=day.weekday() + 7)
    return {
        "trigger_week": trigger,
        "before_first": trigger - timedelta(weeks=8),
        "before_last": trigger - timedelta(weeks=1),
        "compared": [],
    }
