"""The menu of commands: those open to a person, in their language, set for their chat."""

from collections.abc import Sequence

from bot.core.dialogue import Call, Command, Identity, Turn
from bot.core.i18n import LANGUAGES, N_
from bot.core.render import Texts

_TELEGRAMS_CODE = {"zh-Hans": "zh", "pt-BR": "pt"}
"""Telegram's menus know two-letter codes; one of two that share a code goes to it."""

SECTIONS = (
    (N_("Have your say"), "questions report myreports mycases idea ideas forecast"),
    (N_("How the service stands"), "digest gaps fixes cycle actions told"),
    (N_("What people report"), "issues cases customer"),
    (N_("Rules and promises"), "standards promises"),
    (N_("Asking people"), "send reach closed"),
    (N_("People and places"), "invite poster people units audit"),
    (
        N_("About you"),
        "settings time shifts away pause resume language privacy mydata forget unlink leave stop",
    ),
    (N_("At any time"), "help cancel"),
)
"""The headings of ``/help`` with the commands below each, in their order."""


class Menu:
    """All commands of the program that have a line, in the order in which they are listed."""

    def __init__(self, commands: Sequence[Command]) -> None:
        """Take the commands of every feature."""
        self._commands = [command for command in commands if command.menu]

    def open_to(self, who: Identity | None) -> list[Command]:
        """Return the commands that somebody may use; a stranger those that need no role."""
        return [
            command
            for command in self._commands
            if not command.roles or (who is not None and who.has(*command.roles))
        ]

    def lines(self, turn: Turn) -> list[tuple[str, str]]:
        """Return the commands open to this person, each with its line in their language."""
        return [(command.name, turn.label(command.menu)) for command in self.open_to(turn.who)]

    def sections(self, turn: Turn) -> list[tuple[str, list[tuple[str, str]]]]:
        """Return the lines under their headings; a heading with nothing below it is left out."""
        lines = dict(self.lines(turn))
        under = [
            (turn.label(heading), [(name, lines[name]) for name in names.split() if name in lines])
            for heading, names in SECTIONS
        ]
        return [(heading, own) for heading, own in under if own]

    def show(self, turn: Turn) -> None:
        """Set the menu of this person's chat."""
        turn.call(
            "setMyCommands",
            commands=_plain(self.lines(turn)),
            scope={"type": "chat", "chat_id": turn.chat_id},
        )

    def public_calls(self, texts: Texts) -> list[Call]:
        """Return the calls that set the menu everybody sees before they take part."""
        calls: list[Call] = [self._public_call(texts, "en", {})]
        for language in LANGUAGES:
            code = _TELEGRAMS_CODE.get(language, language)
            if len(code) == 2:
                calls.append(self._public_call(texts, language, {"language_code": code}))
        return calls

    def _public_call(self, texts: Texts, language: str, where: dict[str, str]) -> Call:
        lines = [(one.name, texts.label(language, one.menu)) for one in self.open_to(None)]
        return {"method": "setMyCommands", "commands": _plain(lines), **where}


def _plain(lines: list[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"command": name, "description": line} for name, line in lines]
