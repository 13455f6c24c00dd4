"""Tables of the people who take part."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, text
from sqlmodel import Field, SQLModel

from bot.core.sealing import SealedLine
from bot.core.tables import UtcTime

_ROLE = "('owner','manager','staff','customer','partner')"


class Organisation(SQLModel, table=True):
    """The one organisation of a database, and the key that signs its buttons."""

    __table_args__ = (CheckConstraint("id = 1", name="one_organisation"),)

    id: int = Field(default=1, primary_key=True)
    name: str = Field(max_length=120)
    zone: str = Field(default="UTC", max_length=60)
    language: str = Field(default="en", max_length=12)
    secret: str = Field(max_length=64)
    created_at: datetime = Field(sa_type=UtcTime)


class Unit(SQLModel, table=True):
    """A place that serves: a branch, a clinic, a counter. ``name_key`` is the name, case folded."""

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=80)
    name_key: str = Field(unique=True, max_length=120)
    zone: str | None = Field(default=None, max_length=60)
    parent_id: int | None = Field(default=None, foreign_key="unit.id")


class Person(SQLModel, table=True):
    """Somebody who agreed to take part. Nobody is stored before that."""

    __table_args__ = (
        CheckConstraint("state IN ('active','stopped','blocked')", name="person_state"),
    )

    id: int | None = Field(default=None, primary_key=True)
    telegram_id: int = Field(sa_column=Column(BigInteger, unique=True, nullable=False))
    name: str = Field(sa_type=SealedLine)
    language: str = Field(max_length=12)
    zone: str | None = Field(default=None, max_length=60)
    state: str = Field(default="active", max_length=8)
    paused_until: datetime | None = Field(default=None, sa_type=UtcTime)
    consent_version: int = 1
    consented_at: datetime = Field(sa_type=UtcTime)


class Role(SQLModel, table=True):
    """What a person is, and where. An owner's role has no unit: it holds for all."""

    __table_args__ = (
        CheckConstraint(f"kind IN {_ROLE}", name="role_kind"),
        CheckConstraint("(kind = 'owner') = (unit_id IS NULL)", name="role_unit_fits"),
        Index(
            "role_once",
            "person_id",
            "kind",
            "unit_id",
            unique=True,
            sqlite_where=text("unit_id IS NOT NULL"),
            postgresql_where=text("unit_id IS NOT NULL"),
        ),
        Index(
            "role_owner_once",
            "person_id",
            "kind",
            unique=True,
            sqlite_where=text("unit_id IS NULL"),
            postgresql_where=text("unit_id IS NULL"),
        ),
        Index("role_unit", "unit_id", "kind"),
    )

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", ondelete="CASCADE")
    unit_id: int | None = Field(default=None, foreign_key="unit.id")
    kind: str = Field(max_length=10)
    granted_at: datetime = Field(sa_type=UtcTime)


class Invitation(SQLModel, table=True):
    """A way in. Only the hash of its payload is kept, so the database cannot open a door.

    ``max_uses`` None is any number of uses. It has no default: the mapper would put the default
    in the place of a None that was meant.
    """

    __table_args__ = (
        CheckConstraint(f"role IN {_ROLE}", name="invitation_role"),
        CheckConstraint("(role = 'owner') = (unit_id IS NULL)", name="invitation_unit_fits"),
        CheckConstraint("max_uses IS NULL OR uses <= max_uses", name="invitation_uses"),
    )

    id: int | None = Field(default=None, primary_key=True)
    payload_hash: str = Field(unique=True, max_length=64)
    role: str = Field(max_length=10)
    unit_id: int | None = Field(default=None, foreign_key="unit.id")
    max_uses: int | None
    uses: int = 0
    expires_at: datetime = Field(sa_type=UtcTime)
    created_by: int | None = Field(default=None, foreign_key="person.id", ondelete="SET NULL")
