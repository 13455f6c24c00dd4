"""Fixes in an organisation's own words: drafted, kept, changed, retired.

draft ──keep──> ready <──retire, bring back──> retired

A draft is asked part by part. Each change names the revision that it was made from, so that of two
owners who change a fix at once the first wins, and the other is shown what stands.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlmodel import Session, col, select

from bot.core import audit
from bot.core.database import insert_into
from bot.core.rows import change_row
from bot.improvement.catalogue import MADE_IN_CHAT, Effort, Fix, FixText, Who
from bot.improvement.own_tables import OwnFix

DRAFT, READY, RETIRED = "draft", "ready", "retired"
PARTS = ("title", "gap", "dimension", "first_step", "sign", "effort", "who")
"""What a fix consists of, in the order in which it is asked."""
LENGTHS = {"title": (3, 80), "first_step": (5, 280), "sign": (5, 200)}
"""The written parts, each with the fewest and the most characters."""


def next_part(fix: OwnFix) -> str | None:
    """Return the first part that is not told yet; None where the fix is whole."""
    for part in PARTS:
        value = getattr(fix, part)
        if value is None or (value == "" and part != "dimension"):
            return part
    return None


def fits(part: str, words: str) -> bool:
    """Tell whether these words will do for a written part."""
    fewest, most = LENGTHS[part]
    return fewest <= len(words) <= most


def draft_of(session: Session, person_id: int) -> OwnFix | None:
    """Return what somebody is writing."""
    return session.exec(
        select(OwnFix).where(OwnFix.written_by == person_id, OwnFix.state == DRAFT)
    ).first()


def start_draft(session: Session, person_id: int, *, language: str, now: datetime) -> OwnFix:
    """Return a person's draft, begun now where there was none."""
    session.execute(
        insert_into(session, OwnFix)
        .values(
            state=DRAFT,
            language=language,
            title="",
            gap="",
            first_step="",
            sign="",
            effort="",
            who="",
            revision=0,
            written_by=person_id,
            made_at=now,
            changed_at=now,
        )
        .on_conflict_do_nothing()
    )
    return session.exec(
        select(OwnFix).where(OwnFix.written_by == person_id, OwnFix.state == DRAFT)
    ).one()


def drop_draft(session: Session, person_id: int) -> bool:
    """Throw a person's draft away; tell whether there was one."""
    result = session.execute(
        delete(OwnFix).where(col(OwnFix.written_by) == person_id, col(OwnFix.state) == DRAFT)
    )
    return bool(result.rowcount)  # type: ignore[attr-defined]


def set_part(
    session: Session, fix: OwnFix, part: str, value: str, *, revision: int, by: int, now: datetime
) -> bool:
    """Change one part; False where somebody else has changed the fix since this revision."""
    if part not in PARTS:
        raise ValueError(f"a fix has no part {part!r}")
    changed = _change(session, fix, revision=revision, now=now, **{part: value})
    if changed and fix.state != DRAFT:
        _record(session, fix, "own_fix.changed", by=by, now=now, detail=part)
    return changed


def keep(session: Session, fix: OwnFix, *, revision: int, by: int, now: datetime) -> bool:
    """Let a draft that is whole be suggested from now on."""
    if fix.state != DRAFT or next_part(fix) is not None:
        return False
    kept = _change(session, fix, revision=revision, now=now, state=READY)
    if kept:
        _record(session, fix, "own_fix.made", by=by, now=now)
    return kept


def retire(session: Session, fix: OwnFix, *, revision: int, by: int, now: datetime) -> bool:
    """Suggest a fix no more; actions that came of it go on."""
    retired = fix.state == READY and _change(
        session, fix, revision=revision, now=now, state=RETIRED
    )
    if retired:
        _record(session, fix, "own_fix.retired", by=by, now=now)
    return retired


def bring_back(session: Session, fix: OwnFix, *, revision: int, by: int, now: datetime) -> bool:
    """Suggest a retired fix again."""
    back = fix.state == RETIRED and _change(session, fix, revision=revision, now=now, state=READY)
    if back:
        _record(session, fix, "own_fix.brought_back", by=by, now=now)
    return back


def kept_fixes(session: Session) -> list[OwnFix]:
    """Return the fixes that are no drafts, those in use first, each by age."""
    rows = session.exec(select(OwnFix).where(OwnFix.state != DRAFT).order_by(col(OwnFix.id)))
    return sorted(rows, key=lambda one: one.state == RETIRED)


def made_in_chat(session: Session) -> tuple[Fix, ...]:
    """Return the fixes that were made in chat, as the catalogue knows fixes."""
    return tuple(as_fix(one) for one in kept_fixes(session))


def as_fix(row: OwnFix) -> Fix:
    """Return a fix of the catalogue, in the one language it was written in."""
    text = FixText(title=row.title, first_step=row.first_step, sign=row.sign)
    return Fix.model_validate(
        {
            "code": f"{MADE_IN_CHAT}{row.id}",
            "gaps": (row.gap,),
            "dimensions": (row.dimension,) if row.dimension else (),
            "effort": Effort(row.effort),
            "who": Who(row.who),
            "text": {row.language: text},
            "retired": row.state == RETIRED,
        }
    )


def _change(session: Session, fix: OwnFix, *, revision: int, now: datetime, **values: Any) -> bool:
    as_seen = col(OwnFix.revision) == revision, col(OwnFix.state) == fix.state
    return change_row(session, fix, *as_seen, revision=revision + 1, changed_at=now, **values)


def _record(
    session: Session, fix: OwnFix, what: str, *, by: int, now: datetime, detail: str = ""
) -> None:
    subject = f"own_fix {fix.id}"
    audit.record(session, what, now=now, subject=subject, person_id=by, detail=detail)
