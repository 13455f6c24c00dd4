"""What other systems are told of: looked for by the clock, promised as rows.

Only what is in the record anyway is told: that a case was opened or closed, that a digest was
made, that a report released figures. Looking reaches back a little, and a key makes each promise
unique, so that nothing is missed and nothing is promised twice.
"""

import hashlib
import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import func, select, update
from sqlmodel import Session, col

from bot.analysis.kept import read_findings
from bot.analysis.tables import StoredReport, StoredUnitReport
from bot.core.database import insert_into
from bot.core.tables import AuditEntry
from bot.digests.measured import OVERALL, WITHHELD, like_for_like, read_gaps
from bot.digests.tables import Digest
from bot.people.tables import Unit
from bot.web.tables import Integration, Webhook

OVERLAP = timedelta(minutes=10)
"""So far back each look reaches: what was committed late is found by the next one."""

_CASES = ("case.opened", "case.closed")
_GAPS = "gaps.released"
_DIGEST = "digest.made"


class News(NamedTuple):
    """Something to tell: a key, the same whenever it is found; its kind; and what is said."""

    key: str
    kind: str
    data: Mapping[str, Any]


def notice(session: Session, now: datetime) -> int:
    """Promise to tell every integration what is new; return how many messages that are."""
    promised = 0
    query = select(Integration).where(col(Integration.revoked_at).is_(None))
    for one in session.scalars(query).all():
        if not one.kinds:
            continue
        since = max(one.made_at, one.looked_at - OVERLAP)
        for news in _news(session, one, since):
            promised += _promise(session, one.id or 0, news, now=now)
        session.execute(
            update(Integration)
            .where(col(Integration.id) == one.id)
            .values(looked_at=now)
            .execution_options(synchronize_session=False)
        )
    return promised


def _news(session: Session, one: Integration, since: datetime) -> Iterator[News]:
    cases = [kind for kind in _CASES if kind in one.kinds]
    if cases:
        yield from _of_cases(session, cases, since)
    if _DIGEST in one.kinds:
        yield from _of_digests(session, since)
    if _GAPS in one.kinds:
        yield from _of_reports(session, one.id or 0, since)


def _of_cases(session: Session, kinds: Sequence[str], since: datetime) -> Iterator[News]:
    """Tell number and unit of a case; the day alone, for an hour might tell who it was."""
    found = session.execute(
        select(AuditEntry, col(Unit.name))
        .join(Unit, col(Unit.id) == col(AuditEntry.unit_id))
        .where(col(AuditEntry.what).in_(kinds), col(AuditEntry.at) >= since)
        .order_by(col(AuditEntry.id))
    )
    for entry, unit in found:
        data = {"case": entry.subject.removeprefix("case "), "unit": unit}
        yield News(f"audit {entry.id}", entry.what, data | {"on": entry.at.date().isoformat()})


def _of_digests(session: Session, since: datetime) -> Iterator[News]:
    """Tell of digests that have their report, once for each unit and occasion."""
    found = session.execute(
        select(
            col(Unit.name), col(Digest.unit_id), col(Digest.occasion), col(StoredReport.last_week)
        )
        .join(Unit, col(Unit.id) == col(Digest.unit_id))
        .join(StoredReport, col(StoredReport.id) == col(Digest.report_id))
        .where(col(Digest.planned_at) >= since - timedelta(days=1))
        .distinct()
    )
    for unit, unit_id, occasion, week in found:
        data = {"unit": unit, "week": week.isoformat()}
        yield News(f"digest {unit_id} {occasion}", _DIGEST, data)


def _of_reports(session: Session, integration_id: int, since: datetime) -> Iterator[News]:
    """Tell the released gaps of every unit whenever they changed: what a digest shows, no more."""
    last = _told_last(session, integration_id)
    newest = session.execute(
        select(func.max(col(StoredReport.id)), col(StoredReport.last_week))
        .where(col(StoredReport.made_at) >= since)
        .group_by(col(StoredReport.last_week))
        .order_by(func.max(col(StoredReport.id)))
    ).all()
    for report_id, week in newest:
        units = session.scalars(
            select(col(StoredUnitReport.unit)).where(col(StoredUnitReport.report_id) == report_id)
        ).all()
        for unit in units:
            found = read_findings(session, report_id, unit)
            gaps = released(found.report)
            place, said = _short(f"{unit} {week}"), _short(json.dumps(gaps, sort_keys=True))
            before, of_report = last.get(place, ("", 0))
            if gaps and said != before and report_id > of_report:
                last[place] = said, report_id
                data = {
                    "unit": unit,
                    "week": week.isoformat(),
                    "scale": [1, found.points],
                    "gaps": gaps,
                }
                yield News(f"gaps {place} {said} {report_id}", _GAPS, data)


def _told_last(session: Session, integration_id: int) -> dict[str, tuple[str, int]]:
    """Return what was told last of each unit and week, and of which report, out of the keys.

    Gaps may go back to what they were, so it is the last message that counts, not any; and a
    report that is older than the last message is looked at again and tells nothing.
    """
    keys = session.scalars(
        select(col(Webhook.key))
        .where(col(Webhook.integration_id) == integration_id, col(Webhook.kind) == _GAPS)
        .order_by(col(Webhook.id))
    )
    found = (key.split(" ") for key in keys)
    return {one[1]: (one[2], int(one[3])) for one in found if len(one) == 4}


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def released(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the gaps of a unit that are not hidden, over the whole service, as a digest does."""
    return [
        {
            "gap": gap.name,
            "difference": gap.pair,
            "estimate": rounded(gap.estimate),
            "low": rounded(gap.low),
            "high": rounded(gap.high),
        }
        for gap in read_gaps(like_for_like(dict(report)))
        if gap.level == OVERALL and gap.tone not in WITHHELD and gap.estimate is not None
    ]


def rounded(value: float | None) -> float | None:
    """Return a figure to a tenth, as it is shown everywhere."""
    return None if value is None else round(value, 1)


def _promise(session: Session, integration_id: int, news: News, *, now: datetime) -> int:
    body = {
        "id": f"evt_{secrets.token_hex(12)}",
        "type": news.kind,
        "made_at": now.isoformat(timespec="seconds"),
        "data": dict(news.data),
    }
    made = session.execute(
        insert_into(session, Webhook)
        .values(
            integration_id=integration_id,
            key=news.key,
            kind=news.kind,
            body=body,
            state="queued",
            due_at=now,
            attempts=0,
            note="",
        )
        .on_conflict_do_nothing(index_elements=["integration_id", "key"])
        .returning(col(Webhook.id))
    ).first()
    return int(made is not None)
