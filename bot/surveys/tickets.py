"""Whose run is this? The one place that knows how a person and their run are found.

A named run holds its invitee. An anonymous one holds nothing of the kind: as long as it is open it
has a ticket, a hash of invitee and person under the secret of its wave. That secret lies sealed,
under the key that is not in the database, and goes when the wave closes. So the program, which is
told who presses a button, finds their run; whoever has the rows and not the key finds nothing.
"""

import hmac
import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from hashlib import sha256
from typing import NamedTuple

from sqlalchemy import ColumnElement, or_, select
from sqlmodel import Session, col

from bot.surveys.tables import Invitee, Run, Wave

_PORTION = 400
_LENGTH = 32


class Link(NamedTuple):
    """How the run of one invitee is found: by its ticket, or by the invitee where that is empty."""

    invitee_id: int
    person_id: int
    ticket: str = ""


def new_secret() -> str:
    """Draw the secret of an anonymous wave."""
    return secrets.token_hex(32)


def link(invitee_id: int, person_id: int, *, secret: str) -> Link:
    """Return how a run is found; the secret is its wave's, empty where that is by name."""
    if not secret:
        return Link(invitee_id, person_id)
    whose = f"{invitee_id}:{person_id}".encode()
    return Link(
        invitee_id, person_id, hmac.new(secret.encode(), whose, sha256).hexdigest()[:_LENGTH]
    )


def links_of(session: Session, person_id: int) -> list[Link]:
    """Return the links of a person to their runs by name and to those that may still be open."""
    return _links(session, col(Invitee.person_id) == person_id)


def runs_of(session: Session, person_id: int, *, named_only: bool = False) -> list[str]:
    """Return the keys of the runs that lead to a person: those by name, and those still open."""
    links = links_of(session, person_id)
    return sorted(found(session, [one for one in links if not (named_only and one.ticket)]))


def people_of(session: Session, wave_id: int, *conditions: ColumnElement[bool]) -> set[int]:
    """Return whose runs in a wave meet conditions; of an anonymous one while it is open."""
    runs = session.execute(
        select(col(Run.ticket), col(Run.invitee_id)).where(col(Run.wave_id) == wave_id, *conditions)
    )
    wanted = {ticket or invitee_id for ticket, invitee_id in runs}
    of_wave = (col(Invitee.wave_id) == wave_id, col(Invitee.state) == "asked")
    links = _links(session, *of_wave)
    return {one.person_id for one in links if (one.ticket or one.invitee_id) in wanted}


def found(
    session: Session, links: Sequence[Link], *conditions: ColumnElement[bool]
) -> Mapping[str, Link]:
    """Return the runs that these links lead to, by their keys, as far as they meet conditions."""
    by_ticket = {one.ticket: one for one in links if one.ticket}
    by_invitee = {one.invitee_id: one for one in links if not one.ticket}
    runs: dict[str, Link] = {}
    for start in range(0, len(links), _PORTION):
        portion = links[start : start + _PORTION]
        query = select(col(Run.key), col(Run.ticket), col(Run.invitee_id))
        for key, ticket, invitee in session.execute(query.where(_is_of(portion), *conditions)):
            runs[key] = by_ticket[ticket] if ticket else by_invitee[invitee]
    return runs


def _is_of(links: Collection[Link]) -> ColumnElement[bool]:
    return or_(
        col(Run.ticket).in_([one.ticket for one in links if one.ticket]),
        col(Run.invitee_id).in_([one.invitee_id for one in links if not one.ticket]),
    )


def _links(session: Session, *conditions: ColumnElement[bool]) -> list[Link]:
    rows = session.execute(
        select(col(Invitee.id), col(Invitee.person_id), col(Invitee.wave_id))
        .where(col(Invitee.state) != "skipped", *conditions)
        .order_by(col(Invitee.id))
    ).all()
    hidden = _secrets(session, {wave for *_, wave in rows})
    return [
        link(invitee or 0, person, secret=hidden.get(wave, "")) for invitee, person, wave in rows
    ]


def _secrets(session: Session, waves: Iterable[int]) -> dict[int, str]:
    """Return the secrets of those of these waves that have one: the anonymous ones still open."""
    rows = session.execute(
        select(col(Wave.id), col(Wave.ticket_secret)).where(
            col(Wave.id).in_(waves), col(Wave.ticket_secret) != ""
        )
    )
    return {wave or 0: secret for wave, secret in rows}
