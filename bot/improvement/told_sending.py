"""What the outbox sends of a note: its words in the reader's language, kept once for all."""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot.core.dialogue import Call, message_call
from bot.core.outbox import Recipient
from bot.core.render import Texts
from bot.core.tables import Delivery
from bot.improvement import told
from bot.improvement.told_tables import ToldNote
from bot.improvement.told_words import message_for
from bot.people.tables import Person


class ToldComposer:
    """Writes a note at the moment of sending. Never sent twice."""

    kind = told.KIND
    repeatable = False
    forgotten = False

    def __init__(self, texts: Texts) -> None:
        """Write with these texts."""
        self._texts = texts

    def compose(
        self, session: Session, delivery: Delivery, to: Recipient, now: datetime
    ) -> list[Call] | None:
        """Return the one call; None when the note is gone, or its reader takes a break."""
        note = session.get(ToldNote, int(delivery.subject))
        person = session.get(Person, to.person_id)
        if note is None or note.state != told.SENT or person is None:
            return None
        if person.paused_until is not None and person.paused_until > now:
            return None
        return [message_call(to.telegram_id, message_for(session, self._texts, note, to.language))]

    def sent(self, session: Session, delivery: Delivery, results: list[Any]) -> None:
        """Nothing follows from a note's arrival."""
