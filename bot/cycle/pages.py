"""What the pages of the circle say, as plain values for the templates."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from bot.core.schedule import local_day
from bot.cycle.counting import next_looks
from bot.cycle.rules import MEANINGS, PERIOD, SIGNS, Circle
from bot.digests.measured import HARMFUL
from bot.digests.view import SEED_NAMES, DigestView
from bot.improvement.actions import LIVE
from bot.improvement.desk import ActionDesk, zone_for
from bot.improvement.effects_section import found_since
from bot.improvement.effects_view import view_of_effect
from bot.improvement.listing import actions_of
from bot.improvement.tables import Action
from bot.issues import rules as issue_rules
from bot.issues.tables import Issue
from bot.people import roster

MOST_LISTED = 3


def standing(circle: Circle) -> dict[str, Any]:
    """Return what every page says of a circle."""
    return {
        "circle": circle,
        "sign": SIGNS[circle.stand],
        "stand": circle.stand.value,
        "meaning": MEANINGS[circle.stand],
    }


def findings(view: DigestView | None) -> dict[str, Any]:
    """Return what was found: how many of the five gaps fall short, and the one to work on."""
    if view is None:
        return {"view": None, "short": 0, "shown": 0}
    gaps = [view.gap(name) for name in SEED_NAMES]
    return {
        "view": view,
        "short": sum(gap.tone in HARMFUL for gap in gaps),
        "shown": sum(gap.estimate is not None for gap in gaps),
    }


def reported(session: Session, unit_id: int) -> int:
    """Count what staff have reported and nobody has resolved."""
    counted = session.scalar(
        select(func.count())
        .select_from(Issue)
        .where(col(Issue.unit_id) == unit_id, col(Issue.state).in_(issue_rules.OPEN))
    )
    return counted or 0


def unit_values(
    session: Session, desk: ActionDesk, circle: Circle, *, language: str, now: datetime
) -> dict[str, Any]:
    """Return the lists of a unit's page: under way, effects, and where one looks next."""
    unit_id = circle.unit_id
    today = local_day(now, zone_for(session, None, unit_id))
    live = [one for one in actions_of(session, unit_id, now=now) if one.state in LIVE]
    effects = found_since(session, unit_id, now - PERIOD)
    looks = next_looks(session, unit_id, today)
    return standing(circle) | {
        "unit": roster.unit_name(session, unit_id),
        "reported": reported(session, unit_id),
        "live": [
            _line(session, desk, one, language=language, today=today) for one in live[:MOST_LISTED]
        ],
        "more": max(0, len(live) - MOST_LISTED),
        "effects": [
            (desk.title_of(action, language), view_of_effect(effect))
            for action, effect in _newest(effects)[:MOST_LISTED]
        ],
        "look": (desk.title_of(looks[0], language), looks[0].check_on) if looks else None,
    }


def in_charge_names(session: Session, unit_id: int) -> str:
    """Return who is in charge of a unit, by name."""
    return " · ".join(one.name for one in roster.in_charge(session, unit_id))


def _line(
    session: Session, desk: ActionDesk, action: Action, *, language: str, today: date
) -> dict[str, Any]:
    return {
        "title": desk.title_of(action, language),
        "owner": roster.person_name(session, action.owner_id),
        "due_on": action.due_on,
        "days_late": (today - action.due_on).days if action.due_on else 0,
    }


def _newest(found: Sequence[Any]) -> list[Any]:
    """Keep the newest look at each action."""
    newest: dict[int | None, Any] = {}
    for action, effect in found:
        newest.setdefault(action.id, (action, effect))
    return list(newest.values())
