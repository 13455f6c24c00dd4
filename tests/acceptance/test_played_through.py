"""From finding to fix, played by customer, staff and manager in a strict chat over loopback HTTP.

One company, one bot, four stories: a low rating becomes a case; an anonymous report is asked back
and resolved; a fix is taken, done, and its effect looked at; an idea is voted for and acted on.
"""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import Session

from bot.demo.company import PLAYED, crowd
from bot.demo.company_answers import write_answers
from bot.demo.model import Message
from bot.people.registry import unit_named
from bot.surveys.waves import plan_for, write_wave
from tests.acceptance.playing import Play, labels, playing

CLARA, SAM, MAYA = PLAYED


@pytest.fixture
async def play(tmp_path: Path) -> AsyncIterator[Play]:
    """The company at work."""
    async with playing(tmp_path) as house:
        yield house


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
    assert "It is settled" not in labels(case)


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
