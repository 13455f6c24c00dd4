"""Tables of questionnaires, waves, runs and answers. Their promises are constraints."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlmodel import Field, SQLModel

from bot.core.sealing import Sealed, SealedLine
from bot.core.tables import UtcTime
from bot.surveys.definition import POINTS

ANONYMOUS, FEW, NAMED = "anonymous-1", "anonymous-few-1", "named-1"
"""What was promised, with the number of its wording; stored with the run. ``FEW``: anonymous, and
the card says that fewer are asked than hide anybody."""

_NO_LINK = "NOT anonymous OR invitee_id IS NULL"
_TICKET_GOES = "ticket IS NULL OR (anonymous AND state = 'open')"


def points_column(*, is_key: bool = False) -> Any:
    """How many levels the scale has on which something was answered, said or fixed."""
    return Field(
        default=POINTS,
        sa_column=Column(
            SmallInteger, nullable=False, primary_key=is_key, server_default=str(POINTS)
        ),
    )


class QuestionnaireVersion(SQLModel, table=True):
    """A questionnaire as it was when used first. Triggers forbid any change of its content.

    ``points`` is how many levels its questions have; answers are kept as they were given.
    """

    __tablename__ = "questionnaire_version"
    __table_args__ = (UniqueConstraint("name", "version"),)

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=60)
    version: int
    audience: str = Field(max_length=10)
    anonymous: bool
    fingerprint: str = Field(max_length=64)
    content: str = Field(sa_column=Column(Text, nullable=False))
    points: int = points_column()


class Schedule(SQLModel, table=True):
    """That a questionnaire is sent to a unit again and again; ``next_due`` is the unit's day."""

    __table_args__ = (UniqueConstraint("questionnaire", "unit_id"),)

    id: int | None = Field(default=None, primary_key=True)
    questionnaire: str = Field(max_length=60)
    unit_id: int = Field(foreign_key="unit.id")
    active: bool = True
    next_due: date
    started_by: int | None = Field(default=None, foreign_key="person.id", ondelete="SET NULL")


class Wave(SQLModel, table=True):
    """One due sending of a questionnaire to the people of a unit; of a schedule, once per day.

    ``remind_at`` is when the next reminder is planned, empty without one; ``reminders`` are those
    planned already. People are added to a ``rolling`` wave for a week, such as after a visit.
    ``drawing`` is what ``bot.surveys.drawing`` needs besides the seed to draw its forms again.
    ``ticket_secret`` makes the tickets of an anonymous wave's runs (``bot.surveys.tickets``); it is
    sealed, and gone once the wave is closed.
    A ``pooled`` one is no sending: it holds who was asked in the small anonymous waves of a
    quarter, which themselves keep only what was ``counted`` (``bot.surveys.pooling``).
    """

    __table_args__ = (
        UniqueConstraint("schedule_id", "due_on"),
        Index(
            "wave_rolling",
            "version_id",
            "unit_id",
            "due_on",
            unique=True,
            sqlite_where=text("rolling"),
            postgresql_where=text("rolling"),
        ),
        CheckConstraint("NOT closed OR ticket_secret = ''", name="wave_secret_gone"),
        Index("wave_open", "closed", "expires_at"),
        Index("wave_version", "version_id", "id"),
        Index(
            "wave_remind",
            "remind_at",
            sqlite_where=text("remind_at IS NOT NULL"),
            postgresql_where=text("remind_at IS NOT NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    schedule_id: int | None = Field(default=None, foreign_key="schedule.id", ondelete="SET NULL")
    version_id: int = Field(foreign_key="questionnaire_version.id")
    unit_id: int = Field(foreign_key="unit.id")
    due_on: date
    planned_at: datetime = Field(sa_type=UtcTime)
    expires_at: datetime = Field(sa_type=UtcTime)
    remind_at: datetime | None = Field(default=None, sa_type=UtcTime)
    reminders: int = 0
    seed: int = Field(sa_column=Column(BigInteger, nullable=False))
    drawing: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    ticket_secret: str = Field(
        default="", sa_column=Column(Sealed, nullable=False, server_default="")
    )
    closed: bool = False
    rolling: bool = False
    pooled: bool = False
    counted: dict[str, Any] | None = Field(
        default=None, sa_column=Column(JSON(none_as_null=True), nullable=True)
    )


class Invitee(SQLModel, table=True):
    """One person of one wave: asked, or skipped with a reason that a manager can look up.

    It does not say whether an anonymous run was finished: ``asked`` stays until the wave closes,
    and ``message_id`` is where the card was sent, wherever it has moved since.
    ``about`` and ``about_on`` say which visit or purchase of this person is meant, if one is.
    """

    __table_args__ = (
        UniqueConstraint("wave_id", "person_id"),
        CheckConstraint("state IN ('asked','skipped','closed')", name="invitee_state"),
        CheckConstraint("(state = 'skipped') = (reason <> '')", name="invitee_reason"),
        Index("invitee_person", "person_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    wave_id: int = Field(foreign_key="wave.id", ondelete="CASCADE")
    person_id: int = Field(foreign_key="person.id", ondelete="CASCADE")
    state: str = Field(default="asked", max_length=8)
    reason: str = Field(default="", max_length=30)
    message_id: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    due_at: datetime | None = Field(default=None, sa_type=UtcTime)
    about: str = Field(default="", sa_column=Column(String(8), nullable=False, server_default=""))
    about_on: date | None = None


class Run(SQLModel, table=True):
    """One person's round through a questionnaire, under a random key.

    ``invitee_id`` leads from a named run to its person; of an anonymous one the constraint refuses
    it. While that is open its ``ticket`` lets whoever has the key find it for a person
    (``bot.surveys.tickets``), and goes when it closes. ``card`` is the message that shows the card
    once its person has had it moved. ``anonymous`` and ``promise`` cannot be changed.
    """

    __table_args__ = (
        CheckConstraint("state IN ('open','finished','stopped','expired')", name="run_state"),
        CheckConstraint(_NO_LINK, name="run_link_cut"),
        CheckConstraint(_TICKET_GOES, name="run_ticket_goes"),
        Index("run_unit_week", "unit_id", "week"),
        Index("run_wave", "wave_id"),
        {"sqlite_with_rowid": False},
    )

    key: str = Field(primary_key=True, max_length=32)
    invitee_id: int | None = Field(
        default=None, foreign_key="invitee.id", ondelete="SET NULL", unique=True
    )
    ticket: str | None = Field(default=None, max_length=32, unique=True)
    wave_id: int = Field(foreign_key="wave.id")
    version_id: int = Field(foreign_key="questionnaire_version.id")
    unit_id: int = Field(foreign_key="unit.id")
    week: date
    anonymous: bool
    promise: str = Field(max_length=40)
    state: str = Field(default="open", max_length=8)
    form: list[list[str]] = Field(sa_column=Column(JSON, nullable=False))
    position: int = 0
    card: str = Field(default="", sa_column=Column(Sealed, nullable=False, server_default=""))


class RunSegment(SQLModel, table=True):
    """What kind of customer a run was made for, as coarse as it must be to betray nobody.

    ``tenure`` is new or returning, ``channel`` how they came, ``touchpoint`` where they were
    served; empty where it is not said. Of an anonymous run, each combination of values stands for
    at least the floor of people of its wave, and so does that of empty ones alone
    (``bot.surveys.segments``).
    """

    __tablename__ = "run_segment"
    __table_args__ = (
        CheckConstraint("tenure IN ('','new','returning')", name="run_segment_tenure"),
        ForeignKeyConstraint(["run_key"], ["run.key"], ondelete="CASCADE"),
        {"sqlite_with_rowid": False},
    )

    run_key: str = Field(primary_key=True, max_length=32)
    tenure: str = Field(default="", max_length=9)
    channel: str = Field(default="", max_length=8)
    touchpoint: str = Field(default="", max_length=40)


class Answer(SQLModel, table=True):
    """One answer: a level 1..7, or "no rule". A trigger refuses levels that its version does not
    have, where that has five. A second tap on the same question corrects it.

    ``vantage`` is E, M, S, D, C, P, or A for agreement with a statement about causes. In SQLite
    the table has no row numbers, so that its order tells nothing.
    """

    __table_args__ = (
        ForeignKeyConstraint(["run_key"], ["run.key"], ondelete="CASCADE"),
        CheckConstraint("vantage IN ('E','M','S','D','C','P','A')", name="answer_vantage"),
        CheckConstraint("(score IS NULL) = no_rule", name="answer_score_or_no_rule"),
        CheckConstraint("score BETWEEN 1 AND 7", name="answer_score_range"),
        CheckConstraint("NOT no_rule OR vantage = 'S'", name="answer_no_rule_is_s"),
        Index("answer_unit_week", "unit_id", "week"),
        {"sqlite_with_rowid": False},
    )

    run_key: str = Field(primary_key=True, max_length=32)
    item: str = Field(primary_key=True, max_length=60)
    vantage: str = Field(primary_key=True, max_length=1)
    score: int | None = Field(default=None, sa_column=Column(SmallInteger, nullable=True))
    no_rule: bool = False
    unit_id: int
    week: date
    version_id: int = Field(foreign_key="questionnaire_version.id")
    language: str = Field(max_length=12)
    answered_on: date


class Comment(SQLModel, table=True):
    """What somebody wrote, or said, to the one open question of a run.

    ``voice`` is Telegram's number of a recording, empty where there is none; the sound is not kept.
    Its language is sealed as well: it may be that of a single person.
    ``tries`` counts how often it was tried to write it out, while ``text`` is empty.
    """

    __table_args__ = (
        ForeignKeyConstraint(["run_key"], ["run.key"], ondelete="CASCADE"),
        Index("comment_unit_week", "unit_id", "week"),
        {"sqlite_with_rowid": False},
    )

    run_key: str = Field(primary_key=True, max_length=32)
    text: str = Field(sa_column=Column(Sealed, nullable=False))
    language: str = Field(sa_column=Column(SealedLine, nullable=False))
    unit_id: int
    week: date
    voice: str = Field(default="", sa_column=Column(Sealed, nullable=False, server_default=""))
    seconds: int = Field(
        default=0, sa_column=Column(SmallInteger, nullable=False, server_default="0")
    )
    tries: int = Field(
        default=0, sa_column=Column(SmallInteger, nullable=False, server_default="0")
    )


class DirtyWeek(SQLModel, table=True):
    """A (unit, week) whose answers changed since its moments were built; written by triggers."""

    __tablename__ = "dirty_week"

    unit_id: int = Field(primary_key=True)
    week: date = Field(primary_key=True)
