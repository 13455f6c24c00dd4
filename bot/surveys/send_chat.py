"""``/send``: managers and owners send a questionnaire by hand: which, where, who, and go.

Nothing is remembered between the taps. The last button carries the number of the unit's newest
wave, so that pressing it twice sends once.
"""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlmodel import col

from bot.core.dialogue import Button, Command, Press, Routes, Turn
from bot.core.errors import GapbotError
from bot.core.i18n import N_
from bot.core.schedule import local_day
from bot.people.registry import all_units
from bot.people.rights import who_may
from bot.people.tables import OPEN, UNIT, Unit
from bot.reach.words import REASONS
from bot.surveys.card import number, written
from bot.surveys.definition import Questionnaire
from bot.surveys.desk import SurveyDesk
from bot.surveys.scales import clashes
from bot.surveys.tables import Wave
from bot.surveys.versions import Paper
from bot.surveys.waves import Plan, plan_for, unit_zone, write_wave

WHERE, PREVIEW, GO = "wq", "wu", "wg"
BY_RULES, AT_ONCE = "r", "n"
UNITS_PER_PAGE = 8

_ROLES = who_may("send")


@dataclass(frozen=True, slots=True)
class _Choice:
    """What a button of this conversation stands for."""

    paper: Paper
    unit: Unit


class SendChat:
    """Handlers of sending by hand."""

    def __init__(self, desk: SurveyDesk) -> None:
        """Offer the questionnaires of this desk's library."""
        self._desk = desk

    def routes(self) -> Routes:
        """Return what this conversation answers to."""
        return Routes(
            commands=(
                Command("send", self.which, roles=_ROLES, menu=N_("Send a questionnaire now")),
            ),
            presses=(
                Press(WHERE, self.where, roles=_ROLES),
                Press(PREVIEW, self.preview, roles=_ROLES),
                Press(GO, self.go, roles=_ROLES),
            ),
        )

    def which(self, turn: Turn) -> None:
        """Offer all questionnaires that can be used."""
        rows = []
        for name in self._desk.library.names():
            content = self._read(name)
            if content is not None and not content.is_triggered:
                title = content.say(content.title, turn.language)
                rows.append([Button(title, f"{WHERE}:{name}")])
        turn.say("surveys/send_which.html", rows=rows)

    def where(self, turn: Turn) -> None:
        """Offer the units this person may speak for; with a single one go on at once."""
        name, page = _argument(turn, 0), _number(turn, 1) or 0
        content = self._read(name)
        units = _own_units(turn)
        if content is None:
            turn.edit("surveys/unusable.html")
            return
        if len(units) == 1:
            turn.arguments = (name, written(units[0].id or 0))
            self.preview(turn)
            return
        shown = units[page * UNITS_PER_PAGE : (page + 1) * UNITS_PER_PAGE]
        rows = [[Button(unit.name, f"{PREVIEW}:{name}:{written(unit.id or 0)}")] for unit in shown]
        around = []
        if page:
            around.append(Button("‹", f"{WHERE}:{name}:{written(page - 1)}"))
        if (page + 1) * UNITS_PER_PAGE < len(units):
            around.append(Button("›", f"{WHERE}:{name}:{written(page + 1)}"))
        title = content.say(content.title, turn.language)
        turn.edit("surveys/send_where.html", rows=[*rows, around], title=title)

    def preview(self, turn: Turn) -> None:
        """Say how many would be asked and who is left out why; nothing is sent yet."""
        choice = self._choice(turn)
        if choice is None:
            return
        by_rules = self._plan(turn, choice, at_once=False)
        at_once = self._plan(turn, choice, at_once=True)
        action = (
            f"{GO}:{choice.paper.content.id}:{written(choice.unit.id or 0)}"
            f":{written(_newest_wave(turn, choice.unit))}"
        )
        rows = []
        if by_rules.asked:
            rows.append([Button(turn.label("Send"), f"{action}:{BY_RULES}")])
        if at_once.asked:
            rows.append([Button(turn.label("Send at once"), f"{action}:{AT_ONCE}")])
        turn.edit(
            "surveys/send_preview.html",
            rows=rows,
            title=_title(turn, choice),
            unit=choice.unit.name,
            asked=by_rules.asked,
            reasons=[
                (turn.label(REASONS[reason]), count)
                for reason, count in by_rules.reasons.most_common()
            ],
            nobody=by_rules.is_empty,
            asked_at_once=at_once.asked,
            audience=choice.paper.content.audience,
            clashes=clashes(turn.session, choice.paper.content),
        )

    def go(self, turn: Turn) -> None:
        """Make the wave, unless the unit got another one since the button was shown."""
        choice = self._choice(turn)
        if choice is None:
            return
        how = _argument(turn, 3)
        if _argument(turn, 2) != written(_newest_wave(turn, choice.unit)):
            turn.toast("A questionnaire was sent to this unit already. Please look again: /send")
            return
        plan = self._plan(turn, choice, at_once=how == AT_ONCE)
        if not plan.asked:
            turn.toast("Nobody can be asked at the moment.")
            return
        write_wave(turn.session, plan, paper=choice.paper, unit=choice.unit, now=turn.now)
        zone = unit_zone(turn.session, choice.unit)
        turn.edit(
            "surveys/send_done.html",
            title=_title(turn, choice),
            unit=choice.unit.name,
            asked=plan.asked,
            skipped=len(plan.skipped),
            closes_on=local_day(plan.expires_at, zone),
        )

    def _plan(self, turn: Turn, choice: _Choice, *, at_once: bool) -> Plan:
        return plan_for(
            turn.session,
            self._desk,
            paper=choice.paper,
            unit=choice.unit,
            now=turn.now,
            at_once=at_once,
        )

    def _choice(self, turn: Turn) -> _Choice | None:
        """Read a button's questionnaire and unit; else answer politely and return None."""
        name, unit_id = _argument(turn, 0), _number(turn, 1)
        unit = turn.session.get(Unit, unit_id) if unit_id else None
        is_asked = unit is not None and (unit.kind, unit.state) == (UNIT, OPEN)
        if unit is None or not is_asked or not turn.known.may_see(unit.id or 0):
            turn.toast("This unit is not open to you.", alert=True)
            return None
        try:
            library = self._desk.library
            return _Choice(library.keep(turn.session, library.read(name)), unit)
        except GapbotError:
            turn.edit("surveys/unusable.html")
            return None

    def _read(self, name: str) -> Questionnaire | None:
        try:
            return self._desk.library.read(name)
        except GapbotError:
            return None


def _argument(turn: Turn, place: int) -> str:
    return turn.arguments[place] if place < len(turn.arguments) else ""


def _number(turn: Turn, place: int) -> int | None:
    try:
        return number(_argument(turn, place))
    except ValueError:
        return None


def _own_units(turn: Turn) -> list[Unit]:
    units = all_units(turn.session)
    return [unit for unit in units if turn.known.may_see(unit.id or 0)]


def _newest_wave(turn: Turn, unit: Unit) -> int:
    newest = turn.session.scalar(select(func.max(col(Wave.id))).where(col(Wave.unit_id) == unit.id))
    return newest or 0


def _title(turn: Turn, choice: _Choice) -> str:
    content = choice.paper.content
    return content.say(content.title, turn.language)
