"""The card of a case, for the customer and for those in charge: its head, and a page of its thread.

Three messages a page, so that the longest ones fit into one message of Telegram's.
"""

from dataclasses import dataclass
from datetime import date

from bot.cases import cases
from bot.cases.tables import Case
from bot.cases.words import MARKS, OUTCOMES, STATES
from bot.core.dialogue import Turn
from bot.core.schedule import local_day
from bot.improvement.desk import zone_for
from bot.people import roster

PER_PAGE = 3


@dataclass(frozen=True, slots=True)
class NoteView:
    """One message of a thread, with the reader's day."""

    author: str
    from_customer: bool
    day: date
    words: str


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case as a reader sees it; the names are empty for people who are gone."""

    number: int
    unit: str
    customer: str
    state: str
    mark: str
    says: str
    owner: str
    due_on: date
    is_overdue: bool
    outcome: str
    outcome_words: str
    settled: bool | None


def view_of_case(turn: Turn, one: Case) -> CaseView:
    """Return the head of a case."""
    zone = zone_for(turn.session, turn.known.person_id, one.unit_id)
    outcome = OUTCOMES.get(one.outcome)
    return CaseView(
        number=one.id or 0,
        unit=roster.unit_name(turn.session, one.unit_id),
        customer=roster.person_name(turn.session, one.person_id),
        state=one.state,
        mark=MARKS[one.state],
        says=turn.label(STATES[one.state]),
        owner=roster.person_name(turn.session, one.owner_id),
        due_on=local_day(one.due_at, zone),
        is_overdue=one.state in cases.OURS and one.due_at <= turn.now,
        outcome=turn.label(outcome) if outcome else "",
        outcome_words=one.outcome_words,
        settled=one.settled,
    )


def thread_page(turn: Turn, one: Case, wanted: int | None) -> tuple[list[NoteView], int, int]:
    """Return a page of the thread, its number and how many there are; the newest without a wish."""
    notes = cases.notes_of(turn.session, one.id or 0)
    pages = max(1, -(-len(notes) // PER_PAGE))
    page = pages - 1 if wanted is None else min(wanted, pages - 1)
    zone = zone_for(turn.session, turn.known.person_id, one.unit_id)
    shown = [
        NoteView(
            author=roster.person_name(turn.session, note.author_id),
            from_customer=note.from_customer,
            day=local_day(note.written_at, zone),
            words=note.words,
        )
        for note in notes[page * PER_PAGE : (page + 1) * PER_PAGE]
    ]
    return shown, page, pages


def fitting_words(turn: Turn, most: int) -> str:
    """Return what was written, or say that it does not fit and return nothing."""
    if turn.text and len(turn.text) <= most:
        return turn.text
    turn.say("cases/words_wanted.html", length=len(turn.text), most=most)
    return ""
