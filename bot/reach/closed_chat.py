"""``/closed``: on which days a unit rests, so that nobody is asked: public holidays, own days."""

from datetime import date

from babel import Locale
from sqlalchemy import delete, select
from sqlmodel import Session, col

from bot.core.audit import record_turn
from bot.core.database import insert_into
from bot.core.dialogue import Button, Command, Press, Reply, Routes, Turn
from bot.core.i18n import N_
from bot.core.schedule import local_day
from bot.people import roster
from bot.people.places import chosen_unit, stale
from bot.people.registry import find_organisation
from bot.people.rights import who_may
from bot.people.tables import Unit
from bot.people.zones import zone_of
from bot.reach.calendars import HERE, known_countries, known_country
from bot.reach.days import read_day
from bot.reach.desk import ReachDesk
from bot.reach.tables import ClosedDay, UnitCalendar

CLOSED = "closed"
ADD, OPEN, COUNTRY = "rca", "rco", "rcc"
_DAY, _CODE = "closed_day", "closed_country"
_ROLES = who_may("closed")
_SHOWN = 12
_NONE = "-"


class ClosedChat:
    """Handlers of the page. Every one checks the unit against the roles of this moment."""

    def __init__(self, desk: ReachDesk) -> None:
        """Fall back on the country of this desk."""
        self._desk = desk

    def routes(self) -> Routes:
        """Return what this page answers to."""
        return Routes(
            commands=(
                Command("closed", self.show, roles=_ROLES, menu=N_("Holidays and closed days")),
            ),
            presses=(
                Press(CLOSED, self.show, roles=_ROLES),
                Press(ADD, self.ask_day, roles=_ROLES),
                Press(OPEN, self.reopen, roles=_ROLES),
                Press(COUNTRY, self.ask_country, roles=_ROLES),
            ),
            replies=(
                Reply(_DAY, self.take_day, roles=_ROLES),
                Reply(_CODE, self.take_country, roles=_ROLES),
            ),
        )

    def show(self, turn: Turn) -> None:
        """Show the days of a unit."""
        unit_id = chosen_unit(turn, CLOSED)
        if unit_id is not None:
            self._show(turn, unit_id)

    def ask_day(self, turn: Turn) -> None:
        """Ask for a day on which the unit is closed."""
        unit_id = chosen_unit(turn, CLOSED)
        if unit_id is not None:
            turn.ask(_DAY, unit_id)
            turn.edit("reach/closed_day.html", unclear=False)

    def take_day(self, turn: Turn) -> None:
        """Take the day that was asked for."""
        unit_id = _asked_unit(turn)
        if unit_id is None:
            return
        today = _today(turn.session, unit_id, turn)
        day = read_day(turn.text, today=today, language=turn.language)
        if day is None:
            turn.ask(_DAY, unit_id)
            turn.say("reach/closed_day.html", unclear=True)
            return
        turn.session.execute(
            insert_into(turn.session, ClosedDay)
            .values(unit_id=unit_id, day=day)
            .on_conflict_do_nothing()
        )
        _record(turn, unit_id, f"closed {day}")
        self._show(turn, unit_id)

    def reopen(self, turn: Turn) -> None:
        """Take a closed day back."""
        unit_id = chosen_unit(turn, CLOSED)
        if unit_id is None:
            return
        try:
            day = date.fromisoformat(turn.arguments[1])
        except (IndexError, ValueError):
            stale(turn)
            return
        turn.session.execute(
            delete(ClosedDay).where(col(ClosedDay.unit_id) == unit_id, col(ClosedDay.day) == day)
        )
        _record(turn, unit_id, f"open {day}")
        self._show(turn, unit_id)

    def ask_country(self, turn: Turn) -> None:
        """Ask whose public holidays the unit keeps; or take the wish for none."""
        unit_id = chosen_unit(turn, CLOSED)
        if unit_id is None:
            return
        if turn.arguments[1:] == (_NONE,):
            self._keep_country(turn, unit_id, "")
        else:
            turn.ask(_CODE, unit_id)
            none = Button(turn.label("No public holidays"), f"{COUNTRY}:{unit_id}:{_NONE}")
            turn.edit("reach/closed_country.html", rows=[[none]], unclear=False)

    def take_country(self, turn: Turn) -> None:
        """Take a country by its code, with a part or without, or by its name."""
        unit_id = _asked_unit(turn)
        if unit_id is None:
            return
        code = known_country(turn.text) or _country_named(turn.text, turn.language)
        if code is None:
            turn.ask(_CODE, unit_id)
            turn.say("reach/closed_country.html", unclear=True)
        else:
            self._keep_country(turn, unit_id, code)

    def _keep_country(self, turn: Turn, unit_id: int, code: str) -> None:
        turn.session.execute(
            insert_into(turn.session, UnitCalendar)
            .values(unit_id=unit_id, country=code)
            .on_conflict_do_update(index_elements=["unit_id"], set_={"country": code})
        )
        turn.session.expire_all()
        _record(turn, unit_id, f"holidays {code or 'none'}")
        self._show(turn, unit_id)

    def _show(self, turn: Turn, unit_id: int) -> None:
        kept = turn.session.get(UnitCalendar, unit_id)
        country = kept.country if kept else self._desk.country
        days = turn.session.scalars(
            select(col(ClosedDay.day))
            .where(
                col(ClosedDay.unit_id) == unit_id,
                col(ClosedDay.day) >= _today(turn.session, unit_id, turn),
            )
            .order_by(col(ClosedDay.day))
            .limit(_SHOWN)
        ).all()
        reopen = [
            [Button(turn.label("Open on %(day)s", day=day), f"{OPEN}:{unit_id}:{day}")]
            for day in days
        ]
        ways = [
            Button(turn.label("Add a day"), f"{ADD}:{unit_id}"),
            Button(turn.label("Public holidays"), f"{COUNTRY}:{unit_id}"),
        ]
        turn.edit(
            "reach/closed.html",
            rows=[ways, *reopen],
            unit=roster.unit_name(turn.session, unit_id),
            country=_country_name(country, turn.language),
            days=days,
        )


def _asked_unit(turn: Turn) -> int | None:
    """Return the unit of an awaited answer, while the person is still in charge of it."""
    number = turn.arguments[0] if turn.arguments else ""
    if number.isdigit() and turn.known.may_see(int(number)):
        return int(number)
    turn.say("core/not_open.html", stranger=False)
    return None


def _today(session: Session, unit_id: int, turn: Turn) -> date:
    unit = session.get(Unit, unit_id)
    return local_day(turn.now, zone_of(None, unit, find_organisation(session)))


def _record(turn: Turn, unit_id: int, detail: str) -> None:
    record_turn(turn, "unit.calendar", subject=f"unit {unit_id}", unit_id=unit_id, detail=detail)


def _country_name(code: str, language: str) -> str:
    if not code:
        return ""
    country, _, part = code.partition(HERE)
    name = Locale.parse(language.replace("-", "_")).territories.get(country, country)
    return f"{name} ({part})" if part else name


def _country_named(written: str, language: str) -> str | None:
    """Return the code of a country by its name, in the reader's language or in English."""
    wanted = written.strip().casefold()
    for spoken in (language, "en"):
        names = Locale.parse(spoken.replace("-", "_")).territories
        for code in known_countries():
            if names.get(code, "").casefold() == wanted:
                return code
    return None
