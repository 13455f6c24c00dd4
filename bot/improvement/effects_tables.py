"""What was found when one looked whether an action worked."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, UniqueConstraint
from sqlmodel import Field, SQLModel

from bot.core.tables import UtcTime


class ActionEffect(SQLModel, table=True):
    """One look at an action: what the engine found, from which weeks, and what is said of it.

    ``planned_on`` is the day for which the look was planned: each such day is looked at once.
    Where it was too early, ``again_on`` says when one looks again; without it this is the end.
    ``content`` holds plain values: the windows, the engine's figures, the number of comparisons.
    """

    __tablename__ = "action_effect"
    __table_args__ = (
        UniqueConstraint("action_id", "planned_on", name="action_effect_once"),
        CheckConstraint(
            "verdict IN ('improved','no evidence','worse','too early','no baseline')",
            name="action_effect_verdict",
        ),
        CheckConstraint(
            "again_on IS NULL OR verdict = 'too early'", name="action_effect_again_fits"
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    action_id: int = Field(foreign_key="action.id", ondelete="CASCADE")
    planned_on: date
    computed_at: datetime = Field(sa_type=UtcTime)
    verdict: str = Field(max_length=12)
    again_on: date | None = None
    content: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    engine_version: str = Field(max_length=20)
    fingerprint: str = Field(max_length=64)
