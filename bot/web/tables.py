"""Tables of integrations: who may report events, what was answered, what is told to them."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, Column, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from bot.core.sealing import Sealed
from bot.core.tables import UtcTime

_QUEUED = text("state = 'queued'")


class Integration(SQLModel, table=True):
    """Another system that reports events, and may be told of some.

    Only the hash of its key is kept, so the database opens no door. ``next_free`` is the clock of
    its rate limit (GCRA, microseconds). With an address it is told what ``kinds`` lists; what goes
    there is signed with ``secret``.
    """

    __table_args__ = (CheckConstraint("(address = '') = (secret = '')", name="integration_secret"),)

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True, max_length=60)
    key_hash: str = Field(unique=True, max_length=64)
    made_at: datetime = Field(sa_type=UtcTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcTime)
    next_free: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
    address: str = Field(default="", sa_type=Sealed)
    secret: str = Field(default="", sa_type=Sealed)
    kinds: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    looked_at: datetime = Field(sa_type=UtcTime)


class EventAnswer(SQLModel, table=True):
    """What an event was answered with, for as long as the sender may repeat it.

    The body is kept as a hash, so that the same key with another body is seen.
    """

    __tablename__ = "event_answer"
    __table_args__ = (Index("event_answer_at", "at"),)

    integration_id: int = Field(primary_key=True, foreign_key="integration.id", ondelete="CASCADE")
    key_hash: str = Field(primary_key=True, max_length=64)
    body_hash: str = Field(max_length=64)
    status: int
    answer: str = Field(sa_type=Sealed)
    at: datetime = Field(sa_type=UtcTime)


class Webhook(SQLModel, table=True):
    """One message promised to an integration. States: queued, sending, sent, dead.

    ``key`` makes the promise unique for the integration. The body holds figures of groups and
    numbers of cases, never an answer or a name.
    """

    __table_args__ = (
        UniqueConstraint("integration_id", "key"),
        CheckConstraint("state IN ('queued','sending','sent','dead')", name="webhook_state"),
        Index("webhook_due", "due_at", sqlite_where=_QUEUED, postgresql_where=_QUEUED),
        Index("webhook_state_at", "state", "due_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    integration_id: int = Field(foreign_key="integration.id", ondelete="CASCADE")
    key: str = Field(max_length=120)
    kind: str = Field(max_length=30)
    body: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    state: str = Field(default="queued", max_length=7)
    due_at: datetime = Field(sa_type=UtcTime)
    claimed_until: datetime | None = Field(default=None, sa_type=UtcTime)
    attempts: int = 0
    note: str = Field(default="", max_length=80)
