"""Ways in on loopback: a poster up to the first question, a group up to the private chat."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import segno

from bot.demo.bot_objects import user_object
from bot.demo.company import PLAYED
from bot.demo.model import Person, Persona
from bot.ways.printing import unpacked
from tests.acceptance.playing import Play, labels, playing
from tests.ways.test_poster import dark_modules

MAYA = PLAYED[2]
PASSER_BY, OTHER = 30_001, 30_002
TEAM = -1_001_234_567_890


@pytest.fixture
async def play(tmp_path: Path) -> AsyncIterator[Play]:
    """The company at work, and two people who walk past."""
    async with playing(tmp_path) as house:
        house.chat.add([Persona(PASSER_BY, "Amal", "ar"), Persona(OTHER, "Otis", "en")])
        yield house


async def test_a_poster_leads_from_the_managers_chat_to_the_first_question(play: Play) -> None:
    codes = await play.says(MAYA, "/poster")
    wanted = await play.presses(MAYA, codes, "+ Counter")
    assert "called" in wanted.body.text
    way = await play.says(MAYA, "Till 2")
    (address,) = re.findall(r"https://t\.me/\S+", way.body.text)
    await play.presses(MAYA, way, "A6")
    await play.bot.tick()
    poster = await play.finds(MAYA, lambda one: one.document is not None)

    assert poster.document is not None
    read = dark_modules(unpacked(poster.document.content))
    code = segno.make(address, error="m", micro=False)
    assert read == [[bool(one) for one in row] for row in code.matrix]

    payload = address.rpartition("=")[2]
    welcome = await play.says(PASSER_BY, f"/start {payload}")
    assert any("\u0600" <= letter <= "\u06ff" for letter in welcome.body.text)
    await play.presses(PASSER_BY, welcome, labels(welcome)[0])
    later = await play.finds(PASSER_BY, lambda one: len(labels(one)) == 1)
    card = await play.presses(PASSER_BY, later, labels(later)[0])
    assert "7" in labels(card)
    codes = await play.says(MAYA, "/poster")
    assert "1" in codes.body.text

    await a_closed_code_lets_nobody_in(play, payload)


async def a_closed_code_lets_nobody_in(play: Play, payload: str) -> None:
    codes = await play.says(MAYA, "/poster")
    way = await play.presses(MAYA, codes, "Till 2")
    sure = await play.presses(MAYA, way, "Close this code")
    await play.presses(MAYA, sure, "Yes, close it")

    refused = await play.says(OTHER, f"/start {payload}")

    assert "I agree" not in labels(refused)
    assert [one for one in play.chat.calls if one.error] == []


async def test_a_group_leads_its_members_into_chats_of_their_own(play: Play) -> None:
    """Maya adds the bot to her team's group, says whose team it is; Otis presses the button."""
    await a_group_has_the_bot_added(play, TEAM, by=MAYA)
    asked = await play.finds(MAYA, lambda one: "Riverside" in labels(one))
    assert play.chat.timeline(TEAM) == []

    await play.presses(MAYA, asked, "Riverside")
    offer = await play.finds(TEAM, lambda one: bool(one.keyboard))
    ((button,),) = offer.keyboard
    welcome = await play.says(OTHER, f"/start {button['url'].rpartition('=')[2]}")
    assert "staff of" in welcome.body.text
    await play.presses(OTHER, welcome, "I agree")
    await play.says(OTHER, "/report The door sticks.")

    await play.finds(OTHER, lambda one: "Anonymously" in labels(one))
    assert len(play.chat.timeline(TEAM)) == 1
    assert [one for one in play.chat.calls if one.error] == []


async def test_a_group_that_a_stranger_made_gets_a_link_that_gives_nothing(play: Play) -> None:
    await a_group_has_the_bot_added(play, TEAM, by=OTHER)

    offer = await play.finds(TEAM, lambda one: bool(one.keyboard))
    ((button,),) = offer.keyboard

    assert button["url"] == "https://t.me/played_bot"
    said = await play.says(PASSER_BY, "/start")
    assert "I agree" not in labels(said)


async def a_group_has_the_bot_added(play: Play, group_id: int, *, by: int) -> None:
    """What Telegram tells of it; the group is one more chat that the bot may write to."""
    title = "Riverside team"
    play.chat.people[group_id] = Person(Persona(group_id, title), started=True)
    play.chat.messages[group_id] = {}
    member = {"user": play.chat.bot, "status": "member"}
    play.chat.updates.add(
        "my_chat_member",
        {
            "chat": {"id": group_id, "type": "supergroup", "title": title},
            "from": user_object(play.chat.people[by].persona),
            "date": int(play.clock.now().timestamp()),
            "old_chat_member": member | {"status": "left"},
            "new_chat_member": member,
        },
    )
