"""What a poster adds to the entrance: a greeting, and being asked later, by oneself.

code ──> consent ("you are asked later") ──"I agree"──> when ──"Ask me now"──> the first question
code again, by a customer ──> welcome back, when ──"Ask me now"──> the first question
"""

from datetime import datetime, timedelta

from bot.core.dialogue import Button, Turn
from bot.core.i18n import N_
from bot.core.schedule import local_day
from bot.people.companions import Companion
from bot.people.joining import has_role
from bot.people.registry import the_organisation
from bot.people.roster import unit_name
from bot.people.tables import OPEN, Invitation, Person, Unit
from bot.people.zones import zone_of
from bot.ways.asking import ask_later
from bot.ways.desk import WayDesk
from bot.ways.keeping import came_in, way_of

NOW = "wynow"
ASK_NOW = N_("Ask me now")
_SOON = timedelta(hours=12)


class PosterEntrance(Companion):
    """Stands beside the entrance for those who come by a poster; others it lets pass."""

    def __init__(self, desk: WayDesk) -> None:
        """Ask by this desk."""
        self._desk = desk

    def asks(self, turn: Turn, invitation: Invitation) -> str:
        """Say before somebody agrees that they are asked later, and by themselves."""
        if way_of(turn.session, invitation) is None or has_role(turn.who, invitation):
            return ""
        return turn.texts.render("ways/consent.html", turn.language)

    def agreed(self, turn: Turn, invitation: Invitation) -> None:
        """Count who came in, plan to ask them later, and offer to do it now."""
        self._arrive(turn, invitation, again=False)

    def came_again(self, turn: Turn, invitation: Invitation) -> bool:
        """Greet a customer who scans the code of their next visit, and ask them later."""
        unit = turn.session.get(Unit, invitation.unit_id)
        if turn.known.state != "active" or unit is None or unit.state != OPEN:
            return False
        if invitation.expires_at <= turn.now:
            return False
        return self._arrive(turn, invitation, again=True)

    def _arrive(self, turn: Turn, invitation: Invitation, *, again: bool) -> bool:
        way = way_of(turn.session, invitation)
        if way is None:
            return False
        unit_id, person_id = invitation.unit_id or 0, turn.known.person_id
        if not again:  # before asking: what kind of customer this is, is written with the question
            came_in(turn.session, way, person_id, turn.now)
        due = ask_later(
            turn.session, self._desk, unit_id=unit_id, person_id=person_id, now=turn.now
        )
        if again and due is not None:
            came_in(turn.session, way, person_id, turn.now)
        turn.say(
            "ways/later.html",
            rows=[[Button(turn.label(ASK_NOW), NOW)]] if due is not None else (),
            unit=unit_name(turn.session, unit_id),
            again=again,
            due=due is not None,
            hours=_hours(due, turn.now),
            day=_day(turn, due, unit_id),
        )
        return True


def _hours(due: datetime | None, now: datetime) -> int:
    """Return in how many hours somebody is asked, at least one; 0 where a day says it better."""
    if due is None or due - now > _SOON:
        return 0
    return max(1, round((due - now) / timedelta(hours=1)))


def _day(turn: Turn, due: datetime | None, unit_id: int) -> object:
    if due is None:
        return None
    person = turn.session.get_one(Person, turn.known.person_id)
    unit = turn.session.get_one(Unit, unit_id)
    return local_day(due, zone_of(person, unit, the_organisation(turn.session)))
