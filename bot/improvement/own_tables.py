"""Fixes that an organisation wrote itself, in chat."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Column, Index
from sqlmodel import Field, SQLModel

from bot.core.tables import UtcTime


class OwnFix(SQLModel, table=True):
    """A fix in the words of an owner: a draft, ready to be suggested, or retired.

    The texts are in ``language``. What a draft was not told yet is empty; ``dimension`` is None
    until it was told, and empty for all sides of the service. ``revision`` counts the changes, so
    that of two owners who change it at once the first wins.
    """

    __tablename__ = "own_fix"
    __table_args__ = (
        CheckConstraint("state IN ('draft','ready','retired')", name="own_fix_state"),
        CheckConstraint(
            "gap IN ('','expectation','perception','specification','delivery','communication',"
            "'G2','G5')",
            name="own_fix_gap",
        ),
        CheckConstraint(
            "state = 'draft' OR (title <> '' AND gap <> '' AND dimension IS NOT NULL"
            " AND first_step <> '' AND sign <> '' AND effort <> '' AND who <> '')",
            name="own_fix_is_whole",
        ),
        Index(
            "own_fix_draft",
            "written_by",
            unique=True,
            sqlite_where=Column("state") == "draft",
            postgresql_where=Column("state") == "draft",
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    state: str = Field(default="draft", max_length=8)
    language: str = Field(max_length=12)
    title: str = Field(default="", max_length=80)
    gap: str = Field(default="", max_length=20)
    dimension: str | None = Field(default=None, max_length=40)
    first_step: str = Field(default="", max_length=280)
    sign: str = Field(default="", max_length=200)
    effort: str = Field(default="", max_length=10)
    who: str = Field(default="", max_length=10)
    revision: int = 0
    written_by: int | None = Field(default=None, foreign_key="person.id", ondelete="SET NULL")
    made_at: datetime = Field(sa_type=UtcTime)
    changed_at: datetime = Field(sa_type=UtcTime)
