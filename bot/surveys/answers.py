"""The hot path: reading where a run stands, and storing a tap, in four statements.

The statements are written once, for both databases, and run without the ORM. ``move`` comes
before ``store``: it takes the row of the run, so that a run that closes at the same moment either
closes after the answer or refuses it.
"""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Boolean, Date, Integer, String, bindparam, column, text
from sqlmodel import Session

from bot.core.sealing import Sealed
from bot.core.tables import UtcTime
from bot.surveys import tickets

_ASKED = text(
    """
    SELECT i.message_id, i.about, i.about_on, w.expires_at, w.ticket_secret AS secret,
           u.name AS unit, COALESCE(u.zone, o.zone) AS zone, COALESCE(h.look, '') AS look
    FROM invitee i
    JOIN wave w ON w.id = i.wave_id
    JOIN unit u ON u.id = w.unit_id
    JOIN organisation o ON o.id = 1
    LEFT JOIN wish h ON h.person_id = i.person_id
    WHERE i.id = :invitee AND i.person_id = :person AND w.expires_at > :now
    """
).columns(
    column("message_id", Integer),
    column("about", String),
    column("about_on", Date),
    column("expires_at", UtcTime),
    column("secret", Sealed),
    column("unit", String),
    column("zone", String),
    column("look", String),
)
_ASKED = _ASKED.bindparams(bindparam("now", type_=UtcTime))

_OPEN = """
    SELECT r.key, r.version_id, v.fingerprint, r.unit_id, r.week, r.anonymous, r.promise,
           CAST(r.form AS TEXT) AS form, r.position, r.card, a.item, a.vantage, a.score
    FROM run r
    JOIN questionnaire_version v ON v.id = r.version_id
    LEFT JOIN answer a ON a.run_key = r.key
    WHERE r.{link} AND r.state = 'open'
    """
_FOUND = (
    column("key", String),
    column("version_id", Integer),
    column("fingerprint", String),
    column("unit_id", Integer),
    column("week", Date),
    column("anonymous", Boolean),
    column("promise", String),
    column("form", String),
    column("position", Integer),
    column("card", Sealed),
    column("item", String),
    column("vantage", String),
    column("score", Integer),
)
_BY_TICKET = text(_OPEN.format(link="ticket = :ticket")).columns(*_FOUND)
_BY_NAME = text(_OPEN.format(link="invitee_id = :invitee_id")).columns(*_FOUND)

_MOVE = text("UPDATE run SET position = :position WHERE key = :key AND state = 'open'")

_STORE = text(
    """
    INSERT INTO answer (run_key, item, vantage, score, no_rule, unit_id, week, version_id,
                        language, answered_on)
    VALUES (:run_key, :item, :vantage, :score, :no_rule, :unit_id, :week, :version_id,
            :language, :answered_on)
    ON CONFLICT (run_key, item, vantage) DO UPDATE SET score = excluded.score,
        no_rule = excluded.no_rule, language = excluded.language,
        answered_on = excluded.answered_on
    """
).bindparams(
    bindparam("no_rule", type_=Boolean),
    bindparam("week", type_=Date),
    bindparam("answered_on", type_=Date),
)


@dataclass(frozen=True, slots=True)
class Standing:
    """An open run as it stands: whose card it is, what it asks, what was answered so far.

    ``position`` is the question that is asked now; behind the last one waits the open question.
    ``message_id`` is the message that shows the card, None where that is not known; ``moved``: its
    person has fetched the card themselves.
    ``scores`` holds None for the answer "no rule". ``about`` is ``visit`` or ``purchase`` where one
    of this day is meant. ``look`` is how this person has questions shown (``bot.reach.looks``).
    """

    key: str
    invitee_id: int
    message_id: int | None
    version_id: int
    fingerprint: str
    unit_id: int
    unit: str
    zone: str
    week: date
    anonymous: bool
    promise: str
    form: list[list[str]]
    position: int
    expires_at: datetime
    scores: dict[tuple[str, str], int | None]
    about: str = ""
    about_on: date | None = None
    look: str = ""
    moved: bool = False

    @property
    def is_asked_through(self) -> bool:
        """Tell whether every question has been shown."""
        return self.position >= len(self.form)


def standing(
    session: Session, invitee_id: int, *, person_id: int, now: datetime
) -> Standing | None:
    """Return this person's open run, or None when it is closed, over, or somebody else's."""
    connection = session.connection()
    whose = {"invitee": invitee_id, "person": person_id, "now": now}
    asked = connection.execute(_ASKED, whose).first()
    if asked is None:
        return None
    facts: dict[str, Any] = dict(asked._mapping)  # noqa: SLF001 - SQLAlchemy's public name
    link = tickets.link(invitee_id, person_id, secret=facts.pop("secret"))
    rows = connection.execute(_BY_TICKET if link.ticket else _BY_NAME, link._asdict()).fetchall()
    if not rows:
        return None
    facts |= rows[0]._mapping  # noqa: SLF001 - SQLAlchemy's public name
    for name in ("item", "vantage", "score"):
        del facts[name]
    facts["form"] = json.loads(facts["form"])
    card = facts.pop("card")
    facts["message_id"] = (int(card) or None) if card else facts["message_id"]
    scores = {(row.item, row.vantage): row.score for row in rows if row.item is not None}
    return Standing(**facts, invitee_id=invitee_id, scores=scores, moved=bool(card))


def move(session: Session, run: Standing, position: int) -> bool:
    """Go to a question of an open run; False when it closed meanwhile."""
    return _changed(session.connection().execute(_MOVE, {"key": run.key, "position": position}))


def store(
    session: Session, run: Standing, slot: int, *, score: int | None, language: str, now: datetime
) -> None:
    """Store the answer to one question, or correct it; None is "no rule".

    Of an anonymous answer neither the day nor the language is kept: either may single somebody out.
    """
    item, vantage = run.form[slot]
    session.connection().execute(
        _STORE,
        {
            "run_key": run.key,
            "item": item,
            "vantage": vantage,
            "score": score,
            "no_rule": score is None,
            "unit_id": run.unit_id,
            "week": run.week,
            "version_id": run.version_id,
            "language": "" if run.anonymous else language,
            "answered_on": run.week if run.anonymous else _day(run, now),
        },
    )


def _day(run: Standing, now: datetime) -> date:
    return now.astimezone(ZoneInfo(run.zone)).date()


def _changed(result: Any) -> bool:
    return bool(result.rowcount == 1)
