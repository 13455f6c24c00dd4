"""``/settings`` and ``/shifts``: when somebody is asked, how often at most, and what they wish.

Every button sets one thing to what it says, so an old one pressed again does no harm.
"""

from dataclasses import dataclass
from datetime import time
from typing import Any

from babel.dates import get_day_names
from markupsafe import Markup

from bot.core.dialogue import (
    ANALYST,
    OWNER,
    REGIONAL,
    Button,
    Command,
    Press,
    Routes,
    Rows,
    Turn,
)
from bot.core.i18n import N_
from bot.core.schedule import local_day
from bot.people.places import stale
from bot.people.rights import who_may
from bot.people.tables import Person
from bot.reach import breaks_chat, looks, places, time_chat, wishes
from bot.reach.desk import ReachDesk
from bot.reach.words import HOURS, SHIFTS

HOME, QUIET, DAYS, OFTEN, LOOK, SHIFT = "rh", "rq", "rd", "rf", "rl", "rs"
_WORKS = who_may("shifts")

OPEN_HOURS = {
    "m": (time(8), time(12)),
    "a": (time(12), time(17)),
    "e": (time(17), time(21)),
    "l": (time(10), time(21)),
}
"""Hours in which a person may be written to, by the letter of their button."""

SHIFT_HOURS = {
    "e": (time(6), time(14)),
    "d": (time(8), time(17)),
    "l": (time(14), time(22)),
    "n": (time(22), time(6)),
}
APART = (14, 30)
EVERY_DAY = "0123456"


_UNASKED = frozenset({OWNER, REGIONAL, ANALYST})
"""Roles in which nobody is sent a question: questionnaires and forecasts go to the others."""


@dataclass(frozen=True, slots=True)
class SettingsChat:
    """Handlers of the page."""

    desk: ReachDesk

    def routes(self) -> Routes:
        """Return what this page answers to."""
        return Routes(
            commands=(
                Command("settings", self.home, menu=N_("When we write to you")),
                Command("shifts", self.shifts, roles=_WORKS, menu=N_("Say when you work")),
            ),
            presses=(
                Press(HOME, self.home),
                Press(QUIET, self.quiet),
                Press(DAYS, self.days),
                Press(OFTEN, self.often),
                Press(LOOK, self.look),
                Press(SHIFT, self.shifts, roles=_WORKS),
            ),
        )

    def promise(self, turn: Turn, role: str = "") -> Markup:
        """Say how often somebody is asked at most: in one role, or in all they have.

        Whoever only looks after units is asked nothing, and reads that.
        """
        roles = [role] if role else [kind for kind, _ in turn.who.roles] if turn.who else []
        if roles and _UNASKED.issuperset(roles):
            return Markup(turn.texts.render("reach/unasked.html", turn.language))  # noqa: S704
        own = wishes.wish_of(turn.session, turn.who.person_id).days_apart if turn.who else None
        limit = wishes.budget_of(self.desk, roles, own)
        text = turn.texts.render("reach/promise.html", turn.language, limit=limit)
        return Markup(text)  # noqa: S704 - a rendered template is escaped

    def home(self, turn: Turn) -> None:
        """Show how it stands, with a way to change each part."""
        if turn.who is None:
            turn.say("core/not_open.html", stranger=True)
            return
        wish = wishes.wish_of(turn.session, turn.who.person_id)
        person = turn.session.get_one(Person, turn.who.person_id)
        zone = wishes.zone_for(turn)
        today = local_day(turn.now, zone)
        is_paused = person.paused_until is not None and person.paused_until > turn.now
        turn.edit(
            "reach/settings.html",
            rows=self._ways(turn),
            promise=self.promise(turn),
            stopped=turn.who.state == "stopped",
            paused_until=local_day(person.paused_until, zone)
            if is_paused and person.paused_until
            else None,
            away_until=wish.away_until if wish.away_until and wish.away_until >= today else None,
            city=places.city(zone, turn.language),
            time=places.shown_time(zone, turn.now),
            look=turn.label(looks.LOOKS[wish.look or looks.USUAL]),
            hours=turn.label(HOURS[_letter(OPEN_HOURS, wish.quiet_until, wish.quiet_from)]),
            quiet=self.desk.quiet,
            days=_day_names(turn, wish.weekdays),
            works=turn.who.has(*_WORKS),
            shift=turn.label(SHIFTS[_letter(SHIFT_HOURS, wish.shift_from, wish.shift_to)]),
            shift_days=_day_names(turn, wish.shift_days),
        )

    def quiet(self, turn: Turn) -> None:
        """Choose the hours in which one may be written to."""
        word = _word(turn)
        if word in OPEN_HOURS:
            opens, closes = OPEN_HOURS[word]
            self._change(turn, quiet_from=closes, quiet_until=opens)
        elif word == "-":
            self._change(turn, quiet_from=None, quiet_until=None)
        else:
            keys = ["-", *OPEN_HOURS]
            rows = [[Button(turn.label(HOURS[key]), f"{QUIET}:{key}")] for key in keys]
            self._choose(turn, rows, N_("At which hours may we write to you?"))

    def days(self, turn: Turn) -> None:
        """Choose the weekdays: each press sets what its button says."""
        word = _word(turn)
        if _are_days(word):
            self._change(turn, show=False, weekdays="" if word == EVERY_DAY else word)
        chosen = wishes.wish_of(turn.session, turn.who.person_id).weekdays if turn.who else ""
        rows = _day_rows(turn, chosen, DAYS)
        self._choose(turn, rows, N_("On which days may we write to you?"))

    def often(self, turn: Turn) -> None:
        """Choose how far apart questions are at least."""
        word = _word(turn)
        if word in {str(days) for days in APART}:
            self._change(turn, days_apart=int(word))
        elif word == "-":
            self._change(turn, days_apart=None)
        else:
            rows = [
                [Button(turn.label("As for everybody"), f"{OFTEN}:-")],
                [Button(turn.label("At most every two weeks"), f"{OFTEN}:14")],
                [Button(turn.label("At most once a month"), f"{OFTEN}:30")],
            ]
            self._choose(turn, rows, N_("How often may we write to you?"))

    def look(self, turn: Turn) -> None:
        """Choose how questions look."""
        word = _word(turn)
        if word in looks.LOOKS:
            self._change(turn, look=word)
        else:
            chosen = wishes.wish_of(turn.session, turn.who.person_id).look if turn.who else ""
            ways = looks.ways(turn, chosen, action=LOOK)
            self._choose(turn, ways, N_("How should questions look?"))

    def shifts(self, turn: Turn) -> None:
        """``/shifts``: choose days and hours of work."""
        word = _word(turn)
        if word in SHIFT_HOURS:
            begins, ends = SHIFT_HOURS[word]
            self._change(turn, show=False, shift_from=begins, shift_to=ends)
        elif word == "-":
            self._change(turn, show=False, shift_from=None, shift_to=None)
        elif _are_days(word):
            self._change(turn, show=False, shift_days="" if word == EVERY_DAY else word)
        wish = wishes.wish_of(turn.session, turn.known.person_id)
        now = _letter(SHIFT_HOURS, wish.shift_from, wish.shift_to)
        hours = [
            Button(_marked(turn.label(SHIFTS[key]), is_chosen=key == now), f"{SHIFT}:{key}")
            for key in ("-", *SHIFT_HOURS)
        ]
        rows = [*_day_rows(turn, wish.shift_days, SHIFT), *([one] for one in hours)]
        self._choose(turn, rows, N_("When do you work? What we ask about work comes then."))

    def _change(self, turn: Turn, *, show: bool = True, **values: Any) -> None:
        if turn.who is None:
            stale(turn)
            return
        wishes.change(turn, **values)
        if show:
            self.home(turn)

    def _choose(self, turn: Turn, rows: Rows, question: str) -> None:
        if turn.who is None:
            stale(turn)
            return
        back = [Button(turn.label("Back"), HOME)]
        turn.edit("reach/choose.html", rows=[*rows, back], question=turn.label(question))

    def _ways(self, turn: Turn) -> Rows:
        rows = [
            [
                Button(turn.label("Clock"), f"{time_chat.TIME}:ask"),
                Button(turn.label("Hours"), f"{QUIET}:ask"),
                Button(turn.label("Days"), f"{DAYS}:ask"),
            ],
            [
                Button(turn.label("How often"), f"{OFTEN}:ask"),
                Button(turn.label("Break"), f"{breaks_chat.PAUSE}:ask"),
                Button(turn.label("Absence"), f"{breaks_chat.AWAY}:ask"),
            ],
            [Button(turn.label("How questions look"), f"{LOOK}:ask")],
        ]
        if turn.known.has(*_WORKS):
            rows.append([Button(turn.label("Shift"), f"{SHIFT}:ask")])
        return rows


def _word(turn: Turn) -> str:
    pressed = turn.update.callback_query is not None and turn.arguments
    return turn.arguments[0] if pressed else ""


def _are_days(word: str) -> bool:
    return bool(word) and word == "".join(sorted(set(word) & set(EVERY_DAY)))


def _letter(spans: dict[str, tuple[time, time]], start: time | None, end: time | None) -> str:
    return next((key for key, span in spans.items() if span == (start, end)), "-")


def _day_name(turn: Turn, day: str) -> str:
    names = get_day_names("abbreviated", "stand-alone", locale=turn.language.replace("-", "_"))
    return str(names[int(day)])


def _day_names(turn: Turn, days: str) -> list[str]:
    return [_day_name(turn, day) for day in days]


def _day_rows(turn: Turn, chosen: str, verb: str) -> Rows:
    """Return a button for each weekday that adds or takes it, and two for usual choices."""
    now = chosen or EVERY_DAY
    buttons = []
    for day in EVERY_DAY:
        then = now.replace(day, "") if day in now else "".join(sorted(now + day))
        label = _marked(_day_name(turn, day), is_chosen=day in now)
        buttons.append(Button(label, f"{verb}:{then or EVERY_DAY}"))
    return [
        buttons[:4],
        buttons[4:],
        [
            Button(turn.label("Monday to Friday"), f"{verb}:01234"),
            Button(turn.label("Every day"), f"{verb}:{EVERY_DAY}"),
        ],
    ]


def _marked(label: str, *, is_chosen: bool) -> str:
    return f"\u2713 {label}" if is_chosen else label
