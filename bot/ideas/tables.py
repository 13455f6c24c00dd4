"""Tables of ideas and of what people say to them. Times are days: an hour would tell too much."""

from datetime import date

from sqlalchemy import CheckConstraint, Column, Index
from sqlmodel import Field, SQLModel

from bot.core.sealing import Sealed

_STATE = "('new','open','planned','done','declined','merged')"


class Idea(SQLModel, table=True):
    """What somebody suggests to a unit, as it was written.

    ``person_id`` is who hears what becomes of it: empty where the author wanted no news, or is
    gone. Only with ``by_name`` do others see who it is. ``token`` is that of the button which sent
    it, so that a second press sends nothing. ``views`` counts how often it was offered for a vote;
    ``kept_votes`` are votes whose rows were deleted long after the end. ``version`` counts its
    changes of state; up to ``told`` its author has heard of them, up to ``voters_told`` its voters.
    """

    __table_args__ = (
        CheckConstraint(f"state IN {_STATE}", name="idea_state"),
        CheckConstraint("(state = 'merged') = (merged_into IS NOT NULL)", name="idea_merged_fits"),
        CheckConstraint("merged_into IS NULL OR merged_into <> id", name="idea_merged_elsewhere"),
        CheckConstraint(
            "(closed_on IS NULL) = (state IN ('new','open','planned'))", name="idea_closed_fits"
        ),
        CheckConstraint("(reason <> '') = (state = 'declined')", name="idea_reason_fits"),
        Index("idea_unit", "unit_id", "state"),
        Index("idea_author", "person_id"),
        Index("idea_action", "action_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    unit_id: int = Field(foreign_key="unit.id")
    text: str = Field(sa_column=Column(Sealed, nullable=False))
    language: str = Field(max_length=12)
    dimension: str = Field(default="", max_length=40)
    person_id: int | None = Field(default=None, foreign_key="person.id", ondelete="SET NULL")
    by_name: bool = False
    token: str = Field(unique=True, max_length=16)
    state: str = Field(default="new", max_length=10)
    reason: str = Field(default="", max_length=20)
    sent_on: date
    closed_on: date | None = None
    merged_into: int | None = Field(default=None, foreign_key="idea.id")
    action_id: int | None = Field(default=None, foreign_key="action.id", ondelete="SET NULL")
    views: int = 0
    kept_votes: int = 0
    version: int = 0
    told: int = 0
    voters_told: int = 0


class IdeaVote(SQLModel, table=True):
    """What one person said to an idea: ``wanted``, or not when it was offered. Nobody sees whose.

    ``told`` is the version of the idea of which this person knows. It goes with the person.
    """

    __tablename__ = "idea_vote"
    __table_args__ = (Index("idea_vote_person", "person_id"),)

    idea_id: int = Field(foreign_key="idea.id", primary_key=True, ondelete="CASCADE")
    person_id: int = Field(foreign_key="person.id", primary_key=True, ondelete="CASCADE")
    wanted: bool
    said_on: date
    told: int = 0
