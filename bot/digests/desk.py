"""The desk where digests are made: report, chart, delivery. Chat, clock and command only promise.

The heavy parts stand outside the write lane: the engine runs on a reading session in a thread,
charts are drawn in a worker process.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from itertools import groupby

from sqlalchemy import update
from sqlmodel import Session, col

from bot.analysis.refresh import refresh
from bot.analysis.reports import Windows, keep_report, prepare_report
from bot.analysis.sources import state_of_registers
from bot.core import outbox
from bot.core.clock import Clock
from bot.core.database import Database, WriteLane
from bot.core.logs import Events
from bot.core.pictures import keep_picture
from bot.core.render import Texts
from bot.digests import planning
from bot.digests.keeping import forget_loose_reports
from bot.digests.message import compose
from bot.digests.reading import view_of
from bot.digests.tables import Digest
from bot.improvement.catalogue import Fix
from bot.people.tables import Person

_log = Events("gapbot.digests")

POLL_SECONDS = 0.3
TROUBLE_SECONDS = 5.0
EXPIRES = timedelta(days=2)
DRAWING_TRIES = 2
SHARE_OF_TIME = 50
"""Between digests, reports take at most one part in so many of the time."""

Draw = Callable[[str, str], Awaitable[bytes]]


@dataclass(frozen=True, slots=True)
class Sketch:
    """A digest before its chart is drawn: the SVG in the reader's language, None without one."""

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
        self._is_behind = True  # a process that ended may have left a refresh without its report
        self._registers = ""
        self._rests_until = 0.0

    async def run(self) -> None:
        """Make what is promised, until cancelled."""
        while True:
            try:
                claimed = await self.make_promised()
            except Exception as error:  # noqa: BLE001 - a database in trouble must not end the desk
                _log.error("digest.trouble", error)
                await asyncio.sleep(TROUBLE_SECONDS)
                continue
            if not claimed:
                await asyncio.sleep(POLL_SECONDS)

    async def make_promised(self) -> int:
        """Make the digests that wait; return how many were begun.

        One that cannot be made is left for later and given up after some tries; the others go on.
        """
        now = self._clock.now()
        if not await self._database.read(lambda session: planning.is_due(session, now)):
            return 0
        claimed = await self._lane.run(lambda session: planning.claim(session, now))
        by_week = sorted(claimed, key=lambda digest: (digest.last_week or date.max, digest.id))
        for last_week, digests in groupby(by_week, key=lambda digest: digest.last_week):
            await self._make_all(last_week, list(digests))
        return len(claimed)

    async def bring_up_to_date(self) -> None:
        """Rebuild what changed, in answers or registers, and keep a report of it; called by the
        clock.

        Where reports take long they are made less often; a digest always gets its own.
        """
        self._is_behind |= await self._refresh()
        registers = await self._database.read(state_of_registers)
        self._is_behind |= registers != self._registers
        loop = asyncio.get_running_loop()
        began = loop.time()
        if not self._is_behind or began < self._rests_until:
            return
        await self._report(None)
        self._is_behind, self._registers = False, registers
        ended = loop.time()
        self._rests_until = ended + (ended - began) * SHARE_OF_TIME
        now = self._clock.now()
        await self._lane.run(lambda session: forget_loose_reports(session, now))

    async def _make_all(self, last_week: date | None, digests: list[Digest]) -> None:
        """Make digests that look at the same weeks from one report."""
        try:
            await self._refresh()
            report_id = await self._report(last_week)
            fixes = await asyncio.to_thread(self._fixes)
        except Exception as error:  # noqa: BLE001 - it is tried again, with pauses
            for digest in digests:
                _not_made(digest, error)
            return
        for digest in digests:
            try:
                await self._make(digest, report_id, fixes)
            except Exception as error:  # noqa: BLE001 - one bad digest must not end the others
                _not_made(digest, error)

    async def _make(self, digest: Digest, report_id: int, fixes: Sequence[Fix]) -> None:
        sketch = await self._database.read(
            partial(self._sketch, digest=digest, report_id=report_id, fixes=fixes)
        )
        if sketch is None:
            return
        png = await self._drawn(sketch) if sketch.svg else None
        await self._lane.run(partial(self._plan, sketch=sketch, png=png))

    async def _refresh(self) -> bool:
        """Rebuild the moments that changed; tell whether any did."""
        changed = False
        while await self._lane.run(refresh):
            changed = True
        return changed

    async def _report(self, last_week: date | None) -> int:
        now = self._clock.now()
        prepared = await self._database.read(
            lambda session: prepare_report(session, now, self._windows, last_week=last_week)
        )
        return await self._lane.run(lambda session: keep_report(session, prepared))

    def _sketch(
        self, session: Session, *, digest: Digest, report_id: int, fixes: Sequence[Fix]
    ) -> Sketch | None:
        """Write a digest up to its chart; None when its reader was erased meanwhile."""
        person = session.get(Person, digest.person_id)
        if person is None:
            return None
        view = view_of(
            session,
            unit_id=digest.unit_id,
            report_id=report_id,
            language=person.language,
            fixes=fixes,
            today=self._clock.now().date(),
        )
        charts = compose(self._texts, view, person.language, fixes=fixes).charts
        svg = charts[0] if charts else None
        return Sketch(digest.id or 0, report_id, digest.person_id, person.language, svg)

    async def _drawn(self, sketch: Sketch) -> bytes | None:
        """Draw the chart; a digest without its picture is better than none."""
        for _ in range(DRAWING_TRIES):
            try:
                return await self._draw(sketch.svg or "", sketch.language)
            except Exception as error:  # noqa: BLE001 - whatever drawing fails at, the text goes out
                _log.error("digest.not_drawn", error, digest=sketch.digest_id)
        return None

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


def _not_made(digest: Digest, error: Exception) -> None:
    """Say so; the claim runs out by itself, and the last one leaves the digest where it is."""
    event = "digest.given_up" if digest.tries >= planning.MOST_TRIES else "digest.not_made"
    _log.error(event, error, digest=digest.id, tries=digest.tries)
