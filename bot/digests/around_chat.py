"""What stands beside a digest's figures, opened at length and closed again by a tap."""

from bot.core.dialogue import Press, Routes, Section, Turn, message_call
from bot.core.html import split_html
from bot.digests.around import Beside, Reading, at_length
from bot.digests.places import place_of
from bot.digests.sending import is_unit
from bot.people.rights import who_may


class BesideHandlers:
    """Opens what was told in short, and closes it again, in the same message."""

    def __init__(self, beside: Beside) -> None:
        """Show what ``beside`` gathers."""
        self._beside = beside

    def routes(self) -> Routes:
        """Return what this part answers to."""
        steers = who_may("fixes")
        return Routes(
            presses=(Press("whole", self.show_all, steers), Press("brief", self.show_short, steers))
        )

    def show_all(self, turn: Turn) -> None:
        """Show every section at length."""
        found = self._found(turn)
        if found is None:
            return
        sections, to = found
        whole = at_length(sections)
        if whole is None:
            turn.toast("There is nothing more to tell.")
            return
        first, *others = split_html(whole.text)
        rows = [*whole.rows, self._beside.way_back(to)]
        turn.put(first, rows if not others else ())
        turn.calls += [message_call(turn.chat_id, text) for text in others]

    def show_short(self, turn: Turn) -> None:
        """Show the sections in short again."""
        found = self._found(turn)
        short = self._beside.in_short(*found) if found is not None else None
        if short is not None:
            turn.put(short.text, short.rows)

    def _found(self, turn: Turn) -> tuple[list[Section], Reading] | None:
        place = place_of(turn, "whole")
        if place is None:
            return None
        to = Reading(*place, turn.known.person_id, turn.language, turn.now)
        of_unit = is_unit(turn.session, place.unit_id)
        return self._beside.sections(turn.session, to, of_unit=of_unit), to
