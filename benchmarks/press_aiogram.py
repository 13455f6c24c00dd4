"""A minimal aiogram bot for ``presses.py``: a card with seven buttons, nothing stored."""

import asyncio
import sys

from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message

ROW = InlineKeyboardMarkup(
    inline_keyboard=[
        [InlineKeyboardButton(text=str(n), callback_data=f"tap:{n}") for n in range(1, 8)]
    ]
)


async def start(message: Message) -> None:
    """Send the card."""
    await message.answer("Question 0", reply_markup=ROW)


async def tap(query: CallbackQuery) -> None:
    """Acknowledge a press and show the next question."""
    await query.answer()
    assert isinstance(query.message, Message)
    number = int((query.message.text or "").split()[-1]) + 1
    await query.message.edit_text(f"Question {number}", reply_markup=ROW)


async def main(address: str) -> None:
    """Poll with tasks, which is the library's default."""
    session = AiohttpSession(api=TelegramAPIServer.from_base(address))
    dispatcher = Dispatcher()
    dispatcher.message.register(start)
    dispatcher.callback_query.register(tap)
    await dispatcher.start_polling(Bot("42:bench", session=session))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
