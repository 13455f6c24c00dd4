"""Tables of customers as another system knows them, and of their visits and purchases."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from bot.core.sealing import Sealed
from bot.core.tables import UtcTime

CHANNEL = "channel IN ('','counter','phone','web','app','delivery','other')"
_WAITING = text("asking = 'waiting'")


class Customer(SQLModel, table=True):
    """A customer under the reference of another system, sealed; found by its fingerprint.

    ``person_id`` is who this is in Telegram. It is set by the person's own act alone: they open a
    link made for this customer and agree to what it says. ``tenure`` is what the other system
    says; where it says nothing, the number of visits tells.
    """

    __table_args__ = (
        CheckConstraint(CHANNEL, name="customer_channel"),
        CheckConstraint("tenure IN ('','new','returning')", name="customer_tenure"),
        CheckConstraint("(person_id IS NULL) = (linked_at IS NULL)", name="customer_link"),
    )

    id: int | None = Field(default=None, primary_key=True)
    reference_print: str = Field(unique=True, max_length=64)
    reference: str = Field(sa_type=Sealed)
    name: str = Field(default="", sa_type=Sealed)
    channel: str = Field(default="", max_length=8)
    tenure: str = Field(default="", max_length=9)
    person_id: int | None = Field(
        default=None, foreign_key="person.id", ondelete="CASCADE", unique=True
    )
    linked_at: datetime | None = Field(default=None, sa_type=UtcTime)
    changed_at: datetime = Field(sa_type=UtcTime)


class Visit(SQLModel, table=True):
    """One visit or purchase of a customer in a unit.

    ``tenure`` is what the customer was at that time. ``asking`` says whether a questionnaire about
    it waits for ``ask_at``, went out (``invitee_id``), or will not, and why.
    """

    __table_args__ = (
        CheckConstraint("kind IN ('visit','purchase')", name="visit_kind"),
        CheckConstraint(CHANNEL, name="visit_channel"),
        CheckConstraint("tenure IN ('new','returning')", name="visit_tenure"),
        CheckConstraint("asking IN ('waiting','asked','skipped')", name="visit_asking"),
        CheckConstraint("(asking = 'skipped') = (reason <> '')", name="visit_reason"),
        CheckConstraint("(asking = 'waiting') = (ask_at IS NOT NULL)", name="visit_waits"),
        Index("visit_customer", "customer_id", "at"),
        Index("visit_due", "ask_at", sqlite_where=_WAITING, postgresql_where=_WAITING),
    )

    id: int | None = Field(default=None, primary_key=True)
    customer_id: int = Field(foreign_key="customer.id", ondelete="CASCADE")
    unit_id: int = Field(foreign_key="unit.id")
    reference_print: str = Field(unique=True, max_length=64)
    reference: str = Field(sa_type=Sealed)
    kind: str = Field(default="visit", max_length=8)
    at: datetime = Field(sa_type=UtcTime)
    touchpoint: str = Field(default="", max_length=40)
    channel: str = Field(default="", max_length=8)
    tenure: str = Field(max_length=9)
    asking: str = Field(default="skipped", max_length=7)
    reason: str = Field(default="", max_length=30)
    ask_at: datetime | None = Field(default=None, sa_type=UtcTime)
    invitee_id: int | None = Field(default=None, foreign_key="invitee.id", ondelete="SET NULL")


class VisitRule(SQLModel, table=True):
    """What follows a visit at a touchpoint, ``*`` at every other one: a questionnaire, and when.

    ``delay_minutes`` None: nothing is asked there.
    """

    __tablename__ = "visit_rule"
    __table_args__ = (
        CheckConstraint(
            "delay_minutes IS NULL OR delay_minutes BETWEEN 0 AND 43200", name="visit_rule_delay"
        ),
    )

    touchpoint: str = Field(primary_key=True, max_length=40)
    questionnaire: str = Field(max_length=60)
    delay_minutes: int | None = None


class CustomerInvitation(SQLModel, table=True):
    """That an invitation was made for a customer: whoever uses it, says to be this customer."""

    __tablename__ = "customer_invitation"

    invitation_id: int = Field(primary_key=True, foreign_key="invitation.id", ondelete="CASCADE")
    customer_id: int = Field(foreign_key="customer.id", ondelete="CASCADE", index=True)
