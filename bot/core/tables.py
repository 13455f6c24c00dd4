"""Tables of the machinery: updates that came in, messages that go out, who holds what."""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Index,
    LargeBinary,
    String,
    Text,
)
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

from bot.core.sealing import Sealed, SealedJson


class UtcTime(TypeDecorator[datetime]):
    """An aware UTC time in the program; stored as such on PostgreSQL, as naive UTC on SQLite."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Refuse a time without a zone: nobody could tell what it meant."""
        if value is None:
            return None
        if value.tzinfo is None:
            msg = "a time without a zone cannot be stored"
            raise ValueError(msg)
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:  # noqa: ARG002
        """Give the zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class InboxUpdate(SQLModel, table=True):
    """One update from Telegram, stored before it is confirmed, handled once.

    ``raw`` and ``sender`` hold it until it is handled; ``calls`` the replies until they have been
    made. Then all are cleared: what stays is a number that was seen on a day.
    """

    __tablename__ = "inbox_update"
    __table_args__ = (
        CheckConstraint("state IN ('stored','handled','done','failed')", name="inbox_state"),
        CheckConstraint(
            "state <> 'done' OR (raw = '' AND calls = '' AND sender = 0)",
            name="inbox_done_is_empty",
        ),
        Index(
            "inbox_open",
            "state",
            sqlite_where=Column("state") != "done",
            postgresql_where=Column("state") != "done",
        ),
    )

    update_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    sender: int = Field(sa_column=Column(BigInteger, nullable=False))
    raw: str = Field(sa_column=Column(Sealed, nullable=False))
    calls: str = Field(default="", sa_column=Column(Sealed, nullable=False))
    state: str = Field(default="stored", max_length=8)
    attempts: int = 0
    received_on: date


class Delivery(SQLModel, table=True):
    """One promised message. Planned in the transaction of what promises it.

    ``key`` makes the promise unique. ``kind`` names what composes it at the moment of sending,
    ``subject`` what it is about. States: queued, sending, sent, blocked, expired, failed,
    uncertain, cancelled.
    """

    __table_args__ = (
        CheckConstraint(
            "state IN ('queued','sending','sent','blocked','expired','failed','uncertain',"
            "'cancelled')",
            name="delivery_state",
        ),
        Index(
            "delivery_due",
            "lane",
            "due_at",
            sqlite_where=Column("state") == "queued",
            postgresql_where=Column("state") == "queued",
        ),
        Index(
            "delivery_expiry",
            "expires_at",
            sqlite_where=Column("state") == "queued",
            postgresql_where=Column("state") == "queued",
        ),
        Index(
            "delivery_claimed",
            "claimed_until",
            sqlite_where=Column("state") == "sending",
            postgresql_where=Column("state") == "sending",
        ),
        Index("delivery_person", "person_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True, max_length=120)
    kind: str = Field(max_length=20)
    subject: str = Field(default="", max_length=80)
    lane: int
    person_id: int = Field(foreign_key="person.id", ondelete="CASCADE")
    state: str = Field(default="queued", max_length=10)
    due_at: datetime = Field(sa_type=UtcTime)
    expires_at: datetime = Field(sa_type=UtcTime)
    claimed_until: datetime | None = Field(default=None, sa_type=UtcTime)
    attempts: int = 0
    step: int = 0
    note: str = Field(default="", max_length=200)


class SendBudget(SQLModel, table=True):
    """The one clock by which all processes share Telegram's rate (GCRA, microseconds)."""

    __tablename__ = "send_budget"
    __table_args__ = (CheckConstraint("id = 1", name="one_send_budget"),)

    id: int = Field(default=1, primary_key=True)
    next_free: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
    paused_until: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))


class Picture(SQLModel, table=True):
    """A drawn chart: uploaded once, afterwards named by ``file_id``; forgotten after two weeks."""

    sha: str = Field(primary_key=True, max_length=64)
    png: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    file_id: str = Field(default="", max_length=200)
    drawn_on: date


class AwaitedReply(SQLModel, table=True):
    """That a person's next message answers a question; at most one question at a time."""

    __tablename__ = "awaited_reply"

    person_id: int = Field(primary_key=True, foreign_key="person.id", ondelete="CASCADE")
    topic: str = Field(max_length=30)
    subject: str = Field(default="", max_length=120)
    until: datetime = Field(sa_type=UtcTime)


class Notice(SQLModel, table=True):
    """One message to one person, kept as template and plain values until it is sent.

    ``picture`` names a drawn chart that it goes under; empty without one.
    """

    id: int | None = Field(default=None, primary_key=True)
    template: str = Field(max_length=80)
    content: dict[str, Any] = Field(sa_column=Column(SealedJson, nullable=False))
    offers: list[list[list[str]]] = Field(sa_column=Column(JSON, nullable=False))
    picture: str = Field(
        default="", sa_column=Column(String(64), nullable=False, server_default="")
    )
    until: date


class AuditEntry(SQLModel, table=True):
    """Who changed or looked at what, and when. It never holds an answer or the words of a report.

    ``person_id`` is empty for what an anonymous person or the clock did; ``unit_id`` for what
    concerns all units.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (Index("audit_at", "at"), Index("audit_subject", "subject"))

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=UtcTime)
    person_id: int | None = Field(default=None, foreign_key="person.id", ondelete="SET NULL")
    unit_id: int | None = Field(default=None, foreign_key="unit.id")
    what: str = Field(max_length=40)
    subject: str = Field(default="", max_length=60)
    detail: str = Field(default="", max_length=200)


class Sealing(SQLModel, table=True):
    """With which key this database is sealed, by its short name; the key is not in here.

    ``index_secret`` makes the blind indexes; it is sealed itself. During a change of the key,
    ``key_name`` is the new one already, and ``changing`` says that older seals are still about.
    """

    __table_args__ = (CheckConstraint("id = 1", name="one_sealing"),)

    id: int = Field(default=1, primary_key=True)
    key_name: str = Field(max_length=8)
    changing: bool = False
    index_secret: str = Field(sa_column=Column(Text, nullable=False))
