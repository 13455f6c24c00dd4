"""From finding to fix, played by customer, staff and manager in a strict chat over loopback HTTP.

One company, one bot, four stories: a low rating becomes a case; an anonymous report is asked back
and resolved; a fix is taken, done, and its effect looked at; an idea is voted for and acted on.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlmodel import Session

from bot.core.clock import Clock
from bot.core.migrations import upgrade
from bot.demo.chat import OfflineChat
from bot.demo.company import PLAYED, Company, crowd, played
from bot.demo.company_answers import seed_company, write_answers
from bot.demo.model import Message, Person, Persona
from bot.demo.server import ChatServer
from bot.people.registry import unit_named
from bot.settings import Settings
from bot.surveys.waves import plan_for, write_wave
from bot.wiring import Gapbot

TOKEN = "700000008:played-through-token-of-thirty-chars"
WEDNESDAY = datetime(2026, 3, 11, 10, 0, tzinfo=UTC)
CLARA, SAM, MAYA = PLAYED
WEEKS = 10
PATIENCE_SECONDS = 60.0


@dataclass
class Play:
    """A company at work, and the three people who are played."""

    chat: OfflineChat
    bot: Gapbot
    clock: Clock
    company: Company

    async def says(self, user_id: int, text: str) -> Message:
        """Write to the bot; return its answer."""
        said = self.chat.say(user_id, text)
        return await self.finds(user_id, lambda one: one.message_id > said.message_id)

    async def presses(self, user_id: int, message: Message, label: str) -> Message:
        """Press the first button with these words; return the newest message that came of it."""
        buttons = [one for row in message.keyboard for one in row]
        data = [one["callback_data"] for one in buttons if label in one["text"]]
        assert data, (label, message.body.text, [one["text"] for one in buttons])
        before, newest = _face(message), self._newest(user_id)
        press = self.chat.press(user_id, message.message_id, data[0])
        await self.until(lambda: press.answer is not None)
        await self.until(lambda: _face(message) != before or self._newest(user_id) > newest)
        return message if self._newest(user_id) == newest else self.chat.timeline(user_id)[-1]

    async def finds(self, user_id: int, wanted: Callable[[Message], bool]) -> Message:
        """Wait for a message of the bot."""
        found: list[Message] = []

        def is_there() -> bool:
            found[:] = [one for one in self.chat.timeline(user_id) if one.from_bot and wanted(one)]
            return bool(found)

        await self.until(is_there)
        return found[-1]

    async def reads(self, user_id: int, words: str) -> Message:
        """Wait for a message with these words."""
        return await self.finds(user_id, lambda one: words in one.body.text)

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Wait until something is so, looking after each event."""
        try:
            await self.chat.until(is_so, seconds=PATIENCE_SECONDS)
        except TimeoutError:
            last = {one: self.chat.timeline(one)[-1].body.text for one in PLAYED}
            pytest.fail(f"nothing of what was waited for came; last was said: {last}")

    def _newest(self, user_id: int) -> int:
        return self.chat.timeline(user_id)[-1].message_id


@pytest.fixture
async def play(tmp_path: Path) -> AsyncIterator[Play]:
    """The demo's company without its story; its crowd has chats and does nothing."""
    clock = Clock()
    clock.advance(WEDNESDAY - clock.now())
    chat = OfflineChat(token=TOKEN, bot_username="played_bot", now=clock.now)
    server = ChatServer(chat, personas=played("en"))
    bot = Gapbot(
        Settings(
            token=SecretStr(TOKEN),
            telegram_api=await server.start(),
            data=tmp_path,
            database_url=f"sqlite:///{tmp_path / 'gapbot.sqlite'}",
            messages_per_second=500,
        ),
        clock=clock,
    )
    upgrade(bot.database)
    company = bot.database.run(
        lambda session: seed_company(
            session, bot.parts.surveys, language="en", now=clock.now(), weeks=WEEKS
        )
    )
    for one in crowd():
        chat.people[one.telegram_id] = Person(Persona(one.telegram_id, one.name), started=True)
        chat.messages[one.telegram_id] = {}
    stop = asyncio.Event()
    running = asyncio.create_task(bot.run(stop))
    await bot.started.wait()
    house = Play(chat, bot, clock, company)
    for user_id in PLAYED:
        await house.says(user_id, "/start")
    yield house
    stop.set()
    await asyncio.wait([running], timeout=10)
    await server.stop()


async def test_what_is_heard_becomes_what_is_done(play: Play) -> None:
    await a_low_rating_becomes_a_case_that_is_settled(play)
    await an_anonymous_report_is_asked_back_and_resolved(play)
    await an_idea_is_voted_for_and_acted_on(play)
    await a_fix_is_taken_done_and_looked_at(play)
    refused = [f"{one.method}: {one.error}" for one in play.chat.calls if one.error]
    assert refused == []


async def a_low_rating_becomes_a_case_that_is_settled(play: Play) -> None:
    await play.bot.lane.run(lambda session: _ask_customers(session, play))
    card = await play.finds(CLARA, lambda one: _has(one, "7"))
    while _has(card, "7"):
        await play.presses(CLARA, card, "2")
    await play.presses(CLARA, card, "Finish")
    await play.presses(CLARA, card, "Yes, contact me")

    told = await play.reads(MAYA, "wishes to be contacted")
    case = await play.presses(MAYA, told, "I take it")
    await play.presses(MAYA, case, "Write to the customer")
    await play.says(MAYA, "I am sorry. What went wrong?")
    asked = await play.reads(CLARA, "What went wrong?")
    await play.presses(CLARA, asked, "Write")
    await play.says(CLARA, "Nobody told me how long it takes.")
    answered = await play.reads(MAYA, "Nobody told me how long it takes.")
    case = await play.presses(MAYA, answered, "Open it")
    await play.presses(MAYA, case, "Close")
    await play.presses(MAYA, case, "We apologised")

    closed = await play.reads(CLARA, "We apologised")
    case = await play.presses(CLARA, closed, "Show the case")
    await play.presses(CLARA, case, "It is settled")
    assert "It is settled" not in _labels(case)


async def an_anonymous_report_is_asked_back_and_resolved(play: Play) -> None:
    receipt = await play.says(SAM, "/report The card machine stops at noon.")
    await play.presses(SAM, receipt, "Anonymously")
    await play.presses(SAM, receipt, "Costs us customers")
    assert "Keep this message" in receipt.body.text

    reports = await play.says(MAYA, "/issues")
    report = await play.presses(MAYA, reports, "Something else")
    assert "Sam" not in report.body.text
    await play.presses(MAYA, report, "Ask back")
    await play.says(MAYA, "At which till?")
    await play.presses(SAM, receipt, "News?")
    assert "At which till?" in receipt.body.text
    await play.presses(SAM, receipt, "Write to the manager")
    await play.says(SAM, "At the second one.")

    reports = await play.says(MAYA, "/issues")
    report = await play.presses(MAYA, reports, "Something else")
    assert "At the second one." in report.body.text
    assert "Sam" not in report.body.text
    await play.presses(MAYA, report, "Resolved")
    await play.says(MAYA, "It has a line of its own now.")
    await play.presses(SAM, receipt, "News?")
    assert "It has a line of its own now." in receipt.body.text


async def an_idea_is_voted_for_and_acted_on(play: Play) -> None:
    other = next(one.telegram_id for one in crowd() if (one.unit, one.role) == (0, "customer"))
    offer = await play.says(CLARA, "/idea A bench at the door.")
    await play.presses(CLARA, offer, "Send with my name")

    ideas = await play.says(MAYA, "/ideas")
    idea = await play.presses(MAYA, ideas, "1")
    await play.presses(MAYA, idea, "Publish")
    list_of_open = await play.says(other, "/ideas")
    card = await play.presses(other, list_of_open, "1")
    await play.presses(other, card, "want this too")
    assert "1 vote" in card.body.text
    await play.presses(MAYA, idea, "Make an action")

    actions = await play.says(MAYA, "/actions")
    assert "A bench at the door." in actions.body.text
    mine = await play.says(CLARA, "/ideas")
    planned = await play.presses(CLARA, mine, "Planned")
    assert "A bench at the door." in planned.body.text


async def a_fix_is_taken_done_and_looked_at(play: Play) -> None:
    await play.bot.desk.bring_up_to_date()
    fixes = await play.says(MAYA, "/fixes")
    fix = await play.presses(MAYA, fixes, "1")
    taken = await play.presses(MAYA, fix, "Take it")
    await play.presses(MAYA, taken, "Due day")
    await play.presses(MAYA, taken, "Two weeks")
    assert "March 25, 2026" in taken.body.text
    play.clock.advance(timedelta(days=12))
    await play.presses(MAYA, taken, "Done")
    play.clock.advance(timedelta(weeks=7))
    await play.bot.lane.run(
        lambda session: write_answers(
            session, play.bot.parts.surveys, play.company, now=play.clock.now(), weeks=8, seed=8
        )
    )
    await play.bot.tick()

    verdict = await play.reads(MAYA, "Did it work?")
    said = verdict.body.text.splitlines()[4]
    card = await play.presses(MAYA, verdict, "Open it")
    assert said in card.body.text  # the card of the action says what was found, in the same words
    assert "Mend the three worst tool failures" in card.body.text


def _ask_customers(session: Session, play: Play) -> None:
    desk, now = play.bot.parts.surveys, play.clock.now()
    unit = unit_named(session, "Riverside")
    paper = desk.library.keep(session, desk.library.read("customers"))
    plan = plan_for(session, desk, paper=paper, unit=unit, now=now, at_once=True)
    write_wave(session, plan, paper=paper, unit=unit, now=now)


def _has(message: Message, label: str) -> bool:
    return any(one["text"] == label for row in message.keyboard for one in row)


def _labels(message: Message) -> list[str]:
    return [one["text"] for row in message.keyboard for one in row]


def _face(message: Message) -> tuple[str, list[str]]:
    return message.body.text, _labels(message)
