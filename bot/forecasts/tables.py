"""Tables of managers' forecasts: what was asked, what they said, and who has seen which figures."""

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, Column, Index, SmallInteger, UniqueConstraint
from sqlmodel import Field, SQLModel

from bot.core.tables import UtcTime
from bot.surveys.tables import points_column


class ForecastCard(SQLModel, table=True):
    """That one person is asked about one unit and week: two dimensions, on one card.

    ``week`` is the Monday of the week whose figures are forecast, on a scale of so many ``points``.
    """

    __tablename__ = "forecast_card"
    __table_args__ = (
        UniqueConstraint("person_id", "unit_id", "week"),
        Index("forecast_card_week", "unit_id", "week"),
    )

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", ondelete="CASCADE")
    unit_id: int = Field(foreign_key="unit.id")
    week: date
    dimensions: list[str] = Field(sa_column=Column(JSON, nullable=False))
    made_at: datetime = Field(sa_type=UtcTime)
    points: int = points_column()


class Forecast(SQLModel, table=True):
    """One forecast: the level customers will give to a dimension, as expected E or perceived P.

    ``truth`` is what the digest of that week said, filled in when it is made; it stays empty where
    too few customers answered for the figure to be shown.
    """

    __table_args__ = (
        CheckConstraint("vantage IN ('E','P')", name="forecast_vantage"),
        CheckConstraint("level BETWEEN 1 AND 7", name="forecast_level"),
    )

    card_id: int = Field(primary_key=True, foreign_key="forecast_card.id", ondelete="CASCADE")
    dimension: str = Field(primary_key=True, max_length=40)
    vantage: str = Field(primary_key=True, max_length=1)
    level: int = Field(sa_column=Column(SmallInteger, nullable=False))
    said_at: datetime = Field(sa_type=UtcTime)
    truth: float | None = None


class FiguresSeen(SQLModel, table=True):
    """That somebody has seen a unit's figures of a week: what they say after is no forecast."""

    __tablename__ = "figures_seen"

    person_id: int = Field(primary_key=True, foreign_key="person.id", ondelete="CASCADE")
    unit_id: int = Field(primary_key=True, foreign_key="unit.id")
    week: date = Field(primary_key=True)
    seen_at: datetime = Field(sa_type=UtcTime)
