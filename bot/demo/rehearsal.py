"""``gapbot demo --once``: the whole loop without a page, each step checked as it happens.

Three people come in by links, agree, get their questionnaires and answer; the crowd answers
beside them; a week passes; the manager reads the digest and acts on it by a tap.
"""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select
from sqlmodel import Session, col

from bot.core.tables import Delivery, InboxUpdate
from bot.demo.company import PLAYED
from bot.demo.model import Message
from bot.demo.product import DemoProduct
from bot.digests.command import digest_of, plain, write_images
from bot.digests.message import Digest
from bot.improvement.tables import FixDecision
from bot.people.invitations import invite, usual_uses
from bot.people.registry import unit_named
from bot.people.tables import Person, Role
from bot.surveys import tickets
from bot.surveys.card import ANSWER, FINISH
from bot.surveys.tables import Answer, Run

ROLES = ("customer", "staff", "manager")
_PATIENCE_SECONDS = 30.0


class StepFailed(Exception):  # noqa: N818 - it says what it is
    """A step of the rehearsal did not happen; its name says which."""


class Rehearsal:
    """Plays three people through the chat; ``step`` is told each thing that happened."""

    def __init__(self, product: DemoProduct, *, step: Callable[[str], None]) -> None:
        """Play in this product, which must have started without the three people."""
        self._product = product
        self._chat = product.chat
        self._step = step

    async def play(self) -> Digest:
        """Go through everything once and return the digest.

        Raises
        ------
        StepFailed
            Naming the first step that did not happen.
        """
        await self._come_in()
        await self._answer_cards()
        await self._let_a_week_pass()
        await self._act_on_the_digest()
        await self._check_nothing_is_left()
        return await self._product.bot.database.read(self._digest)

    async def _come_in(self) -> None:
        payloads = await self._product.bot.lane.run(self._invite)
        for user_id, payload in zip(PLAYED, payloads, strict=True):
            self._chat.say(user_id, f"/start {payload}")
            welcome = await self._message(user_id, lambda one: bool(one.keyboard), "the welcome")
            self._press(user_id, welcome, lambda data: data.startswith("join:"))
        await self._until(
            lambda session: _count(session, Role, Person) == len(ROLES),
            "three people came in by their links and agreed",
        )

    async def _answer_cards(self) -> None:
        await self._product.bot.lane.run(self._product.ask_first_unit)
        for user_id in PLAYED:
            await self._fill_in(user_id)
        await self._product.settle()
        await self._until(
            lambda session: _open_runs(session, PLAYED) == 0, "their questionnaires were answered"
        )
        if not self._product.crowd.taps:
            raise StepFailed("the crowd answered its cards")
        self._step(f"the crowd answered its cards with {self._product.crowd.taps} taps")

    async def _fill_in(self, user_id: int) -> None:
        card = await self._message(user_id, _has(ANSWER), "a card with a question")
        for tap in range(12):
            answers = [data for data in _data(card) if data.startswith(f"{ANSWER}:")]
            if not answers:
                break
            before = card.body.text
            chosen = answers[3 + tap % 3]
            self._press(user_id, card, chosen.__eq__)
            await self._changed(card, before)
        before = card.body.text
        if any(data.startswith(f"{FINISH}:") for data in _data(card)):
            self._press(user_id, card, lambda data: data.startswith(f"{FINISH}:"))
            await self._changed(card, before)

    async def _let_a_week_pass(self) -> None:
        said = await self._product.let_a_week_pass()
        self._step(said)

    async def _act_on_the_digest(self) -> None:
        manager = PLAYED[2]
        await self._message(manager, lambda one: one.photo is not None, "the digest's picture")
        self._step("the manager got the digest with its picture")
        digest = await self._message(manager, _has("take"), "the digest's buttons")
        before = digest.body.text
        self._press(manager, digest, lambda data: data.startswith("gaps:"))
        await self._changed(digest, before)
        self._step("the manager looked at the five gaps")
        before = digest.body.text
        self._press(manager, digest, lambda data: data.startswith("back:"))
        await self._changed(digest, before)
        before_taking = await self._product.bot.database.read(lambda s: _count(s, FixDecision))
        self._press(manager, digest, lambda data: data.startswith("take:"))
        await self._until(
            lambda session: _count(session, FixDecision) > before_taking,
            "the manager took a fix by a tap",
        )

    async def _check_nothing_is_left(self) -> None:
        await self._product.settle()
        await self._until(_all_updates_are_done, "every update was handled and emptied")
        await self._until(_nothing_is_unsent, "every promised message was sent")

    def _invite(self, session: Session) -> list[str]:
        unit = unit_named(session, self._product.first_unit())
        expires_at = self._product.clock.now() + timedelta(days=1)
        return [
            invite(
                session,
                role=role,
                unit_id=unit.id,
                max_uses=usual_uses(role),
                expires_at=expires_at,
            )
            for role in ROLES
        ]

    def _digest(self, session: Session) -> Digest:
        product = self._product
        return digest_of(
            session,
            product.bot.settings,
            unit_named(session, product.first_unit()),
            language=product.language,
            now=product.clock.now(),
        )

    def _press(self, user_id: int, message: Message, chosen: Callable[[str], bool]) -> None:
        data = next((one for one in _data(message) if chosen(one)), None)
        if data is None:
            raise StepFailed(f"a button to press under: {message.body.text[:60]!r}")
        self._chat.press(user_id, message.message_id, data)

    async def _message(self, user_id: int, wanted: Callable[[Message], bool], what: str) -> Message:
        found: list[Message] = []

        def is_there() -> bool:
            found[:] = [one for one in self._chat.timeline(user_id) if one.from_bot and wanted(one)]
            return bool(found)

        await _wait_until(is_there, what)
        return found[-1]

    async def _changed(self, message: Message, before: str) -> None:
        await _wait_until(lambda: message.body.text != before, f"a change of: {before[:60]!r}")

    async def _until(self, is_so: Callable[[Session], bool], what: str) -> None:
        loop = asyncio.get_running_loop()
        ends = loop.time() + _PATIENCE_SECONDS
        while not await self._product.bot.database.read(is_so):
            if loop.time() > ends:
                raise StepFailed(what)
            await asyncio.sleep(0.05)
        self._step(what)


def print_digest(digest: Digest, folder: Path, *, name: str, language: str) -> None:
    """Print a digest as plain text and write its images into a folder."""
    texts = [digest.caption, *(page.text for page in digest.pages)]
    print("\n" + "\n\n".join(plain(text) for text in texts if text) + "\n")
    for path in write_images(digest, folder, name=name, language=language):
        print(f"image: {path}")


async def _wait_until(is_so: Callable[[], bool], what: str) -> None:
    loop = asyncio.get_running_loop()
    ends = loop.time() + _PATIENCE_SECONDS
    while not is_so():
        if loop.time() > ends:
            raise StepFailed(what)
        await asyncio.sleep(0.01)


def _data(message: Message) -> list[str]:
    return [button.get("callback_data", "") for row in message.keyboard for button in row]


def _has(verb: str) -> Callable[[Message], bool]:
    return lambda message: any(data.startswith(f"{verb}:") for data in _data(message))


def _count(session: Session, table: type, joined: type | None = None) -> int:
    query = select(func.count()).select_from(table)
    if joined is Person:
        query = query.join(Person, col(Person.id) == col(Role.person_id)).where(
            col(Person.telegram_id).in_(PLAYED)
        )
    return session.scalar(query) or 0


def _open_runs(session: Session, people: tuple[int, ...]) -> int:
    """Count the open runs of these people; before they answered, three."""
    numbers = session.scalars(select(col(Person.id)).where(col(Person.telegram_id).in_(people)))
    links = [one for number in numbers.all() for one in tickets.links_of(session, number or 0)]
    return len(tickets.found(session, links, col(Run.state) == "open"))


def _all_updates_are_done(session: Session) -> bool:
    query = select(func.count()).select_from(InboxUpdate).where(col(InboxUpdate.state) != "done")
    return not session.scalar(query) and bool(session.scalar(select(func.count(col(Answer.item)))))


def _nothing_is_unsent(session: Session) -> bool:
    unsent = col(Delivery.state).in_(("queued", "sending", "failed", "uncertain"))
    return not session.scalar(select(func.count()).select_from(Delivery).where(unsent))
