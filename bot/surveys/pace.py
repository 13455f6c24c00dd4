"""What the closing of a wave changes in the pace of its people: ``bot.reach.cadence`` says how.

It is worked out from tickets that hold at this moment and go in the same transaction; nothing that
would tell who answered is kept for it while the wave is open.
"""

from collections.abc import Collection
from random import SystemRandom

from sqlalchemy import ColumnElement, Select, exists, literal, select, update
from sqlmodel import Session, col

from bot.core.database import insert_into
from bot.core.tables import Delivery
from bot.reach.cadence import counted_silent
from bot.reach.tables import Wish
from bot.surveys.tables import Answer, Invitee, QuestionnaireVersion, Run, Wave
from bot.surveys.tickets import people_of

_PORTION = 500


def note_closing(session: Session, wave_id: int, *, card: str = "card") -> None:
    """Count the silences of a wave that is about to close; everybody alike in one statement."""
    anonymous = session.execute(
        select(col(QuestionnaireVersion.anonymous))
        .join(Wave, col(Wave.version_id) == col(QuestionnaireVersion.id))
        .where(col(Wave.id) == wave_id)
    ).scalar_one()
    arrived = set(session.scalars(_people(wave_id).where(_card_was_sent(card))))
    silent = people_of(session, wave_id, *_untouched())
    counted = counted_silent(
        reacted=arrived - silent,
        silent=sorted(arrived & silent),
        anonymous=anonymous,
        lot=SystemRandom(),
    )
    if counted is None:
        return
    ordered = sorted(arrived)
    for start in range(0, len(ordered), _PORTION):
        _write(session, ordered[start : start + _PORTION], counted)


def _write(session: Session, people: list[int], counted: Collection[int]) -> None:
    rows = [{"person_id": one, "weekdays": "", "shift_days": "", "unheard": 0} for one in people]
    session.execute(insert_into(session, Wish).values(rows).on_conflict_do_nothing())
    silences = col(Wish.unheard) + 1
    session.execute(
        update(Wish)
        .where(col(Wish.person_id).in_([one for one in people if one in counted]))
        .values(unheard=silences)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(Wish)
        .where(col(Wish.person_id).in_([one for one in people if one not in counted]))
        .values(unheard=0)
        .execution_options(synchronize_session=False)
    )


def _people(wave_id: int) -> Select[int]:
    return select(col(Invitee.person_id)).where(
        col(Invitee.wave_id) == wave_id, col(Invitee.state) == "asked"
    )


def _untouched() -> tuple[ColumnElement[bool], ...]:
    answered = exists().where(col(Answer.run_key) == col(Run.key))
    return col(Run.state) == "open", col(Run.position) == 0, ~answered


def _card_was_sent(card: str) -> ColumnElement[bool]:
    key = literal(f"{card}:").concat(col(Invitee.id))
    return exists().where(col(Delivery.key) == key, col(Delivery.state) == "sent")
