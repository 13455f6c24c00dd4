"""``/pause``, ``/resume`` and ``/away``: nothing is asked for a while, until a day, or again."""

from datetime import date, time, timedelta

from bot.core.dialogue import Button, Command, Press, Reply, Routes, Turn
from bot.core.i18n import N_
from bot.core.schedule import local_day, local_to_utc
from bot.people.places import stale
from bot.people.tables import Person
from bot.reach import wishes
from bot.reach.days import read_day

PAUSE, AWAY = "rp", "ra"
_PAUSE_DAY, _AWAY_DAY = "pause_day", "away_day"
_SPANS = {"w": 7, "m": 30}
_WORDS = {"week": "w", "month": "m"}


def routes() -> Routes:
    """Return what this page answers to."""
    return Routes(
        commands=(
            Command("pause", pause, menu=N_("Take a break from questions")),
            Command("resume", resume, menu=N_("End your break or absence")),
            Command("away", away, menu=N_("Say until when you are away")),
        ),
        presses=(Press(PAUSE, pause_pressed), Press(AWAY, away_pressed)),
        replies=(Reply(_PAUSE_DAY, pause), Reply(_AWAY_DAY, away)),
    )


def pause(turn: Turn) -> None:
    """``/pause``, with ``week``, ``month`` or a day behind it, or without; also a typed day."""
    if turn.who is None:
        turn.say("core/not_open.html", stranger=True)
        return
    written = _written(turn)
    if not written:
        _offer_pause(turn)
    elif written.casefold() in _WORDS:
        _pause_until(turn, _today(turn) + timedelta(days=_SPANS[_WORDS[written.casefold()]]))
    else:
        day = _day(turn, written)
        if day is None:
            turn.ask(_PAUSE_DAY)
            turn.say("reach/day_unclear.html")
        else:
            _pause_until(turn, day)


def pause_pressed(turn: Turn) -> None:
    """Take a press on a span, or ask for a day."""
    word = turn.arguments[0] if turn.arguments else ""
    if turn.who is None or word not in {*_SPANS, "day", "end", "ask"}:
        stale(turn)
    elif word == "ask":
        _offer_pause(turn)
    elif word == "end":
        resume(turn)
    elif word == "day":
        turn.ask(_PAUSE_DAY)
        turn.edit("reach/day_type.html")
    else:
        _pause_until(turn, _today(turn) + timedelta(days=_SPANS[word]))


def resume(turn: Turn) -> None:
    """``/resume``: a break and an absence are over; stopping is undone by ``/start``."""
    if turn.who is None:
        turn.say("core/not_open.html", stranger=True)
        return
    wish = wishes.wish_of(turn.session, turn.who.person_id)
    person = turn.session.get_one(Person, turn.who.person_id)
    was_off = wish.away_until is not None or person.paused_until is not None
    if person.paused_until is not None:
        wishes.pause(turn, None)
    if wish.away_until is not None:
        wishes.change(turn, away_until=None)
    turn.edit("reach/resumed.html", was_off=was_off, stopped=turn.who.state == "stopped")


def away(turn: Turn) -> None:
    """``/away``, with the last day of the absence behind it or without; also a typed day."""
    if turn.who is None:
        turn.say("core/not_open.html", stranger=True)
        return
    written = _written(turn)
    day = _day(turn, written) if written else None
    if day is not None:
        _away_until(turn, day)
    elif written:
        turn.ask(_AWAY_DAY)
        turn.say("reach/day_unclear.html")
    else:
        today = _today(turn)
        sunday = today + timedelta(days=6 - today.weekday())
        rows = [
            [
                Button(turn.label("Today"), f"{AWAY}:{today:%Y%m%d}"),
                Button(turn.label("Until Sunday"), f"{AWAY}:{sunday:%Y%m%d}"),
            ],
            [Button(turn.label("Until a day"), f"{AWAY}:day")],
        ]
        turn.edit("reach/away.html", rows=rows)


def away_pressed(turn: Turn) -> None:
    """Take a press on a last day, or ask for one."""
    word = turn.arguments[0] if turn.arguments else ""
    if turn.who is None:
        stale(turn)
    elif word == "day":
        turn.ask(_AWAY_DAY)
        turn.edit("reach/day_type.html")
    elif word == "ask":
        turn.arguments = ()
        away(turn)
    elif word.isdigit() and len(word) == 8:
        written = f"{word[:4]}-{word[4:6]}-{word[6:]}"
        day = read_day(written, today=_today(turn), language="en")
        if day is None:
            turn.toast("This day is over.")
        else:
            _away_until(turn, day)
    else:
        stale(turn)


def _offer_pause(turn: Turn) -> None:
    rows = [
        [
            Button(turn.label("A week"), f"{PAUSE}:w"),
            Button(turn.label("A month"), f"{PAUSE}:m"),
        ],
        [Button(turn.label("Until a day"), f"{PAUSE}:day")],
    ]
    turn.edit("reach/pause.html", rows=rows)


def _pause_until(turn: Turn, day: date) -> None:
    wishes.pause(turn, local_to_utc(day, time(), wishes.zone_for(turn)))
    turn.edit(
        "reach/paused.html",
        rows=[[Button(turn.label("End the break"), f"{PAUSE}:end")]],
        day=day,
    )


def _away_until(turn: Turn, day: date) -> None:
    wishes.change(turn, away_until=day)
    turn.edit(
        "reach/away_kept.html",
        rows=[[Button(turn.label("I am back"), f"{PAUSE}:end")]],
        day=day,
    )


def _written(turn: Turn) -> str:
    """Return what stands behind a command, or the text that answers the question for a day."""
    if turn.update.callback_query is not None:
        return ""
    if turn.text.startswith("/"):
        return " ".join(turn.arguments)
    return turn.text


def _day(turn: Turn, written: str) -> date | None:
    return read_day(written, today=_today(turn), language=turn.language)


def _today(turn: Turn) -> date:
    return local_day(turn.now, wishes.zone_for(turn))
