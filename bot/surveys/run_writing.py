"""Runs as rows: one for everybody a wave asks, with the form drawn for it."""

import secrets
from collections.abc import Collection, Sequence
from datetime import date
from random import SystemRandom

from sqlalchemy import func, insert, select
from sqlmodel import Session, col

from bot.core.clock import monday_of
from bot.surveys.desk import Place, StandingOf
from bot.surveys.drawing import Drawing, forms_by_lot
from bot.surveys.tables import ANONYMOUS, FEW, NAMED, Invitee, QuestionnaireVersion, Run, Wave
from bot.surveys.tickets import link
from bot.surveys.versions import Paper
from gapengine.allocation import Form

FEWEST = 5
"""Of so many people at least nobody can be told from the others by having been asked."""

_REMEMBERED_RUNS = 40  # how far back a named person's earlier questions are looked up


def write_runs(
    session: Session,
    wave: Wave,
    invitees: Sequence[tuple[int, int]],
    *,
    paper: Paper,
    promised: Collection[str],
    left_out: Collection[str],
    standing_of: StandingOf | None,
    today: date,
) -> dict[str, int]:
    """Make a run for everybody who is asked, given as (invitee, person); return keys to people.

    Which number of the rotation a person gets is drawn by lot and not stored, and rows are written
    in the order of their random keys: after an anonymous run has closed, neither its form nor its
    place in the table leads back to the person.
    """
    anonymous = paper.content.anonymous
    numbered = list(invitees)
    SystemRandom().shuffle(numbered)
    before = {} if anonymous else _asked_before(session, [person for _, person in invitees])
    recent = [before.get(person, ()) for _, person in numbered]
    blueprint = paper.content.blueprint(promised=promised, left_out=left_out)
    if wave.rolling:
        forms = forms_by_lot(blueprint, seed=wave.seed, recent=recent)
    else:
        place = Place(wave.unit_id, paper.content.audience, today, paper.content.points)
        drawing = Drawing(
            seed=wave.seed,
            first=_runs_so_far(session, wave, paper.content.id),
            promised=tuple(sorted(promised)),
            left_out=tuple(sorted(left_out)),
            standing=standing_of(session, blueprint, place) if standing_of else None,
        )
        wave.drawing = drawing.packed()
        forms = drawing.forms(blueprint, recent)
    return _write(session, wave, numbered, forms=forms, anonymous=anonymous, today=today)


def _write(
    session: Session,
    wave: Wave,
    invitees: Sequence[tuple[int, int]],
    *,
    forms: Sequence[Form],
    anonymous: bool,
    today: date,
) -> dict[str, int]:
    promise = _promise(session, wave) if anonymous else NAMED
    people: dict[str, int] = {}
    rows = []
    for (invitee_id, person_id), form in zip(invitees, forms, strict=True):
        key = secrets.token_hex(16)
        people[key] = person_id
        rows.append(
            {
                "key": key,
                "invitee_id": None if anonymous else invitee_id,
                "ticket": link(invitee_id, person_id, secret=wave.ticket_secret).ticket or None,
                "wave_id": wave.id,
                "version_id": wave.version_id,
                "unit_id": wave.unit_id,
                "week": monday_of(today),
                "anonymous": anonymous,
                "promise": promise,
                "state": "open",
                "form": [list(question) for question in form.questions],
                "position": 0,
            }
        )
    session.execute(insert(Run), sorted(rows, key=lambda row: str(row["key"])))
    return people


def _runs_so_far(session: Session, wave: Wave, name: str) -> int:
    versions = select(col(QuestionnaireVersion.id)).where(col(QuestionnaireVersion.name) == name)
    counted = session.scalar(
        select(func.count())
        .select_from(Run)
        .where(col(Run.unit_id) == wave.unit_id, col(Run.version_id).in_(versions))
    )
    return counted or 0


def _asked_before(session: Session, people: Sequence[int]) -> dict[int, list[str]]:
    """Return what named people were asked in their latest runs, oldest first."""
    rows = session.execute(
        select(col(Invitee.person_id), col(Run.form))
        .join(Run, col(Run.invitee_id) == col(Invitee.id))
        .where(col(Invitee.person_id).in_(people), ~col(Run.anonymous))
        .order_by(col(Invitee.id).desc())
        .limit(_REMEMBERED_RUNS * len(people))
    )
    asked: dict[int, list[str]] = {}
    for person_id, form in reversed(rows.all()):
        asked.setdefault(person_id, []).extend(dict.fromkeys(item for item, _ in form))
    return asked


def _promise(session: Session, wave: Wave) -> str:
    """Return what an anonymous card says: where few are asked, that one could guess."""
    asked = session.scalar(
        select(func.count())
        .select_from(Invitee)
        .where(col(Invitee.wave_id) == wave.id, col(Invitee.state) != "skipped")
    )
    return FEW if (asked or 0) < FEWEST else ANONYMOUS
