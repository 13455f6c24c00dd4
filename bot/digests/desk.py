"""The desk where digests are made: report, chart, delivery. Chat, clock and command only promise.

The heavy parts stand outside the write lane: the engine runs on a reading session in a thread,
charts are drawn in a worker process.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from sqlalchemy import delete, update
from sqlmodel import Session, col

from bot.analysis.refresh import refresh
from bot.analysis.reports import Windows, keep_report, prepare_report
from bot.core import outbox
from bot.core.clock import Clock
from bot.core.database import Database, WriteLane, insert_into
from bot.core.logs import Events
from bot.core.render import Texts
from bot.core.tables import Picture
from bot.digests import planning
from bot.digests.message import compose
from bot.digests.reading import view_of
from bot.digests.tables import Digest
from bot.improvement.catalogue import Fix
from bot.people.tables import Person

_log = Events("gapbot.digests")

POLL_SECONDS = 0.3
EXPIRES = timedelta(days=2)
PICTURES_KEPT = timedelta(days=14)

Draw = Callable[[str, str], Awaitable[bytes]]


@dataclass(frozen=True, slots=True)
class Sketch:
    """A chart before it is drawn: whose digest, and the SVG in the reader's language."""

    digest_id: int
    report_id: int
    person_id: int
    language: str
    svg: str | None


class Desk:
    """Makes promised digests one after another. ``run`` works until it is cancelled."""

    def __init__(
        self,
        *,
        database: Database,
        lane: WriteLane,
        clock: Clock,
        texts: Texts,
        windows: Windows,
        fixes: Callable[[], Sequence[Fix]],
        draw: Draw,
    ) -> None:
        """``fixes`` is called when first needed: reading the catalogue takes a moment."""
        self._database = database
        self._lane = lane
        self._clock = clock
        self._texts = texts
        self._windows = windows
        self._fixes = fixes
        self._draw = draw

    async def run(self) -> None:
        """Make what is promised, until cancelled."""
        while True:
            try:
                made = await self.make_promised()
            except Exception as error:  # noqa: BLE001 - one bad digest must not end the others
                _log.error("digest.trouble", error)
                await asyncio.sleep(5)
                continue
            if not made:
                await asyncio.sleep(POLL_SECONDS)

    async def make_promised(self) -> int:
        """Make the digests that wait; return how many were made."""
        waiting = await self._database.read(planning.unprepared)
        for digest in waiting:
            sketch = await self._sketch(digest)
            png = await self._draw(sketch.svg, sketch.language) if sketch.svg else None
            await self._lane.run(partial(self._plan, sketch=sketch, png=png))
        return len(waiting)

    async def bring_up_to_date(self) -> None:
        """Rebuild what changed and keep a report of it; called by the clock."""
        while await self._lane.run(refresh):
            pass
        now = self._clock.now()
        prepared = await self._database.read(
            lambda session: prepare_report(session, now, self._windows)
        )
        await self._lane.run(lambda session: keep_report(session, prepared))

    async def _sketch(self, digest: Digest) -> Sketch:
        now = self._clock.now()
        while await self._lane.run(refresh):
            pass
        prepared = await self._database.read(
            lambda session: prepare_report(session, now, self._windows, last_week=digest.last_week)
        )
        report_id = await self._lane.run(lambda session: keep_report(session, prepared))
        fixes = await asyncio.to_thread(self._fixes)

        def sketch(session: Session) -> Sketch:
            person = session.get_one(Person, digest.person_id)
            view = view_of(
                session,
                unit_id=digest.unit_id,
                report_id=report_id,
                language=person.language,
                fixes=fixes,
                today=now.date(),
            )
            charts = compose(self._texts, view, person.language, fixes=fixes).charts
            return Sketch(
                digest.id or 0,
                report_id,
                digest.person_id,
                person.language,
                charts[0] if charts else None,
            )

        return await self._database.read(sketch)

    def _plan(self, session: Session, *, sketch: Sketch, png: bytes | None) -> None:
        now = self._clock.now()
        sha = keep_picture(session, png, now.date()) if png else ""
        session.execute(
            update(Digest)
            .where(col(Digest.id) == sketch.digest_id)
            .values(report_id=sketch.report_id, picture=sha)
        )
        outbox.plan(
            session,
            key=f"digest:{sketch.digest_id}",
            kind="digest",
            subject=str(sketch.digest_id),
            lane=outbox.Lane.DIGEST,
            person_id=sketch.person_id,
            due_at=now,
            expires_at=now + EXPIRES,
        )


def keep_picture(session: Session, png: bytes, day: date) -> str:
    """Keep a drawn chart under its hash, forget the old ones; return the hash."""
    sha = hashlib.sha256(png).hexdigest()
    session.execute(
        insert_into(session, Picture)
        .values(sha=sha, png=png, file_id="", drawn_on=day)
        .on_conflict_do_nothing(index_elements=["sha"])
    )
    session.execute(delete(Picture).where(col(Picture.drawn_on) < day - PICTURES_KEPT))
    return sha
