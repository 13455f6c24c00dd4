"""What the registers answer to in chat: standards, promises, and the monthly question to staff."""

from bot.core.dialogue import Routes
from bot.registers import opinions_chat
from bot.registers.adding_chat import AddingHandlers
from bot.registers.desk import RegisterDesk
from bot.registers.promises_chat import PromiseHandlers
from bot.registers.standards_chat import StandardHandlers


def routes(desk: RegisterDesk) -> Routes:
    """Return what this feature answers to."""
    adding = AddingHandlers(desk)
    parts = [
        StandardHandlers(desk).routes(),
        PromiseHandlers(desk, adding.check_command).routes(),
        adding.routes(),
        opinions_chat.routes(),
    ]
    return Routes(
        commands=tuple(one for part in parts for one in part.commands),
        presses=tuple(one for part in parts for one in part.presses),
        replies=tuple(one for part in parts for one in part.replies),
    )
