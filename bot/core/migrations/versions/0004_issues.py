"""Reports of staff and their threads."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_STATE = "('new','acknowledged','assigned','resolved','merged')"
_KIND = "('promise','untold','teams','rule','tool','other')"
_OFTEN = "('once','sometimes','weekly','daily')"
_SEVERITY = "('annoying','costly','danger')"


def upgrade() -> None:
    """Make the tables of this feature."""
    op.create_table(
        "issue",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("dimension", sa.String(length=40), nullable=False),
        sa.Column("often", sa.String(length=10), nullable=False),
        sa.Column("severity", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("assignee_id", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.String(length=500), nullable=False),
        sa.Column("merged_into", sa.Integer(), nullable=True),
        sa.Column("action_id", sa.Integer(), nullable=True),
        sa.Column("for_managers", sa.Boolean(), nullable=False),
        sa.Column("for_staff", sa.Boolean(), nullable=False),
        sa.Column("late_acknowledge", sa.Boolean(), nullable=False),
        sa.Column("late_resolve", sa.Boolean(), nullable=False),
        sa.CheckConstraint(f"state IN {_STATE}", name="issue_state"),
        sa.CheckConstraint(f"kind IN {_KIND}", name="issue_kind"),
        sa.CheckConstraint(f"often IN {_OFTEN}", name="issue_often"),
        sa.CheckConstraint(f"severity IN {_SEVERITY}", name="issue_severity"),
        sa.CheckConstraint(
            "(state = 'merged') = (merged_into IS NOT NULL)", name="issue_merged_fits"
        ),
        sa.CheckConstraint("(state = 'resolved') = (outcome <> '')", name="issue_outcome_fits"),
        sa.CheckConstraint(
            "(closed_on IS NULL) = (state IN ('new','acknowledged','assigned'))",
            name="issue_closed_fits",
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"]),
        sa.ForeignKeyConstraint(["assignee_id"], ["person.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["merged_into"], ["issue.id"]),
        sa.ForeignKeyConstraint(["action_id"], ["action.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_with_rowid=False,
    )
    op.create_index("issue_unit", "issue", ["unit_id", "state"])
    op.create_index("issue_alike", "issue", ["unit_id", "kind", "dimension"])
    op.create_table(
        "issue_report",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("issue_id", sa.Integer(), nullable=False),
        sa.Column("anonymous", sa.Boolean(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("reported_on", sa.Date(), nullable=False),
        sa.Column("recorded", sa.Boolean(), nullable=False),
        sa.CheckConstraint("NOT anonymous OR person_id IS NULL", name="issue_report_unlinked"),
        sa.ForeignKeyConstraint(["issue_id"], ["issue.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("issue_id", "person_id", name="issue_report_once"),
        sqlite_with_rowid=False,
    )
    op.create_index("issue_report_person", "issue_report", ["person_id"])
    op.create_table(
        "issue_post",
        sa.Column("issue_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("report_key", sa.String(length=64), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("photo", sa.String(length=200), nullable=False),
        sa.Column("voice", sa.String(length=200), nullable=False),
        sa.Column("posted_on", sa.Date(), nullable=False),
        sa.CheckConstraint(
            "report_key IS NULL OR person_id IS NULL", name="issue_post_author"
        ),
        sa.CheckConstraint("text <> '' OR photo <> '' OR voice <> ''", name="issue_post_says"),
        sa.ForeignKeyConstraint(["issue_id"], ["issue.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["report_key"], ["issue_report.key"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("issue_id", "place"),
        sqlite_with_rowid=False,
    )
