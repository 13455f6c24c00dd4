"""What the demo's company did about what it heard, through the features' own functions.

Whatever is shown of it is what the product itself would have written in those weeks: the verdicts
are the engine's, on the company's answers; ``opinions`` holds what changed in them.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlmodel import Session

from bot.analysis.refresh import refresh
from bot.analysis.reports import Windows, make_report
from bot.core.clock import monday_of
from bot.core.i18n import N_
from bot.core.render import Texts
from bot.core.schedule import local_day, local_to_utc
from bot.demo.company import ZONE, Company
from bot.digests.chart import draw_png, effect_svg
from bot.improvement import actions, told
from bot.improvement.actions import DIGEST
from bot.improvement.effects import measured
from bot.improvement.effects_looking import due_actions, keep
from bot.improvement.tables import Action
from bot.improvement.telling import tell
from bot.parts import Parts
from bot.people import roster

RIVERSIDE, STATION = 0, 2
WORDS_FIX, STEPS_FIX, TOOLS_FIX = (
    "communication.mend-our-words",
    "delivery.step-by-step",
    "specification.tool-failures",
)
TAKEN_WEEKS_AGO = 8
CHECKED_DAYS_AGO = 1


@dataclass(frozen=True, slots=True)
class Days:
    """Days and hours of the past, as the company's clock shows them."""

    now: datetime

    @property
    def today(self) -> date:
        """The date on the company's calendar."""
        return local_day(self.now, ZONE)

    def ago(self, days: int, hour: int = 10) -> datetime:
        """Return an hour of a day so many days back."""
        return local_to_utc(self.today - timedelta(days=days), time(hour), ZONE)

    def week(self, weeks: int) -> date:
        """Return the Monday so many weeks back."""
        return monday_of(self.today) - timedelta(weeks=weeks)


@dataclass(frozen=True, slots=True)
class Stage:
    """What every scene of the story needs: the database, the features, the company, the days."""

    session: Session
    parts: Parts
    texts: Texts
    company: Company
    days: Days

    @property
    def riverside(self) -> int:
        """The id of the unit where the three people belong."""
        return self.company.units[RIVERSIDE]

    @property
    def manager(self) -> int:
        """The id of the manager of that unit who is played, or who stands in."""
        return self.company.first("manager")


def act_on_answers(stage: Stage, windows: Windows) -> None:
    """Take fixes, do them, look whether they worked, and tell those who were asked."""
    session, days = stage.session, stage.days
    while refresh(session):
        pass
    last_week = days.week(TAKEN_WEEKS_AGO + 1)
    taken_at = days.ago((days.today - days.week(TAKEN_WEEKS_AGO)).days - 1)
    report_id = make_report(session, taken_at, windows, last_week=last_week)
    mended = _finished(stage, RIVERSIDE, WORDS_FIX, "communication", report_id, taken_at)
    _finished(stage, STATION, WORDS_FIX, "communication", report_id, taken_at)
    _finished(stage, RIVERSIDE, STEPS_FIX, "delivery", report_id, taken_at)
    _tell_customers(stage, mended)
    _look_at_effects(stage, days.ago(CHECKED_DAYS_AGO, 9))
    _under_way(stage)


def ask_to_take_over(stage: Stage, action_id: int, *, to: int, at: datetime) -> None:
    """Ask somebody to take an action over; they find the question in their chat."""
    action = stage.session.get_one(Action, action_id)
    actions.propose(stage.session, action, to, by=stage.manager, now=at)
    key = f"{action_id}:-"
    tell(
        stage.session,
        stage.parts.actions,
        action,
        "improvement/asked.html",
        to=[to],
        occasion="asked",
        now=at,
        offers=[
            [(N_("I take it over"), f"acy:{key}"), (N_("Not me"), f"acz:{key}")],
            [(N_("Open it"), f"ac:{key}")],
        ],
        by=roster.person_name(stage.session, stage.manager),
        due_on=action.due_on,
        note=action.note,
    )


def _finished(  # noqa: PLR0917 - the parts of one sentence: where, what, about what, when
    stage: Stage, unit: int, fix: str, about: str, report_id: int, taken_at: datetime
) -> Action:
    """Take a fix, date it, and do it on its day, so that its effect is looked at by now."""
    session, days = stage.session, stage.days
    by = stage.manager if unit == RIVERSIDE else stage.company.crowd[unit, "manager"][0]
    gap, _, dimension = about.partition(":")
    action = _taken(
        stage, unit, fix, gap=gap, dimension=dimension, report_id=report_id, by=by, at=taken_at
    )
    after = stage.parts.actions.check_after
    due = days.today - timedelta(days=CHECKED_DAYS_AGO) - after
    actions.set_due(
        session,
        action,
        due,
        by=by,
        now=taken_at,
        today=local_day(taken_at, ZONE),
        check_after=after,
    )
    actions.finish(session, action, by=by, now=local_to_utc(due, time(16), ZONE))
    return action


def _taken(
    stage: Stage,
    unit: int,
    fix: str,
    *,
    gap: str,
    dimension: str,
    report_id: int | None,
    by: int,
    at: datetime,
) -> Action:
    made = actions.create_action(
        stage.session,
        unit_id=stage.company.units[unit],
        source=DIGEST,
        taken_by=by,
        now=at,
        fix=fix,
        gap=gap,
        dimension=dimension,
        report_id=report_id,
        check_after=stage.parts.actions.check_after,
    )
    if made is None:
        raise LookupError(f"{fix} is decided already")
    return made


def _look_at_effects(stage: Stage, now: datetime) -> None:
    """Let the engine say of each action whose day has come whether it worked, under a chart."""
    session, language = stage.session, stage.company.language
    for action_id in due_actions(session, now.date()):
        action = session.get_one(Action, action_id)
        found = measured(session, action, now)
        unit_name = roster.unit_name(session, action.unit_id)
        svg = effect_svg(
            stage.texts,
            found.content,
            verdict=found.verdict,
            unit_name=unit_name,
            language=language,
        )
        is_seen = svg is not None and action.unit_id == stage.riverside
        pngs = {language: draw_png(svg or "", language)} if is_seen else {}
        keep(session, action, found, now=now, desk=stage.parts.actions, pngs=pngs)


def _tell_customers(stage: Stage, action: Action) -> None:
    """Tell the customers who were asked what was done about what they said."""
    session, days, language = stage.session, stage.days, stage.company.language
    at = days.ago(35, 11)
    note = told.start(
        session,
        unit_id=action.unit_id,
        by=stage.manager,
        audience="customer",
        language=language,
        words=stage.company.words.told,
        asked_from=action.before_first,
        now=at,
        action_id=action.id,
    )
    desk = stage.parts.told
    told.send(session, note, by=stage.manager, now=at, apart=desk.apart, reach=desk.reach)


def _under_way(stage: Stage) -> None:
    """Leave one fix in somebody's hands: dated, noted, due within the week."""
    session, days = stage.session, stage.days
    at, owner = days.ago(9), stage.company.crowd[RIVERSIDE, "staff"][0]
    action = _taken(
        stage,
        RIVERSIDE,
        TOOLS_FIX,
        gap="specification",
        dimension="responsiveness",
        report_id=None,
        by=stage.manager,
        at=at,
    )
    actions.set_due(
        session,
        action,
        days.today + timedelta(days=5),
        by=stage.manager,
        now=at,
        today=local_day(at, ZONE),
        check_after=stage.parts.actions.check_after,
    )
    actions.set_note(session, action, stage.company.words.note, by=stage.manager, now=at)
    ask_to_take_over(stage, action.id or 0, to=owner, at=at)
    actions.accept(session, action, by=owner, now=days.ago(8))
