"""What managers decide about suggested fixes, and the actions that come of it."""

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, Column, Index, text
from sqlmodel import Field, SQLModel

from bot.core.sealing import SealedLine
from bot.core.tables import UtcTime
from bot.surveys.tables import points_column

_LIVE = text("fix <> '' AND state IN ('open','proposed')")


class FixDecision(SQLModel, table=True):
    """A fix that was taken, or said to be not ours, by whom and when. One open one per unit.

    ``done``: its time is over, so the fix may be decided about again. ``reason`` and ``estimate``
    say why it is not ours and how large its gap was then, None where that was hidden, on a scale
    of so many ``points``. A taken fix
    has an action, and stands until that is closed and checked.
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
    reason: str = Field(default="", max_length=20)
    estimate: float | None = None
    points: int = points_column()


class Action(SQLModel, table=True):
    """Something a unit does about a gap: a fix that was taken, or own words (``title``).

    ``owner_id`` answers for it; while ``asked_id`` names somebody (state *proposed*) that person
    may take it over, and ``asked_by`` hears what they say.

    What its effect will be measured against is fixed when it is taken and never changed: the weeks
    before (Mondays, both included), the week that gave rise to it, which is left out, the gap's
    ``estimate`` of then on a scale of so many ``points``, and the units to compare with. Without a
    gap there is nothing to measure.

    ``remind_on`` is set by a snooze, ``reminded_on`` is the day of the last reminder, ``late_on``
    the due day of which those in charge were told that it passed long ago.
    """

    __table_args__ = (
        CheckConstraint("state IN ('proposed','open','done','dropped')", name="action_state"),
        CheckConstraint("asked_id IS NULL OR state = 'proposed'", name="action_asked_fits"),
        CheckConstraint("fix <> '' OR title <> ''", name="action_is_named"),
        CheckConstraint(
            "source IN ('digest','idea','issue','promise','own')", name="action_source"
        ),
        CheckConstraint(
            "(closed_at IS NULL) = (state IN ('proposed','open'))", name="action_closed_fits"
        ),
        Index(
            "action_live",
            "unit_id",
            "fix",
            unique=True,
            sqlite_where=_LIVE,
            postgresql_where=_LIVE,
        ),
        Index("action_unit", "unit_id", "state"),
        Index("action_owner", "owner_id", "state"),
        Index("action_due", "state", "due_on"),
        Index("action_check", "state", "check_on"),
    )

    id: int | None = Field(default=None, primary_key=True)
    unit_id: int = Field(foreign_key="unit.id")
    fix: str = Field(default="", max_length=80)
    title: str = Field(default="", sa_type=SealedLine)
    gap: str = Field(default="", max_length=20)
    dimension: str = Field(default="", max_length=40)
    source: str = Field(max_length=10)
    state: str = Field(max_length=8)
    taken_by: int | None = Field(default=None, foreign_key="person.id", ondelete="SET NULL")
    owner_id: int | None = Field(default=None, foreign_key="person.id", ondelete="SET NULL")
    asked_id: int | None = Field(default=None, foreign_key="person.id", ondelete="SET NULL")
    asked_by: int | None = Field(default=None, foreign_key="person.id", ondelete="SET NULL")
    due_on: date | None = None
    note: str = Field(default="", sa_type=SealedLine)
    report_id: int | None = Field(default=None, foreign_key="stored_report.id")
    before_first: date
    before_last: date
    trigger_week: date
    estimate: float | None = None
    points: int = points_column()
    compared: list[int] = Field(sa_column=Column(JSON, nullable=False))
    check_on: date | None = None
    taken_at: datetime = Field(sa_type=UtcTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcTime)
    dropped_reason: str = Field(default="", max_length=20)
    dropped_words: str = Field(default="", sa_type=SealedLine)
    remind_on: date | None = None
    reminded_on: date | None = None
    late_on: date | None = None
