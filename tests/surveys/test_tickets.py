"""Tickets: how the program finds an open anonymous run, and what becomes of that with the keys."""

import pytest
from sqlalchemy import text
from sqlmodel import Session, col

from bot import parts  # noqa: F401 - loads every table
from bot.core import resealing, sealing
from bot.core.database import Database
from bot.core.errors import SettingError
from bot.core.keyring import Keyring, new_key
from bot.privacy import erasing, gathering
from bot.surveys import tickets, ticks
from bot.surveys.runs import close_of
from bot.surveys.tables import Answer, Run, Wave
from tests.support.keys import TEST_KEY, fixed_keys
from tests.support.surveys import House
from tests.support.updates import Chat

FRESH = new_key()


def opened(house: House, *keys: str) -> Database:
    """Open the database of a house with other keys."""
    return Database(house.database.address, Keyring(keys))


def rotated(house: House) -> None:
    """Change the key, as ``gapbot key rotate`` does."""
    database = opened(house, FRESH, TEST_KEY)
    database.run(lambda session: resealing.begin(session, database.keys or Keyring()))
    while True:
        list(resealing.reseal(database))
        if resealing.finish(database):
            break
    database.close()


def begun(house: House) -> Chat:
    """Let somebody begin an anonymous questionnaire that others have got as well."""
    house.database.run(lambda session: sealing.settle(session, fixed_keys()))
    house.add(8)
    talk = house.asked(7)
    talk.press("5")
    return talk


def test_a_ticket_is_bound_to_the_wave_the_invitee_and_the_person() -> None:
    one = tickets.link(1, 2, secret="a")

    others = {
        tickets.link(1, 2, secret="b").ticket,
        tickets.link(2, 2, secret="a").ticket,
        tickets.link(1, 3, secret="a").ticket,
        tickets.link(12, 2, secret="a").ticket,
    }
    assert len(one.ticket) == 32
    assert len(others | {one.ticket}) == 5
    assert tickets.link(1, 2, secret="a") == one
    assert tickets.link(1, 2, secret="") == (1, 2, "")


def test_a_change_of_the_key_carries_open_runs_over(house: House) -> None:
    talk = begun(house)
    before = [(run.key, run.ticket) for run in house.rows(Run)]

    rotated(house)

    talk.database = house.database = opened(house, FRESH)  # the old key is not needed any more
    talk.press("6")
    assert [(run.key, run.ticket) for run in house.rows(Run)] == before
    assert sorted(one.score for one in house.rows(Answer)) == [5, 6]
    talk.database.close()


def test_half_way_through_a_change_of_the_key_presses_find_their_runs(house: House) -> None:
    talk = begun(house)
    database = opened(house, FRESH, TEST_KEY)

    database.run(lambda session: resealing.begin(session, database.keys or Keyring()))
    talk.database = house.database = database
    talk.press("6")

    assert sorted(one.score for one in house.rows(Answer)) == [5, 6]
    database.close()


@pytest.mark.parametrize(("keys", "code"), [((), "S120"), ((FRESH,), "S122")])
def test_with_no_key_or_another_one_there_is_an_error_and_no_wrong_match(
    house: House, keys: tuple[str, ...], code: str
) -> None:
    talk = begun(house)
    before = house.rows(Run), house.rows(Answer)
    talk.database = opened(house, *keys)

    with pytest.raises(SettingError) as error:
        talk.press("6")

    assert error.value.code == code
    assert (house.rows(Run), house.rows(Answer)) == before
    talk.database.close()


def test_whoever_changes_whose_invitation_it_is_finds_no_run_by_it(house: House) -> None:
    """Somebody who can write into the database puts themselves in the other's place."""
    begun(house)
    owner = house.add(9, "owner")

    def swap(session: Session) -> None:
        session.execute(text(f"UPDATE invitee SET person_id = {owner} WHERE person_id = 2"))  # noqa: S608

    house.database.run(swap)
    said = house.chat(9).send("/questions")

    assert "No questionnaire is waiting" in said
    assert list(house.runs()) == [1]


def test_many_people_are_looked_up_in_portions(
    small_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tickets, "_PORTION", 2)
    people = [small_house.add(one) for one in range(1, 8)]
    small_house.send()

    assert sorted(small_house.runs()) == people
    wave = small_house.rows(Wave)[0].id
    found = small_house.database.run(
        lambda session: tickets.people_of(session, wave, col(Run.position) == 0)
    )
    assert sorted(found) == people


def test_with_a_role_an_open_run_closes_and_loses_its_ticket(house: House) -> None:
    begun(house)

    closed = house.database.run(lambda session: close_of(session, 2, 1, audience="customer"))
    other_role = house.database.run(lambda session: close_of(session, 1, 1, audience="staff"))

    assert (closed, other_role) == (1, 0)
    assert sorted((run.state, run.ticket is None) for run in house.rows(Run)) == [
        ("open", False),
        ("stopped", True),
    ]
    assert list(house.runs()) == [1]


def test_whoever_is_erased_takes_an_open_run_along_and_the_record_does_not_say_so(
    house: House,
) -> None:
    begun(house)

    went = house.database.run(lambda session: erasing.erase(session, 2, now=house.now))

    assert len(house.rows(Run)) == 1
    assert house.rows(Answer) == []
    assert went is not None
    assert (went.runs, went.answers) == (0, 0)


def test_an_open_anonymous_run_is_in_ones_own_file_and_in_nobody_elses_hands(
    house: House,
) -> None:
    begun(house)

    def tables(to_themselves: bool) -> set[str]:
        found = house.database.run(
            lambda session: gathering.gathered(session, 2, to_themselves=to_themselves)
        )
        assert not any({"ticket", "card"} & set(row) for _, rows in found for row in rows)
        return {holding.table for holding, _ in found}

    assert {"run", "answer"} <= tables(True)
    assert not {"run", "answer"} & tables(False)


def test_when_a_wave_closes_its_secret_goes(house: House) -> None:
    begun(house)
    assert len(house.rows(Wave)[0].ticket_secret) == 64

    house.later(days=6)
    house.database.run(lambda session: ticks.expire_due(session, house.now))

    assert house.rows(Wave)[0].ticket_secret == ""
    assert {run.ticket for run in house.rows(Run)} == {None}


def test_a_wave_by_name_has_neither_secret_nor_tickets(house: House) -> None:
    house.asked(7, "managers")

    assert [one.ticket_secret for one in house.rows(Wave)] == [""]
    assert [(run.ticket, run.invitee_id) for run in house.rows(Run)] == [(None, 1)]
    assert list(house.runs()) == [1]
