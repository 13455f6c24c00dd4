"""The card of an action: what it is, whose, until when, and the buttons that change it."""

from dataclasses import dataclass
from datetime import date

from bot.core.dialogue import Button, Rows, Turn
from bot.core.schedule import local_day
from bot.improvement.actions import DONE, DROPPED, LIVE, PROPOSED, REOPENED_WITHIN, UNDONE
from bot.improvement.catalogue import FixText
from bot.improvement.desk import ActionDesk, zone_for
from bot.improvement.places import Spot, ways_back
from bot.improvement.tables import Action
from bot.improvement.words import MARKS, gap_name, reason_label
from bot.people import roster

TAKEN_NOW, TAKEN_BEFORE = "new", "before"


@dataclass(frozen=True, slots=True)
class ActionView:
    """An action as a reader sees it."""

    title: str
    state: str
    mark: str
    gap: str
    owner: str
    asked: str
    taker: str
    due_on: date | None
    days_left: int | None
    note: str
    fix: FixText | None
    check_on: date | None
    closed_on: date | None
    reason: str


def view_of_action(turn: Turn, desk: ActionDesk, action: Action) -> ActionView:
    """Return what the card of an action shows to the person of this turn."""
    session = turn.session
    zone = zone_for(session, turn.known.person_id, action.unit_id)
    today = local_day(turn.now, zone)
    fix = desk.fix_of(action)
    is_live = action.state in LIVE
    looked_at = action.check_on is not None and action.check_on >= today
    reason = reason_label(turn.texts, turn.language, action.dropped_reason)
    return ActionView(
        title=desk.title_of(action, turn.language),
        state=action.state,
        mark=MARKS[action.state],
        gap=gap_name(turn.texts, turn.language, action.gap, action.dimension),
        owner=roster.person_name(session, action.owner_id),
        asked=roster.person_name(session, action.asked_id),
        taker=roster.person_name(session, action.taken_by),
        due_on=action.due_on,
        days_left=(action.due_on - today).days if action.due_on else None,
        note=action.note,
        fix=fix.in_language(turn.language) if fix and is_live else None,
        check_on=action.check_on if looked_at and action.state != DROPPED else None,
        closed_on=local_day(action.closed_at, zone) if action.closed_at else None,
        reason=action.dropped_words or reason,
    )


def show_card(
    turn: Turn, desk: ActionDesk, spot: Spot, *, heading: str = "", more: Rows = ()
) -> None:
    """Show the card in place of the message whose button was pressed; ``more`` buttons come last.

    ``heading`` says that the fix was taken just now, or by somebody before.
    """
    parts = [
        part
        for make in desk.beside
        if (
            part := make(
                turn.session,
                turn.texts,
                action=spot.action,
                language=turn.language,
                now=turn.now,
                steers=turn.known.may_see(spot.action.unit_id),
            )
        )
    ]
    turn.edit(
        "improvement/card.html",
        rows=[
            *buttons_of(turn, spot),
            *(row for part in parts for row in part.rows),
            *more,
            *ways_back(turn, spot),
        ],
        action=view_of_action(turn, desk, spot.action),
        heading=heading,
        parts=[part.text for part in parts],
    )


def to_card(turn: Turn, spot: Spot) -> list[Button]:
    """Return the row that leads from a question back to the card."""
    return [Button(turn.label("← Back"), spot.verb("ac"))]


def buttons_of(turn: Turn, spot: Spot) -> Rows:
    """Return what this person may do with an action in its state."""
    action, me = spot.action, turn.known.person_id
    steers = turn.known.may_see(action.unit_id)
    if action.state not in LIVE:
        return _closed_buttons(turn, spot)
    rows: list[list[Button]] = []
    if action.state == PROPOSED and action.asked_id == me:
        rows.append(
            [
                Button(turn.label("I take it over"), spot.verb("acy")),
                Button(turn.label("Not me"), spot.verb("acz")),
            ]
        )
        if not steers and action.owner_id != me:
            return rows
    give = [Button(turn.label("Give to …"), spot.verb("aca", 0))] if steers else []
    return [
        *rows,
        [Button(turn.label("Due day"), spot.verb("acd")), *give],
        [
            Button(turn.label("Note"), spot.verb("acn")),
            Button(turn.label("Remind me"), spot.verb("acs")),
        ],
        [
            Button(turn.label("✅ Done"), spot.verb("acx")),
            Button(turn.label("✖ Drop"), spot.verb("acr")),
        ],
    ]


def _closed_buttons(turn: Turn, spot: Spot) -> Rows:
    action = spot.action
    lately = action.closed_at is not None and action.closed_at > turn.now - REOPENED_WITHIN
    undone = action.state == DROPPED and action.dropped_reason == UNDONE
    if action.state in {DONE, DROPPED} and lately and not undone:
        return [[Button(turn.label("Open again"), spot.verb("acu"))]]
    return []
