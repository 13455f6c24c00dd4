"""Groups: the bot offers to go on in private, in one message, and says nothing else there.

added to a group ─┬─ by somebody in charge ─> asked in private whose team it is
                  │      ├─ a unit ─> one message in the group: a link that lets staff of it in
                  │      └─ no ─────> one message in the group: a plain link
                  └─ by anybody else ─> one message in the group: a plain link
/start in a group ─> the plain link again

Nothing is stored of a group or its members; the buttons carry the group's number.
"""

from datetime import timedelta
from functools import partial

from sqlmodel import col, select
from telegram import ChatMember

from bot.core import audit
from bot.core.dialogue import MANAGER, STAFF, Button, Press, Routes, Turn
from bot.core.i18n import N_
from bot.people.invitations import invite, link
from bot.people.places import number_at, own_units, stale
from bot.people.registry import find_organisation
from bot.people.rights import who_may
from bot.people.tables import OPEN, UNIT, Invitation, Unit
from bot.ways.desk import WayDesk

TEAM, PLAIN = "wyg", "wygn"
MOST_UNITS = 12
USES = 50
"""How many people of a team may come in by the link in their group."""

DAYS = timedelta(days=7)
_SAME_TAP = timedelta(seconds=3)
_GONE = frozenset({ChatMember.LEFT, ChatMember.BANNED})
_GO_ON = N_("Go on in private")


def routes(desk: WayDesk) -> Routes:
    """Return what happens in groups, and the buttons that those in charge get in private."""
    steerers = who_may("ways")
    return Routes(
        presses=(
            Press(TEAM, partial(let_team_in, desk=desk), steerers),
            Press(PLAIN, partial(only_link, desk=desk), steerers),
        ),
        groups=(partial(heard, desk=desk),),
    )


def heard(turn: Turn, *, desk: WayDesk) -> None:
    """Something happened in a group: the bot was added, or somebody wrote /start there."""
    chat = turn.update.effective_chat
    if chat is None:
        return
    if _was_added(turn):
        units = own_units(turn, MANAGER) if _is_in_charge(turn) else []
        if units:
            _ask_whose(turn, units, chat_id=chat.id)
        else:
            _offer(turn, desk, chat_id=chat.id)
    elif _is_start(turn, desk):
        _offer(turn, desk, chat_id=chat.id)


def let_team_in(turn: Turn, *, desk: WayDesk) -> None:
    """Somebody in charge said whose team a group is: the link there lets its staff in."""
    unit_id, chat_id = number_at(turn, 0), _group(turn, 1)
    unit = turn.session.get(Unit, unit_id) if unit_id is not None else None
    if unit is None or chat_id is None or unit.kind != UNIT or unit.state != OPEN:
        stale(turn)
        return
    if not turn.known.may_see(unit.id or 0):
        turn.toast("This is not open to you.", alert=True)
        return
    if not desk.username() or _is_second_tap(turn, unit.id or 0):
        return
    payload = invite(
        turn.session,
        role=STAFF,
        unit_id=unit.id,
        max_uses=USES,
        expires_at=turn.now + DAYS,
        created_by=turn.known.person_id,
    )
    audit.record_turn(turn, "invitation.group", subject=f"unit {unit.id}", unit_id=unit.id or 0)
    _offer(turn, desk, chat_id=chat_id, payload=payload, unit=unit.name)
    turn.edit("ways/group_done.html", unit=unit.name, most=USES, until=(turn.now + DAYS).date())


def only_link(turn: Turn, *, desk: WayDesk) -> None:
    """Somebody in charge said that a group is no team: the link there lets nobody in."""
    chat_id = _group(turn, 0)
    if chat_id is None:
        stale(turn)
        return
    _offer(turn, desk, chat_id=chat_id)
    turn.edit("ways/group_done.html", unit="", most=0, until=None)


def _ask_whose(turn: Turn, units: list[Unit], *, chat_id: int) -> None:
    rows = [[Button(one.name, f"{TEAM}:{one.id}:{chat_id}")] for one in units[:MOST_UNITS]]
    rows.append([Button(turn.label("None of these: a plain link"), f"{PLAIN}:{chat_id}")])
    turn.say("ways/group_whose.html", rows=rows, most=USES)


def _offer(turn: Turn, desk: WayDesk, *, chat_id: int, payload: str = "", unit: str = "") -> None:
    """Put the one message into the group, in the organisation's language."""
    username, organisation = desk.username(), find_organisation(turn.session)
    if not username or organisation is None:
        return
    language = organisation.language
    address = link(username, payload) if payload else f"https://t.me/{username}"
    turn.call(
        "sendMessage",
        chat_id=chat_id,
        text=turn.texts.render(
            "ways/group.html", language, organisation=organisation.name, unit=unit
        ),
        parse_mode="HTML",
        reply_markup={
            "inline_keyboard": [[{"text": turn.texts.label(language, _GO_ON), "url": address}]]
        },
    )


def _is_in_charge(turn: Turn) -> bool:
    return turn.who is not None and turn.who.has(*who_may("ways")) and turn.who.state == "active"


def _was_added(turn: Turn) -> bool:
    change = turn.update.my_chat_member
    return (
        change is not None
        and change.old_chat_member.status in _GONE
        and change.new_chat_member.status not in _GONE
    )


def _is_start(turn: Turn, desk: WayDesk) -> bool:
    """Tell whether a message in a group is /start, said to this bot or to nobody by name."""
    word = turn.text.split(maxsplit=1)[0].lower() if turn.text else ""
    command, _, name = word.partition("@")
    return command == "/start" and name in {"", desk.username().lower()}


def _is_second_tap(turn: Turn, unit_id: int) -> bool:
    made = select(Invitation.id).where(
        Invitation.created_by == turn.known.person_id,
        Invitation.role == STAFF,
        Invitation.unit_id == unit_id,
        Invitation.max_uses == USES,
        col(Invitation.expires_at) > turn.now + DAYS - _SAME_TAP,
    )
    return turn.session.exec(made).first() is not None


def _group(turn: Turn, place: int) -> int | None:
    """Return the number of a group that a button names: below zero, as Telegram's are."""
    text = turn.arguments[place] if len(turn.arguments) > place else ""
    digits = text.removeprefix("-")
    fits = text.startswith("-") and digits.isascii() and digits.isdigit() and len(digits) <= 16
    return int(text) if fits else None
