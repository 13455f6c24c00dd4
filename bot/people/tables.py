"""Tables of the people who take part."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, text
from sqlmodel import Field, SQLModel

from bot.core.sealing import SealedLine
from bot.core.tables import UtcTime

_ROLE = "('owner','regional','manager','analyst','staff','customer','partner')"
_HOLDS_FOR_ALL = "unit_id IS NULL"


def _fits(kind: str) -> str:
    """An owner's role holds for all units, an analyst's may, any other has its unit."""
    return (
        f"({kind} <> 'owner' OR {_HOLDS_FOR_ALL})"
        f" AND ({kind} IN ('owner','analyst') OR NOT ({_HOLDS_FOR_ALL}))"
    )


class Organisation(SQLModel, table=True):
    """The one organisation of a database, and the key that signs its buttons."""

    __table_args__ = (CheckConstraint("id = 1", name="one_organisation"),)

    id: int = Field(default=1, primary_key=True)
    name: str = Field(max_length=120)
    zone: str = Field(default="UTC", max_length=60)
    language: str = Field(default="en", max_length=12)
    secret: str = Field(max_length=64)
    created_at: datetime = Field(sa_type=UtcTime)


UNIT, REGION = "unit", "region"
OPEN, CLOSED, MERGED = "open", "closed", "merged"


class Unit(SQLModel, table=True):
    """A place that serves: a branch, a clinic, a counter; or a region, which holds others.

    ``name_key`` is the name, case folded. ``parent_id`` is the region a unit lies in; of a unit
    that was merged it is the unit that goes on with its history. Only regions and such units have
    others below them. ``closed_on`` is the day since when nobody is asked there.
    """

    __table_args__ = (
        CheckConstraint("kind IN ('unit','region')", name="unit_kind"),
        CheckConstraint("state IN ('open','closed','merged')", name="unit_state"),
        CheckConstraint("(state = 'open') = (closed_on IS NULL)", name="unit_closed_has_its_day"),
        CheckConstraint("state <> 'merged' OR parent_id IS NOT NULL", name="unit_merged_into_one"),
        CheckConstraint("parent_id IS NULL OR parent_id <> id", name="unit_not_in_itself"),
        Index("unit_parent", "parent_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=80)
    name_key: str = Field(unique=True, max_length=120)
    zone: str | None = Field(default=None, max_length=60)
    parent_id: int | None = Field(default=None, foreign_key="unit.id")
    kind: str = Field(default="unit", max_length=6)
    state: str = Field(default="open", max_length=6)
    closed_on: date | None = None


class FormerPlace(SQLModel, table=True):
    """Where a unit or region lay before it was moved, or merged: up to the Monday ``until``."""

    __tablename__ = "former_place"

    unit_id: int = Field(primary_key=True, foreign_key="unit.id")
    until: date = Field(primary_key=True)
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
    """What a person is, and where.

    An owner's role has no unit: it holds for all. A regional manager's holds for a region and all
    in it; an analyst's for a unit, a region or, without a unit, for all.
    """

    __table_args__ = (
        CheckConstraint(f"kind IN {_ROLE}", name="role_kind"),
        CheckConstraint(_fits("kind"), name="role_unit_fits"),
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
        CheckConstraint(_fits("role"), name="invitation_unit_fits"),
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
