"""A CRM knows visits and kinds of customers: what of it leads to an anonymous answer.

Somebody with the database knows of every customer who they are, when they came, and of which kind.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import text
from sqlmodel import Session, select

from bot.core.database import Database
from bot.crm import asking, keeping
from bot.crm.asking import ask_due
from bot.crm.keeping import CustomerFacts, VisitFacts, kinds_of_people
from bot.crm.linking import link
from bot.crm.rules import EVERYWHERE, Rule
from bot.surveys import segment_writing
from bot.surveys.desk import SurveyDesk
from bot.surveys.segments import Kind
from bot.surveys.tables import Invitee, Run, RunSegment
from tests.support.surveys import House

FLOOR = 5
TIED = text(
    """
    SELECT r.anonymous, count(*) FROM run r
    JOIN invitee i ON i.wave_id = r.wave_id
    JOIN visit v ON v.invitee_id = i.id OR i.about <> ''
    GROUP BY r.anonymous
    """
)


@pytest.fixture
def house(database: Database) -> House:
    """An organisation whose questionnaires know kinds of customers."""
    return House(database, SurveyDesk(kinds=kinds_of_people)).open()


def customer(house: House, number: int, **facts: str) -> int:
    """Let a customer in who is tied to their number in the CRM; return the person."""
    person = house.add(number)

    def work(session: Session) -> None:
        known, _ = keeping.upsert(session, CustomerFacts(f"K-{number}", **facts), now=house.now)
        link(session, known, person_id=person, now=house.now)

    house.database.run(work)
    return person


def came(house: House, number: int) -> None:
    """Write a visit down, and let the clock ask about it when its hour has come."""
    facts = VisitFacts(f"V-{number}", f"K-{number}", 1, house.now)
    house.database.run(lambda session: keeping.record_visit(session, facts, now=house.now))
    house.later(hours=4)
    house.database.run(lambda session: ask_due(session, house.now, house.desk))


def test_a_visit_leads_to_runs_by_name_and_to_no_anonymous_one(house: House) -> None:
    """Ana came, is asked about it by name, and gets the anonymous questionnaire as well."""
    for number in range(101, 107):
        customer(house, number)
    came(house, 101)
    house.send("customers")

    with house.database.reading() as session:
        tied = {bool(row[0]): row[1] for row in session.execute(TIED)}
    assert {one.anonymous for one in house.rows(Run)} == {True, False}
    assert tied == {False: 1}


def test_a_rule_that_asks_anonymously_after_a_visit_asks_nobody(house: House) -> None:
    """Files are refused such a rule; this one was written past them."""
    customer(house, 101)
    rule = Rule("customers", timedelta(hours=1))
    house.database.run(lambda session: keeping.write_rule(session, EVERYWHERE, rule))

    came(house, 101)

    assert house.rows(Run) == []
    assert house.rows(Invitee) == []


def test_without_that_refusal_the_visit_would_lead_to_the_one_anonymous_run(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The protection taken away: by its invitee and wave, a visit leads to the run of who came."""
    monkeypatch.setattr(asking, "_may_follow", lambda paper: True)
    customer(house, 101)
    rule = Rule("customers", timedelta(hours=1))
    house.database.run(lambda session: keeping.write_rule(session, EVERYWHERE, rule))

    came(house, 101)

    with house.database.reading() as session:
        tied = {bool(row[0]): row[1] for row in session.execute(TIED)}
    assert [one.anonymous for one in house.rows(Run)] == [True]
    assert tied == {True: 1}


SPLITS = [(7, 3, 2), (5, 5, 2), (6, 6, 0), (4, 4, 4), (9, 1, 1), (5, 1, 5), (2, 2, 1)]


def groups(house: House, split: tuple[int, int, int]) -> Mapping[Kind, set[int]]:
    """Ask new ones, returning ones and unknown ones; return who has which kind beside their run.

    It is read while the runs are open, with the key: nobody can narrow a closed one down further.
    """
    new, returning, unknown = split
    number = 200
    for many, facts in (
        (new, {"tenure": "new", "channel": "web"}),
        (returning, {"tenure": "returning", "channel": "web"}),
    ):
        for _ in range(many):
            number += 1
            customer(house, number, **facts)
    for _ in range(unknown):
        number += 1
        house.add(number)
    house.send("customers")
    return by_kind(house)


def by_kind(house: House) -> Mapping[Kind, set[int]]:
    """Return who has which kind beside their run."""
    asked = house.runs()

    def read(session: Session) -> Mapping[Kind, set[int]]:
        kinds = {
            one.run_key: Kind(one.tenure, one.channel, one.touchpoint)
            for one in session.exec(select(RunSegment))
        }
        found: dict[Kind, set[int]] = defaultdict(set)
        for person, run in asked.items():
            found[kinds.get(run.key, Kind())].add(person)
        return found

    return house.database.run(read)


@pytest.mark.parametrize("split", SPLITS)
def test_no_kind_beside_an_anonymous_answer_stands_for_fewer_than_the_floor(
    house: House, split: tuple[int, int, int]
) -> None:
    found = groups(house, split)

    assert sum(len(people) for people in found.values()) == sum(split)
    assert min(len(people) for people in found.values()) >= min(FLOOR, sum(split))


@pytest.mark.parametrize("split", SPLITS)
def test_nor_does_a_touchpoint_that_a_crm_knows(house: House, split: tuple[int, int, int]) -> None:
    """Some were last at the till, some at the desk; of some no touchpoint is known."""
    till, desk, unknown = split
    number = 300
    for many, touchpoint in ((till, "till"), (desk, "desk"), (unknown, "")):
        for _ in range(many):
            number += 1
            customer(house, number)
            facts = VisitFacts(f"V-{number}", f"K-{number}", 1, house.now, touchpoint=touchpoint)
            house.database.run(partial(keeping.record_visit, facts=facts, now=house.now))
    house.send("customers")

    found = by_kind(house)

    assert sum(len(people) for people in found.values()) == sum(split)
    assert min(len(people) for people in found.values()) >= min(FLOOR, sum(split))
    if till >= FLOOR and desk >= FLOOR and unknown in {0, 5}:
        assert {kind.touchpoint for kind in found} >= {"till", "desk"}


def _as_they_are(kinds: Mapping[int, Kind], *, floor: int) -> dict[int, Kind]:
    return dict(kinds)


def test_without_making_kinds_coarse_two_would_be_told_apart(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The protection taken away."""
    monkeypatch.setattr(segment_writing, "coarse", _as_they_are)

    found = groups(house, (7, 3, 2))

    assert Counter(len(people) for people in found.values()) == {7: 1, 3: 1, 2: 1}
