"""Whether the bot does its work: updates come in, messages go out, the database answers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlmodel import Session, col

from bot.core.clock import Clock
from bot.core.database import Database
from bot.core.errors import GapbotError
from bot.core.tables import Delivery
from bot.web.problems import Answer

LATE = timedelta(minutes=10)
"""A promised message that waits longer past its time means that sending is stuck."""


@dataclass(frozen=True, slots=True)
class Health:
    """Looks at the parts. ``receiving`` tells whether updates are fetched, None on standby."""

    database: Database
    clock: Clock
    receiving: Callable[[], bool | None]

    async def told(self) -> Answer:
        """Return 200 when all is well, else 503; what is wrong is named, nothing of anybody."""
        receiving = self.receiving()
        try:
            age = await self.database.read(lambda session: oldest_due(session, self.clock.now()))
        except GapbotError as error:
            return Answer(503, {"status": "down", "database": error.code})
        late = age is not None and age > LATE
        is_well = receiving is not False and not late
        body = {
            "status": "ready" if is_well else "down",
            "database": "ok",
            "receiving": {True: "ok", False: "stuck", None: "standing by"}[receiving],
            "outbox": "late" if late else "ok",
            "outbox_age_seconds": 0 if age is None else round(age.total_seconds()),
        }
        return Answer(200 if is_well else 503, body)


def oldest_due(session: Session, now: datetime) -> timedelta | None:
    """Return for how long the oldest message that is due has waited; None when none is."""
    since = session.scalar(
        select(func.min(col(Delivery.due_at))).where(
            col(Delivery.state) == "queued", col(Delivery.due_at) <= now
        )
    )
    return None if since is None else now - since
