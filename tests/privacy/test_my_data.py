"""``/mydata``: a file with everything that leads to one person, and nothing of others."""

import json
from typing import Any

from sqlmodel import Session, col, select

from bot.core import audit
from bot.core.tables import AuditEntry
from bot.privacy.holdings import HOLDINGS
from tests.privacy.conftest import ANA, AT, BEN, OWNER, WORDS, Whole
from tests.support.machinery import offline_chat, offline_telegram
from tests.support.updates import said
from tests.support.virtual_time import loop_clock, virtually


def file_in(calls: list[dict[str, Any]]) -> dict[str, Any]:
    """Read the file that was sent."""
    (call,) = [one for one in calls if one["method"] == "sendDocument"]
    name, text = call["attached"]["document"]
    assert name == "my-data.json"
    content: dict[str, Any] = json.loads(text)
    return content


def test_the_file_holds_every_table_that_leads_to_the_person(whole: Whole) -> None:
    whole.lived_in(ANA)
    chat = whole.chat(ANA)

    chat.send("/mydata")
    content = file_in(chat.last)

    assert {one["table"] for one in content["held"]} == {one.table for one in HOLDINGS}
    by_table = {one["table"]: one["rows"] for one in content["held"]}
    assert by_table["person"][0]["name"] == f"P{ANA}"
    assert by_table["comment"][0]["text"] == WORDS
    assert by_table["answer"][0]["score"] == 5
    assert by_table["role"][0]["unit"] == "Riverside"
    assert content["organisation"] == "Cafés"


def test_the_file_is_plain_text_in_utf_8_with_headings_in_the_readers_language(
    whole: Whole,
) -> None:
    whole.add(21, "customer", language="es")
    chat = whole.chat(21)

    chat.send("/mydata")
    text = chat.last[-1]["attached"]["document"][1]

    assert "Cafés" in text
    assert "\\u" not in text
    assert json.loads(text)["held"][0]["what"] == "Usted"


def test_other_people_are_in_it_neither_by_name_nor_by_number(whole: Whole) -> None:
    whole.lived_in(ANA)
    chat = whole.chat(BEN)

    chat.send("/mydata")
    text = json.dumps(file_in(chat.last), ensure_ascii=False)

    assert f"P{ANA}" not in text
    assert WORDS not in text
    assert "Not mine" not in text


def test_who_was_looked_at_reads_that_and_when_but_not_by_whom(whole: Whole) -> None:
    ana, owner = whole.lived_in(ANA), whole.number(OWNER)

    subjects = (f"person {ana}", "case 1", "customer 1", f"person {whole.number(BEN)}")

    def looked(session: Session) -> None:
        for subject in subjects:
            audit.record(session, "person.seen", now=AT, subject=subject, person_id=owner)

    whole.database.run(looked)
    chat = whole.chat(ANA)

    chat.send("/mydata")
    [audited] = [one for one in file_in(chat.last)["held"] if one["table"] == "audit_entry"]

    seen = [one for one in audited["rows"] if one["what"] == "person.seen"]
    assert [(one["subject"], one["person_id"]) for one in seen] == [
        ("you", "somebody else"),
        ("case 1", "somebody else"),
        ("customer 1", "somebody else"),
    ]


def test_anonymous_reports_of_a_person_are_not_in_their_file(whole: Whole) -> None:
    whole.lived_in(ANA)
    chat = whole.chat(ANA)

    chat.send("/mydata")
    text = json.dumps(file_in(chat.last))

    assert "Not mine" not in text
    assert "nothing leads from them to you" in text


def test_giving_it_out_is_recorded(whole: Whole) -> None:
    chat = whole.chat(BEN)

    chat.send("/mydata")

    subject = f"person {whole.number(BEN)}"
    query = select(AuditEntry.what).where(col(AuditEntry.subject) == subject)
    kept = whole.database.run(lambda session: list(session.exec(query)))
    assert kept == ["person.exported"]


def test_a_stranger_is_told_how_one_gets_in(whole: Whole) -> None:
    chat = whole.chat(99)

    answer = chat.send("/mydata")

    assert "sendDocument" not in [one["method"] for one in chat.last]
    assert answer


def test_who_has_said_stop_gets_the_file_all_the_same(whole: Whole) -> None:
    chat = whole.chat(BEN)
    chat.send("/stop")

    chat.send("/mydata")

    assert file_in(chat.last)["held"]
    assert "Keep it to yourself" in chat.last[-1]["caption"]
    assert not said(chat.last)


@virtually
async def test_the_file_arrives_through_the_sender_with_everything_another_system_told(
    whole: Whole,
) -> None:
    whole.lived_in(ANA)
    chat = whole.chat(ANA)
    chat.send("/mydata")
    telegram = offline_chat(loop_clock(), people=ANA)

    for call in chat.last:
        await offline_telegram(telegram).make(call)

    (document,) = [one.document for one in telegram.timeline(ANA) if one.document is not None]
    content = json.loads(document.content)
    by_table = {one["table"]: one["rows"] for one in content["held"]}
    assert document.name == "my-data.json"
    assert by_table["customer"][0]["reference"] == "K-1"
    assert by_table["visit"][0]["reference"] == "V-1"
    assert by_table["run_segment"][0]["channel"] == "web"
