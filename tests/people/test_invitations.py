"""What the database holds of an invitation, and that its uses are counted exactly."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from bot.people.invitations import Closed, link, opened, take_use, why_closed
from bot.people.tables import Invitation, Person
from tests.people.conftest import House


def test_a_payload_fits_a_deep_link_and_is_kept_nowhere(house: House):
    payload = house.payload("staff")

    held = house.database.run(
        lambda session: session.execute(text("SELECT * FROM invitation")).all()
    )

    assert len(payload) <= 64
    assert payload.replace("-", "").replace("_", "").isalnum()
    assert payload not in str(held)
    assert link("bluecup_bot", payload) == f"https://t.me/bluecup_bot?start={payload}"


def test_no_more_people_get_in_than_an_invitation_has_uses(house: House):
    payload = house.payload("customer", max_uses=3)
    taken: list[bool] = []

    def take() -> None:
        def work(session: Session) -> bool:
            invitation = opened(session, payload)
            return invitation is not None and take_use(session, invitation.id or 0, house.now)

        taken.append(house.database.run(work))

    threads = [threading.Thread(target=take) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(taken) == [False] * 7 + [True] * 3


def test_the_last_moment_of_an_invitation_is_the_one_before_it_expires(house: House):
    invitation = Invitation(
        payload_hash="x", role="owner", max_uses=1, expires_at=house.now + timedelta(seconds=1)
    )

    assert why_closed(invitation, house.now) is None
    assert why_closed(invitation, house.now + timedelta(seconds=1)) is Closed.EXPIRED


@pytest.mark.parametrize(
    "change",
    [
        pytest.param("UPDATE invitation SET uses = 2", id="one use too many"),
        pytest.param("UPDATE invitation SET unit_id = NULL", id="staff of nowhere"),
        pytest.param("UPDATE invitation SET role = 'king'", id="a role there is not"),
        pytest.param("UPDATE organisation SET id = 2", id="a second organisation"),
    ],
)
def test_the_database_itself_refuses(house: House, change: str):
    house.payload("staff")

    with pytest.raises(IntegrityError):
        house.database.run(lambda session: session.execute(text(change)))


@pytest.mark.parametrize("unit", ["Riverside", None])
def test_nobody_holds_a_role_twice(house: House, unit: str | None):
    user_id = 70
    unit_id = house.unit(unit) if unit else None
    kind = "staff" if unit else "owner"

    def twice(session: Session) -> None:
        session.add(
            Person(id=1, telegram_id=user_id, name="", language="en", consented_at=house.now)
        )
        session.flush()
        for _ in range(2):
            session.execute(
                text(
                    "INSERT INTO role (person_id, unit_id, kind, granted_at)"
                    " VALUES (1, :unit, :kind, '2026-03-04')"
                ),
                {"unit": unit_id, "kind": kind},
            )

    with pytest.raises(IntegrityError):
        house.database.run(twice)
