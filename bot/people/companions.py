"""What other features add to the invitations that they made."""

from bot.core.dialogue import Turn
from bot.people.tables import Invitation


class Companion:
    """Stands beside the entrance; of invitations that are not its own it does nothing."""

    def asks(self, turn: Turn, invitation: Invitation) -> str:  # noqa: ARG002
        """Return what else somebody agrees to, as a paragraph; empty for any other invitation."""
        return ""

    def agreed(self, turn: Turn, invitation: Invitation) -> None:
        """Do what was agreed to; ``turn.known`` is who agreed."""

    def came_again(self, turn: Turn, invitation: Invitation) -> bool:  # noqa: ARG002
        """Greet somebody who opened a link and is all that it would make them already.

        False where there is nothing to say beyond that.
        """
        return False
