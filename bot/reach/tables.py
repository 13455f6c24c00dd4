"""Tables of contact: who was asked on which day, what people wish, when a unit is closed."""

from datetime import date, time

from sqlalchemy import CheckConstraint, Column, Index, String
from sqlmodel import Field, SQLModel


class Contact(SQLModel, table=True):
    """That somebody was asked something unasked on a day; forgotten when no budget counts it.

    It has no number and no hour, so that its order leads to nothing else.
    """

    __table_args__ = (Index("contact_day", "on_day"), {"sqlite_with_rowid": False})

    person_id: int = Field(primary_key=True, foreign_key="person.id", ondelete="CASCADE")
    on_day: date = Field(primary_key=True)
    what: str = Field(primary_key=True, max_length=40)


class ContactSkipped(SQLModel, table=True):
    """Why somebody was not asked something in a week, where no wave says so."""

    __tablename__ = "contact_skipped"
    __table_args__ = (
        CheckConstraint("reason <> ''", name="contact_skipped_reason"),
        Index("contact_skipped_unit", "unit_id", "week"),
        {"sqlite_with_rowid": False},
    )

    person_id: int = Field(primary_key=True, foreign_key="person.id", ondelete="CASCADE")
    what: str = Field(primary_key=True, max_length=40)
    unit_id: int = Field(primary_key=True, foreign_key="unit.id")
    week: date = Field(primary_key=True)
    reason: str = Field(max_length=30)


class Wish(SQLModel, table=True):
    """When a person wishes to be asked; what is empty is as for everybody.

    ``weekdays`` and ``shift_days`` are digits from 0 (Monday) to 6. ``away_until`` is the last day
    of an absence. ``look`` is how questions are shown (``looks.py``), empty while nothing was
    offered. ``unheard`` counts what was sent and not reacted to; of anonymous questionnaires only
    as far as ``bot.reach.cadence`` allows.
    """

    __table_args__ = (
        CheckConstraint("unheard >= 0", name="wish_unheard"),
        CheckConstraint("days_apart IS NULL OR days_apart > 0", name="wish_days_apart"),
        CheckConstraint("(quiet_from IS NULL) = (quiet_until IS NULL)", name="wish_quiet"),
        CheckConstraint("(shift_from IS NULL) = (shift_to IS NULL)", name="wish_shift"),
        CheckConstraint("look IN ('','usual','large','reader','faces')", name="wish_look"),
    )

    person_id: int = Field(primary_key=True, foreign_key="person.id", ondelete="CASCADE")
    days_apart: int | None = None
    weekdays: str = Field(default="", max_length=7)
    quiet_from: time | None = None
    quiet_until: time | None = None
    away_until: date | None = None
    shift_days: str = Field(default="", max_length=7)
    shift_from: time | None = None
    shift_to: time | None = None
    unheard: int = 0
    look: str = Field(default="", sa_column=Column(String(6), nullable=False, server_default=""))


class UnitCalendar(SQLModel, table=True):
    """Whose public holidays a unit keeps: a country, or one of its parts, such as ``DE-BY``."""

    __tablename__ = "unit_calendar"

    unit_id: int = Field(primary_key=True, foreign_key="unit.id", ondelete="CASCADE")
    country: str = Field(max_length=10)


class ClosedDay(SQLModel, table=True):
    """A day on which a unit is closed, so that nobody is asked about it."""

    __tablename__ = "closed_day"

    unit_id: int = Field(primary_key=True, foreign_key="unit.id", ondelete="CASCADE")
    day: date = Field(primary_key=True)
