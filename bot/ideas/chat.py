"""What people do with ideas in chat: send one, read and vote, steer, vote beside the thanks."""

from bot.core.dialogue import Routes
from bot.ideas import list_chat, send_chat, thanks
from bot.ideas.desk import IdeaDesk
from bot.ideas.steering_chat import SteeringHandlers


def routes(desk: IdeaDesk | None = None) -> Routes:
    """Return what ideas answer to; without a desk, by the usual rules."""
    steering = SteeringHandlers(desk or IdeaDesk())
    parts = (send_chat.routes(), list_chat.routes(), steering.routes(), thanks.routes())
    return Routes(
        commands=tuple(one for part in parts for one in part.commands),
        presses=tuple(one for part in parts for one in part.presses),
        replies=tuple(one for part in parts for one in part.replies),
    )
