"""Actions: made, given away, dated, closed. Each change is one conditional UPDATE and is recorded.

proposed ─accept─> open ─done──> done ─┐
    └────decline────^  └─drop─> dropped ┴─reopen, for a week─> open

A function returns False, or None, where the action was no longer in the state that it needs: of
two people who press at once the first wins, and the other is shown what happened.
"""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from bot.core import audit
from bot.core.database import insert_into
from bot.core.rows import change_row
from bot.improvement import decisions
from bot.improvement.baseline import Baseline, baseline_of
from bot.improvement.decisions import CHECK_AFTER, TAKEN
from bot.improvement.tables import Action

PROPOSED, OPEN, DONE, DROPPED = "proposed", "open", "done", "dropped"
LIVE = (PROPOSED, OPEN)
DIGEST, IDEA, ISSUE, PROMISE, OWN = "digest", "idea", "issue", "promise", "own"
UNDONE = "undone"
"""The reason of an action that its taker took back."""
OTHER = "other"
REOPENED_WITHIN = timedelta(days=7)
LONGEST_TITLE, LONGEST_NOTE, LONGEST_WORDS = 200, 500, 300


def create_action(  # noqa: PLR0913 - an action has this many parts, each given by name
    session: Session,
    *,
    unit_id: int,
    source: str,
    taken_by: int,
    now: datetime,
    fix: str = "",
    title: str = "",
    gap: str = "",
    dimension: str = "",
    report_id: int | None = None,
    note: str = "",
    check_after: timedelta = CHECK_AFTER,
    shown: float | None = None,
) -> Action | None:
    """Make an action of a fix, or of own words; its taker is its owner until it is given away.

    Returns None when something stands decided about this fix in this unit already. With a gap its
    effect is looked at ``check_after`` the due day, or the day of taking. ``shown`` is the gap as
    the digest showed it, where that is not the report's own figure.
    """
    baseline = baseline_of(
        session, unit_id=unit_id, gap=gap, dimension=dimension, report_id=report_id, now=now
    )
    check_on = (now + check_after).date() if gap else None
    if fix and not decisions.decide(
        session,
        unit_id=unit_id,
        fix=fix,
        gap=gap,
        dimension=dimension,
        state=TAKEN,
        person_id=taken_by,
        report_id=report_id,
        now=now,
        check_after=check_after,
        estimate=baseline.estimate if shown is None else shown,
    ):
        return None
    action_id = session.scalar(
        insert_into(session, Action)
        .values(
            unit_id=unit_id,
            fix=fix,
            title=title[:LONGEST_TITLE],
            gap=gap,
            dimension=dimension,
            source=source,
            state=OPEN,
            taken_by=taken_by,
            owner_id=taken_by,
            note=note[:LONGEST_NOTE],
            report_id=report_id,
            check_on=check_on,
            taken_at=now,
            dropped_reason="",
            dropped_words="",
            **_columns(baseline),
        )
        .on_conflict_do_nothing()
        .returning(col(Action.id))
    )
    if action_id is None:
        return None
    action = session.get_one(Action, action_id)
    _record(session, action, "action.taken", by=taken_by, now=now, detail=f"{source} {fix}".strip())
    return action


def take_back(session: Session, *, unit_id: int, fix: str, by: int, now: datetime) -> bool:
    """Undo a decision on a fix; a taken one, with its action, only by its taker."""
    standing = decisions.standing_on(session, unit_id, fix, today=now.date())
    if not decisions.undo(session, unit_id=unit_id, fix=fix, person_id=by):
        return False
    if standing is not None and standing.state == TAKEN:
        action = live_action(session, unit_id, fix)
        if action is not None:
            _close(session, action, DROPPED, by=by, now=now, dropped_reason=UNDONE)
    return True


def set_due(
    session: Session,
    action: Action,
    day: date,
    *,
    by: int,
    now: datetime,
    today: date,
    check_after: timedelta = CHECK_AFTER,
) -> bool:
    """Set the due day; the day on which one looks at the effect moves with it."""
    check_on = day + check_after if action.gap else None
    moved = change_row(
        session,
        action,
        col(Action.state).in_(LIVE),
        due_on=day,
        check_on=check_on,
        remind_on=None,
        reminded_on=today,
    )
    if moved:
        if action.fix:
            decisions.move_check(session, action.unit_id, action.fix, check_on=check_on)
        _record(session, action, "action.dated", by=by, now=now, detail=day.isoformat())
    return moved


def set_note(session: Session, action: Action, note: str, *, by: int, now: datetime) -> bool:
    """Keep a note of what is planned."""
    changed = change_row(session, action, col(Action.state).in_(LIVE), note=note[:LONGEST_NOTE])
    if changed:
        _record(session, action, "action.noted", by=by, now=now)
    return changed


def snooze(session: Session, action: Action, until: date, *, by: int, now: datetime) -> bool:
    """Hold reminders back, and send one on this day."""
    changed = change_row(session, action, col(Action.state).in_(LIVE), remind_on=until)
    if changed:
        _record(session, action, "action.snoozed", by=by, now=now, detail=until.isoformat())
    return changed


def propose(session: Session, action: Action, to: int, *, by: int, now: datetime) -> bool:
    """Ask somebody to take an action over; until they accept, its owner stays."""
    asked = change_row(
        session, action, col(Action.state).in_(LIVE), state=PROPOSED, asked_id=to, asked_by=by
    )
    if asked:
        _record(session, action, "action.proposed", by=by, now=now)
    return asked


def assume(session: Session, action: Action, *, by: int, now: datetime) -> bool:
    """Make oneself the owner, without being asked."""
    return _hand_over(session, action, col(Action.state).in_(LIVE), to=by, by=by, now=now)


def accept(session: Session, action: Action, *, by: int, now: datetime) -> bool:
    """Take over what one was asked to take over."""
    return _hand_over(session, action, _asked_of(by), to=by, by=by, now=now)


def decline(session: Session, action: Action, *, by: int, now: datetime) -> bool:
    """Leave an action with its owner."""
    left = change_row(session, action, _asked_of(by), state=OPEN, asked_id=None)
    if left:
        _record(session, action, "action.declined", by=by, now=now)
    return left


def finish(session: Session, action: Action, *, by: int, now: datetime) -> bool:
    """Close an action as done. The fix is not suggested again before its effect was looked at."""
    return _close(session, action, DONE, by=by, now=now)


def drop(
    session: Session, action: Action, reason: str, *, by: int, now: datetime, words: str = ""
) -> bool:
    """Give an action up; its fix then counts as not ours, for the same reason."""
    dropped = _close(
        session,
        action,
        DROPPED,
        by=by,
        now=now,
        dropped_reason=reason,
        dropped_words=words[:LONGEST_WORDS],
    )
    if dropped and action.fix:
        decisions.turn_down(
            session,
            action.unit_id,
            action.fix,
            reason=reason,
            person_id=by,
            now=now,
        )
    return dropped


def reopen(session: Session, action: Action, *, by: int, now: datetime) -> bool:
    """Go on with an action that was closed lately; not where its fix was taken anew meanwhile."""
    closed_lately = (
        col(Action.state).in_((DONE, DROPPED)),
        col(Action.closed_at) > now - REOPENED_WITHIN,
    )
    try:
        with session.begin_nested():
            reopened = change_row(
                session,
                action,
                *closed_lately,
                state=OPEN,
                closed_at=None,
                dropped_reason="",
                dropped_words="",
            )
    except IntegrityError:
        session.refresh(action)
        return False
    if reopened:
        _decide_again(session, action, by=by, now=now)
        _record(session, action, "action.reopened", by=by, now=now)
    return reopened


def _decide_again(session: Session, action: Action, *, by: int, now: datetime) -> None:
    """Let the fix of a reopened action stand as taken again."""
    if not action.fix:
        return
    if decisions.take_again(session, action.unit_id, action.fix, check_on=action.check_on):
        return
    decisions.decide(
        session,
        unit_id=action.unit_id,
        fix=action.fix,
        gap=action.gap,
        dimension=action.dimension,
        state=TAKEN,
        person_id=by,
        report_id=action.report_id,
        now=now,
        estimate=action.estimate,
    )


def live_action(session: Session, unit_id: int, fix: str) -> Action | None:
    """Return the action on a fix that is under way in a unit."""
    return session.scalars(
        select(Action).where(
            col(Action.unit_id) == unit_id, col(Action.fix) == fix, col(Action.state).in_(LIVE)
        )
    ).first()


def _hand_over(
    session: Session,
    action: Action,
    *condition: ColumnElement[bool],
    to: int,
    by: int,
    now: datetime,
) -> bool:
    taken = change_row(
        session, action, *condition, state=OPEN, owner_id=to, asked_id=None, remind_on=None
    )
    if taken:
        _record(session, action, "action.accepted", by=by, now=now)
    return taken


def _close(
    session: Session, action: Action, state: str, *, by: int, now: datetime, **values: Any
) -> bool:
    closed = change_row(
        session,
        action,
        col(Action.state).in_(LIVE),
        state=state,
        closed_at=now,
        asked_id=None,
        remind_on=None,
        **values,
    )
    if closed:
        reason = values.get("dropped_reason", "")
        _record(session, action, f"action.{state}", by=by, now=now, detail=reason)
    return closed


def _asked_of(person_id: int) -> ColumnElement[bool]:
    return and_(col(Action.state) == PROPOSED, col(Action.asked_id) == person_id)


def _columns(baseline: Baseline) -> dict[str, Any]:
    return {
        "before_first": baseline.first,
        "before_last": baseline.last,
        "trigger_week": baseline.trigger,
        "estimate": baseline.estimate,
        "points": baseline.points,
        "compared": list(baseline.compared),
    }


def _record(
    session: Session, action: Action, what: str, *, by: int, now: datetime, detail: str = ""
) -> None:
    audit.record(
        session,
        what,
        now=now,
        subject=f"action {action.id}",
        person_id=by,
        unit_id=action.unit_id,
        detail=detail,
    )
