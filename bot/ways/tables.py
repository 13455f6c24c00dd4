"""Tables of the ways in: what hangs where, how often it is used, and posters to be drawn."""

from datetime import date

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from bot.core.sealing import Sealed

CHANNEL = "channel IN ('counter','phone','web','app','delivery','other')"
_OPEN = text("closed_on IS NULL")


class WayIn(SQLModel, table=True):
    """One link that many customers use: of a unit, or of a touchpoint, counter or shift of it.

    The invitation lets people in; it is known by the hash of its payload. ``payload`` is sealed, so
    that a poster can be printed again by whoever holds the key, and by nobody who has the database
    alone. ``channel`` says how those who come by it reach the unit: all that is told of them.
    """

    __tablename__ = "way_in"
    __table_args__ = (
        CheckConstraint("kind IN ('unit','touchpoint','counter','shift')", name="way_in_kind"),
        CheckConstraint("(kind = 'unit') = (label = '')", name="way_in_label"),
        CheckConstraint(CHANNEL, name="way_in_channel"),
        Index(
            "way_in_once",
            "unit_id",
            "kind",
            "label_key",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    invitation_id: int = Field(foreign_key="invitation.id", ondelete="CASCADE", unique=True)
    unit_id: int = Field(foreign_key="unit.id")
    kind: str = Field(max_length=10)
    label: str = Field(default="", max_length=40)
    label_key: str = Field(default="", max_length=80)
    channel: str = Field(default="counter", max_length=8)
    payload: str = Field(sa_type=Sealed)
    closed_on: date | None = None


class WayWeek(SQLModel, table=True):
    """How often a way in was used in a week: a count, and nothing of whom."""

    __tablename__ = "way_week"

    way_id: int = Field(primary_key=True, foreign_key="way_in.id", ondelete="CASCADE")
    week: date = Field(primary_key=True)
    uses: int = 0


class CameBy(SQLModel, table=True):
    """By which way in a person came last; it does not say when."""

    __tablename__ = "came_by"

    person_id: int = Field(primary_key=True, foreign_key="person.id", ondelete="CASCADE")
    way_id: int = Field(foreign_key="way_in.id", ondelete="CASCADE", index=True)


class PosterOrder(SQLModel, table=True):
    """A poster that somebody waits for; ``sha`` names its picture once it is drawn."""

    __tablename__ = "poster_order"
    __table_args__ = (
        CheckConstraint("size IN ('a4','a5','a6','card')", name="poster_order_size"),
        Index("poster_order_once", "person_id", "way_id", "size", unique=True),
    )

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", ondelete="CASCADE")
    way_id: int = Field(foreign_key="way_in.id", ondelete="CASCADE")
    size: str = Field(max_length=4)
    sha: str = Field(default="", max_length=64)
