"""The demo's rules, promises, measurements and forecasts, written as people would have."""

from datetime import datetime, timedelta

import numpy as np
from sqlalchemy import select
from sqlmodel import col

from bot.demo.company_story import Stage
from bot.forecasts import forecasts
from bot.forecasts.rules import slots_of
from bot.registers import measurements, opinions, promises, standards
from bot.registers.promises import Pledge
from bot.registers.standards import CHAT, FILE, Content
from bot.registers.tables import StandardCard

WAITS, SAYS_HOW_LONG = "responsiveness.short_waits", "responsiveness.says_how_long"
RIGHT_FIRST, ON_TIME = "reliability.right_from_the_start", "reliability.promised_date"
EQUIPMENT = "tangibles.equipment"
WAITS_RULE = ((1.0, 7.0), (3.0, 6.0), (6.0, 4.0), (10.0, 2.0))
"""Minutes at the till, and the level they stand for."""
MINUTES = 9.0
_MEASURED_DAYS = 27
_KNOWING, _KEEPING = (0.45, 0.35, 0.2), (0.1, 0.3, 0.4, 0.2)
"""How staff answer whether they know a rule and can keep it, from the best answer."""
_FORECAST_WEEKS = (5, 4, 3, 2, 1)


def write_registers(stage: Stage) -> None:
    """Write rules and promises down, measure, ask staff about rules, let the manager forecast."""
    _write_standards(stage)
    _make_promises(stage)
    _measure(stage)
    for months in (2, 1):
        _ask_staff(stage, _middle_of_month(stage, months))
    _forecast(stage)


def _write_standards(stage: Stage) -> None:
    words, at = stage.company.words, stage.days.ago(90)
    target = {
        "metric": words.metric,
        "measure": words.measure,
        "comparison": "at_most",
        "target": 3.0,
        "rule": WAITS_RULE,
    }
    rules = {
        WAITS: Content(6, words.standards.waits, **target),  # type: ignore[arg-type]
        SAYS_HOW_LONG: Content(6, words.standards.says_how_long),
        RIGHT_FIRST: Content(6, words.standards.right_first),
        EQUIPMENT: Content(5, words.standards.equipment),
    }
    for item, content in rules.items():
        standards.write_version(
            stage.session,
            content,
            item=item,
            unit_id=stage.riverside,
            seen=0,
            valid_from=at.date(),
            source=CHAT,
            author_id=stage.manager,
            now=at,
        )


def _make_promises(stage: Stage) -> None:
    """Promise one thing that is kept; one that is planned for next week is too high."""
    words, days = stage.company.words.promises, stage.days
    for wording, item, level, channel, unit_id, start in (
        (words.ahead, ON_TIME, 5, "site", None, -84),
        (words.coffee, WAITS, 7, "advert", stage.riverside, 7),
    ):
        at = days.ago(84 if start < 0 else 2)
        promises.add_promise(
            stage.session,
            Pledge(level, wording, days.today + timedelta(days=start)),
            item=item,
            unit_id=unit_id,
            channel=channel,
            owner_id=stage.manager,
            source=CHAT if unit_id else FILE,
            author_id=stage.manager,
            now=at,
        )


def _measure(stage: Stage) -> None:
    """Store the mean wait of each day: worse than staff think."""
    rng = np.random.default_rng(3)
    for back in range(_MEASURED_DAYS, 0, -1):
        measurements.store(
            stage.session,
            unit_id=stage.riverside,
            item=WAITS,
            at=stage.days.ago(back, 12),
            value=round(float(rng.normal(MINUTES, 1.0)), 1),
            n=int(rng.integers(30, 60)),
        )


def _ask_staff(stage: Stage, at: datetime) -> None:
    """Ask staff about rules in a month that is over, and let them answer."""
    session, rng = stage.session, np.random.default_rng(5)
    opinions.ask_staff(session, at, stage.parts.registers)
    for key in session.scalars(select(col(StandardCard.key))).all():
        known = 1 + int(rng.choice(3, p=_KNOWING))
        if opinions.answer(session, key, opinions.KNOW, known, now=at):
            kept = 1 + int(rng.choice(4, p=_KEEPING))
            opinions.answer(session, key, opinions.KEEP, kept, now=at)


def _forecast(stage: Stage) -> None:
    """Let the manager guess on Fridays what customers will say; too well of her own house."""
    session, days = stage.session, stage.days
    for ago in _FORECAST_WEEKS:
        week = days.week(ago)
        at = days.ago((days.today - week).days - 4, 15)
        card = forecasts.make_card(
            session, person_id=stage.manager, unit_id=stage.riverside, week=week, now=at
        )
        if card is None:
            continue
        for slot in slots_of(card.dimensions):
            level = 6 if slot.vantage == "E" or ago > 3 else 5
            forecasts.say(session, card, slot, level=level, now=at)


def _middle_of_month(stage: Stage, months: int) -> datetime:
    """Return a working hour in the middle of the month so many months back."""
    day = stage.days.today
    for _ in range(months):
        day = day.replace(day=1) - timedelta(days=1)
    return stage.days.ago((stage.days.today - day.replace(day=12)).days, 11)
