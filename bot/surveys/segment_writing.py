"""What kind of customers runs were made for, as rows beside them."""

from collections.abc import Mapping, Sequence

from sqlalchemy import insert, select
from sqlmodel import Session, col

from bot.surveys.segments import UNSAID, Kind, coarse
from bot.surveys.tables import Run, RunSegment, Wave
from gapengine.disclosure import Floors
from gapengine.vantage import Group

_PORTION = 500


def write_segments(
    session: Session,
    wave: Wave,
    invitees: Sequence[tuple[int, int]],
    *,
    kinds: Mapping[int, Kind],
    anonymous: bool,
) -> None:
    """Write the kind of each person who is asked, given as (invitee, person), to their run.

    Of anonymous runs only in groups, see ``bot.surveys.segments``. Rows are written in the order
    of the runs' random keys.
    """
    if not kinds:
        return
    known = {person: kinds.get(person, UNSAID) for _, person in invitees}
    written = coarse(known, floor=Floors().of(Group.CUSTOMER) if anonymous else 1)
    people = dict(invitees)
    rows = [
        {"run_key": key, **kind._asdict()}
        for key, invitee in sorted(_keys(session, wave, list(people)))
        for kind in [written[people[invitee]]]
        if kind != UNSAID
    ]
    if rows:
        session.execute(insert(RunSegment), rows)


def _keys(session: Session, wave: Wave, invitees: Sequence[int]) -> list[tuple[str, int]]:
    found: list[tuple[str, int]] = []
    for start in range(0, len(invitees), _PORTION):
        rows = session.execute(
            select(col(Run.key), col(Run.invitee_id)).where(
                col(Run.wave_id) == wave.id,
                col(Run.invitee_id).in_(invitees[start : start + _PORTION]),
            )
        )
        found += [(key, invitee) for key, invitee in rows if invitee is not None]
    return found
