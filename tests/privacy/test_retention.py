"""Every kind of data has an end; what is younger, open or waiting stays."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlmodel import Session

from bot.core import inbox
from bot.privacy.desk import PrivacyDesk
from bot.privacy.retention import forget_old, held
from tests.privacy.conftest import ANA, AT, Whole

DESK = PrivacyDesk()
LONG_AGO = {
    "delivery": (DESK.deliveries, "UPDATE delivery SET state = 'sent'"),
    "comment": (DESK.comments, ""),
    "audit_entry": (DESK.audit, ""),
    "invitation": (
        DESK.invitations,
        "DELETE FROM invitation WHERE id IN (SELECT invitation_id FROM way_in)",
    ),
    "digest": (DESK.digests, ""),
    "visit": (DESK.visits, ""),
    "customer": (
        DESK.visits,
        (
            "DELETE FROM visit; DELETE FROM customer_invitation;"
            "UPDATE customer SET person_id = NULL, linked_at = NULL"
        ),
    ),
    "invitee": (
        DESK.asked,
        "UPDATE wave SET closed = (1 = 1); UPDATE run SET invitee_id = NULL, state = 'expired'",
    ),
    "issue_post": (
        DESK.issues,
        "UPDATE issue SET state = 'resolved', outcome = 'Mended', closed_on = '2026-03-04'",
    ),
}


@pytest.fixture
def lived(whole: Whole) -> Whole:
    """Ana has left a trace everywhere."""
    whole.lived_in(ANA)
    return whole


def prepared(whole: Whole, statements: str) -> None:
    """Bring rows into the state in which their clock counts."""

    def work(session: Session) -> None:
        for one in filter(None, statements.split(";")):
            session.execute(text(one))

    whole.database.run(work)


@pytest.mark.parametrize("table", LONG_AGO)
def test_what_is_older_than_its_clock_goes_and_what_is_not_stays(
    lived: Whole, count: Callable[[str], int], table: str
) -> None:
    """Two weeks are added for what counts from a Monday or from a day to come."""
    days, statements = LONG_AGO[table]
    prepared(lived, statements)
    early, late = AT + timedelta(days=days - 3), AT + timedelta(days=days + 14)

    lived.database.run(lambda session: forget_old(session, early, DESK))
    before = count(table)
    lived.database.run(lambda session: forget_old(session, late, DESK))

    assert before > 0
    assert count(table) == 0


def test_what_waits_or_is_open_is_never_forgotten(
    lived: Whole, count: Callable[[str], int]
) -> None:
    """The wave is open, its card is queued, the issues are not settled."""
    far = AT + timedelta(days=4000)

    lived.database.run(lambda session: forget_old(session, far, DESK))

    assert count("delivery") > 0
    assert count("invitee") > 0
    assert count("issue_post") == 2


def test_a_customer_stays_who_said_who_they_are_or_whose_visit_is_still_to_be_asked_about(
    lived: Whole, count: Callable[[str], int]
) -> None:
    waits = "UPDATE visit SET asking = 'waiting', reason = '', ask_at = '2026-03-05 10:00:00'"
    prepared(lived, waits)
    far = AT + timedelta(days=4000)

    lived.database.run(lambda session: forget_old(session, far, DESK))
    waiting = count("visit")
    prepared(lived, "DELETE FROM visit")
    lived.database.run(lambda session: forget_old(session, far, DESK))

    assert waiting == 1
    assert count("customer") == 1


def test_named_answers_lose_their_name_and_stay(lived: Whole, count: Callable[[str], int]) -> None:
    late = AT + timedelta(days=DESK.named + 7)

    lived.database.run(lambda session: forget_old(session, late, DESK))

    links = lived.database.run(
        lambda session: session.execute(
            text("SELECT count(*) FROM run WHERE state <> 'open' AND invitee_id IS NOT NULL")
        ).scalar_one()
    )
    assert links == 0
    assert count("answer") == 1


def test_of_a_settled_report_the_kind_stays_and_its_receipt_leads_there(
    lived: Whole, count: Callable[[str], int]
) -> None:
    prepared(lived, LONG_AGO["issue_post"][1])

    lived.database.run(
        lambda session: forget_old(session, AT + timedelta(days=DESK.issues + 1), DESK)
    )

    rows = lived.database.run(
        lambda session: session.execute(text("SELECT person_id FROM issue_report")).all()
    )
    assert [tuple(one) for one in rows] == [(None,), (None,)]
    assert count("issue") == 2


def test_a_second_tick_finds_nothing_more(lived: Whole) -> None:
    late = AT + timedelta(days=4000)

    lived.database.run(lambda session: forget_old(session, late, DESK))

    assert lived.database.run(lambda session: forget_old(session, late, DESK)) == 0


def test_raw_updates_go_when_handled_and_those_that_failed_after_eight_days(
    whole: Whole, count: Callable[[str], int]
) -> None:
    """A handled one is empty at once (the table refuses otherwise); a failed one has its text."""
    update = {"update_id": 1, "message": {"from": {"id": 5}, "text": "mine"}}

    def store(session: Session) -> None:
        inbox.store(session, [update, update | {"update_id": 2}], AT.date())
        inbox.mark_handled(session, 1, [])
        inbox.put_aside(session, 2)

    whole.database.run(store)
    kept = whole.database.run(
        lambda session: session.execute(
            text("SELECT raw = '', sender FROM inbox_update ORDER BY update_id")
        ).all()
    )
    whole.database.run(lambda session: inbox.purge(session, (AT + timedelta(days=9)).date()))

    assert [(bool(empty), sender) for empty, sender in kept] == [(True, 0), (False, 5)]
    assert count("inbox_update") == 0


def test_the_report_says_how_much_since_when_and_until_when(lived: Whole) -> None:
    rows = {one.kind: one for one in lived.database.run(lambda session: held(session, DESK))}

    comments = rows["comments"]
    assert (comments.rows, str(comments.oldest)) == (1, "2026-03-02")
    assert str(comments.goes_on) == "2028-03-01"  # 730 days after March 2, 2026
    assert rows["named answers"].rows == 1
    assert rows["updates"].rows == 1
    assert all(one.rows == 0 or one.oldest for one in rows.values() if one.kind != "closed cases")
