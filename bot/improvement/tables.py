"""The table of what managers decided about suggested fixes."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Column, Index
from sqlmodel import Field, SQLModel

from bot.core.tables import UtcTime


class FixDecision(SQLModel, table=True):
    """A fix that was taken, or said to be not ours, by whom and when. One open one per unit.

    ``done``: its time is over, so the fix may be decided about again.
    """

    __tablename__ = "fix_decision"
    __table_args__ = (
        CheckConstraint("state IN ('taken','not_ours','done')", name="fix_decision_state"),
        Index(
            "fix_decision_open",
            "unit_id",
            "fix",
            unique=True,
            sqlite_where=Column("state") != "done",
            postgresql_where=Column("state") != "done",
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    unit_id: int = Field(foreign_key="unit.id")
    fix: str = Field(max_length=80)
    gap: str = Field(max_length=20)
    dimension: str = Field(default="", max_length=40)
    state: str = Field(max_length=8)
    person_id: int | None = Field(default=None, foreign_key="person.id", ondelete="SET NULL")
    decided_at: datetime = Field(sa_type=UtcTime)
    report_id: int | None = Field(default=None, foreign_key="stored_report.id")
    check_on: date | None = None
