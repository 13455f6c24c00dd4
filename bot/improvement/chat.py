"""What people do with actions in chat: list them, open one, close it, open it again.

/actions ─> list ─> card ─┬─> due day, reminder, note   (``dating``)
   ^          ^           ├─> give to somebody          (``assigning``)
   └── back ──┴───────────┴─> done · drop ─> why ─> open again

All of it in one message, edited in place. A card that came out of a digest leads back to it.
"""

from bot.core.dialogue import MANAGER, PARTNER, STAFF, Button, Command, Press, Reply, Routes, Turn
from bot.core.i18n import N_
from bot.improvement import actions, assigning, dating
from bot.improvement.cards import show_card, to_card, view_of_action
from bot.improvement.desk import ActionDesk
from bot.improvement.listing import PER_PAGE, actions_of
from bot.improvement.places import WORKERS, Spot, spot_of
from bot.improvement.telling import tell
from bot.improvement.words import DROP_REASONS
from bot.people import roster
from bot.people.places import chosen_unit, number_at

DROP_TOPIC = "ac_drop"


class ActionHandlers:
    """Handlers of the list and of the card."""

    def __init__(self, desk: ActionDesk) -> None:
        """Work by the rules of this desk."""
        self._desk = desk

    def routes(self) -> Routes:
        """Return what the list and the card answer to."""
        presses = (
            ("actions", self.listed),
            ("ac", self.card),
            ("acx", self.finish),
            ("acr", self.drop),
            ("acu", self.reopen),
        )
        return Routes(
            commands=(Command("actions", self.listed, WORKERS, N_("What is being done")),),
            presses=tuple(Press(verb, handler, WORKERS) for verb, handler in presses),
            replies=(Reply(DROP_TOPIC, self.dropped_because, WORKERS),),
        )

    def listed(self, turn: Turn) -> None:
        """List the actions of a unit; staff see those that are theirs."""
        unit_id = chosen_unit(turn, "actions", MANAGER, STAFF, PARTNER)
        if unit_id is None:
            return
        steers = turn.known.may_see(unit_id)
        found = actions_of(
            turn.session,
            unit_id,
            now=turn.now,
            only_of=None if steers else turn.known.person_id,
        )
        pages = max(1, -(-len(found) // PER_PAGE))
        page = min(number_at(turn, 1) or 0, pages - 1)
        shown = found[page * PER_PAGE : (page + 1) * PER_PAGE]
        first = page * PER_PAGE + 1
        numbered = [
            Button(str(number), f"ac:{one.id}:p{page}")
            for number, one in enumerate(shown, start=first)
        ]
        turn.edit(
            "improvement/actions.html",
            rows=[numbered, _around(unit_id, page, pages)],
            unit=roster.unit_name(turn.session, unit_id),
            actions=[view_of_action(turn, self._desk, one) for one in shown],
            first=first,
            steers=steers,
            pages=pages,
            page=page + 1,
        )

    def card(self, turn: Turn) -> None:
        """Show one action."""
        spot = spot_of(turn)
        if spot is not None:
            show_card(turn, self._desk, spot)

    def finish(self, turn: Turn) -> None:
        """Close an action as done, and let those who wait for it know."""
        spot = spot_of(turn)
        if spot is None:
            return
        if actions.finish(turn.session, spot.action, by=turn.known.person_id, now=turn.now):
            turn.toast("Done. Well done!")
            self._tell_closed(turn, spot)
        else:
            turn.toast("This action was closed meanwhile.", alert=True)
        show_card(turn, self._desk, spot)

    def drop(self, turn: Turn) -> None:
        """Ask why an action is given up, in one tap; then give it up."""
        spot = spot_of(turn)
        if spot is None:
            return
        reason = spot.rest[0] if spot.rest else ""
        if spot.action.state not in actions.LIVE:
            turn.toast("This action was closed meanwhile.", alert=True)
            show_card(turn, self._desk, spot)
        elif reason == actions.OTHER:
            turn.ask(DROP_TOPIC, spot.action.id, spot.where)
            turn.edit("improvement/drop_words.html", rows=[to_card(turn, spot)])
        elif reason in DROP_REASONS:
            self._drop(turn, spot, reason)
        else:
            rows = [
                [Button(turn.label(label), spot.verb("acr", code))]
                for code, label in DROP_REASONS.items()
            ]
            turn.edit(
                "improvement/drop.html",
                rows=[*rows, to_card(turn, spot)],
                title=self._desk.title_of(spot.action, turn.language),
            )

    def dropped_because(self, turn: Turn) -> None:
        """Take the words in which somebody says why an action is given up."""
        spot = spot_of(turn)
        if spot is None:
            return
        if not turn.text:
            turn.ask(DROP_TOPIC, spot.action.id, spot.where)
            turn.say("improvement/drop_words.html", rows=[to_card(turn, spot)])
            return
        self._drop(turn, spot, actions.OTHER, words=turn.text)

    def reopen(self, turn: Turn) -> None:
        """Go on with an action that was closed by mistake or too early."""
        spot = spot_of(turn)
        if spot is None:
            return
        if actions.reopen(turn.session, spot.action, by=turn.known.person_id, now=turn.now):
            turn.toast("Open again.")
        else:
            turn.toast("This action cannot be opened again.", alert=True)
        show_card(turn, self._desk, spot)

    def _drop(self, turn: Turn, spot: Spot, reason: str, *, words: str = "") -> None:
        by = turn.known.person_id
        if actions.drop(turn.session, spot.action, reason, by=by, now=turn.now, words=words):
            turn.toast("Dropped.")
            self._tell_closed(turn, spot)
        else:
            turn.toast("This action was closed meanwhile.", alert=True)
        show_card(turn, self._desk, spot)

    def _tell_closed(self, turn: Turn, spot: Spot) -> None:
        """Tell who took an action on and who answers for it, unless they did it themselves."""
        action, me = spot.action, turn.known.person_id
        tell(
            turn.session,
            self._desk,
            action,
            "improvement/closed.html",
            to=[one for one in (action.taken_by, action.owner_id) if one != me],
            occasion=f"{action.state}:{turn.now:%Y%m%d%H%M%S}",
            now=turn.now,
            offers=[[(N_("Open it"), f"ac:{action.id}:-")]],
            by=roster.person_name(turn.session, me),
            state=action.state,
            why=DROP_REASONS.get(action.dropped_reason, ""),
            words_said=action.dropped_words,
        )


def _around(unit_id: int, page: int, pages: int) -> list[Button]:
    near = [(page - 1, "‹"), (page + 1, "›")]
    return [
        Button(label, f"actions:{unit_id}:{number}")
        for number, label in near
        if 0 <= number < pages
    ]


def routes(desk: ActionDesk) -> Routes:
    """Return what actions answer to."""
    parts = [ActionHandlers(desk).routes(), dating.routes(desk), assigning.routes(desk)]
    return Routes(
        commands=tuple(one for part in parts for one in part.commands),
        presses=tuple(one for part in parts for one in part.presses),
        replies=tuple(one for part in parts for one in part.replies),
    )
