"""Did an action work: what the engine says of its gap, held against the units fixed when it began.

Reads only. Weeks before and comparison units are those that were written down when the action was
taken; the week that gave rise to it is left out; a unit that took up the same gap since then is no
comparison any more. Where questions are asked on another scale by now, nothing can be compared.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np
from sqlalchemy import or_, select
from sqlmodel import Session, col

from bot.core.clock import monday_of
from bot.core.schedule import local_day, local_to_utc
from bot.improvement.actions import DONE, DROPPED
from bot.improvement.desk import zone_for
from bot.improvement.effects_series import series_of
from bot.improvement.effects_weeks import PARTS, WEEKLY, Course, Story, story_of
from bot.improvement.effects_wording import CLASSIC
from bot.improvement.tables import Action
from bot.surveys.scales import main_points
from gapengine.effect import Effect, Outcome, Rules, effect
from gapengine.scale import Scale

_WEEK = timedelta(weeks=1)


@dataclass(frozen=True)
class Found:
    """What a look at an action found: the verdict, plain values, and a mark of what went in."""

    verdict: str
    content: dict[str, Any]
    fingerprint: str = ""


def measured(session: Session, action: Action, now: datetime) -> Found:
    """Compare the gap of an action before and after it, with the units beside it."""
    zone = zone_for(session, None, action.unit_id)
    course = Course.of(
        action.before_first,
        action.before_last,
        trigger=action.trigger_week,
        started=started_week(action, zone),
        newest=monday_of(local_day(now, zone)) - _WEEK,
    )
    gap = CLASSIC.get(action.gap, action.gap)
    upwards = not (gap == "expectation" and (action.estimate or 0.0) > 0)
    if action.points != main_points(session):
        return _told(action, course, Effect(Outcome.NO_BASELINE), upwards=upwards, rescaled=True)
    if len(course.after) < PARTS:
        return _told(action, course, Effect(Outcome.TOO_EARLY), upwards=upwards)
    units = [action.unit_id, *(one for one in action.compared if one != action.unit_id)]
    scale = Scale(action.points)
    story = story_of(session, units, course, gap=gap, dimension=action.dimension, scale=scale)
    untouched = np.array([one not in _touched(session, action, zone) for one in units])
    found = effect(
        story.points,
        treated=0,
        started=story.started,
        trigger_week=story.trigger,
        untouched=untouched,
        upwards=upwards,
        rules=_rules(gap, scale),
    )
    return _told(action, course, found, upwards=upwards, units=units, story=story)


def started_week(action: Action, zone: str) -> date:
    """Return the first week that lies wholly after an action.

    One that nobody has closed yet counts from its due day, without one from when it was taken.
    """
    taken = local_day(action.taken_at, zone)
    day = action.due_on or taken
    if action.state == DONE and action.closed_at is not None:
        day = local_day(action.closed_at, zone)
    return max(monday_of(max(day, taken)) + _WEEK, action.trigger_week + _WEEK)


def careful_verdict(found: Effect, *, upwards: bool) -> Outcome:
    """Say no more than the figures allow.

    A unit that was compared with no other has improved only if it is better than a bad week comes
    back by itself, and by more than chance would do.
    """
    if found.verdict is not Outcome.IMPROVED or found.comparisons:
        return found.verdict
    if found.rebound is None or found.low is None or found.high is None:
        return Outcome.NO_EVIDENCE
    beyond = found.rebound.seen - found.rebound.expected
    reach = (found.high - found.low) / 2
    more = beyond if upwards else -beyond
    return Outcome.IMPROVED if more > reach else Outcome.NO_EVIDENCE


def _rules(gap: str, scale: Scale) -> Rules:
    usual = Rules()
    rules = replace(usual, caliper=scale.of_seven(usual.caliper))
    if gap in WEEKLY:
        return rules
    return replace(rules, weeks_before=PARTS, weeks_after=PARTS, longest=PARTS)


def _touched(session: Session, action: Action, zone: str) -> set[int]:
    """Units that worked on the same gap while this action was looked at."""
    since = local_to_utc(action.before_first, time(), zone)
    query = select(col(Action.unit_id)).where(
        col(Action.id) != action.id,
        col(Action.unit_id).in_(action.compared),
        col(Action.gap) == action.gap,
        col(Action.state) != DROPPED,
        or_(col(Action.closed_at).is_(None), col(Action.closed_at) >= since),
    )
    if action.dimension:
        query = query.where(col(Action.dimension).in_(("", action.dimension)))
    return set(session.scalars(query))


def _told(
    action: Action,
    course: Course,
    found: Effect,
    *,
    upwards: bool,
    units: Sequence[int] = (),
    story: Story | None = None,
    rescaled: bool = False,
) -> Found:
    verdict = careful_verdict(found, upwards=upwards)
    plain = found.to_plain() | {"comparisons": [units[row] for row in found.comparisons]}
    after = [course.after[0].isoformat(), course.after[-1].isoformat()] if course.after else []
    gap = CLASSIC.get(action.gap, action.gap)
    content = {
        "gap": gap,
        "dimension": action.dimension,
        "upwards": upwards,
        "points": action.points,
        "rescaled": rescaled,
        "by": "weeks" if gap in WEEKLY else "parts",
        "before": [action.before_first.isoformat(), action.before_last.isoformat()],
        "trigger": course.trigger.isoformat(),
        "after": after,
        "effect": plain,
        "series": series_of(story, found.comparisons)
        if story and found.estimate is not None
        else [],
    }
    return Found(verdict.value, content, story.fingerprint if story else "")
