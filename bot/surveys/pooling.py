"""Small anonymous waves forget whom they asked when they close.

Where fewer than the floor were asked, the list of those asked would lead from an answer, by its
unit, week and questionnaire, to one or a few people. So those asked in all small waves of a
quarter lie in one pool, without anything that says in which wave; what the wave itself keeps is
how many were asked and passed over, and why. Those who were passed over go as well, for whoever is
missing among them is the one who was asked.
"""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import delete, insert, select
from sqlmodel import Session, col

from bot.core.tables import Delivery
from bot.reach.contact import forget_what
from bot.surveys.outcomes import counted
from bot.surveys.run_writing import FEWEST
from bot.surveys.tables import Invitee, QuestionnaireVersion, Wave
from bot.surveys.waves import CARD


def pool_small(session: Session, wave_id: int) -> bool:
    """Move those asked in a small anonymous wave to the pool of its quarter; False: not small.

    The pool is written anew, all of it, in the order of people: the numbers of its rows tell
    neither wave nor order. New rows come before old ones go, so that no number is used again and
    no button of an old card can mean another questionnaire.
    """
    wave = session.get_one(Wave, wave_id)
    version = session.get_one(QuestionnaireVersion, wave.version_id)
    asked = _people(session, wave_id)
    if not version.anonymous or not 0 < len(asked) < FEWEST:
        return False
    wave.counted = counted(session, wave_id)
    _forget_cards(session, wave_id)
    forget_what(session, asked, version.name)
    before = _pools_of(session, wave)
    emptied = [wave_id, *(one.id or 0 for one in before)]
    people = sorted({person for one in emptied for person in _people(session, one)})
    pool = _new_pool(session, wave, before)
    session.execute(
        insert(Invitee),
        [{"wave_id": pool, "person_id": one, "state": "closed", "reason": ""} for one in people],
    )
    session.execute(delete(Invitee).where(col(Invitee.wave_id).in_(emptied)))
    session.execute(delete(Wave).where(col(Wave.id).in_([one.id for one in before])))
    return True


def quarter_of(day: date) -> date:
    """Return the first day of the quarter a day lies in.

    >>> quarter_of(date(2026, 3, 4)), quarter_of(date(2026, 12, 31))
    (datetime.date(2026, 1, 1), datetime.date(2026, 10, 1))
    """
    return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)


def _people(session: Session, wave_id: int) -> Sequence[int]:
    return session.scalars(
        select(col(Invitee.person_id)).where(
            col(Invitee.wave_id) == wave_id, col(Invitee.state) != "skipped"
        )
    ).all()


def _pools_of(session: Session, wave: Wave) -> Sequence[Wave]:
    """Return the pool of a wave's quarter, locked; several where two waves made one at once."""
    return session.scalars(
        select(Wave)
        .where(
            col(Wave.pooled),
            col(Wave.unit_id) == wave.unit_id,
            col(Wave.version_id) == wave.version_id,
            col(Wave.due_on) == quarter_of(wave.due_on),
        )
        .with_for_update()
    ).all()


def _new_pool(session: Session, wave: Wave, before: Sequence[Wave]) -> int:
    """Make the wave that stands for all small ones of a quarter; it is as old as the youngest."""
    latest = max([wave, *before], key=lambda one: one.planned_at)
    pool = Wave(
        version_id=wave.version_id,
        unit_id=wave.unit_id,
        due_on=quarter_of(wave.due_on),
        planned_at=latest.planned_at,
        expires_at=latest.expires_at,
        seed=wave.seed,
        closed=True,
        pooled=True,
    )
    session.add(pool)
    session.flush()
    return pool.id or 0


def _forget_cards(session: Session, wave_id: int) -> None:
    """Delete that cards were sent; one that is on its way at this moment goes by its clock."""
    cards = [
        f"{CARD}:{one}"
        for one in session.scalars(select(col(Invitee.id)).where(col(Invitee.wave_id) == wave_id))
    ]
    session.execute(
        delete(Delivery).where(col(Delivery.key).in_(cards), col(Delivery.state) != "sending")
    )
