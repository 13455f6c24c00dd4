"""Tables of standards, promises and operational measurements, each kept in versions."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    UniqueConstraint,
    text,
)
from sqlmodel import Field, SQLModel

from bot.core.tables import UtcTime
from bot.surveys.tables import points_column

_OF_UNIT, _OF_ALL = text("unit_id IS NOT NULL"), text("unit_id IS NULL")


class Standard(SQLModel, table=True):
    """That there is, or was, a rule for an item: in one unit, or (no unit) in all of them."""

    __table_args__ = (
        Index(
            "standard_of_unit",
            "item",
            "unit_id",
            unique=True,
            sqlite_where=_OF_UNIT,
            postgresql_where=_OF_UNIT,
        ),
        Index(
            "standard_of_all",
            "item",
            unique=True,
            sqlite_where=_OF_ALL,
            postgresql_where=_OF_ALL,
        ),
        Index("standard_unit", "unit_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    item: str = Field(max_length=60)
    unit_id: int | None = Field(default=None, foreign_key="unit.id")


class StandardVersion(SQLModel, table=True):
    """A rule as it holds from a day on. ``retired`` ends it; nothing is ever overwritten.

    With a target there are a metric, a unit of measure, a comparison, a value and ``rule``: points
    [value, level] between which a measurement is turned into a level along straight lines. All
    levels are on a scale of so many ``points``.
    """

    __tablename__ = "standard_version"
    __table_args__ = (
        UniqueConstraint("standard_id", "number"),
        CheckConstraint("level BETWEEN 1 AND 7", name="standard_level"),
        CheckConstraint("comparison IN ('','at_most','at_least')", name="standard_comparison"),
        CheckConstraint("(comparison = '') = (target IS NULL)", name="standard_target_fits"),
        CheckConstraint("source IN ('chat','file')", name="standard_source"),
    )

    id: int | None = Field(default=None, primary_key=True)
    standard_id: int = Field(foreign_key="standard.id", ondelete="CASCADE")
    number: int
    valid_from: date
    retired: bool = False
    level: int = Field(sa_column=Column(SmallInteger, nullable=False))
    points: int = points_column()
    wording: str = Field(max_length=300)
    metric: str = Field(default="", max_length=80)
    measure: str = Field(default="", max_length=20)
    comparison: str = Field(default="", max_length=8)
    target: float | None = None
    rule: list[Any] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    source: str = Field(max_length=4)
    author_id: int | None = Field(default=None, foreign_key="person.id", ondelete="SET NULL")
    written_at: datetime = Field(sa_type=UtcTime)


class StandardAsked(SQLModel, table=True):
    """That somebody was asked about a rule in a month. Neither which one nor what they said."""

    __tablename__ = "standard_asked"

    person_id: int = Field(primary_key=True, foreign_key="person.id", ondelete="CASCADE")
    month: date = Field(primary_key=True)


class StandardCard(SQLModel, table=True):
    """A question about a rule that is out, under a random key; nothing leads to the person.

    In SQLite the table has no row numbers, so that its order tells nothing.
    """

    __tablename__ = "standard_card"
    __table_args__ = (
        CheckConstraint("question IN ('know','keep')", name="standard_card_question"),
        Index("standard_card_month", "month"),
        {"sqlite_with_rowid": False},
    )

    key: str = Field(primary_key=True, max_length=16)
    unit_id: int = Field(foreign_key="unit.id")
    standard_id: int = Field(foreign_key="standard.id", ondelete="CASCADE")
    month: date
    question: str = Field(default="know", max_length=4)


class StandardOpinion(SQLModel, table=True):
    """How often a question about a rule got one answer in a unit and month: counts, no people.

    Answers count from 1, the best one. A month is shown when it is over and enough have answered.
    """

    __tablename__ = "standard_opinion"
    __table_args__ = (
        ForeignKeyConstraint(["unit_id"], ["unit.id"]),
        CheckConstraint("question IN ('know','keep')", name="standard_opinion_question"),
        CheckConstraint("answer BETWEEN 1 AND 4", name="standard_opinion_answer"),
    )

    unit_id: int = Field(primary_key=True)
    standard_id: int = Field(primary_key=True, foreign_key="standard.id", ondelete="CASCADE")
    month: date = Field(primary_key=True)
    question: str = Field(primary_key=True, max_length=4)
    answer: int = Field(sa_column=Column(SmallInteger, primary_key=True))
    times: int


class Promise(SQLModel, table=True):
    """Something customers are told to count on: where it is said, and who answers for it.

    ``ended_on`` is the first day on which it is no longer made.
    """

    __table_args__ = (
        CheckConstraint(
            "channel IN ('advert','site','contract','staff','other')", name="promise_channel"
        ),
        Index("promise_unit", "unit_id", "item"),
    )

    id: int | None = Field(default=None, primary_key=True)
    item: str = Field(max_length=60)
    unit_id: int | None = Field(default=None, foreign_key="unit.id")
    channel: str = Field(max_length=8)
    owner_id: int | None = Field(default=None, foreign_key="person.id", ondelete="SET NULL")
    ended_on: date | None = None


class PromiseVersion(SQLModel, table=True):
    """A promise as it is worded from a day on, until ``valid_to`` where that is known."""

    __tablename__ = "promise_version"
    __table_args__ = (
        UniqueConstraint("promise_id", "number"),
        CheckConstraint("level BETWEEN 1 AND 7", name="promise_level"),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="promise_time"),
        CheckConstraint("source IN ('chat','file')", name="promise_source"),
    )

    id: int | None = Field(default=None, primary_key=True)
    promise_id: int = Field(foreign_key="promise.id", ondelete="CASCADE")
    number: int
    valid_from: date
    valid_to: date | None = None
    level: int = Field(sa_column=Column(SmallInteger, nullable=False))
    points: int = points_column()
    wording: str = Field(max_length=300)
    source: str = Field(max_length=4)
    author_id: int | None = Field(default=None, foreign_key="person.id", ondelete="SET NULL")
    written_at: datetime = Field(sa_type=UtcTime)


class Measurement(SQLModel, table=True):
    """What was measured of an item in a unit at a time: one value, or the mean of ``n``."""

    __table_args__ = (
        UniqueConstraint("unit_id", "item", "at"),
        CheckConstraint("n >= 1", name="measurement_n"),
    )

    id: int | None = Field(default=None, primary_key=True)
    unit_id: int = Field(foreign_key="unit.id")
    item: str = Field(max_length=60)
    at: datetime = Field(sa_type=UtcTime)
    value: float
    n: int = 1
