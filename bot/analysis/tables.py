"""Tables of what was computed: moments per (unit, week, audience), and stored reports."""

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import JSON, Column, LargeBinary
from sqlmodel import Field, SQLModel

from bot.core.tables import UtcTime
from bot.surveys.tables import points_column
from gapengine.vantage import Group

CAUSES = "causes"
"""Stands in the place of an audience for the ratings of causes, by staff and managers."""


TENURE, CHANNEL, TOUCHPOINT = "t", "c", "p"
"""The ways in which customers are told apart: new or returning, how they come, where they are
served."""

CODE_LENGTH = 50
"""Room for a code with the longest touchpoint in it."""

REST = "rest"
"""Stands for the customers of whom a slicing says nothing."""

_SHORT = {"returning": "back"}


def segment_code(slicing: str, kind: str) -> str:
    """Return what stands in the place of an audience for one kind of customers.

    A touchpoint is named by the organisation; its sign keeps any name apart from the rest.

    >>> segment_code(TENURE, "returning"), segment_code(CHANNEL, "web")
    ('t:back', 'c:web')
    >>> segment_code(TOUCHPOINT, "rest"), rest_code(TOUCHPOINT)
    ('p:=rest', 'p:rest')
    """
    if slicing == TOUCHPOINT:
        return f"{slicing}:={kind}"
    return f"{slicing}:{_SHORT.get(kind, kind)}"


def touchpoint_of(code: str) -> str:
    """Return the touchpoint that a code stands for."""
    return code.removeprefix(segment_code(TOUCHPOINT, ""))


def rest_code(slicing: str) -> str:
    """Return what stands there for the customers of whom a slicing says nothing."""
    return f"{slicing}:{REST}"


RELATION, PARTNERS_VIEW = "partner", "partner_d"
"""Stand in the place of an audience for what partners say: of working together (E and P), and of
what they see delivered to customers (D)."""

GROUP_OF: Mapping[str, Group] = {
    **{group.value: group for group in Group},
    RELATION: Group.CUSTOMER,
    PARTNERS_VIEW: Group.STAFF,
}
"""As whose answers the engine takes an audience's. What partners say is analysed apart, and never
mixed with what customers and staff say."""


class MomentBlock(SQLModel, table=True):
    """The moments of one audience's answers in one (unit, week): exact, mergeable sums.

    ``runs`` counts the questionnaires that hold them, ``largest_wave`` those of the wave that had
    most of them, or the people who gave their name: from so many different people they come at
    least. What is answered on a scale of other ``points`` is a series of its own. The block
    ``causes`` holds the sums of the ratings of causes, as JSON; blocks such as ``t:new`` hold those
    of the customers' answers that came from one kind of customers.
    """

    __tablename__ = "moment_block"

    unit_id: int = Field(primary_key=True, foreign_key="unit.id")
    week: date = Field(primary_key=True)
    audience: str = Field(primary_key=True, max_length=CODE_LENGTH)
    points: int = points_column(is_key=True)
    payload: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    runs: int
    largest_wave: int
    fingerprint: str = Field(max_length=64)


class ToldMoments(SQLModel, table=True):
    """The moments of a unit and audience as they were told last, and how many runs of each week
    they hold; they stand in every report until enough has changed.

    ``since`` is the Monday since which the unit lay where it did, at first the earliest day of all.
    """

    __tablename__ = "told_moments"

    unit_id: int = Field(primary_key=True, foreign_key="unit.id")
    audience: str = Field(primary_key=True, max_length=10)
    since: date = Field(default=date.min, primary_key=True)
    points: int = points_column(is_key=True)
    weeks: dict[str, int] = Field(sa_column=Column(JSON, nullable=False))
    payload: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class ToldSegment(SQLModel, table=True):
    """The moments of one kind of a unit's customers as told last, like ``ToldMoments``."""

    __tablename__ = "told_segment"

    unit_id: int = Field(primary_key=True, foreign_key="unit.id")
    segment: str = Field(primary_key=True, max_length=CODE_LENGTH)
    points: int = points_column(is_key=True)
    weeks: dict[str, int] = Field(sa_column=Column(JSON, nullable=False))
    payload: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class StoredReport(SQLModel, table=True):
    """What a number needs to be replayed: engine, questionnaires, window, inputs.

    Its figures are on a scale of so many ``points``: the main one when it was made.
    """

    __tablename__ = "stored_report"

    id: int | None = Field(default=None, primary_key=True)
    made_at: datetime = Field(sa_type=UtcTime)
    engine_version: str = Field(max_length=20)
    last_week: date
    points: int = points_column()
    window: dict[str, int] = Field(sa_column=Column(JSON, nullable=False))
    questionnaires: list[str] = Field(sa_column=Column(JSON, nullable=False))
    fingerprint: str = Field(max_length=64, index=True)


class StoredUnitReport(SQLModel, table=True):
    """The part of a report that speaks of one unit; ``*`` is the whole organisation."""

    __tablename__ = "stored_unit_report"

    report_id: int = Field(primary_key=True, foreign_key="stored_report.id", ondelete="CASCADE")
    unit: str = Field(primary_key=True, max_length=80)
    plain: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
