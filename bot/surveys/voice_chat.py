"""A voice message in answer to the open question.

Of a named run it is kept as it comes. Of an anonymous one nothing is kept before its person was
told that a voice can be recognised, and has said to send it all the same; and that is offered only
where a service writes recordings out, so that nobody has to hear it.
"""

from telegram import Message, Voice

from bot.core.dialogue import Button, Press, Routes, Turn, keyboard, message_call
from bot.surveys import runs, voices
from bot.surveys.answers import Standing
from bot.surveys.card import SPEAK, written
from bot.surveys.chat import CardChat
from bot.surveys.desk import SurveyDesk
from bot.surveys.versions import Paper


def routes(desk: SurveyDesk) -> Routes:
    """Return what this part answers to."""
    chat = VoiceChat(desk)
    return Routes(presses=(Press(SPEAK, chat.send_all_the_same),), texts=(chat.take,))


class VoiceChat(CardChat):
    """Handlers of spoken answers."""

    def __init__(self, desk: SurveyDesk) -> None:
        """Take what is said to questionnaires of this desk."""
        super().__init__(desk)
        self._is_written_out = desk.writes_voices_out

    def take(self, turn: Turn) -> bool:
        """Take a voice message when a run of this person waits for its comment."""
        message = turn.update.message
        voice = message.voice if message else None
        if turn.who is None or message is None or voice is None:
            return False
        run = runs.waiting_for_comment(turn.session, turn.who.person_id, turn.now)
        if run is None:
            return False
        if _seconds(voice) > voices.LONGEST_SECONDS:
            turn.say("surveys/voice_long.html", minutes=voices.LONGEST_SECONDS // 60)
        elif not run.anonymous:
            self._keep(turn, run, self._paper(turn, run), voice)
        elif self._is_written_out:
            _ask_whether(turn, run, message)
        else:
            turn.say("surveys/voice_write.html")
        return True

    def send_all_the_same(self, turn: Turn) -> None:
        """Keep the voice message that the button's message answers, for it was meant so."""
        found = self._pressed(turn)
        if found is None:
            return
        run, paper, _ = found
        voice = _answered(turn)
        if not run.is_asked_through:
            self._show(turn, run, paper)
        elif run.anonymous and not self._is_written_out:
            turn.edit("surveys/voice_write.html")
        elif voice is None:
            turn.edit("surveys/voice_again.html")
        else:
            self._keep(turn, run, paper, voice)

    def _keep(self, turn: Turn, run: Standing, paper: Paper, voice: Voice) -> None:
        language = paper.content.spoken(turn.language)
        voices.keep(turn.session, run, voice.file_id, seconds=_seconds(voice), language=language)
        self._thank(turn, run, paper, commented=True)


def _ask_whether(turn: Turn, run: Standing, spoken: Message) -> None:
    """Say what a voice gives away. The question answers the recording, and so leads back to it."""
    text = turn.texts.render("surveys/voice_confirm.html", turn.language)
    action = f"{SPEAK}:{written(run.invitee_id)}:{written(run.position)}"
    rows = [[Button(turn.label("Send it all the same"), action)]]
    markup = keyboard(rows, secret=turn.secret, telegram_id=turn.telegram_id)
    answering = {"message_id": spoken.message_id, "allow_sending_without_reply": True}
    call = message_call(turn.chat_id, text, markup)
    turn.calls.append(call | {"reply_parameters": answering})


def _answered(turn: Turn) -> Voice | None:
    query = turn.update.callback_query
    if query is None or not isinstance(query.message, Message):
        return None
    before = query.message.reply_to_message
    return before.voice if before else None


def _seconds(voice: Voice) -> int:
    """Return how long it is; as plain data the library always says it in seconds."""
    return int(voice.to_dict()["duration"])
