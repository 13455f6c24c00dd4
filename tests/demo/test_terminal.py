"""The chat in a terminal: lines in, lines out."""

import asyncio
import io
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup

import bot.demo.page_routes
from bot.core.i18n import LANGUAGES
from bot.demo.chat import OfflineChat
from bot.demo.model import CallbackAnswer
from bot.demo.offline_request import OfflineRequest
from bot.demo.terminal import StandardOutput, Terminal, standard_input

ALICE, CHEN = 1001, 1003
CARD = InlineKeyboardMarkup(
    [
        [InlineKeyboardButton(str(n), callback_data=f"n{n}") for n in (1, 2, 3)],
        [
            InlineKeyboardButton("Skip", callback_data="skip"),
            InlineKeyboardButton("Site", url="https://e.org"),
        ],
    ]
)


class Screen:
    """Keeps what was written."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, data: bytes, /) -> None:
        self.text += data.decode()

    async def drain(self) -> None:
        """Nothing waits here."""


Play = Callable[..., Awaitable[str]]


@pytest.fixture
def play(chat: OfflineChat) -> Play:
    """Type lines into a terminal and return what it showed."""

    async def played(*lines: str, language: str = "en", with_week: bool = True) -> str:
        reader, screen = asyncio.StreamReader(), Screen()
        reader.feed_data("".join(f"{line}\n" for line in lines).encode())
        reader.feed_eof()

        async def week() -> str:
            return "Seven days later."

        terminal = Terminal(
            chat,
            reader=reader,
            writer=screen,
            on_week=week if with_week else None,
            language=language,
            zone="Asia/Shanghai",
        )
        await terminal.run()
        return screen.text

    return played


async def send_card(chat: OfflineChat, user_id: int = ALICE) -> int:
    async with Bot(chat.token, request=OfflineRequest(chat)) as bot:
        sent = await bot.send_message(
            user_id,
            '<b>How was it?</b> <a href="https://e.org/why">Why?</a>',
            parse_mode="HTML",
            reply_markup=CARD,
        )
    return sent.message_id


async def test_a_person_is_chosen_by_number_and_the_chat_is_shown(
    chat: OfflineChat, play: Play
) -> None:
    number = await send_card(chat)

    text = await play("1", "quit")

    assert "  3  陈晨 · Manager" in text
    assert f"Gapbot · 02.11. 17:00 · #{number}" in text  # nine in UTC is five in Shanghai
    assert "  How was it? Why?\n  Why?: https://e.org/why" in text
    assert "    [1] 1   [2] 2   [3] 3\n    [4] Skip   [5] Site" in text
    assert text.endswith("Goodbye.\n")


async def test_a_number_presses_and_text_is_sent(chat: OfflineChat, play: Play) -> None:
    await send_card(chat)

    await play("1", "4", "It was fine.", "3")

    assert [press.data for press in chat.presses.values()] == ["skip", "n3"]
    assert chat.timeline(ALICE)[-1].body.text == "It was fine."


async def test_an_older_card_is_reached_by_its_number(chat: OfflineChat, play: Play) -> None:
    older = await send_card(chat)
    await send_card(chat)

    await play("1", f"#{older} 2")

    assert [(press.message_id, press.data) for press in chat.presses.values()] == [(older, "n2")]


async def test_a_number_without_any_buttons_is_a_message(chat: OfflineChat, play: Play) -> None:
    await play("1", "42")

    assert chat.timeline(ALICE)[-1].body.text == "42"


async def test_wrong_numbers_and_links_are_explained(chat: OfflineChat, play: Play) -> None:
    await send_card(chat)

    text = await play("9", "1", "7", "5")

    assert text.count("Who do you want to be?") == 2
    assert "! There is no button 7." in text
    assert "→ https://e.org" in text
    assert chat.presses == {}


async def test_news_of_others_are_one_line(chat: OfflineChat) -> None:
    reader, screen = asyncio.StreamReader(), Screen()
    terminal = asyncio.create_task(Terminal(chat, reader=reader, writer=screen).run())
    reader.feed_data(b"1\nhello\n")
    await chat.until(lambda: len(chat.timeline(ALICE)) == 2)

    number = await send_card(chat, CHEN)
    chat.answer(chat.press(CHEN, number, "n1"), CallbackAnswer("not for Alice"))
    reader.feed_eof()
    await terminal

    assert "• 陈晨: new\n" in screen.text
    assert "not for Alice" not in screen.text


async def test_an_answer_to_a_press_is_shown(chat: OfflineChat) -> None:
    number = await send_card(chat)
    reader, screen = asyncio.StreamReader(), Screen()
    terminal = asyncio.create_task(Terminal(chat, reader=reader, writer=screen).run())
    reader.feed_data(b"1\n3\n")
    await chat.until(lambda: len(chat.presses) == 1)

    (press,) = chat.presses.values()
    chat.answer(press, CallbackAnswer("Saved."))
    reader.feed_eof()
    await terminal

    assert (press.message_id, press.data) == (number, "n3")
    assert "» Saved." in screen.text


async def test_a_blocking_person_is_told_why_nothing_happens(chat: OfflineChat, play: Play) -> None:
    chat.block(ALICE)

    assert "! a person who blocked the bot cannot write to it" in await play("1", "hello")


async def test_a_week_passes_or_is_not_offered(play: Play) -> None:
    assert "A week is passing…\nSeven days later." in await play("week")
    assert "No week can pass here." in await play("week", with_week=False)


async def test_the_terminal_speaks_the_language_that_was_chosen(play: Play) -> None:
    assert "¿Quién quiere ser?" in await play("/who", language="es")


def test_every_language_has_every_word() -> None:
    page = Path(bot.demo.page_routes.__file__).parent / "page"
    words = json.loads((page / "words.json").read_text(encoding="utf-8"))

    assert set(words) == set(LANGUAGES)
    for texts in words.values():
        assert set(texts) == set(words["en"])
        assert all(text.strip() for text in texts.values())


async def test_only_the_personas_can_be_played(chat: OfflineChat) -> None:
    reader, screen = asyncio.StreamReader(), Screen()
    personas = [chat.people[CHEN].persona]
    terminal = Terminal(chat, reader=reader, writer=screen, personas=personas)
    reader.feed_data(b"2\n1\n")
    reader.feed_eof()

    await terminal.run()

    assert "Alice" not in screen.text
    assert "── 陈晨 · Manager" in screen.text


async def test_the_programs_own_streams_can_be_used(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], chat: OfflineChat
) -> None:
    typed = io.TextIOWrapper(io.BytesIO(b"1\nhello\nquit\n"))
    monkeypatch.setattr("sys.stdin", typed)

    await Terminal(chat, reader=standard_input(), writer=StandardOutput()).run()

    assert chat.timeline(ALICE)[-1].body.text == "hello"
    assert capsys.readouterr().out.endswith("Goodbye.\n")
