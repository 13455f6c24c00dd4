"""What people can say to the bot about themselves: come in, help, language, cancel, stop, invite.

``routes`` takes what the other features answer to, since the menu and ``/help`` list it all.
"""

from collections.abc import Callable, Sequence

from sqlalchemy import update
from sqlmodel import col

from bot.core.dialogue import Command, Press, Routes, Turn
from bot.core.i18n import N_
from bot.people import consent, links_chat
from bot.people.companions import Companion
from bot.people.entrance import (
    Canceller,
    Entrance,
    Promise,
    greet_stranger,
    leave_all,
)
from bot.people.inviting import Inviting, More
from bot.people.languages import ask_language, change_language
from bot.people.menu import Menu
from bot.people.rights import who_may
from bot.people.tables import Person

_MAY_INVITE = who_may("invite")


def _nothing_promised(turn: Turn, role: str) -> str:  # noqa: ARG001
    return ""


def routes(
    *,
    others: Sequence[Routes] = (),
    cancellers: Sequence[Canceller] = (),
    newcomers: Sequence[Callable[[Turn], None]] = (),
    promise: Promise = _nothing_promised,
    username: Callable[[], str],
    invitation_days: int = 30,
    companions: Sequence[Companion] = (),
    more_invitations: Sequence[More] = (),
) -> Routes:
    """Return what this feature answers to.

    ``others`` are the routes of the other features; ``cancellers`` put aside what a person is in
    the middle of; ``newcomers`` may ask whoever came in one thing more; ``promise`` says how often
    somebody is asked at most; ``username`` gives the bot's name at Telegram, or nothing while it is
    unknown; ``companions`` add to the consent of the invitations they made, ``more_invitations``
    to what ``/invite`` offers.
    """
    inviting = Inviting(username=username, days=invitation_days, more=more_invitations)

    def helping(turn: Turn) -> None:
        help_people(turn, menu, promise)

    own = (
        Command("invite", inviting.ask_role, roles=_MAY_INVITE, menu=N_("Invite somebody")),
        Command(
            "help", lambda turn: help_people(turn, menu, promise), menu=N_("What you can do here")
        ),
        Command("language", ask_language, menu=N_("Choose your language")),
        Command("cancel", lambda turn: cancel(turn, cancellers), menu=N_("Leave what is open")),
        Command("stop", stop, menu=N_("Get no more messages")),
    )
    menu = menu_of(others, own)
    entrance = Entrance(
        menu, cancellers, promise=promise, newcomers=newcomers, companions=companions
    )
    return Routes(
        commands=(Command("start", entrance.start), *own),
        presses=(
            Press("join", entrance.accept),
            Press("nojoin", entrance.decline),
            Press("reread", entrance.reread),
            Press("again", entrance.return_again),
            Press(consent.AGREE, consent.agree),
            Press("lang", lambda turn: change_language(turn, menu)),
            Press("inv", inviting.chosen, roles=_MAY_INVITE),
            Press("invp", inviting.turn_page, roles=_MAY_INVITE),
            *links_chat.routes().presses,
        ),
    )


def menu_of(others: Sequence[Routes], own: Sequence[Command]) -> Menu:
    """Return the menu: what the features offer first, then what concerns oneself."""
    return Menu([*(command for part in others for command in part.commands), *own])


def help_people(turn: Turn, menu: Menu, promise: Promise) -> None:
    """``/help``: the commands open to this person, one line each, under headings."""
    if turn.who is None:
        greet_stranger(turn)
    else:
        turn.say("people/help.html", sections=menu.sections(turn), promise=promise(turn, ""))


def cancel(turn: Turn, cancellers: Sequence[Canceller]) -> None:
    """``/cancel``: put aside whatever is under way; say so where the feature did not itself."""
    if turn.who is None:
        greet_stranger(turn)
        return
    left = leave_all(turn, cancellers)
    if not turn.calls:
        turn.say("people/cancelled.html", left=left)


def stop(turn: Turn) -> None:
    """``/stop``: no more messages unasked, from now on. Roles stay, so that one can come back."""
    if turn.who is None:
        greet_stranger(turn)
        return
    turn.session.execute(
        update(Person).where(col(Person.id) == turn.who.person_id).values(state="stopped")
    )
    turn.say("people/stopped.html")
