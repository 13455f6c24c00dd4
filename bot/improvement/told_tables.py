"""What people who were asked are told of what was done: "you said, we did"."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Column, Index, text
from sqlmodel import Field, SQLModel

from bot.core.sealing import Sealed
from bot.core.tables import UtcTime

_DRAFT = text("state = 'draft'")


class ToldNote(SQLModel, table=True):
    """A note to those who were asked in a unit: what was done about what they said.

    It goes to everybody of the audience who was asked from ``asked_from`` on, whether or not they
    answered. ``language`` is the one it was written in; who reads another one without a text of
    its own gets that. A manager has one draft in a unit at a time.
    """

    __tablename__ = "told_note"
    __table_args__ = (
        CheckConstraint("state IN ('draft','sent','dropped')", name="told_note_state"),
        CheckConstraint("audience IN ('customer','staff','partner')", name="told_note_audience"),
        CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="told_note_sent_fits"),
        Index("told_note_unit", "unit_id", "state", "sent_at"),
        Index(
            "told_note_draft",
            "unit_id",
            "written_by",
            unique=True,
            sqlite_where=_DRAFT,
            postgresql_where=_DRAFT,
        ),
        Index("told_note_action", "action_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    unit_id: int = Field(foreign_key="unit.id")
    audience: str = Field(max_length=10)
    action_id: int | None = Field(default=None, foreign_key="action.id", ondelete="SET NULL")
    written_by: int | None = Field(default=None, foreign_key="person.id", ondelete="SET NULL")
    state: str = Field(max_length=8)
    language: str = Field(max_length=12)
    asked_from: date
    made_at: datetime = Field(sa_type=UtcTime)
    sent_at: datetime | None = Field(default=None, sa_type=UtcTime)
    recipients: int = 0


class ToldText(SQLModel, table=True):
    """The words of a note in one language, kept once and not for each reader."""

    __tablename__ = "told_text"

    note_id: int = Field(primary_key=True, foreign_key="told_note.id", ondelete="CASCADE")
    language: str = Field(primary_key=True, max_length=12)
    words: str = Field(sa_column=Column(Sealed, nullable=False))
