"""The demo's crowd: people who answer their cards by themselves, through the real chat.

They see what anybody sees, a message with buttons, and press one. What they think of a question
comes from the demo's opinions; to know which question it is they look into the run.
"""

import asyncio
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.random import Generator
from sqlmodel import Session

from bot.core.database import Database
from bot.demo.chat import OfflineChat
from bot.demo.company import PARTNER, Member
from bot.demo.company_answers import questions
from bot.demo.errors import ImpossibleAct
from bot.demo.model import Event, Message
from bot.demo.opinions import Mood, Question
from bot.surveys import tickets
from bot.surveys.card import ANSWER, FINISH, NO_RULE, number
from bot.surveys.tables import Invitee, QuestionnaireVersion, Run
from bot.surveys.versions import Library

ANSWERING = {"customer": 0.75, "staff": 0.85, "manager": 1.0, PARTNER: 0.9}
_WRITING = 0.3
_PATIENCE_SECONDS = 20.0

Form = tuple[int, list[Question]]


class Crowd:
    """Everybody who is not played. ``listen`` makes them react to what the bot sends."""

    def __init__(
        self,
        chat: OfflineChat,
        database: Database,
        library: Library,
        *,
        members: Iterable[Member],
        comments: Sequence[str],
        seed: int = 11,
    ) -> None:
        """Let these members answer; all chance comes from the seed."""
        self._chat = chat
        self._database = database
        self._library = library
        self._members = {member.telegram_id: member for member in members}
        self._comments = comments
        self._rng: Generator = np.random.default_rng(seed)
        self._moods: dict[int, Mood | None] = {}
        self._forms: dict[int, list[Question]] = {}
        self._acting: set[asyncio.Task[None]] = set()
        self.taps = 0
        self.finished = 0

    def listen(self) -> None:
        """Begin to react."""
        self._chat.listen(self._heard)

    async def settled(self) -> None:
        """Wait until nobody is about to press anything."""
        loop = asyncio.get_running_loop()
        ends = loop.time() + _PATIENCE_SECONDS
        quiet = 0
        while quiet < 3 and loop.time() < ends:
            await asyncio.sleep(0.05)
            quiet = 0 if self._acting else quiet + 1

    def _heard(self, event: Event) -> None:
        message = event.about.get("message")
        member = self._members.get(event.user_id or 0)
        if member is None or not isinstance(message, Message) or not message.from_bot:
            return
        task = asyncio.get_running_loop().create_task(self._react(member, message))
        self._acting.add(task)
        task.add_done_callback(self._acting.discard)

    async def _react(self, member: Member, message: Message) -> None:
        buttons = _buttons(message)
        answering = [data for data in buttons if data.startswith(f"{ANSWER}:")]
        finishing = [data for data in buttons if data.startswith(f"{FINISH}:")]
        try:
            if answering:
                await self._answer(member, message, answering)
            elif finishing and self._rng.random() < _WRITING:
                self._chat.say(member.telegram_id, str(self._rng.choice(self._comments)))
                self.finished += 1
            elif finishing:
                self._chat.press(member.telegram_id, message.message_id, finishing[0])
                self.finished += 1
        except ImpossibleAct:
            return  # the card has moved on meanwhile

    async def _answer(self, member: Member, message: Message, answering: list[str]) -> None:
        _, invitee, slot, *_ = answering[0].partition("~")[0].split(":")
        invitee_id = number(invitee)
        if invitee_id not in self._moods:
            answers = self._rng.random() < ANSWERING[member.role]
            self._moods[invitee_id] = self._mood(member) if answers else None
        mood = self._moods[invitee_id]
        if mood is None:
            return
        if invitee_id not in self._forms:
            self._forms[invitee_id] = await self._database.read(
                lambda session: _form(session, self._library, invitee_id)
            )
        score = mood.answer(self._forms[invitee_id][number(slot)])
        level = NO_RULE if score is None else str(score)
        wanted = f"{ANSWER}:{invitee}:{slot}:{level}~"
        pressed = next(data for data in answering if data.startswith(wanted))
        self._chat.press(member.telegram_id, message.message_id, pressed)
        self.taps += 1

    def _mood(self, member: Member) -> Mood:
        return Mood(self._rng, member.unit, is_partner=member.role == PARTNER)


def _buttons(message: Message) -> list[str]:
    return [button.get("callback_data", "") for row in message.keyboard for button in row]


def _form(session: Session, library: Library, invitee_id: int) -> list[Question]:
    person_id = session.get_one(Invitee, invitee_id).person_id
    links = [one for one in tickets.links_of(session, person_id) if one.invitee_id == invitee_id]
    (key,) = tickets.found(session, links)
    run = session.get_one(Run, key)
    version = session.get_one(QuestionnaireVersion, run.version_id)
    paper = library.paper(session, run.version_id, version.fingerprint)
    return list(questions(paper, run.form))
