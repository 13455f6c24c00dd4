"""Whoever looks at somebody's personal data leaves one row, which owners read in ``/audit``."""

import html
from collections.abc import Callable, Sequence
from typing import NamedTuple

import pytest
from sqlmodel import col, select

from bot.core.dialogue import Call
from bot.core.tables import AuditEntry
from bot.crm import keeping
from bot.crm.keeping import VisitFacts
from tests.privacy.conftest import ANA, AT, OWNER, Whole
from tests.support.updates import Chat, press

BOSS = 14


def pairs(calls: Sequence[Call]) -> list[tuple[str, str]]:
    """Return the buttons of an answer: label and data."""
    rows = calls[-1]["reply_markup"]["inline_keyboard"]
    return [(one["text"], one["callback_data"]) for row in rows for one in row]


def case(chat: Chat) -> None:
    chat.send("/cases")
    chat.press("1")


def report(chat: Chat) -> None:
    """Both reports have the same label; one of them bears a name."""
    chat.send("/issues")
    for data in [one for label, one in pairs(chat.last) if "A tool or system fails" in label]:
        chat.take(press(chat.user, data))


def people(chat: Chat) -> None:
    chat.send("/people")


def one_of_the_people(chat: Chat) -> None:
    chat.send("/people")
    chat.press("P12 · member of staff")


def customer(chat: Chat) -> None:
    chat.database.run(
        lambda session: keeping.record_visit(session, VisitFacts("V-2", "K-2", 1, AT), now=AT)
    )
    chat.send("/customer K-2")


def idea(chat: Chat) -> None:
    chat.send("/ideas")
    chat.press("1")


def file(chat: Chat) -> None:
    chat.send("/mydata")


class Look(NamedTuple):
    """A way of looking, what it leaves in the record, and the sentence that is read there."""

    act: Callable[[Chat], None]
    what: str
    subject: str
    sentence: str


LOOKS = (
    Look(case, "cases.seen", "unit 1", "which customers wish to be contacted"),
    Look(case, "case.seen", "case 1", "A customer's case was read"),
    Look(report, "issue.seen", "issue 5", "A report with a name was read"),
    Look(people, "people.seen", "unit 1", "It was looked at who holds which role"),
    Look(one_of_the_people, "person.seen", "person 2", "personal data were looked at"),
    Look(customer, "customer.seen", "customer 2", "A customer's history was looked at"),
    Look(idea, "idea.seen", "idea 1", "An idea with a name was read"),
    Look(file, "person.exported", "person 4", "given out as a file"),
)


@pytest.mark.parametrize("look", LOOKS, ids=lambda one: one.what)
def test_a_look_leaves_one_row_that_owners_read(whole: Whole, look: Look) -> None:
    whole.lived_in(ANA)
    whole.add(BOSS, "manager")

    look.act(whole.chat(BOSS))
    record = plain(whole.chat(OWNER).send("/audit"))

    query = select(AuditEntry).where(
        col(AuditEntry.what) == look.what, col(AuditEntry.subject) == look.subject
    )
    rows = whole.database.run(lambda session: [one.person_id for one in session.exec(query)])
    assert rows == [whole.number(BOSS)]
    assert look.sentence in record
    assert look.subject.replace("issue", "report") in record
    assert f"P{BOSS}" in record


def test_turning_pages_is_one_look_and_a_look_an_hour_later_another(whole: Whole) -> None:
    whole.lived_in(ANA)
    chat = whole.chat(ANA)

    for minutes in (0, 20, 20, 30):  # the last is 70 minutes after the first
        whole.later(minutes=minutes)
        people(chat)

    looks = [one for one in whole.rows(AuditEntry) if one.what == "people.seen"]
    assert len(looks) == 2


def test_what_shows_nobody_s_data_leaves_no_look(whole: Whole) -> None:
    """Lists of reports without names, one's own idea, a customer who does not exist."""
    whole.lived_in(ANA)
    chat = whole.chat(ANA)

    for command in ("/issues", "/ideas", "/customer nobody", "/privacy"):
        chat.send(command)

    looks = whole.database.run(
        lambda session: [
            one.what for one in session.exec(select(AuditEntry)) if one.what.endswith(".seen")
        ]
    )
    assert looks == []


def plain(text: str) -> str:
    return html.unescape(text).replace("\u2068", "").replace("\u2069", "")
