"""From stored findings to a view: what a digest, its charts and its pages are made of."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy import select
from sqlmodel import Session, col

from bot.analysis import findings
from bot.analysis.kept import read_findings
from bot.analysis.tables import StoredReport, StoredUnitReport
from bot.digests.measured import HARMFUL, OVERALL, Measured, like_for_like, read_gaps
from bot.digests.view import Comment, DigestView, EarlierAction, Focus, Response, digest_view
from bot.improvement import decisions
from bot.improvement.actions import OPEN
from bot.improvement.catalogue import Fix
from bot.improvement.effects_record import scores
from bot.improvement.listing import newest_by_fix
from bot.people import roster
from bot.people.tables import Unit
from bot.surveys.definition import Questionnaire
from bot.surveys.tables import QuestionnaireVersion
from gapengine import advice
from gapengine.advice import Advice


def report_of(session: Session, unit_id: int, *, wanted: int | None = None) -> int | None:
    """Return a report that speaks of a unit: the wanted one, else the newest; None before any."""
    unit = session.get_one(Unit, unit_id)
    if wanted is not None and session.get(StoredUnitReport, (wanted, unit.name)) is not None:
        return wanted
    return session.scalar(
        select(col(StoredReport.id))
        .join(StoredUnitReport, col(StoredUnitReport.report_id) == col(StoredReport.id))
        .where(col(StoredUnitReport.unit) == unit.name)
        .order_by(col(StoredReport.last_week).desc(), col(StoredReport.id).desc())
        .limit(1)
    )


def view_of(
    session: Session,
    *,
    unit_id: int,
    report_id: int,
    language: str,
    fixes: Sequence[Fix],
    today: date,
    figures_only: bool = False,
) -> DigestView:
    """Return what a stored report says of a unit, or a region, to a reader of this language.

    ``figures_only`` is for analysts: nothing that people wrote, no names, nothing to decide.
    """
    unit = session.get_one(Unit, unit_id)
    found = read_findings(session, report_id, unit.name)
    found = replace(found, report=dict(like_for_like(found.report)))
    decided = decisions.standing(session, unit_id, today)
    gaps = read_gaps(found.report, found.scale)
    settled = {one.fix for one in decided if not _has_grown(one, gaps, found.points)}
    choices = [_engine_fix(fix) for fix in fixes if not (fix.retired or fix.code in settled)]
    choices = _with_record(session, choices)
    advised = [_focus(one) for one in found.advice(choices)] if found.report.get("gaps") else []
    if figures_only:
        advised = [replace(one, fixes=()) for one in advised]
    return digest_view(
        unit_name=unit.name,
        report_unit=found.report,
        change=found.changes,
        response=Response(found.response["asked"], found.response["answered"]),
        comments=[
            Comment(one["text"], one["language"])
            for one in ([] if figures_only else findings.comments(session, unit_id, found.span))
        ],
        advice=advised,
        window=(found.span.first, found.span.last_day),
        weeks_of_history=found.weeks_of_history,
        language=language,
        earlier_actions=[] if figures_only else _taken(session, unit_id, decided),
        sources=found.sources,
        scale=found.scale,
    )


def _taken(
    session: Session, unit_id: int, decided: Sequence[decisions.Decided]
) -> list[EarlierAction]:
    """Return the fixes that were taken, each with who answers for it by now."""
    found = {one.fix: one for one in newest_by_fix(session, unit_id)}
    earlier = []
    for one in decided:
        if one.state == decisions.TAKEN:
            action = found.get(one.fix)
            owner = roster.person_name(session, action.owner_id) if action else one.by
            state = action.state if action else OPEN
            earlier.append(EarlierAction(one.fix, owner, due=one.check_on, state=state))
    return earlier


def _has_grown(one: decisions.Decided, gaps: Sequence[Measured], points: int) -> bool:
    """Tell whether a fix that is not ours may be suggested again: its gap has clearly grown.

    A gap on another scale is another quantity, of which nobody has decided anything.
    """
    if one.state != decisions.NOT_OURS or one.estimate is None:
        return False
    if one.points != points:
        return True
    level, key = ("dimension", one.dimension) if one.dimension else (OVERALL, OVERALL)
    return any(
        gap.tone in HARMFUL
        and gap.estimate is not None
        and decisions.has_grown(one.estimate, gap.estimate, points)
        for gap in gaps
        if (gap.name, gap.level, gap.key) == (one.gap, level, key)
    )


def _engine_fix(fix: Fix) -> advice.Fix:
    return advice.Fix(fix.code, tuple(fix.gaps), tuple(fix.dimensions), tuple(fix.causes))


def _with_record(session: Session, choices: Sequence[advice.Fix]) -> list[advice.Fix]:
    """Let what each fix did in this organisation so far weigh in its rank."""
    tried = scores(session)
    return [replace(one, record=tried.get(one.code, 0.0)) for one in choices]


def _focus(one: Advice) -> Focus:
    evidence = one.evidence
    return Focus(
        gap=one.gap,
        dimension=one.dimension,
        estimate=evidence.estimate,
        low=evidence.low,
        high=evidence.high,
        minuend_count=evidence.n_minuend,
        subtrahend_count=evidence.n_subtrahend,
        segment=one.segment,
        segment_share=evidence.share_of_customer_gap,
        cause=one.cause,
        cause_score=evidence.cause_score,
        prior_weights=evidence.weight_source == "published prior",
        fixes=one.fixes,
    )


def item_names(session: Session, language: str) -> dict[str, str]:
    """Return what each item is about, in words of the questionnaires that asked it."""
    contents = session.scalars(
        select(col(QuestionnaireVersion.content)).order_by(col(QuestionnaireVersion.id))
    )
    names: dict[str, str] = {}
    for content in contents:
        asked = Questionnaire.from_canonical(content)
        for item in asked.items:
            wordings = {point.value: text for point, text in item.text.items()}
            best = next(wordings[point] for point in "PEDMSC" if point in wordings)
            if asked.audience == "customer" or item.id not in names:
                names[item.id] = asked.say(best, language)
    return names
