"""``/forget``: two taps, then nothing leads to the person; what was anonymous stays."""

from collections.abc import Callable

import pytest
from sqlalchemy import text
from sqlmodel import Session, col, select

from bot.core.database import Database
from bot.core.resealing import sealed_columns
from bot.core.tables import AuditEntry
from bot.ideas.tables import Idea
from bot.issues.tables import Issue, IssuePost, IssueReport
from bot.privacy import erasing, gathering
from bot.surveys.tables import DirtyWeek
from tests.privacy.conftest import ANA, AT, BEN, OWNER, WORDS, Whole

GONE = "Erased. Nothing in the database leads to you"


def forgotten(whole: Whole, telegram_id: int) -> str:
    """Erase somebody by the two taps; return what was said at the end."""
    chat = whole.chat(telegram_id)
    chat.send("/forget")
    chat.press("Erase what leads to me")
    return chat.press("Yes, erase it for good")


def test_after_two_taps_nothing_leads_to_the_person(whole: Whole) -> None:
    number = whole.lived_in(ANA)

    answer = forgotten(whole, ANA)

    left = whole.database.run(
        lambda session: gathering.gathered(session, number, to_themselves=True)
    )
    assert GONE in answer
    assert [one.table for one, _ in left] == ["audit_entry"]  # of a number that is nobody's now
    assert [row["what"] for _, rows in left for row in rows] == ["person.erased"]
    assert not whole.holds(ANA)


def test_no_word_of_theirs_is_left_in_any_sealed_column(whole: Whole) -> None:
    """The draft, the comment, the report, the case, the notice, the message not handled."""
    whole.lived_in(ANA)
    forgotten(whole, ANA)

    def everything(session: Session) -> str:
        return "\n".join(
            str(row)
            for table, columns in sealed_columns()
            for row in session.execute(select(*columns).select_from(table))
        )

    words = whole.database.run(everything)
    assert WORDS not in words
    assert f"P{ANA}" not in words
    assert "Not mine" in words


def test_named_answers_are_taken_out_and_their_week_is_worked_out_anew(
    whole: Whole, count: Callable[[str], int]
) -> None:
    whole.lived_in(ANA)
    whole.database.run(lambda session: session.execute(text("DELETE FROM dirty_week")))

    forgotten(whole, ANA)

    dirty = whole.database.run(lambda session: session.exec(select(DirtyWeek)).all())
    assert count("answer") == 0
    assert [(one.unit_id, str(one.week)) for one in dirty] == [(1, "2026-03-02")]


def test_what_goes_is_counted_before_and_anonymous_answers_are_explained(whole: Whole) -> None:
    whole.lived_in(ANA)
    chat = whole.chat(ANA)

    first = chat.send("/forget")
    second = chat.press("Erase what leads to me")

    assert "1 answer under your name goes too" in first
    assert "anonymous answers, comments and reports" in first
    assert "cannot be undone" in second
    assert whole.holds(ANA)


def test_the_tie_to_a_customer_goes_with_the_visits_and_the_page_says_so_before(
    whole: Whole, count: Callable[[str], int]
) -> None:
    whole.lived_in(ANA)
    chat = whole.chat(ANA)

    first = chat.send("/forget")
    before = (count("customer"), count("visit"))
    forgotten(whole, ANA)

    assert "that you are its customer, and 1 visit." in first
    assert "in its own books" in first
    assert before == (1, 1)
    assert (count("customer"), count("visit")) == (0, 0)
    assert "its customer" not in whole.chat(BEN).send("/forget")


def test_keeping_it_erases_nothing(whole: Whole) -> None:
    chat = whole.chat(BEN)
    chat.send("/forget")

    answer = chat.press("Keep it")

    assert "Your data at" in answer
    assert whole.holds(BEN)


def test_a_second_press_finds_nothing_left(whole: Whole) -> None:
    chat = whole.chat(BEN)
    chat.send("/forget")
    chat.press("Erase what leads to me")
    before = list(chat.last)
    chat.press("Yes, erase it for good")
    chat.last = before

    answer = chat.press("Yes, erase it for good")

    assert "Nothing is kept about you." in answer


def test_a_stranger_hears_that_nothing_is_kept(whole: Whole) -> None:
    assert "Nothing is kept about you." in whole.chat(99).send("/forget")


def test_the_last_owner_is_asked_to_hand_over_first(whole: Whole) -> None:
    chat = whole.chat(OWNER)
    answer = chat.send("/forget")
    alone = whole.number(OWNER)
    direct = whole.database.run(lambda session: erasing.erase(session, alone, now=AT))

    whole.add(31, "owner")
    then = forgotten(whole, OWNER)

    assert "You are the only owner" in answer
    assert direct is None
    assert GONE in then


def test_an_idea_stays_without_its_author_and_an_issue_of_theirs_alone_goes(whole: Whole) -> None:
    whole.lived_in(ANA)
    forgotten(whole, ANA)

    def read(session: Session) -> tuple[Idea, list[int], list[str], list[str]]:
        return (
            session.exec(select(Idea)).one(),
            [one.id for one in session.exec(select(Issue))],
            [one.key for one in session.exec(select(IssueReport))],
            [one.text for one in session.exec(select(IssuePost))],
        )

    idea, issues, receipts, posts = whole.database.run(read)
    assert (idea.person_id, idea.by_name, idea.text) == (None, False, "A bench")
    assert issues == [6]
    assert receipts == ["hash"]
    assert posts == ["Not mine"]


def test_a_case_is_left_as_a_number_without_words_or_person(whole: Whole) -> None:
    whole.lived_in(ANA)
    forgotten(whole, ANA)

    row = whole.database.run(
        lambda session: session.execute(
            text("SELECT state, person_id, outcome_words FROM customer_case")
        ).one()
    )
    assert tuple(row) == ("withdrawn", None, "")


def test_the_record_keeps_the_number_without_the_person(whole: Whole) -> None:
    number = whole.lived_in(ANA)
    forgotten(whole, ANA)

    entries = whole.database.run(
        lambda session: session.exec(
            select(AuditEntry).where(col(AuditEntry.what).in_(("action.done", "person.erased")))
        ).all()
    )
    assert [(one.what, one.subject, one.person_id) for one in entries] == [
        ("action.done", "action 1", None),
        ("person.erased", f"person {number}", None),
    ]


def test_whoever_was_erased_can_come_in_anew(whole: Whole) -> None:
    forgotten(whole, BEN)

    whole.add(BEN, "customer")

    assert whole.holds(BEN)


@pytest.mark.parametrize("times", [2])
def test_two_erasings_at_once_end_as_one(whole: Whole, database: Database, times: int) -> None:
    number = whole.number(BEN)

    done = [
        database.run(lambda session: erasing.erase(session, number, now=AT)) for _ in range(times)
    ]

    assert [one is not None for one in done] == [True, False]
