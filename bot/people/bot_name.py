"""The bot's name at Telegram, asked for by commands that print a link."""

import asyncio

from bot.core.errors import SettingError
from bot.settings import Settings

PATIENCE_SECONDS = 5.0


def bot_username(settings: Settings) -> tuple[str, str]:
    """Return the bot's user name and nothing, or nothing and why it could not be learnt."""
    try:
        token = settings.token_text()
    except SettingError as error:
        return "", error.cause
    from telegram.error import TelegramError  # loaded where there is a token to ask with

    try:
        return asyncio.run(_ask(token, settings)), ""
    except (TelegramError, TimeoutError, OSError) as error:
        return "", f"the Telegram server did not tell it ({type(error).__name__})."


async def _ask(token: str, settings: Settings) -> str:
    from bot.core.aiohttp_request import AiohttpRequest
    from bot.core.telegram_api import Telegram

    request = AiohttpRequest(proxy=settings.proxy)
    await request.initialize()
    try:
        telegram = Telegram(token, settings.telegram_api, request=request, polling=request)
        async with asyncio.timeout(PATIENCE_SECONDS):
            me = await telegram.make({"method": "getMe"})
    finally:
        await request.shutdown()
    return str(me.get("username", ""))
