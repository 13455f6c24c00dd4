"""Tables of cases: customers who wish to be contacted, and what was written back and forth."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Column, Index, text
from sqlmodel import Field, SQLModel

from bot.core.sealing import Sealed, SealedLine
from bot.core.tables import UtcTime

_LIVE = text("state IN ('new','taken','waiting')")


class Case(SQLModel, table=True):
    """A customer's wish to be contacted by a unit. It knows nothing of what they answered.

    ``person_id`` is the customer, for as long as they want it: who withdraws is taken out, and so
    is everybody once the time for keeping is over. ``waiting`` means that the customer was written
    to last. ``escalated_for`` is the due time of which the owners were told that it passed.
    """

    __tablename__ = "customer_case"
    __table_args__ = (
        CheckConstraint(
            "state IN ('new','taken','waiting','closed','withdrawn')", name="case_state"
        ),
        CheckConstraint(
            "(closed_at IS NULL) = (state IN ('new','taken','waiting'))", name="case_end"
        ),
        CheckConstraint("(state = 'closed') = (outcome <> '')", name="case_outcome"),
        CheckConstraint("state <> 'withdrawn' OR person_id IS NULL", name="case_withdrawn"),
        Index(
            "case_live",
            "unit_id",
            "person_id",
            unique=True,
            sqlite_where=_LIVE,
            postgresql_where=_LIVE,
        ),
        Index("case_unit", "unit_id", "state"),
        Index("case_person", "person_id"),
        Index("case_due", "state", "due_at"),
        Index("case_closed", "state", "closed_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    unit_id: int = Field(foreign_key="unit.id")
    person_id: int | None = Field(default=None, foreign_key="person.id", ondelete="CASCADE")
    state: str = Field(default="new", max_length=9)
    owner_id: int | None = Field(default=None, foreign_key="person.id", ondelete="SET NULL")
    opened_at: datetime = Field(sa_type=UtcTime)
    due_at: datetime = Field(sa_type=UtcTime)
    escalated_for: datetime | None = Field(default=None, sa_type=UtcTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcTime)
    outcome: str = Field(default="", max_length=12)
    outcome_words: str = Field(default="", sa_type=SealedLine)
    asked_at: datetime | None = Field(default=None, sa_type=UtcTime)
    settled: bool | None = None


class CaseNote(SQLModel, table=True):
    """What was written in a case, by the customer or by somebody of the unit."""

    __tablename__ = "case_note"
    __table_args__ = (Index("case_note_case", "case_id"),)

    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="customer_case.id", ondelete="CASCADE")
    author_id: int | None = Field(default=None, foreign_key="person.id", ondelete="SET NULL")
    from_customer: bool
    written_at: datetime = Field(sa_type=UtcTime)
    words: str = Field(sa_column=Column(Sealed, nullable=False))
