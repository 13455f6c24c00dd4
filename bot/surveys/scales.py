"""The scales in use: on how many levels each audience is asked, and which of them is the main one.

The main scale is the one on which customers are asked (or staff, or managers, where nobody asks
customers). All figures of a digest are in its points; what was answered on another scale stands in
a section of its own, and nothing is compared or added across the two.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Select, exists, func, select
from sqlmodel import Session, col

from bot.core.dialogue import PARTNER
from bot.surveys.definition import POINTS, Questionnaire
from bot.surveys.tables import QuestionnaireVersion, Schedule, Wave
from gapengine.vantage import Group

_DECIDING = (Group.CUSTOMER.value, Group.STAFF.value, Group.MANAGER.value)


@dataclass(frozen=True, slots=True)
class Scales:
    """How many levels there are, by audience; an audience that nobody asks is left out."""

    points: Mapping[str, int]

    @property
    def main(self) -> int:
        """The number of levels that all figures of a digest stand on."""
        return next((self.points[one] for one in _DECIDING if one in self.points), POINTS)

    @property
    def partners(self) -> int:
        """The number of levels that partners are asked on."""
        return self.points.get(PARTNER, self.main)

    @property
    def others(self) -> tuple[str, ...]:
        """Audiences of customers, staff and managers that are asked on another scale."""
        return tuple(one for one in _DECIDING if self.points.get(one, self.main) != self.main)


def scales(session: Session) -> Scales:
    """Return the scales in use now.

    In use are the questionnaires that are planned to be sent again, each in the newest version that
    was sent; of an audience without such, the one sent last. Where one audience is asked on both
    scales, seven counts.
    """
    rows = session.execute(_planned()).all()
    found = {audience: points for audience, points in rows}  # noqa: C416 - rows are no pairs
    for audience in (*_DECIDING, PARTNER):
        points = None if audience in found else session.scalar(_sent_last(audience))
        if points is not None:
            found[audience] = points
    return Scales(found)


def clashes(session: Session, questionnaire: Questionnaire) -> dict[str, int]:
    """Return on which other scale than this questionnaire's each audience is asked now.

    Its own audience is among them where this would be a change of scale.
    """
    asked, own = scales(session).points, questionnaire.points
    return {one: asked[one] for one in _DECIDING if asked.get(one, own) != own}


def main_points(session: Session) -> int:
    """Return how many levels the main scale has."""
    return scales(session).main


def _planned() -> Select[str, int]:
    planned = exists().where(
        col(Schedule.questionnaire) == col(QuestionnaireVersion.name), col(Schedule.active)
    )
    sent = exists().where(col(Wave.version_id) == col(QuestionnaireVersion.id))
    newest = (
        select(func.max(col(QuestionnaireVersion.id)))
        .where(planned, sent)
        .group_by(col(QuestionnaireVersion.name))
    )
    return (
        select(col(QuestionnaireVersion.audience), func.max(col(QuestionnaireVersion.points)))
        .where(col(QuestionnaireVersion.id).in_(newest))
        .group_by(col(QuestionnaireVersion.audience))
    )


def _sent_last(audience: str) -> Select[int]:
    last_wave = (
        select(func.max(col(Wave.id)))
        .where(col(Wave.version_id) == col(QuestionnaireVersion.id))
        .scalar_subquery()
    )
    return (
        select(col(QuestionnaireVersion.points))
        .where(col(QuestionnaireVersion.audience) == audience, last_wave.is_not(None))
        .order_by(last_wave.desc())
        .limit(1)
    )
