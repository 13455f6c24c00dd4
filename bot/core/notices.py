"""Notices: single messages to somebody, promised in the transaction of what they tell of.

A notice is kept as template and plain values, so that it is written in the language its reader has
when it is sent; after that its values are emptied.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlmodel import Session, col

from bot.core import outbox
from bot.core.dialogue import Button, Call, message_call
from bot.core.html import CAPTION_LIMIT, visible_length
from bot.core.outbox import Lane, Recipient
from bot.core.render import Texts
from bot.core.tables import Delivery, Notice, Picture

KIND = "notice"
EXPIRES = timedelta(days=7)
_DAY = "$day"
FORGOTTEN = "–"
KEPT = timedelta(days=14)
_UNDER_A_PICTURE = ("parse_mode", "reply_markup")

Offers = Sequence[Sequence[tuple[str, str]]]
"""Rows of buttons: (msgid of the text, action)."""


def notify(  # noqa: PLR0913 - a message has this many parts, each given by name
    session: Session,
    person_id: int,
    template: str,
    *,
    key: str,
    now: datetime,
    offers: Offers = (),
    lane: Lane = Lane.ALERT,
    due_at: datetime | None = None,
    values: Mapping[str, Any] | None = None,
    picture: str = "",
) -> bool:
    """Promise a message; False when one with this key was promised before.

    ``values`` are plain (text, numbers, dates, lists and mappings of these). ``picture`` is the
    hash of a kept chart to put the message under.
    """
    due = due_at or now
    notice = Notice(
        template=template,
        content=_plain(values or {}),
        offers=[[list(offer) for offer in row] for row in offers],
        picture=picture,
        until=(due + KEPT).date(),
    )
    session.add(notice)
    session.flush()
    promised = outbox.plan(
        session,
        key=key,
        kind=KIND,
        subject=str(notice.id),
        lane=lane,
        person_id=person_id,
        due_at=due,
        expires_at=due + EXPIRES,
    )
    if not promised:
        session.delete(notice)
    return promised


class NoticeComposer:
    """Writes a notice at the moment of sending."""

    kind = KIND
    repeatable = False
    forgotten = False

    def __init__(self, texts: Texts) -> None:
        """Write with these texts."""
        self._texts = texts

    def compose(
        self,
        session: Session,
        delivery: Delivery,
        to: Recipient,
        now: datetime,  # noqa: ARG002 - the composers' common shape
    ) -> list[Call] | None:
        """Return the one call; the picture goes before the words where they are no caption.

        None when the notice is gone.
        """
        notice = session.get(Notice, int(delivery.subject))
        if notice is None:
            return None
        text = self._texts.render(notice.template, to.language, **_revived(notice.content))
        rows = [
            [Button(self._texts.label(to.language, label), action) for label, action in row]
            for row in notice.offers
        ]
        message = message_call(to.telegram_id, text, to.keyboard(rows))
        if not notice.picture or session.get(Picture, notice.picture) is None:
            return [message]
        photo = {"method": "sendPhoto", "chat_id": to.telegram_id, "picture": notice.picture}
        if visible_length(text) > CAPTION_LIMIT:
            return [photo, message]
        under = {name: value for name, value in message.items() if name in _UNDER_A_PICTURE}
        return [photo | under | {"caption": text}]

    def sent(
        self,
        session: Session,
        delivery: Delivery,
        results: list[Any],  # noqa: ARG002
    ) -> None:
        """Empty the notice: what it said is the reader's now."""
        emptied = update(Notice).where(col(Notice.id) == int(delivery.subject))
        session.execute(emptied.values(content={}, offers=[]))


def forget(session: Session, words: str) -> None:
    """Take words, such as somebody's name, out of what waits to be sent to anybody."""
    for notice in session.scalars(select(Notice)).all() if words else ():
        without = _without(notice.content, words)
        if without != notice.content:
            notice.content = without
    session.flush()


def purge(session: Session, today: date) -> None:
    """Forget notices whose time is over, sent or not."""
    session.execute(delete(Notice).where(col(Notice.until) < today))


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, date):  # a day; moments are turned into the reader's days before
        return {_DAY: value.isoformat()}
    return value


def _without(value: Any, words: str) -> Any:
    if isinstance(value, dict):
        return {key: _without(part, words) for key, part in value.items()}
    if isinstance(value, list):
        return [_without(part, words) for part in value]
    return FORGOTTEN if value == words else value


def _revived(value: Any) -> Any:
    if isinstance(value, dict):
        if set(value) == {_DAY}:
            return date.fromisoformat(value[_DAY])
        return {key: _revived(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_revived(part) for part in value]
    return value
