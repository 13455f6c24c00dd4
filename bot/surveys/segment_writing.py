"""What kind of customers runs were made for, as rows beside them."""

from collections.abc import Mapping

from sqlalchemy import insert
from sqlmodel import Session

from bot.surveys.segments import UNSAID, Kind, coarse
from bot.surveys.tables import RunSegment
from gapengine.disclosure import Floors
from gapengine.vantage import Group


def write_segments(
    session: Session, people: Mapping[str, int], *, kinds: Mapping[int, Kind], anonymous: bool
) -> None:
    """Write the kind of each person who is asked to their run; ``people`` by the runs' keys.

    Of anonymous runs only in groups, see ``bot.surveys.segments``. Rows are written in the order
    of the runs' random keys.
    """
    if not kinds:
        return
    known = {person: kinds.get(person, UNSAID) for person in people.values()}
    written = coarse(known, floor=Floors().of(Group.CUSTOMER) if anonymous else 1)
    rows = [
        {"run_key": key, **kind._asdict()}
        for key, person in sorted(people.items())
        for kind in [written[person]]
        if kind != UNSAID
    ]
    if rows:
        session.execute(insert(RunSegment), rows)
