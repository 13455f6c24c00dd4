"""Tables of staff's issues. What would tell who reported anonymously has no column here.

None of them has row numbers in SQLite, and issues are numbered at random: neither the order of
rows nor a number tells which of two was first. Times are days.
"""

from datetime import date

from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from bot.core.sealing import Sealed, SealedLine

_STATE = "('new','acknowledged','assigned','resolved','merged')"
_KIND = "('promise','untold','teams','rule','tool','other')"
_OFTEN = "('once','sometimes','weekly','daily')"
_SEVERITY = "('annoying','costly','danger')"


class Issue(SQLModel, table=True):
    """Something that goes wrong in a unit, reported by one person or several.

    ``for_managers`` says that reporters added something since the managers were last told,
    ``for_staff`` that a manager did since the unit's staff were. ``late_acknowledge`` and
    ``late_resolve`` note that the owners heard of a deadline that passed.
    """

    __table_args__ = (
        CheckConstraint(f"state IN {_STATE}", name="issue_state"),
        CheckConstraint(f"kind IN {_KIND}", name="issue_kind"),
        CheckConstraint(f"often IN {_OFTEN}", name="issue_often"),
        CheckConstraint(f"severity IN {_SEVERITY}", name="issue_severity"),
        CheckConstraint("(state = 'merged') = (merged_into IS NOT NULL)", name="issue_merged_fits"),
        CheckConstraint("(state = 'resolved') = (outcome <> '')", name="issue_outcome_fits"),
        CheckConstraint(
            "(closed_on IS NULL) = (state IN ('new','acknowledged','assigned'))",
            name="issue_closed_fits",
        ),
        Index("issue_unit", "unit_id", "state"),
        Index("issue_alike", "unit_id", "kind", "dimension"),
        {"sqlite_with_rowid": False},
    )

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    unit_id: int = Field(foreign_key="unit.id")
    kind: str = Field(max_length=10)
    dimension: str = Field(default="", max_length=40)
    often: str = Field(max_length=10)
    severity: str = Field(max_length=10)
    state: str = Field(default="new", max_length=12)
    opened_on: date
    closed_on: date | None = None
    assignee_id: int | None = Field(default=None, foreign_key="person.id", ondelete="SET NULL")
    outcome: str = Field(default="", sa_type=SealedLine)
    merged_into: int | None = Field(default=None, foreign_key="issue.id")
    action_id: int | None = Field(default=None, foreign_key="action.id", ondelete="SET NULL")
    for_managers: bool = True
    for_staff: bool = False
    late_acknowledge: bool = False
    late_resolve: bool = False


class IssueReport(SQLModel, table=True):
    """That somebody reported an issue: by name, or under a key whose secret only they hold.

    The key of an anonymous report is the hash of the token in its receipt. ``recorded`` says that
    the audit names it; of an anonymous one that is done once a day, so that its hour stays unknown.
    """

    __tablename__ = "issue_report"
    __table_args__ = (
        CheckConstraint("NOT anonymous OR person_id IS NULL", name="issue_report_unlinked"),
        UniqueConstraint("issue_id", "person_id", name="issue_report_once"),
        Index("issue_report_person", "person_id"),
        {"sqlite_with_rowid": False},
    )

    key: str = Field(primary_key=True, max_length=64)
    issue_id: int = Field(foreign_key="issue.id", ondelete="CASCADE")
    anonymous: bool
    person_id: int | None = Field(default=None, foreign_key="person.id", ondelete="CASCADE")
    reported_on: date
    recorded: bool = False


class IssuePost(SQLModel, table=True):
    """One message of an issue's thread, in the order of ``place``.

    A reporter's carries the key of their report, a manager's the person. ``photo`` and ``voice``
    are Telegram's names of the files; a voice is never anonymous.
    """

    __tablename__ = "issue_post"
    __table_args__ = (
        ForeignKeyConstraint(["issue_id"], ["issue.id"], ondelete="CASCADE"),
        ForeignKeyConstraint(["report_key"], ["issue_report.key"], ondelete="CASCADE"),
        CheckConstraint("report_key IS NULL OR person_id IS NULL", name="issue_post_author"),
        CheckConstraint("text <> '' OR photo <> '' OR voice <> ''", name="issue_post_says"),
        {"sqlite_with_rowid": False},
    )

    issue_id: int = Field(primary_key=True)
    place: int = Field(primary_key=True)
    report_key: str | None = Field(default=None, max_length=64)
    person_id: int | None = Field(default=None, foreign_key="person.id", ondelete="SET NULL")
    text: str = Field(default="", sa_column=Column(Sealed, nullable=False))
    photo: str = Field(default="", max_length=200)
    voice: str = Field(default="", max_length=200)
    posted_on: date
