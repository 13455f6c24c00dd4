"""Everything that leads to one person, gathered into a file that a person can read."""

import json
from base64 import b64encode
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import Table, select, text
from sqlmodel import Session, SQLModel, col

from bot.cases import tables as cases_tables
from bot.core.i18n import N_
from bot.core.render import Texts
from bot.crm import tables as crm_tables
from bot.digests import tables as digests_tables
from bot.forecasts import tables as forecasts_tables
from bot.ideas import tables as ideas_tables
from bot.improvement import own_tables, told_tables
from bot.improvement import tables as improvement_tables
from bot.issues import tables as issues_tables
from bot.people.registry import the_organisation
from bot.people.tables import Person, Unit
from bot.privacy.holdings import HOLDINGS, Holding
from bot.reach import tables as reach_tables
from bot.registers import tables as registers_tables
from bot.surveys import tables as surveys_tables
from bot.surveys.tickets import runs_of

LOADED = (
    cases_tables,
    crm_tables,
    digests_tables,
    forecasts_tables,
    ideas_tables,
    improvement_tables,
    own_tables,
    told_tables,
    issues_tables,
    reach_tables,
    registers_tables,
    surveys_tables,
)
"""The tables that ``HOLDINGS`` names, so that they are known whoever asks."""

YOU, SOMEBODY = N_("you"), N_("somebody else")
NOT_IN_IT = N_(
    "Anonymous answers and anonymous reports are not in this file: nothing leads from them to you."
)
_UNSHOWN = frozenset(
    {("inbox_update", "calls"), ("run", "card"), ("run", "ticket"), ("schedule", "next_due")}
)


def file_of(
    session: Session,
    texts: Texts,
    person_id: int,
    *,
    language: str,
    now: datetime,
    to_themselves: bool,
) -> bytes:
    """Return the file, in JSON and UTF-8; its headings are in this language.

    Of anonymous questionnaires that are still open it tells the person alone, nobody who asks for
    them.
    """
    held = gathered(session, person_id, to_themselves=to_themselves)
    content = {
        "organisation": the_organisation(session).name,
        "made_at": now.isoformat(timespec="minutes"),
        "note": texts.label(language, NOT_IN_IT),
        "held": [
            {
                "what": texts.label(language, holding.title),
                "table": holding.table,
                "rows": [_worded(row, texts, language) for row in rows],
            }
            for holding, rows in held
        ],
    }
    return json.dumps(content, ensure_ascii=False, indent=2).encode()


def gathered(
    session: Session, person_id: int, *, to_themselves: bool
) -> list[tuple[Holding, list[dict[str, Any]]]]:
    """Return the rows of every table that lead to a person; tables without any are left out."""
    runs = runs_of(session, person_id, named_only=not to_themselves)
    units = {one.id: one.name for one in session.scalars(select(Unit))}
    found = []
    for holding in HOLDINGS:
        rows = [
            _plain(holding, row, person_id=person_id, units=units)
            for row in rows_of(session, holding, person_id, runs=runs)
        ]
        if rows:
            found.append((holding, rows))
    return found


def rows_of(
    session: Session, holding: Holding, person_id: int, *, runs: Sequence[str]
) -> list[dict[str, Any]]:
    """Return the rows of one table that lead to a person, or to these runs of theirs."""
    table = SQLModel.metadata.tables[holding.table]
    query = select(table).order_by(*table.primary_key.columns)
    if holding.run_key:
        found = session.execute(query.where(table.c[holding.run_key].in_(runs)))
    else:
        found = session.execute(query.where(text(holding.condition())), {"person": person_id})
    return [dict(row._mapping) for row in found]  # noqa: SLF001 - SQLAlchemy's public name


def person_columns(table: Table) -> set[str]:
    """Return the columns of a table that lead to a person."""
    named = {key.parent.name for key in table.foreign_keys if key.column.table.name == "person"}
    return named | {one.name for one in table.columns if one.name in {"telegram_id", "sender"}}


def _plain(
    holding: Holding, row: dict[str, Any], *, person_id: int, units: dict[int | None, str]
) -> dict[str, Any]:
    """Write a row without other people's numbers, and with the names of units."""
    people = person_columns(SQLModel.metadata.tables[holding.table]) - {"telegram_id", "sender"}
    shown: dict[str, Any] = {}
    for name, value in row.items():
        if (holding.table, name) in _UNSHOWN:
            continue
        if (holding.table, name) == ("audit_entry", "subject") and value.startswith("person "):
            shown[name] = YOU if value == f"person {person_id}" else SOMEBODY
        elif name in people and value is not None:
            shown[name] = YOU if value == person_id else SOMEBODY
        elif name == "unit_id" and value is not None:
            shown["unit"] = units.get(value, str(value))
        else:
            shown[name] = _written(value)
    return shown


def _worded(row: dict[str, Any], texts: Texts, language: str) -> dict[str, Any]:
    return {
        name: texts.label(language, value) if value in (YOU, SOMEBODY) else value
        for name, value in row.items()
    }


def _written(value: Any) -> Any:
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return b64encode(value).decode() if isinstance(value, bytes) else value


def people_named(session: Session, name: str) -> list[tuple[int, str]]:
    """Return (number, name) of everybody whose name holds these words; names are opened to look."""
    wanted = name.strip().casefold()
    rows = session.execute(select(col(Person.id), col(Person.name)).order_by(col(Person.id)))
    return [(number or 0, shown) for number, shown in rows if wanted in shown.casefold()]
