"""From an empty database to a digest, through the real program over loopback HTTP."""

import asyncio
import signal

from sqlalchemy import func, select
from sqlmodel import Session, col

from bot.core.database import Database
from bot.core.tables import InboxUpdate
from bot.demo.model import Message
from bot.surveys.tables import Answer, Run
from tests.acceptance.conftest import Operator

CUSTOMERS = range(101, 113)
MANAGER, OWNER = 201, 301


def _is_card(message: Message) -> bool:
    return any(button["text"] == "7" for row in message.keyboard for button in row)


async def _set_up(operator: Operator) -> None:
    made = await operator.gapbot(
        "init", "--organisation", "Northwind", "--unit", "Riverside", "--unit", "Old Town"
    )
    assert made.code == 0, made.err
    assert f"https://t.me/acceptance_bot?start={made.payload()}" in made.out
    operator.person(OWNER, "Olga")
    for user_id in CUSTOMERS:
        operator.person(user_id, f"Customer {user_id}", "es" if user_id % 2 else "en")
    operator.person(MANAGER, "Maya")


async def _fill_in(operator: Operator, user_id: int) -> int:
    """Answer a card to its end as a person would; return the number of taps."""
    card = await operator.message(user_id, _is_card)
    taps = 0
    while _is_card(card):
        before = card.body.text
        operator.press(user_id, card, str(3 + (user_id + taps) % 5))
        taps += 1
        await operator.until(lambda: card.body.text != before)  # noqa: B023 - used at once
    return taps


async def test_people_come_in_answer_and_the_manager_gets_a_digest(operator: Operator):
    await _set_up(operator)
    customers = await operator.process("invite", "--role", "customer", "--unit", "riverside")
    manager = await operator.process("invite", "--role", "manager", "--unit", "Riverside")
    bot = await operator.run_bot()

    await asyncio.gather(*(operator.join(one, customers.payload()) for one in CUSTOMERS))
    await operator.join(MANAGER, manager.payload())
    sent = await operator.process("send", "customers", "--unit", "Riverside", "--now")
    taps = await asyncio.gather(*(_fill_in(operator, one) for one in CUSTOMERS))
    recomputed = await operator.process("recompute")
    promised = await operator.process("digest", "--unit", "Riverside")
    finished = (sent, recomputed, promised)
    assert [one.code for one in finished] == [0, 0, 0], [one.err for one in finished]
    digest = await operator.message(MANAGER, lambda one: "came back" in one.body.text)

    assert "12" in sent.out
    assert set(taps) <= {4, 5}
    assert "\u206812\u2069 of \u206812\u2069 customer questionnaires" in digest.body.text
    database = Database(operator.environment["GAPBOT_DATABASE_URL"])
    assert database.run(_answers) == sum(taps)
    database.close()
    assert await operator.end(bot, signal.SIGTERM) == 0


async def test_nothing_is_lost_when_the_bot_is_killed_in_mid_traffic(operator: Operator):
    await _set_up(operator)
    customers = await operator.gapbot("invite", "--role", "customer", "--unit", "Riverside")
    bot = await operator.run_bot()
    await asyncio.gather(*(operator.join(one, customers.payload()) for one in CUSTOMERS))
    await operator.gapbot("send", "customers", "--unit", "Riverside", "--now")
    filling = [asyncio.ensure_future(_fill_in(operator, one)) for one in CUSTOMERS]

    for _ in range(3):
        await asyncio.sleep(0.15)
        await operator.end(bot, signal.SIGKILL)
        bot = await operator.run_bot()
    taps = await asyncio.gather(*filling)

    database = Database(operator.environment["GAPBOT_DATABASE_URL"])
    await operator.until(lambda: database.run(_unhandled) == 0)
    assert database.run(_answers) == sum(taps)
    database.close()
    assert await operator.end(bot, signal.SIGTERM) == 0


async def test_anonymous_answers_lead_to_nobody_once_a_questionnaire_is_closed(operator: Operator):
    await _set_up(operator)
    customers = await operator.gapbot("invite", "--role", "customer", "--unit", "Riverside")
    bot = await operator.run_bot()
    someone = CUSTOMERS[0]
    await operator.join(someone, customers.payload())
    await operator.gapbot("send", "customers", "--unit", "Riverside", "--now")
    await _fill_in(operator, someone)
    card = await operator.message(someone, lambda one: bool(one.keyboard))
    operator.chat.say(someone, "A second till at noon would help.")
    await operator.until(lambda: "till" not in card.body.text and not card.keyboard)

    database = Database(operator.environment["GAPBOT_DATABASE_URL"])
    links = database.run(
        lambda session: session.execute(
            select(col(Run.state), col(Run.invitee_id), col(Run.ticket))
        ).all()
    )
    database.close()
    await operator.end(bot, signal.SIGTERM)

    assert links == [("finished", None, None)]


def _answers(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Answer)) or 0


def _unhandled(session: Session) -> int:
    query = select(func.count()).select_from(InboxUpdate).where(col(InboxUpdate.state) != "done")
    return session.scalar(query) or 0
