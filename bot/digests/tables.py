"""The table of digests: which report a manager was shown, for which unit and week."""

from datetime import date, datetime

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from bot.core.tables import UtcTime


class Digest(SQLModel, table=True):
    """One digest of a unit for one person. ``occasion`` is the Monday it is due, or a request.

    It is promised first, without a report; the desk then makes the report (up to ``last_week``,
    or the latest), draws the chart and plans the delivery. ``tries`` counts how often the desk
    began; ``retry_at`` is when it may begin again, so that a digest that cannot be made holds up
    nobody, and one whose process died is made by another.

    ``picture`` names the drawn chart in the table of pictures; empty where there is none.
    """

    __table_args__ = (
        UniqueConstraint("unit_id", "person_id", "occasion"),
        Index(
            "digest_waiting",
            "id",
            sqlite_where=text("report_id IS NULL"),
            postgresql_where=text("report_id IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    unit_id: int = Field(foreign_key="unit.id")
    person_id: int = Field(foreign_key="person.id", ondelete="CASCADE")
    occasion: str = Field(max_length=40)
    last_week: date | None = None
    report_id: int | None = Field(default=None, foreign_key="stored_report.id")
    picture: str = Field(default="", max_length=64)
    planned_at: datetime = Field(sa_type=UtcTime)
    tries: int = 0
    retry_at: datetime = Field(sa_type=UtcTime)
