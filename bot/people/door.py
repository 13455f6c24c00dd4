"""Who somebody is, and whether they may be written to: what every other feature asks of people."""

from sqlalchemy import bindparam, select, text, true, update
from sqlmodel import Session, col
from telegram import ChatMember

from bot.core.dialogue import ANALYST, REGIONAL, Identity, Turn
from bot.core.outbox import Recipient
from bot.people import consent
from bot.people.tables import Organisation, Person

_WHO = text(
    """
    SELECT p.id, p.language, p.state, p.consent_version, r.kind, r.unit_id
    FROM person p LEFT JOIN role r ON r.person_id = p.id
    WHERE p.telegram_id = :telegram_id ORDER BY r.id
    """
)
_REACH = text(
    """
    WITH RECURSIVE part(kind, unit_id) AS (
        SELECT r.kind, r.unit_id FROM role r
        WHERE r.person_id = :person_id AND r.unit_id IS NOT NULL
          AND r.kind IN ('regional', 'analyst')
        UNION
        SELECT part.kind, u.id FROM part JOIN unit u ON u.parent_id = part.unit_id
    )
    SELECT kind, unit_id FROM part ORDER BY kind, unit_id
    """
)
_REACHING = frozenset({REGIONAL, ANALYST})
_WHERE_TO = (
    select(
        col(Person.id),
        col(Person.telegram_id),
        col(Person.language),
        col(Organisation.secret),
    )
    .join(Organisation, true())
    .where(
        col(Person.id) == bindparam("person_id"),
        col(Person.state) == "active",
        col(Person.consent_version) >= bindparam("version"),
    )
)
_GONE = frozenset({ChatMember.BANNED, ChatMember.LEFT})


class PeopleDoor:
    """Knows people to the router (``dialogue.Door``) and to the outbox (``outbox.Addresses``).

    States: *active*; *stopped* by the person's own wish; *blocked*, when Telegram no longer lets
    us write. Only an active person becomes blocked, so that an unblocked one who had said stop
    before is not written to again.
    """

    def recognise(self, session: Session, telegram_id: int) -> Identity | None:
        """Return who this is, or None for a stranger; made for every update.

        One statement; a second one for those whose role holds for a part of the tree of units.
        """
        rows = session.connection().execute(_WHO, {"telegram_id": telegram_id}).fetchall()
        if not rows:
            return None
        person_id, language, state, version, _, _ = rows[0]
        roles = tuple((kind, unit_id) for *_, kind, unit_id in rows if kind is not None)
        return Identity(
            person_id=person_id,
            language=language,
            state=state,
            roles=roles,
            agreed=consent.is_current(version),
            reach=_reach(session, person_id, roles),
        )

    def membership_changed(self, turn: Turn) -> None:
        """Note that a person blocked the bot, or let it in again."""
        change = turn.update.my_chat_member
        if change is None or change.chat.type != "private" or turn.who is None:
            return
        if change.new_chat_member.status in _GONE:
            self.mark_blocked(turn.session, turn.who.person_id)
        else:
            self.came_back(turn.session, turn.who)

    def came_back(self, session: Session, who: Identity) -> None:
        """Take a person who was marked as blocked for active again."""
        _change_state(session, who.person_id, before="blocked", after="active")

    def recipient(self, session: Session, person_id: int) -> Recipient | None:
        """Return how to reach a person, or None when they must not be written to unasked."""
        values = {"person_id": person_id, "version": consent.VERSION}
        row = session.execute(_WHERE_TO, values).one_or_none()
        return Recipient(*row) if row else None

    def must_agree(self, turn: Turn, word: str) -> bool:
        """Ask for a new consent where it is missing."""
        return consent.must_agree(turn, word)

    def mark_blocked(self, session: Session, person_id: int) -> None:
        """Note that a person has blocked the bot, so that it does not try again."""
        _change_state(session, person_id, before="active", after="blocked")

    def mark_telegram_blocked(self, session: Session, telegram_id: int) -> None:
        """Like ``mark_blocked``, for a reply that could not be made: known by the chat alone."""
        who = self.recognise(session, telegram_id)
        if who is not None:
            self.mark_blocked(session, who.person_id)


def identity_of(session: Session, person_id: int) -> Identity | None:
    """Return who somebody is, known by their number: for the clock, commands and the event API."""
    person = session.get(Person, person_id)
    return PeopleDoor().recognise(session, person.telegram_id) if person is not None else None


def _reach(
    session: Session, person_id: int, roles: tuple[tuple[str, int | None], ...]
) -> tuple[tuple[str, int], ...]:
    if not any(kind in _REACHING and unit_id is not None for kind, unit_id in roles):
        return ()
    rows = session.connection().execute(_REACH, {"person_id": person_id})
    return tuple((kind, unit_id) for kind, unit_id in rows)


def _change_state(session: Session, person_id: int, *, before: str, after: str) -> None:
    session.execute(
        update(Person)
        .where(col(Person.id) == person_id, col(Person.state) == before)
        .values(state=after)
    )
