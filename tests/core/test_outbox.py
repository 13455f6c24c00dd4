"""Promised messages as rows, on both kinds of database: one promise, one budget, one claim."""

import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session

from bot.core import budget, claims, outbox
from bot.core.claims import Parcel
from bot.core.database import Database
from bot.core.dialogue import Call
from bot.core.outbox import Recipient
from bot.core.tables import Delivery
from tests.support.machinery import (
    Greeting,
    Register,
    add_people,
    by_kind,
    promise,
    promise_all,
    states,
)

SECOND = timedelta(seconds=1)


@pytest.fixture
def claim(database: Database) -> Callable[..., list[Parcel]]:
    """Claim what is due, as a courier does it."""

    def claim(now: datetime, *kinds: Greeting, rate: float = 25, most: int = 12) -> list[Parcel]:
        return database.run(
            lambda session: claims.claim(
                session,
                now,
                rate=rate,
                most=most,
                composers=by_kind(kinds or (Greeting(),)),
                addresses=Register(),
            )
        )

    return claim


def _rows(database: Database, column: str) -> dict[str, Any]:
    with database.reading() as session:
        rows = session.execute(text(f"SELECT key, {column} FROM delivery"))  # noqa: S608 - ours
        return {row[0]: row[1] for row in rows}


def test_a_message_is_promised_once(database: Database, now: datetime) -> None:
    add_people(database, now)

    assert promise(database, now, 1, key="card:1")
    assert not promise(database, now, 2, key="card:1")
    assert _rows(database, "person_id") == {"card:1": 1}


def test_a_promise_is_undone_with_what_promised_it(database: Database, now: datetime) -> None:
    add_people(database, now)

    def plan_and_fail(session: Session) -> None:
        row = {"key": "a", "kind": "greeting", "subject": "", "lane": 1, "person_id": 1}
        outbox.plan_many(session, [row | {"due_at": now, "expires_at": now + SECOND}])
        raise LookupError

    with pytest.raises(LookupError):
        database.run(plan_and_fail)

    assert states(database) == {}


def test_two_thousand_promises_are_made_together(database: Database, now: datetime) -> None:
    add_people(database, now, 2000)
    row = {"kind": "greeting", "subject": "", "lane": 3, "due_at": now, "expires_at": now + SECOND}
    rows = [row | {"key": str(number), "person_id": number} for number in range(1, 2001)]

    assert database.run(lambda session: outbox.plan_many(session, rows[:1200])) == 1200
    assert database.run(lambda session: outbox.plan_many(session, rows)) == 800


def test_the_state_of_a_delivery_is_one_of_those_drawn(database: Database, now: datetime) -> None:
    add_people(database, now)
    promise(database, now)

    with pytest.raises(Exception, match="delivery_state"):
        database.run(lambda session: session.execute(text("UPDATE delivery SET state = 'lost'")))


def test_what_is_claimed_is_claimed_by_nobody_else(
    database: Database, now: datetime, claim: Callable[..., list[Parcel]]
) -> None:
    add_people(database, now)
    for person in (1, 2, 3):
        promise(database, now, person)

    first, second = claim(now, most=2), claim(now)

    assert [parcel.person_id for parcel in first] == [1, 2]
    assert [parcel.person_id for parcel in second] == [3]
    assert claim(now) == []


def test_slots_never_exceed_the_rate_whoever_claims(
    database: Database, now: datetime, claim: Callable[..., list[Parcel]]
) -> None:
    """Two processes claim in turn, five times a second each; slots are 1/25 s apart."""
    add_people(database, now, 200)
    promise_all(database, now, 200)

    slots = []
    for tick in range(200):
        slots += [slot for one in claim(now + tick * SECOND / 10) for slot in one.slots]

    gaps = [late - early for early, late in itertools.pairwise(slots)]
    assert len(slots) == 200
    assert min(gaps) >= timedelta(milliseconds=40) - timedelta(microseconds=2)
    assert slots[-1] - slots[0] <= timedelta(seconds=9)


def test_slots_are_given_away_a_second_ahead_at_most(
    database: Database, now: datetime, claim: Callable[..., list[Parcel]]
) -> None:
    add_people(database, now, 60)
    promise_all(database, now, 60)

    claimed = [len(claim(now)) for _ in range(5)]

    assert claimed == [12, 12, 12, 0, 0]


def test_a_pause_holds_for_every_process(
    database: Database, now: datetime, claim: Callable[..., list[Parcel]]
) -> None:
    add_people(database, now)
    promise(database, now)
    claim(now - 9 * SECOND)
    promise(database, now, 2)
    database.run(lambda session: claims.put_back(session, _parcel(), due_at=now, step=0, note=""))
    claim(now)
    promise(database, now, 3)

    database.run(lambda session: budget.pause(session, now + 30 * SECOND))
    database.run(lambda session: budget.pause(session, now + 10 * SECOND))

    assert claim(now + 20 * SECOND) == []
    assert len(claim(now + 31 * SECOND)) == 1


def test_slots_of_a_clock_that_went_back_do_not_stop_sending(
    database: Database, now: datetime, claim: Callable[..., list[Parcel]]
) -> None:
    add_people(database, now)
    promise(database, now, 1)
    promise(database, now, 2)
    claim(now + timedelta(hours=1), most=1)

    assert [parcel.person_id for parcel in claim(now)] == [2]


def test_what_is_past_its_time_expires_and_is_not_sent(
    database: Database, now: datetime, claim: Callable[..., list[Parcel]]
) -> None:
    add_people(database, now)
    promise(database, now, 1, expires_at=now + SECOND)
    promise(database, now, 2)

    assert [parcel.person_id for parcel in claim(now + SECOND)] == [2]
    assert states(database) == {"greeting:1": "expired", "greeting:2": "sending"}


def test_what_nobody_wants_any_more_is_cancelled_without_a_slot(
    database: Database, now: datetime, claim: Callable[..., list[Parcel]]
) -> None:
    add_people(database, now)
    promise(database, now, 1)

    assert claim(now, Greeting(is_wanted=False)) == []
    assert states(database) == {"greeting:1": "cancelled"}


def test_what_has_nothing_to_send_any_more_looks_as_if_it_was_sent(
    database: Database, now: datetime, claim: Callable[..., list[Parcel]]
) -> None:
    add_people(database, now)
    promise(database, now, 1)
    promise(database, now, 2)
    kind = _Silent()

    (parcel,) = claim(now, kind)
    database.run(lambda session: claims.settle_sent(session, parcel, [{}], by_kind([kind])))

    with database.reading() as session:
        rows = session.execute(
            text("SELECT state, attempts, step, note, claimed_until, due_at FROM delivery")
        ).all()
    assert parcel.person_id == 2
    assert len(rows) == 2
    assert len(set(rows)) == 1


class _Silent(Greeting):
    def compose(
        self, session: Session, delivery: Delivery, to: Recipient, now: datetime
    ) -> list[Call] | None:
        return [] if delivery.person_id == 1 else super().compose(session, delivery, to, now)


LONG_AFTER = datetime(2026, 3, 5, tzinfo=UTC)
ENDS: dict[str, Callable[[Session, Parcel], object]] = {
    "sent": lambda session, one: claims.settle_sent(session, one, [], by_kind([_forgotten()])),
    "failed": lambda session, one: claims.settle(session, one, "failed", "refused"),
    "uncertain": lambda session, one: claims.settle(session, one, "uncertain", "no answer"),
    "blocked": claims.settle_blocked,
    "lost": lambda session, _: claims.recover(session, LONG_AFTER, by_kind([_forgotten()])),
}


def _forgotten() -> Greeting:
    return Greeting(repeatable=False, forgotten=True)


@pytest.mark.parametrize("end", ENDS)
def test_of_what_is_to_be_forgotten_no_row_is_left_however_it_ends(
    end: str, database: Database, now: datetime, claim: Callable[..., list[Parcel]]
) -> None:
    add_people(database, now)
    promise(database, now, 1)
    (parcel,) = claim(now, _forgotten())

    database.run(lambda session: ENDS[end](session, parcel))

    assert states(database) == {}


@pytest.mark.parametrize("kind", [Greeting(forgotten=True, is_wanted=False), _Silent()])
def test_of_what_is_to_be_forgotten_and_was_not_wanted_no_row_is_left_either(
    kind: Greeting, database: Database, now: datetime, claim: Callable[..., list[Parcel]]
) -> None:
    add_people(database, now)
    promise(database, now, 1)
    kind.forgotten = True

    assert claim(now, kind) == []
    assert states(database) == {}


def test_what_is_to_be_forgotten_and_comes_later_is_promised_still(
    database: Database, now: datetime, claim: Callable[..., list[Parcel]]
) -> None:
    add_people(database, now)
    promise(database, now, 1)
    (parcel,) = claim(now, _forgotten())

    later = now + timedelta(minutes=1)
    database.run(
        lambda session: claims.put_back(session, parcel, due_at=later, step=0, note="flood")
    )

    assert states(database) == {"greeting:1": "queued"}
    assert len(claim(later, _forgotten())) == 1


def test_a_promise_can_be_taken_back_until_it_is_on_its_way(
    database: Database, now: datetime, claim: Callable[..., list[Parcel]]
) -> None:
    add_people(database, now)
    promise(database, now, 1)
    promise(database, now, 2)
    claim(now, most=1)

    database.run(lambda session: outbox.cancel(session, "greeting:1", "greeting:2"))

    assert states(database) == {"greeting:1": "sending", "greeting:2": "cancelled"}


class _Broken(Greeting):
    def compose(
        self, session: Session, delivery: Delivery, to: Recipient, now: datetime
    ) -> list[Call] | None:
        if delivery.person_id == 1:
            session.execute(text("UPDATE person SET state = 'stopped'"))
            raise KeyError("template")
        return super().compose(session, delivery, to, now)


def test_a_message_that_cannot_be_composed_stops_no_other(
    database: Database, now: datetime, claim: Callable[..., list[Parcel]]
) -> None:
    add_people(database, now)
    promise(database, now, 1)
    promise(database, now, 2)
    promise(database, now, 3, kind="unheard of")

    assert [parcel.person_id for parcel in claim(now, _Broken())] == [2]
    assert states(database) == {
        "greeting:1": "failed",
        "greeting:2": "sending",
        "unheard of:3": "failed",
    }


def test_who_must_not_be_written_to_is_left_in_peace(
    database: Database, now: datetime, claim: Callable[..., list[Parcel]]
) -> None:
    add_people(database, now)
    promise(database, now, 1)
    database.run(lambda session: session.execute(text("UPDATE person SET state = 'stopped'")))

    assert claim(now) == []
    assert states(database) == {"greeting:1": "blocked"}


@pytest.mark.parametrize(("is_repeatable", "after"), [(True, "queued"), (False, "uncertain")])
def test_a_dead_process_rows_return_when_its_claim_runs_out(
    is_repeatable: bool, after: str, database: Database, claim: Callable[..., list[Parcel]]
) -> None:
    now = datetime(2026, 3, 4, 10, tzinfo=UTC)
    add_people(database, now)
    promise(database, now, 1)
    kinds = by_kind([Greeting(repeatable=is_repeatable)])
    claim(now, Greeting(repeatable=is_repeatable))

    early, late = now + 30 * SECOND, now + 40 * SECOND
    database.run(lambda session: claims.recover(session, early, kinds))
    assert states(database) == {"greeting:1": "sending"}
    database.run(lambda session: claims.recover(session, late, kinds))

    assert states(database) == {"greeting:1": after}


def test_who_lost_a_claim_cannot_end_the_delivery_of_another(
    database: Database, now: datetime, claim: Callable[..., list[Parcel]]
) -> None:
    add_people(database, now)
    promise(database, now, 1)
    (lost,) = claim(now)
    (held,) = claim(now + timedelta(minutes=5))

    database.run(lambda session: claims.settle(session, lost, "failed", "too late"))
    assert states(database) == {"greeting:1": "sending"}
    database.run(lambda session: claims.settle(session, held, "failed", "in time"))

    assert states(database) == {"greeting:1": "failed"}


def test_a_composer_that_fails_at_its_note_does_not_undo_that_it_was_sent(
    database: Database, now: datetime, claim: Callable[..., list[Parcel]]
) -> None:
    class Forgetful(Greeting):
        def sent(self, session: Session, delivery: Delivery, results: list[Any]) -> None:
            session.execute(text("UPDATE person SET state = 'stopped'"))
            raise KeyError("message_id")

    add_people(database, now)
    promise(database, now, 1)
    (parcel,) = claim(now, Forgetful())

    database.run(lambda session: claims.settle_sent(session, parcel, [{}], by_kind([Forgetful()])))

    assert states(database) == {"greeting:1": "sent"}
    with database.reading() as session:
        state = session.execute(text("SELECT DISTINCT state FROM person")).scalar_one()
    assert state == "active"


def test_an_erased_person_takes_their_deliveries_along(
    database: Database, now: datetime, claim: Callable[..., list[Parcel]]
) -> None:
    add_people(database, now)
    promise(database, now, 1)
    (parcel,) = claim(now)

    database.run(lambda session: session.execute(text("DELETE FROM person WHERE id = 1")))
    database.run(lambda session: claims.settle_sent(session, parcel, [{}], by_kind([Greeting()])))

    assert states(database) == {}


def test_waiting_counts_what_is_queued_or_on_its_way(
    database: Database, now: datetime, claim: Callable[..., list[Parcel]]
) -> None:
    add_people(database, now)
    promise(database, now, 1)
    promise(database, now, 2, due_at=now + SECOND)
    assert database.run(lambda session: outbox.due(session, now))

    (parcel,) = claim(now)

    assert database.run(outbox.waiting) == 2
    assert database.run(lambda session: outbox.due(session, now)), "one is on its way"
    database.run(lambda session: claims.settle(session, parcel, "failed", ""))
    assert not database.run(lambda session: outbox.due(session, now))
    assert database.run(outbox.waiting) == 1


@pytest.mark.parametrize(
    ("condition", "index"),
    [
        ("state = 'queued' AND lane = 1 AND due_at <= :now ORDER BY due_at", "delivery_due"),
        ("state = 'queued' AND expires_at <= :now", "delivery_expiry"),
        ("state = 'sending' AND claimed_until < :now", "delivery_claimed"),
    ],
)
def test_looking_for_work_reads_no_history(
    condition: str, index: str, sqlite_database: Database, now: datetime
) -> None:
    with sqlite_database.reading() as session:
        statement = text(f"EXPLAIN QUERY PLAN SELECT id FROM delivery WHERE {condition}")  # noqa: S608
        plan = " ".join(row[3] for row in session.execute(statement, {"now": "2026"}))

    assert index in plan


def _parcel() -> Parcel:
    return Parcel(
        delivery_id=1,
        kind="greeting",
        person_id=1,
        telegram_id=1,
        repeatable=True,
        calls=(),
        step=0,
        slots=(),
        attempts=1,
    )
