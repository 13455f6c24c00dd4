"""What people can say to the bot about when and how often it writes to them."""

from bot.core.dialogue import Routes
from bot.reach import breaks_chat, time_chat
from bot.reach.closed_chat import ClosedChat
from bot.reach.desk import ReachDesk
from bot.reach.settings_chat import SettingsChat


def routes(desk: ReachDesk) -> Routes:
    """Return what this feature answers to."""
    parts = (
        SettingsChat(desk).routes(),
        breaks_chat.routes(),
        time_chat.routes(),
        ClosedChat(desk).routes(),
    )
    return Routes(
        commands=tuple(one for part in parts for one in part.commands),
        presses=tuple(one for part in parts for one in part.presses),
        replies=tuple(one for part in parts for one in part.replies),
    )
