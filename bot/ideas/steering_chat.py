"""What those in charge do with ideas: publish, decline, join, plan, act, finish, open again."""

from collections.abc import Callable

from bot.core.dialogue import Button, Press, Routes, Turn
from bot.core.visible import unlinked
from bot.ideas import keeping, rules, words
from bot.ideas.desk import IdeaDesk
from bot.ideas.listing import alike
from bot.ideas.places import Spot, show_card, spot_of, to_card, today_of
from bot.ideas.rules import LIVE, NEW, OPEN
from bot.ideas.tables import Idea
from bot.ideas.voting import votes_of
from bot.people.places import id_in
from bot.people.rights import who_may

STEERS = who_may("steer_ideas")


class SteeringHandlers:
    """Handlers of the buttons that only those in charge of a unit have."""

    def __init__(self, desk: IdeaDesk) -> None:
        """Work by the rules of this desk."""
        self._desk = desk

    def routes(self) -> Routes:
        """Return what steering answers to."""
        presses = (
            ("idp", self.publish),
            ("idd", self.decline),
            ("idm", self.merge),
            ("ida", self.act),
            ("idl", self.plan),
            ("idf", self.finish),
            ("ido", self.reopen),
        )
        return Routes(presses=tuple(Press(verb, handler, STEERS) for verb, handler in presses))

    def publish(self, turn: Turn) -> None:
        """Let others see an idea."""
        _decide(turn, keeping.publish)

    def plan(self, turn: Turn) -> None:
        """Say that something will come of an idea."""
        _decide(turn, keeping.plan)

    def finish(self, turn: Turn) -> None:
        """Say that an idea was done."""
        spot = spot_of(turn, steers=True)
        if spot is not None:
            done = keeping.finish(
                turn.session,
                spot.idea,
                by=turn.known.person_id,
                now=turn.now,
                today=today_of(turn, spot.idea),
            )
            _show(turn, spot, done=done)

    def reopen(self, turn: Turn) -> None:
        """Open an idea for votes again."""
        _decide(turn, keeping.reopen)

    def act(self, turn: Turn) -> None:
        """Make an action of an idea."""
        spot = spot_of(turn, steers=True)
        if spot is None:
            return
        made = keeping.act(
            turn.session,
            spot.idea,
            self._desk.make_action,
            by=turn.known.person_id,
            now=turn.now,
        )
        if made is not None:
            turn.toast("An action was made. It is yours until you give it away.")
        _show(turn, spot, done=made is not None)

    def decline(self, turn: Turn) -> None:
        """Ask why an idea is not taken up, in one tap; its author reads the reason."""
        spot = spot_of(turn, steers=True)
        if spot is None:
            return
        reason = spot.rest[0] if spot.rest else ""
        if spot.idea.state in LIVE and reason not in words.REASONS:
            rows = [
                [Button(turn.label(label), spot.verb("idd", code))]
                for code, label in words.REASONS.items()
            ]
            turn.edit(
                "ideas/decline.html",
                rows=[*rows, to_card(turn, spot)],
                number=spot.idea.id,
                text=unlinked(spot.idea.text),
            )
            return
        done = reason in words.REASONS and keeping.decline(
            turn.session,
            spot.idea,
            reason,
            by=turn.known.person_id,
            now=turn.now,
            today=today_of(turn, spot.idea),
        )
        _show(turn, spot, done=done)

    def merge(self, turn: Turn) -> None:
        """Show what an idea may be joined with; then join them, and show the one that stays."""
        spot = spot_of(turn, steers=True)
        if spot is None:
            return
        target_id = id_in(spot.rest[0]) if spot.rest else None
        target = turn.session.get(Idea, target_id) if target_id else None
        if spot.idea.state not in (NEW, OPEN):
            _show(turn, spot, done=False)
        elif target is None:
            _offer_targets(turn, spot)
        else:
            done = target.unit_id == spot.idea.unit_id and keeping.merge(
                turn.session,
                spot.idea,
                target,
                by=turn.known.person_id,
                now=turn.now,
                today=today_of(turn, spot.idea),
            )
            _show(turn, spot._replace(idea=target) if done else spot, done=done)


def _decide(turn: Turn, decision: Callable[..., bool]) -> None:
    """Carry out what needs no more words than its button, and show what came of it."""
    spot = spot_of(turn, steers=True)
    if spot is not None:
        done = decision(turn.session, spot.idea, by=turn.known.person_id, now=turn.now)
        _show(turn, spot, done=done)


def _offer_targets(turn: Turn, spot: Spot) -> None:
    found = alike(turn.session, spot.idea)
    if not found:
        turn.toast("There is no other idea to join it with.", alert=True)
        show_card(turn, spot)
        return
    votes = votes_of(turn.session, found)
    buttons = [Button(f"#{one.id}", spot.verb("idm", one.id)) for one in found]
    turn.edit(
        "ideas/merge.html",
        rows=[
            *(buttons[place : place + 4] for place in range(0, len(buttons), 4)),
            to_card(turn, spot),
        ],
        number=spot.idea.id,
        text=unlinked(spot.idea.text),
        found=[
            (
                one.id,
                words.MARKS[one.state],
                unlinked(rules.excerpt(one.text)),
                votes[one.id or 0],
            )
            for one in found
        ],
    )


def _show(turn: Turn, spot: Spot, *, done: bool) -> None:
    """Show the card as it is now; say so where somebody else was faster."""
    if not done:
        turn.session.refresh(spot.idea)
        turn.toast("Somebody has decided this meanwhile; you see how it stands.", alert=True)
    show_card(turn, spot)
