"""What other systems are told of: looked for by the clock, promised as rows.

Only what is in the record anyway is told: that a case was opened or closed, that a digest was
made, that a report released figures. Looking reaches back a little, and a key makes each promise
unique, so that nothing is missed and nothing is promised twice. A report speaks of thousands of
units, so it is read outside of the write lane, and once.
"""

import hashlib
import json
import secrets
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import func, select, update
from sqlmodel import Session, col

from bot.analysis.kept import read_findings
from bot.analysis.tables import StoredReport, StoredUnitReport
from bot.core.clock import Clock
from bot.core.database import Database, WriteLane, insert_into
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


class Release(NamedTuple):
    """What a report released of each unit: number of levels and gaps, by name."""

    report_id: int
    made_at: datetime
    week: date
    units: Mapping[str, tuple[int, Sequence[Mapping[str, Any]]]]


class Noticer:
    """Looks for news again and again; knows which reports it has read."""

    def __init__(self, database: Database, lane: WriteLane, clock: Clock) -> None:
        """Prepare; the clock of the bot calls ``look``."""
        self._database = database
        self._lane = lane
        self._clock = clock
        self._known: frozenset[int] = frozenset()

    async def look(self) -> int:
        """Promise what is new; return how many messages that are."""
        now, known = self._clock.now(), self._known
        newest = await self._database.read(newest_reports)
        new = sorted(newest - known)
        found = await self._database.read(lambda session: releases(session, new)) if new else []
        promised = await self._lane.run(lambda session: notice(session, now, found))
        self._known = newest
        return promised


def newest_reports(session: Session) -> frozenset[int]:
    """Return the newest report of each week that some integration might not have been told of."""
    since = min((_since(one) for one in _told(session) if _GAPS in one.kinds), default=None)
    if since is None:
        return frozenset()
    newest = (
        select(func.max(col(StoredReport.id)))
        .where(col(StoredReport.made_at) >= since)
        .group_by(col(StoredReport.last_week))
    )
    return frozenset(one for one in session.scalars(newest) if one is not None)


def releases(session: Session, report_ids: Collection[int]) -> list[Release]:
    """Read what these reports released, oldest first; one that is gone by now is passed over."""
    found = []
    query = select(StoredReport).where(col(StoredReport.id).in_(report_ids))
    for report in session.scalars(query.order_by(col(StoredReport.id))):
        number = report.id or 0
        of_report = col(StoredUnitReport.report_id) == number
        names = session.scalars(select(col(StoredUnitReport.unit)).where(of_report)).all()
        told = ((name, read_findings(session, number, name)) for name in names)
        units = {name: (one.points, released(one.report)) for name, one in told}
        found.append(Release(number, report.made_at, report.last_week, units))
    return found


def notice(session: Session, now: datetime, found: Sequence[Release] = ()) -> int:
    """Promise to tell every integration what is new; return how many messages that are."""
    promised = 0
    for one in _told(session):
        for news in _news(session, one, found):
            promised += _promise(session, one.id or 0, news, now=now)
        session.execute(
            update(Integration)
            .where(col(Integration.id) == one.id)
            .values(looked_at=now)
            .execution_options(synchronize_session=False)
        )
    return promised


def _told(session: Session) -> list[Integration]:
    """Return the integrations that are told anything."""
    query = select(Integration).where(col(Integration.revoked_at).is_(None))
    return [one for one in session.scalars(query) if one.kinds]


def _since(one: Integration) -> datetime:
    return max(one.made_at, one.looked_at - OVERLAP)


def _news(session: Session, one: Integration, found: Sequence[Release]) -> Iterator[News]:
    since = _since(one)
    cases = [kind for kind in _CASES if kind in one.kinds]
    if cases:
        yield from _of_cases(session, cases, since)
    if _DIGEST in one.kinds:
        yield from _of_digests(session, since)
    fresh = [release for release in found if release.made_at >= since]
    if _GAPS in one.kinds and fresh:
        yield from _of_reports(session, one.id or 0, fresh)


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


def _of_reports(session: Session, integration_id: int, found: Sequence[Release]) -> Iterator[News]:
    """Tell the released gaps of every unit whenever they changed: what a digest shows, no more."""
    last = _told_last(session, integration_id)
    for report_id, _, week, units in found:
        for unit, (points, gaps) in units.items():
            place, said = _short(f"{unit} {week}"), _short(json.dumps(gaps, sort_keys=True))
            before, of_report = last.get(place, ("", 0))
            if gaps and said != before and report_id > of_report:
                last[place] = said, report_id
                data = {"unit": unit, "week": week.isoformat(), "scale": [1, points], "gaps": gaps}
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
    overall = [gap for gap in report.get("gaps", ()) if gap["level"] == OVERALL]
    return [
        {
            "gap": gap.name,
            "difference": gap.pair,
            "estimate": rounded(gap.estimate),
            "low": rounded(gap.low),
            "high": rounded(gap.high),
        }
        for gap in read_gaps(like_for_like({"gaps": overall}))
        if gap.tone not in WITHHELD and gap.estimate is not None
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
