"""What the outbox sends for questionnaires: the card when it is due, and reminders.

Both are composed at the moment of sending, from the run as it stands then and in the language the
person reads then. Who has closed the questionnaire meanwhile gets nothing.
"""

from datetime import datetime
from functools import partial
from typing import Any

from sqlmodel import Session

from bot.core.dialogue import Button, Call, message_call
from bot.core.outbox import Composer, Recipient
from bot.core.render import Texts
from bot.core.schedule import local_day
from bot.core.tables import Delivery
from bot.reach import looks
from bot.surveys import answers, runs
from bot.surveys.answers import Standing
from bot.surveys.card import SHOW, face, written
from bot.surveys.desk import SurveyDesk
from bot.surveys.versions import Paper
from bot.surveys.waves import CARD, REMINDER


def composers(texts: Texts, desk: SurveyDesk) -> tuple[Composer, ...]:
    """Return what makes the messages of this feature."""
    return (CardComposer(texts, desk), ReminderComposer(texts, desk))


class CardComposer:
    """Sends the card where the run stands. May be sent twice: both copies work."""

    kind = CARD
    repeatable = True
    forgotten = False

    def __init__(self, texts: Texts, desk: SurveyDesk) -> None:
        """Write with these texts about the questionnaires of this desk."""
        self._desk = desk
        self._texts = texts

    def compose(
        self, session: Session, delivery: Delivery, to: Recipient, now: datetime
    ) -> list[Call] | None:
        """Return the message with the card; none when the run is closed or its card was fetched.

        Then it counts as sent. Were it cancelled, that would tell who has done something.
        """
        found = _run_of(session, self._desk, delivery, now=now)
        if found is None or found[0].moved:
            return []
        run, paper = found
        label = partial(self._texts.label, to.language)
        shown = face(run, paper, language=to.language, label=label)
        text = self._texts.render(shown.template, to.language, **shown.values)
        return [message_call(to.telegram_id, text, to.keyboard(shown.rows))]

    def sent(self, session: Session, delivery: Delivery, results: list[Any]) -> None:
        """Remember which message shows the card, and that another look was offered with it."""
        message_id = results[0].get("message_id") if results else None
        runs.card_was_sent(session, int(delivery.subject), message_id)
        looks.note_offer(session, delivery.person_id)


class ReminderComposer:
    """Sends a reminder to whoever has questions left. Never sent twice.

    It is promised to everybody of an anonymous wave; whether it was sent is kept nowhere.
    """

    kind = REMINDER
    repeatable = False
    forgotten = True

    def __init__(self, texts: Texts, desk: SurveyDesk) -> None:
        """Write with these texts about the questionnaires of this desk."""
        self._desk = desk
        self._texts = texts

    def compose(
        self, session: Session, delivery: Delivery, to: Recipient, now: datetime
    ) -> list[Call] | None:
        """Return a short message with a button that brings the card, or None when all is done."""
        found = _run_of(session, self._desk, delivery, now=now)
        if found is None or found[0].is_asked_through:
            return None
        run, paper = found
        text = self._texts.render(
            "surveys/reminder.html",
            to.language,
            unit=run.unit,
            title=paper.content.say(paper.content.title, to.language),
            about=run.about,
            about_on=run.about_on,
            left=len(run.form) - run.position,
            closes_on=local_day(run.expires_at, run.zone),
            is_last=delivery.key.startswith(f"{REMINDER}{len(paper.content.reminders)}:"),
        )
        go_on = self._texts.label(to.language, "Go on")
        rows = [[Button(go_on, f"{SHOW}:{written(run.invitee_id)}")]]
        return [message_call(to.telegram_id, text, to.keyboard(rows))]

    def sent(self, session: Session, delivery: Delivery, results: list[Any]) -> None:
        """Keep nothing."""


def _run_of(
    session: Session, desk: SurveyDesk, delivery: Delivery, *, now: datetime
) -> tuple[Standing, Paper] | None:
    run = answers.standing(session, int(delivery.subject), person_id=delivery.person_id, now=now)
    if run is None:
        return None
    return run, desk.library.paper(session, run.version_id, run.fingerprint)
