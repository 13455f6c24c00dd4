"""Looking whether actions worked, when their day has come; each planned day is looked at once.

Where it is too early one looks again four weeks later, twice at most. What was found goes to those
in charge and to the action's owner.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

from sqlalchemy import exists, func, select, update
from sqlmodel import Session, col

import gapengine
from bot.core import audit
from bot.core.clock import Clock, monday_of
from bot.core.database import Database, WriteLane, insert_into
from bot.core.errors import StorageError
from bot.core.i18n import N_
from bot.core.logs import Events
from bot.core.pictures import keep_picture
from bot.improvement import decisions
from bot.improvement.actions import DONE, DROPPED
from bot.improvement.desk import ActionDesk
from bot.improvement.effects import Found, measured
from bot.improvement.effects_tables import ActionEffect
from bot.improvement.effects_view import view_of_effect
from bot.improvement.effects_wording import MEASURED
from bot.improvement.tables import Action
from bot.improvement.telling import tell
from bot.people import roster
from bot.people.tables import Person
from bot.surveys.tables import DirtyWeek

_log = Events("gapbot.effects")

AGAIN_AFTER = timedelta(weeks=4)
MOST_AGAIN = 2
TOO_EARLY = "too early"


Chart = Callable[..., str | None]
"""Draws an effect as SVG: ``chart(content, verdict=, unit_name=, language=)``."""

Draw = Callable[[str, str], Awaitable[bytes]]
"""Turns an SVG in a language into a PNG, outside this process."""


@dataclass(frozen=True, slots=True)
class _Look:
    """What was found, and its chart as SVG in the languages of those who are told."""

    found: Found | None
    charts: Mapping[str, str]


class EffectLook:
    """Looks at what is due.

    The engine works outside the write lane, on a reading session; charts are drawn in a worker
    process.
    """

    def __init__(
        self,
        *,
        database: Database,
        lane: WriteLane,
        clock: Clock,
        desk: ActionDesk,
        chart: Chart,
        draw: Draw,
    ) -> None:
        """Read from this database, write through this lane, draw with these."""
        self._database = database
        self._lane = lane
        self._clock = clock
        self._desk = desk
        self._chart = chart
        self._draw = draw

    async def bring_up_to_date(self) -> None:
        """Look at what is due; this is what the clock starts."""
        await self.look_at_due()

    async def look_at_due(self) -> int:
        """Look at every action whose day has come; return how many were looked at."""
        now = self._clock.now()
        due = await self._database.read(lambda session: due_actions(session, now.date()))
        looked = 0
        for action_id in due:
            try:
                looked += await self._look(action_id, now)
            except StorageError:
                raise
            except Exception as error:  # noqa: BLE001 - one action must not keep the others waiting
                _log.error("action.not_checked", error, action=action_id)
        return looked

    async def _look(self, action_id: int, now: datetime) -> int:
        look = await self._database.read(partial(self._charted, action_id=action_id, now=now))
        pngs = {
            language: png
            for language, svg in look.charts.items()
            if (png := await self._drawn(svg, language, action_id)) is not None
        }
        return await self._lane.run(
            partial(
                _kept, action_id=action_id, found=look.found, now=now, desk=self._desk, pngs=pngs
            )
        )

    def _charted(self, session: Session, *, action_id: int, now: datetime) -> _Look:
        found = _found(session, action_id, now=now)
        action = session.get(Action, action_id)
        if found is None or action is None:
            return _Look(found, {})
        people = [session.get(Person, one) for one in _concerned(session, action)]
        name = roster.unit_name(session, action.unit_id)
        charts = {
            language: self._chart(
                found.content, verdict=found.verdict, unit_name=name, language=language
            )
            for language in {one.language for one in people if one is not None}
        }
        return _Look(found, {language: svg for language, svg in charts.items() if svg})

    async def _drawn(self, svg: str, language: str, action_id: int) -> bytes | None:
        """Draw a chart; a verdict without its picture is better than none."""
        try:
            return await self._draw(svg, language)
        except Exception as error:  # noqa: BLE001 - whatever drawing fails at, the words go out
            _log.error("action.not_drawn", error, action=action_id)
            return None


def look_at_due(session: Session, now: datetime, desk: ActionDesk) -> int:
    """Do the same within one transaction."""
    due = due_actions(session, now.date())
    return sum(
        _kept(session, one, found=_found(session, one, now=now), now=now, desk=desk) for one in due
    )


def due_actions(session: Session, today: date) -> Sequence[int]:
    """Return the actions that are to be looked at on this day or before and were not yet."""
    looked = exists().where(
        col(ActionEffect.action_id) == col(Action.id),
        col(ActionEffect.planned_on) >= col(Action.check_on),
    )
    query = select(col(Action.id)).where(
        col(Action.state) != DROPPED,
        col(Action.gap).in_(MEASURED),
        col(Action.check_on) <= today,
        ~looked,
    )
    return [one for one in session.scalars(query.order_by(col(Action.check_on))) if one is not None]


def keep(
    session: Session,
    action: Action,
    found: Found,
    *,
    now: datetime,
    desk: ActionDesk,
    pngs: Mapping[str, bytes] | None = None,
) -> ActionEffect | None:
    """Store what was found and tell people; None where another process was quicker.

    ``pngs`` are its chart by language.
    """
    if action.check_on is None:
        return None
    again_on = _again(session, action, now) if found.verdict == TOO_EARLY else None
    effect_id = session.scalar(
        insert_into(session, ActionEffect)
        .values(
            action_id=action.id,
            planned_on=action.check_on,
            computed_at=now,
            verdict=found.verdict,
            again_on=again_on,
            content=found.content,
            engine_version=gapengine.__version__,
            fingerprint=found.fingerprint,
        )
        .on_conflict_do_nothing()
        .returning(col(ActionEffect.id))
    )
    if effect_id is None:
        return None
    effect = session.get_one(ActionEffect, effect_id)
    if again_on is not None:
        _look_again(session, action, again_on)
    audit.record(
        session,
        "action.checked",
        now=now,
        subject=f"action {action.id}",
        unit_id=action.unit_id,
        detail=found.verdict,
    )
    _log.info("action.checked", action=action.id, effect=effect_id)
    kept = {
        language: keep_picture(session, png, now.date()) for language, png in (pngs or {}).items()
    }
    _tell(session, action, effect, now=now, desk=desk, pictures=kept)
    return effect


def _found(session: Session, action_id: int, *, now: datetime) -> Found | None:
    """Measure an action; None where it is gone, or its figures are not up to date yet."""
    action = session.get(Action, action_id)
    if action is None or _is_behind(session, action, now):
        return None
    return measured(session, action, now)


def _is_behind(session: Session, action: Action, now: datetime) -> bool:
    """Tell whether answers of the weeks looked at wait to be added up, as after a standstill."""
    waiting = select(col(DirtyWeek.week)).where(
        col(DirtyWeek.unit_id).in_([action.unit_id, *action.compared]),
        col(DirtyWeek.week) >= action.before_first,
        col(DirtyWeek.week) < monday_of(now.date()),
    )
    return session.scalars(waiting.limit(1)).first() is not None


def _kept(
    session: Session,
    action_id: int,
    *,
    found: Found | None,
    now: datetime,
    desk: ActionDesk,
    pngs: Mapping[str, bytes] | None = None,
) -> int:
    """Keep what was found, unless the action was dropped or given another day meanwhile."""
    action = session.get(Action, action_id)
    if action is None or found is None or action_id not in due_actions(session, now.date()):
        return 0
    return int(keep(session, action, found, now=now, desk=desk, pngs=pngs) is not None)


def _again(session: Session, action: Action, now: datetime) -> date | None:
    before = session.scalar(
        select(func.count())
        .select_from(ActionEffect)
        .where(col(ActionEffect.action_id) == action.id, col(ActionEffect.verdict) == TOO_EARLY)
    )
    return now.date() + AGAIN_AFTER if (before or 0) < MOST_AGAIN else None


def _look_again(session: Session, action: Action, day: date) -> None:
    session.execute(update(Action).where(col(Action.id) == action.id).values(check_on=day))
    session.refresh(action)
    if action.fix:
        decisions.move_check(session, action.unit_id, action.fix, check_on=day)


def _concerned(session: Session, action: Action) -> list[int | None]:
    """Return who is told: those in charge, and the action's owner."""
    return [*(one.id for one in roster.in_charge(session, action.unit_id)), action.owner_id]


def _tell(
    session: Session,
    action: Action,
    effect: ActionEffect,
    *,
    now: datetime,
    desk: ActionDesk,
    pictures: Mapping[str, str],
) -> None:
    """Tell those in charge, who may also tell the people who were asked; then the owner."""
    open_it = [(N_("Open it"), f"ac:{action.id}:-")]
    pass_on = [(N_("Tell those who were asked"), f"ysd:{action.id}")]
    *charged, owner_id = _concerned(session, action)
    rows = [open_it, pass_on] if action.state == DONE else [open_it]
    for people, offers in ((charged, rows), ([owner_id], [open_it])):
        tell(
            session,
            desk,
            action,
            "improvement/effect.html",
            to=people,
            occasion=f"effect:{effect.planned_on}",
            now=now,
            offers=offers,
            pictures=pictures,
            effect=view_of_effect(effect),
        )
