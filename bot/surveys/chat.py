"""The questionnaire in chat: taps, back, skip, stop, the open question, and coming back to it.

Everything is decided from the stored run, so a press works days and restarts later, twice, or out
of order: it answers the question that its button was made for, and shows where the run stands.
"""

from dataclasses import replace

from bot.core import outbox
from bot.core.dialogue import Button, Command, Press, Routes, Taker, Turn, edit_call
from bot.core.i18n import N_, NAMES
from bot.core.schedule import local_day
from bot.people import languages
from bot.reach import looks
from bot.surveys import answers, runs
from bot.surveys.answers import Standing
from bot.surveys.card import (
    ANSWER,
    BACK,
    FINISH,
    LOOK,
    NO_RULE,
    SHOW,
    SKIP,
    STOP,
    TONGUE,
    face,
    number,
    written,
)
from bot.surveys.desk import SurveyDesk
from bot.surveys.outcomes_chat import OutcomesChat
from bot.surveys.send_chat import SendChat
from bot.surveys.versions import Paper
from bot.surveys.waves import CARD


def routes(desk: SurveyDesk) -> Routes:
    """Return what this feature answers to."""
    card = CardChat(desk)
    sending = SendChat(desk).routes()
    reach = OutcomesChat(desk).routes()
    return Routes(
        commands=(
            Command("questions", card.show_open, menu=N_("Questions waiting for you")),
            *sending.commands,
            *reach.commands,
        ),
        presses=(
            Press(ANSWER, card.answer, light=True),
            Press(SKIP, card.skip, light=True),
            Press(BACK, card.back, light=True),
            Press(STOP, card.stop),
            Press(FINISH, card.finish),
            Press(SHOW, card.show_again),
            Press(LOOK, card.look),
            Press(TONGUE, card.tongue),
            *sending.presses,
            *reach.presses,
        ),
        texts=(card.take_comment,),
    )


def cancellers(desk: SurveyDesk) -> tuple[Taker, ...]:
    """Return what ``/cancel`` asks of this feature."""
    return (CardChat(desk).leave,)


class CardChat:
    """Handlers of the card."""

    def __init__(self, desk: SurveyDesk) -> None:
        """Show questionnaires of this desk's library."""
        self._library = desk.library
        self._after_thanks = desk.after_thanks

    def answer(self, turn: Turn) -> None:
        """Store the answer to the button's question; go on when that is the present one."""
        found = self._pressed(turn)
        if found is None:
            return
        run, paper, slot = found
        level = turn.arguments[2] if len(turn.arguments) > 2 else ""
        if not _fits(run, paper, slot, level):
            self._nothing_there(turn, run.invitee_id)
            return
        position = run.position + (slot == run.position)
        if not answers.move(turn.session, run, position):
            self._nothing_there(turn, run.invitee_id)
            return
        score = None if level == NO_RULE else int(level)
        item, vantage = run.form[slot]
        language = paper.content.shown_in(paper.asks[item, vantage].text, turn.language)
        answers.store(turn.session, run, slot, score=score, language=language, now=turn.now)
        scores = run.scores | {(item, vantage): score}
        self._go_on(turn, replace(run, position=position, scores=scores), paper)

    def skip(self, turn: Turn) -> None:
        """Leave the present question and go on; an answer that was given before stays."""
        self._step(turn, 1)

    def back(self, turn: Turn) -> None:
        """Show the question before."""
        self._step(turn, -1)

    def stop(self, turn: Turn) -> None:
        """Close the run here; what was answered stays."""
        found = self._pressed(turn)
        if found is None:
            return
        run, _, _ = found
        if not runs.close(turn.session, run, "stopped"):
            self._nothing_there(turn, run.invitee_id)
            return
        turn.edit("surveys/stopped.html", answers=len(run.scores), anonymous=run.anonymous)

    def finish(self, turn: Turn) -> None:
        """Close the run without a comment; only behind the last question."""
        found = self._pressed(turn)
        if found is None:
            return
        run, paper, _ = found
        if run.is_asked_through:
            self._thank(turn, run, paper)
        else:
            self._show(turn, run, paper)

    def take_comment(self, turn: Turn) -> bool:
        """Take a free text when a run of this person waits for its comment."""
        if turn.who is None or not turn.text:
            return False
        run = runs.waiting_for_comment(turn.session, turn.who.person_id, turn.now)
        if run is None:
            return False
        length = len(turn.text)
        if length > runs.COMMENT_LIMIT:
            turn.say("surveys/too_long.html", length=length, most=runs.COMMENT_LIMIT)
            return True
        paper = self._paper(turn, run)
        language = paper.content.spoken(turn.language)
        runs.comment(turn.session, run, turn.text, language=language)
        self._thank(turn, run, paper, commented=True)
        return True

    def show_open(self, turn: Turn) -> None:
        """Send the oldest open card again, below everything else; the old one loses its buttons."""
        if turn.who is None:
            turn.say("core/not_open.html", stranger=True)
            return
        run = runs.oldest_open(turn.session, turn.who.person_id, turn.now)
        if run is None:
            turn.say("surveys/nothing_open.html")
            return
        if not run.anonymous:  # there it would tell who was quicker than the card
            outbox.cancel(turn.session, f"{CARD}:{run.invitee_id}")
        _take_buttons(turn, run.message_id)
        runs.card_moved(turn.session, run, None)
        shown = face(run, self._paper(turn, run), language=turn.language, label=turn.label)
        turn.say(shown.template, rows=shown.rows, **shown.values)

    def show_again(self, turn: Turn) -> None:
        """Turn a reminder into the card; the card above it loses its buttons."""
        found = self._pressed(turn)
        if found is None:
            return
        run, paper, _ = found
        if run.message_id != turn.message_id:
            _take_buttons(turn, run.message_id)
        self._show(turn, run, paper)

    def look(self, turn: Turn) -> None:
        """Offer how questions may look, or show this one in the look that was chosen."""
        found = self._pressed(turn)
        if found is None:
            return
        run, paper, _ = found
        chosen = turn.arguments[2] if len(turn.arguments) > 2 else ""
        if chosen in looks.LOOKS:
            looks.choose(turn, chosen)
            self._show(turn, replace(run, look=chosen), paper)
            return
        here = written(run.invitee_id)
        ways = looks.ways(turn, run.look, action=f"{LOOK}:{here}:{written(run.position)}")
        back = [Button(turn.label("Back"), f"{SHOW}:{here}")]
        turn.edit("surveys/looks.html", rows=[*ways, back])

    def tongue(self, turn: Turn) -> None:
        """Offer the languages, or show this question in the one that was chosen."""
        found = self._pressed(turn)
        if found is None:
            return
        run, paper, _ = found
        chosen = turn.arguments[2] if len(turn.arguments) > 2 else ""
        if chosen in NAMES:
            languages.speak(turn, chosen)
            self._show(turn, run, paper)
            return
        here = written(run.invitee_id)
        verb = f"{TONGUE}:{here}:{written(run.position)}"
        back = [Button(turn.label("Back"), f"{SHOW}:{here}")]
        turn.edit("surveys/language.html", rows=[*languages.language_rows(turn, verb), back])

    def leave(self, turn: Turn) -> bool:
        """For ``/cancel``: leave what was begun; False when nothing was.

        At the open question that ends the run; before it the run waits and loses nothing.
        """
        if turn.who is None:
            return False
        run = runs.oldest_open(turn.session, turn.who.person_id, turn.now)
        if run is None or run.position == 0:
            return False
        if run.is_asked_through:
            self._thank(turn, run, self._paper(turn, run))
        else:
            turn.say("surveys/waits.html", closes_on=local_day(run.expires_at, run.zone))
        return True

    def _step(self, turn: Turn, by: int) -> None:
        """Move from the button's question; a button of another question only shows the card."""
        found = self._pressed(turn)
        if found is None:
            return
        run, paper, slot = found
        if slot == run.position:
            position = min(max(0, slot + by), len(run.form))
            if not answers.move(turn.session, run, position):
                self._nothing_there(turn, run.invitee_id)
                return
            run = replace(run, position=position)
        self._go_on(turn, run, paper)

    def _go_on(self, turn: Turn, run: Standing, paper: Paper) -> None:
        if run.is_asked_through and paper.content.open_question is None:
            self._thank(turn, run, paper)
        else:
            self._show(turn, run, paper)

    def _show(self, turn: Turn, run: Standing, paper: Paper) -> None:
        if turn.message_id is not None and turn.message_id != run.message_id:
            runs.card_moved(turn.session, run, turn.message_id)
        shown = face(run, paper, language=turn.language, label=turn.label)
        turn.edit(shown.template, rows=shown.rows, **shown.values)

    def _thank(self, turn: Turn, run: Standing, paper: Paper, *, commented: bool = False) -> None:
        if not runs.close(turn.session, run, "finished"):
            self._nothing_there(turn, run.invitee_id)
            return
        if run.message_id is not None and turn.message_id != run.message_id:
            title = paper.content.say(paper.content.title, turn.language)
            text = turn.texts.render(
                "surveys/answered.html",
                turn.language,
                unit=run.unit,
                title=title,
                about=run.about,
                about_on=run.about_on,
                is_read_out=run.look == looks.READER,
            )
            turn.calls.append(edit_call(turn.chat_id, run.message_id, text))
        scores = {asked: paper.content.as_of_seven(one) for asked, one in run.scores.items()}
        made = (add(turn, scores, run.unit_id) for add in self._after_thanks)
        beside = [part for part in made if part is not None]
        turn.edit(
            "surveys/thanks.html",
            rows=[row for part in beside for row in part.rows],
            beside=[part.text for part in beside],
            answers=len(run.scores),
            commented=commented,
            anonymous=run.anonymous,
            unit=run.unit,
        )

    def _pressed(self, turn: Turn) -> tuple[Standing, Paper, int] | None:
        """Find the run of a button and the question it was made for; else answer politely."""
        if turn.who is None:
            turn.toast("Please send /start first.", alert=True)
            return None
        try:
            invitee_id, slot, *_ = [number(text) for text in (*turn.arguments[:2], "0")]
        except ValueError:
            turn.toast("This button is no longer in use.")
            return None
        person_id = turn.who.person_id
        run = answers.standing(turn.session, invitee_id, person_id=person_id, now=turn.now)
        if run is None:
            self._nothing_there(turn, invitee_id)
            return None
        return run, self._paper(turn, run), slot

    def _nothing_there(self, turn: Turn, invitee_id: int) -> None:
        """Answer a press on a card whose run is closed. What the message says is kept, as it may
        be the thanks; only when the time is over it is replaced."""
        turn.toast("This questionnaire is closed. Thank you!")
        person_id = turn.known.person_id
        if runs.is_over(turn.session, invitee_id, person_id=person_id, now=turn.now):
            turn.edit("surveys/closed.html")
        else:
            _take_buttons(turn, turn.message_id)

    def _paper(self, turn: Turn, run: Standing) -> Paper:
        return self._library.paper(turn.session, run.version_id, run.fingerprint)


_LEVELS = ("1", "2", "3", "4", "5", "6", "7")


def _fits(run: Standing, paper: Paper, slot: int, level: str) -> bool:
    if not 0 <= slot < len(run.form):
        return False
    item, vantage = run.form[slot]
    if level == NO_RULE:
        return paper.asks[item, vantage].no_rule is not None
    return level in _LEVELS[: paper.content.points]


def _take_buttons(turn: Turn, message_id: int | None) -> None:
    if message_id is not None:
        turn.call("editMessageReplyMarkup", chat_id=turn.chat_id, message_id=message_id)
