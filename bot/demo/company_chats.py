"""What already stands in the chats of the three people: what they were told in the past months.

Every message that the story promised counts as delivered on its day. Those to the people who are
played are written as the product writes them, so that their buttons work.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlmodel import Session, col

from bot.core.dialogue import Button, Call, keyboard, message_call
from bot.core.outbox import Composer
from bot.core.tables import Delivery, Picture
from bot.demo.chat import OfflineChat
from bot.demo.company_further import EVERYBODY
from bot.demo.company_story import Stage
from bot.demo.company_talks import Receipt
from bot.demo.files import Upload
from bot.demo.markup import parse_html
from bot.demo.model import Message
from bot.people import roster
from bot.people.door import PeopleDoor
from bot.people.registry import the_organisation

_QUEUED = col(Delivery.state) == "queued"


@dataclass(frozen=True, slots=True)
class Heard:
    """One message that somebody got on a day of the past."""

    at: datetime
    call: Call
    picture: bytes = b""


def deliver(session: Session, composers: Mapping[str, Composer], *, now: datetime) -> list[Heard]:
    """Deliver all that was promised until now; return what the people who are played got."""
    door, heard = PeopleDoor(), []
    rows = session.scalars(select(Delivery).where(_QUEUED).order_by(col(Delivery.due_at))).all()
    for row in rows:
        to = door.recipient(session, row.person_id)
        if to is not None and to.telegram_id in EVERYBODY and row.due_at < now:
            composer = composers[row.kind]
            calls = composer.compose(session, row, to, row.due_at) or []
            heard += [Heard(row.due_at, call, _picture(session, call)) for call in calls]
            composer.sent(session, row, [{} for _ in calls])
    session.execute(update(Delivery).where(_QUEUED).values(state="sent"))
    return heard


def put_away(session: Session) -> None:
    """Let what was promised until here be delivered, and read, by nobody of interest."""
    session.execute(update(Delivery).where(_QUEUED).values(state="sent"))


def receipt_of(stage: Stage, receipt: Receipt) -> list[Heard]:
    """Return the receipt of the anonymous report, as its sender got it."""
    to = PeopleDoor().recipient(stage.session, stage.company.first("staff"))
    if to is None or to.telegram_id not in EVERYBODY:
        return []
    label = stage.texts.label
    rows = [
        [Button(label(to.language, "News?"), f"isz:{receipt.token}")],
        [Button(label(to.language, "Write to the manager"), f"isy:{receipt.token}")],
    ]
    text = stage.texts.render(
        "issues/receipt.html",
        to.language,
        heading="new",
        number=receipt.issue_id,
        anonymous=True,
        danger=False,
        unit=roster.unit_name(stage.session, stage.riverside),
    )
    secret = the_organisation(stage.session).secret
    markup = keyboard(rows, secret=secret, telegram_id=to.telegram_id)
    return [Heard(receipt.sent_at, message_call(to.telegram_id, text, markup))]


def put_into_chats(chat: OfflineChat, heard: list[Heard]) -> None:
    """Show these messages in the chats, oldest first, as sent on their days."""
    for one in sorted(heard, key=lambda each: each.at):
        chat.people[one.call["chat_id"]].started = True
        chat.post(_message(chat, one))


def _picture(session: Session, call: Call) -> bytes:
    kept = session.get(Picture, call["picture"]) if "picture" in call else None
    return (kept.png if kept else None) or b""


def _message(chat: OfflineChat, heard: Heard) -> Message:
    call = heard.call
    photo = chat.files.add_photo(Upload("chart.png", heard.picture)) if heard.picture else None
    return Message(
        chat.next_message_id(),
        call["chat_id"],
        from_bot=True,
        at=heard.at,
        body=parse_html(call.get("text") or call.get("caption") or ""),
        photo=photo,
        keyboard=call.get("reply_markup", {}).get("inline_keyboard", []),
    )
