"""The due day of an action, its reminder and its note: quick buttons, or a written answer."""

from datetime import date, timedelta

from bot.core.dialogue import Button, Press, Reply, Routes, Turn
from bot.core.render import long_day
from bot.improvement import actions
from bot.improvement.cards import show_card, to_card
from bot.improvement.desk import ActionDesk, today_for
from bot.improvement.due_days import Trouble, in_a_while, read_day
from bot.improvement.places import WORKERS, Spot, spot_of

DUE_TOPIC, NOTE_TOPIC = "ac_due", "ac_note"
OTHER_DAY = "o"
SNOOZES = {"d": timedelta(days=1), "w": timedelta(weeks=1)}


class DatingHandlers:
    """Handlers of due day, reminder and note."""

    def __init__(self, desk: ActionDesk) -> None:
        """Work by the rules of this desk."""
        self._desk = desk

    def routes(self) -> Routes:
        """Return what this part answers to."""
        presses = (("acd", self.due), ("acs", self.snooze), ("acn", self.note))
        replies = ((DUE_TOPIC, self.due_written), (NOTE_TOPIC, self.note_written))
        return Routes(
            presses=tuple(Press(verb, handler, WORKERS) for verb, handler in presses),
            replies=tuple(Reply(topic, handler, WORKERS) for topic, handler in replies),
        )

    def due(self, turn: Turn) -> None:
        """Offer days, set the one that was pressed, or ask for another."""
        spot = self._live_spot(turn)
        if spot is None:
            return
        choice = spot.rest[0] if spot.rest else ""
        day = in_a_while(choice, self._today(turn, spot))
        if day is not None:
            self._set_due(turn, spot, day)
        elif choice == OTHER_DAY:
            turn.ask(DUE_TOPIC, spot.action.id, spot.where)
            turn.edit("improvement/due_written.html", rows=[to_card(turn, spot)], trouble="")
        else:
            turn.edit(
                "improvement/due.html",
                rows=[
                    [
                        Button(turn.label("This week"), spot.verb("acd", "w")),
                        Button(turn.label("Two weeks"), spot.verb("acd", "t")),
                    ],
                    [
                        Button(turn.label("A month"), spot.verb("acd", "m")),
                        Button(turn.label("Another day"), spot.verb("acd", OTHER_DAY)),
                    ],
                    to_card(turn, spot),
                ],
                title=self._desk.title_of(spot.action, turn.language),
            )

    def due_written(self, turn: Turn) -> None:
        """Take a written due day; ask again where it will not do."""
        spot = self._live_spot(turn)
        if spot is None:
            return
        found = read_day(turn.text, turn.language, today=self._today(turn, spot))
        if isinstance(found, Trouble):
            turn.ask(DUE_TOPIC, spot.action.id, spot.where)
            turn.say(
                "improvement/due_written.html", rows=[to_card(turn, spot)], trouble=found.value
            )
            return
        self._set_due(turn, spot, found)

    def snooze(self, turn: Turn) -> None:
        """Offer when to be reminded, or hold reminders back until then."""
        spot = self._live_spot(turn)
        if spot is None:
            return
        wait = SNOOZES.get(spot.rest[0] if spot.rest else "")
        if wait is None:
            turn.edit(
                "improvement/snooze.html",
                rows=[
                    [
                        Button(turn.label("In a day"), spot.verb("acs", "d")),
                        Button(turn.label("In a week"), spot.verb("acs", "w")),
                    ],
                    to_card(turn, spot),
                ],
                title=self._desk.title_of(spot.action, turn.language),
            )
            return
        until = self._today(turn, spot) + wait
        if actions.snooze(turn.session, spot.action, until, by=turn.known.person_id, now=turn.now):
            day = long_day(until, turn.language.replace("-", "_"))
            turn.toast("The reminder comes on %(day)s.", day=day)
        show_card(turn, self._desk, spot)

    def note(self, turn: Turn) -> None:
        """Ask for a note."""
        spot = self._live_spot(turn)
        if spot is not None:
            turn.ask(NOTE_TOPIC, spot.action.id, spot.where)
            turn.edit(
                "improvement/note.html",
                rows=[to_card(turn, spot)],
                note=spot.action.note,
                longest=actions.LONGEST_NOTE,
            )

    def note_written(self, turn: Turn) -> None:
        """Keep a note; ask again where there is no text, or too much."""
        spot = self._live_spot(turn)
        if spot is None:
            return
        if not turn.text or len(turn.text) > actions.LONGEST_NOTE:
            turn.ask(NOTE_TOPIC, spot.action.id, spot.where)
            turn.say(
                "improvement/note.html",
                rows=[to_card(turn, spot)],
                note="",
                longest=actions.LONGEST_NOTE,
            )
            return
        actions.set_note(
            turn.session, spot.action, turn.text, by=turn.known.person_id, now=turn.now
        )
        show_card(turn, self._desk, spot)

    def _set_due(self, turn: Turn, spot: Spot, day: date) -> None:
        dated = actions.set_due(
            turn.session,
            spot.action,
            day,
            by=turn.known.person_id,
            now=turn.now,
            today=self._today(turn, spot),
            check_after=self._desk.check_after,
        )
        if not dated:
            turn.toast("This action was closed meanwhile.", alert=True)
        show_card(turn, self._desk, spot)

    def _live_spot(self, turn: Turn) -> Spot | None:
        """Return the action; one that is closed is shown as it is, and not changed."""
        spot = spot_of(turn)
        if spot is None or spot.action.state in actions.LIVE:
            return spot
        turn.toast("This action was closed meanwhile.", alert=True)
        show_card(turn, self._desk, spot)
        return None

    def _today(self, turn: Turn, spot: Spot) -> date:
        return today_for(turn.session, turn.known.person_id, spot.action.unit_id, now=turn.now)


def routes(desk: ActionDesk) -> Routes:
    """Return what due day, reminder and note answer to."""
    return DatingHandlers(desk).routes()
