"""Posters that somebody ordered in the chat: drawn beside it, then sent as a file.

ordered ──drawn, by the clock──> promised ──sent──> gone

Drawing happens in a worker process. Of two bots that draw the same poster one promises it.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import delete, select, update
from sqlmodel import Session, col

from bot.core import outbox
from bot.core.clock import Clock
from bot.core.database import WriteLane, insert_into
from bot.core.dialogue import Call
from bot.core.outbox import Lane, Recipient
from bot.core.pictures import keep_picture
from bot.core.render import Texts
from bot.core.tables import Delivery, Picture
from bot.people.roster import unit_name
from bot.ways.keeping import Spot, languages_of
from bot.ways.poster import CARD, Content, Print, place_name, poster_svg
from bot.ways.printing import with_resolution
from bot.ways.tables import PosterOrder, WayIn

KIND = "poster"
EXPIRES = timedelta(days=2)
_FILE = "poster.png"

Draw = Callable[[str, str], Awaitable[bytes]]
"""Turns an SVG in a language into a PNG, outside this process."""


class _Wanted(NamedTuple):
    order_id: int
    svg: str
    language: str


def order_poster(session: Session, way: WayIn, *, person_id: int, size: str) -> None:
    """Note that somebody wants a poster; a second tap while it is drawn orders no second one."""
    session.execute(
        insert_into(session, PosterOrder)
        .values(person_id=person_id, way_id=way.id, size=size, sha="")
        .on_conflict_do_nothing()
    )


class PosterDrawing:
    """Draws what is ordered."""

    def __init__(
        self,
        *,
        lane: WriteLane,
        clock: Clock,
        texts: Texts,
        username: Callable[[], str],
        draw: Draw,
    ) -> None:
        """``username`` gives the bot's name; while it is unknown nothing is drawn."""
        self._lane, self._clock, self._texts = lane, clock, texts
        self._username = username
        self._draw = draw

    async def draw_due(self) -> None:
        """Draw all posters that are ordered, and promise each."""
        while self._username():
            wanted = await self._lane.run(self._next)
            if wanted is None:
                return
            png = with_resolution(await self._draw(wanted.svg, wanted.language))
            await self._lane.run(partial(self._promise, order_id=wanted.order_id, png=png))

    def _next(self, session: Session) -> _Wanted | None:
        order = session.scalars(
            select(PosterOrder)
            .where(col(PosterOrder.sha) == "")
            .order_by(col(PosterOrder.id))
            .limit(1)
        ).one_or_none()
        if order is None:
            return None
        way = session.get_one(WayIn, order.way_id)
        languages = languages_of(session, way.unit_id)
        how = Print(order.size, languages[:1] if order.size == CARD else languages)
        content = Content(
            self._username(),
            way.payload,
            unit_name(session, way.unit_id),
            place_name(self._texts, Spot(way.kind, way.label), how.languages[0]),
        )
        svg = poster_svg(self._texts, content, how)
        return _Wanted(order.id or 0, svg, how.languages[0])

    def _promise(self, session: Session, *, order_id: int, png: bytes) -> None:
        now = self._clock.now()
        sha = keep_picture(session, png, now.date())
        person_id = session.scalar(
            update(PosterOrder)
            .where(col(PosterOrder.id) == order_id, col(PosterOrder.sha) == "")
            .values(sha=sha)
            .returning(col(PosterOrder.person_id))
        )
        if person_id is not None:
            _plan(session, order_id, person_id=person_id, now=now)


class PosterComposer:
    """Sends a drawn poster as a file, so that nothing of its sharpness is lost."""

    kind = KIND
    repeatable = True
    forgotten = False

    def __init__(self, texts: Texts) -> None:
        """Write the caption with these texts."""
        self._texts = texts

    def compose(
        self,
        session: Session,
        delivery: Delivery,
        to: Recipient,
        now: datetime,  # noqa: ARG002 - the composers' common shape
    ) -> list[Call] | None:
        """Return the one call; None when the code was closed or the picture is gone."""
        order = session.get(PosterOrder, int(delivery.subject))
        way = session.get(WayIn, order.way_id) if order else None
        if order is None or way is None or session.get(Picture, order.sha) is None:
            return None
        if way.closed_on is not None:
            return None
        caption = self._texts.render(
            "ways/poster_caption.html",
            to.language,
            unit=unit_name(session, way.unit_id),
            place=place_name(self._texts, Spot(way.kind, way.label), to.language),
            size=order.size,
        )
        return [
            {
                "method": "sendDocument",
                "chat_id": to.telegram_id,
                "picture": order.sha,
                "file_name": _FILE,
                "caption": caption,
                "parse_mode": "HTML",
            }
        ]

    def sent(
        self,
        session: Session,
        delivery: Delivery,
        results: list[Any],  # noqa: ARG002
    ) -> None:
        """Forget the order."""
        session.execute(delete(PosterOrder).where(col(PosterOrder.id) == int(delivery.subject)))


def forget_orders(session: Session, now: datetime) -> None:  # noqa: ARG001 - a tick's shape
    """Forget orders whose sending came to an end without being sent."""
    waiting = select(col(Delivery.subject)).where(
        col(Delivery.kind) == KIND, col(Delivery.state).in_(("queued", "sending"))
    )
    alive = {int(subject) for subject in session.scalars(waiting)}
    over = session.scalars(select(col(PosterOrder.id)).where(col(PosterOrder.sha) != ""))
    gone = [one for one in over if one not in alive]
    session.execute(delete(PosterOrder).where(col(PosterOrder.id).in_(gone)))


def _plan(session: Session, order_id: int, *, person_id: int, now: datetime) -> None:
    outbox.plan(
        session,
        key=f"{KIND}:{order_id}:{now.timestamp():.0f}",
        kind=KIND,
        subject=str(order_id),
        lane=Lane.ALERT,
        person_id=person_id,
        due_at=now,
        expires_at=now + EXPIRES,
    )
