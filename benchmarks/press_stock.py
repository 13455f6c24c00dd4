"""A plain python-telegram-bot bot for ``presses.py``: a card with seven buttons, nothing stored."""

import asyncio
import sys
import warnings

from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import (  # noqa: TID251 - the bot that ours is compared with
    Application,
    CallbackQueryHandler,
    CommandHandler,
    ContextTypes,
)

ROW = InlineKeyboardMarkup(
    [[InlineKeyboardButton(str(n), callback_data=f"tap:{n}") for n in range(1, 8)]]
)


async def start(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
    """Send the card."""
    assert update.message is not None
    await update.message.reply_html("Question 0", reply_markup=ROW)


async def tap(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
    """Acknowledge a press and show the next question."""
    query = update.callback_query
    assert query is not None
    await query.answer()
    number = int(str(getattr(query.message, "text", "")).split()[-1]) + 1
    await query.edit_message_text(f"Question {number}", reply_markup=ROW)


def main(address: str, is_concurrent: bool) -> None:
    """Poll as the library does by default."""
    warnings.filterwarnings("ignore")
    asyncio.set_event_loop(asyncio.new_event_loop())
    application = (
        Application[Bot, ContextTypes.DEFAULT_TYPE, dict, dict, dict, None]  # type: ignore[type-arg]
        .builder()
        .token("42:bench")
        .base_url(f"{address}/bot")
        .concurrent_updates(is_concurrent)
        .build()
    )
    application.add_handler(CommandHandler("start", start))
    application.add_handler(CallbackQueryHandler(tap))
    application.run_polling()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2] == "concurrent")
