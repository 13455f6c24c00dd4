"""What managers ask for and press, through the router; what two do at once, on both databases."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlmodel import Session

from bot.analysis.tables import StoredReport
from bot.core import callbacks
from bot.core.database import Database
from bot.core.i18n import LANGUAGES
from bot.improvement.tables import Action, FixDecision
from tests.support.digests import LATE, DigestHouse
from tests.support.updates import Chat, User, buttons, press

ANA, LI, OTHER, OWNER, STRANGER = 11, 12, 13, 14, 99
OLD = "This button is from an older digest. Please send /digest."
UNUSED = "This button is no longer in use."
CLOSED = "This is not open to you."


@pytest.fixture
def house(sqlite_database: Database) -> DigestHouse:
    """Riverside falls short of its rules; Old Town has a manager of its own and no answers."""
    return furnished(sqlite_database)


@pytest.fixture
def either_house(database: Database) -> DigestHouse:
    """The same on each kind of database."""
    return furnished(database)


def furnished(database: Database) -> DigestHouse:
    house = DigestHouse(database)
    house.open(units=("Riverside", "Old Town"))
    house.add(ANA, "manager")
    house.add(LI, "manager")
    house.add(OTHER, "manager", unit="Old Town")
    house.add(OWNER, "owner")
    house.ledger.fill(levels=LATE, causes={"technology_job_fit": 2})
    house.report()
    return house


def signed(house: DigestHouse, telegram_id: int, action: str) -> str:
    return callbacks.sign(house.secret, telegram_id, action)


def pressed(house: DigestHouse, telegram_id: int, action: str) -> Chat:
    chat = house.chat(telegram_id)
    chat.take(press(User(telegram_id), signed(house, telegram_id, action)))
    return chat


def methods(chat: Chat) -> list[str]:
    return [call["method"] for call in chat.last]


def plainly(text: str) -> str:
    """Return a text without the marks of direction around names and numbers."""
    return text.replace("\u2068", "").replace("\u2069", "")


def plain(chat: Chat) -> str:
    return plainly("\n".join(call.get("text", "") for call in chat.last))


def states(house: DigestHouse) -> list[tuple[str, str]]:
    return [(one.fix, one.state) for one in house.rows(FixDecision)]


def test_a_manager_goes_down_to_one_item_and_back(either_house: DigestHouse) -> None:
    ana = either_house.chat(ANA)

    assert "The five gaps" in ana.send("/gaps")
    assert "Quick help" in ana.press("Specification gap")
    shown = ana.press("Quick help")
    assert "The daily work stays" not in shown
    assert shown.count("▼") >= 4
    assert "Specification gap" in ana.press("← Back")
    assert "The five gaps" in ana.press("← All gaps")
    assert "What you could do" in ana.press("← The digest")
    assert methods(ana)[-1] == "editMessageText"


def test_the_list_of_fixes_leads_to_one_and_back(house: DigestHouse) -> None:
    ana = house.chat(ANA)

    assert "Press a number" in ana.send("/fixes")
    assert "First step this week" in ana.press("1")
    assert "Press a number" in ana.press("← All fixes")


def test_taking_a_fix_says_what_comes_next(either_house: DigestHouse) -> None:
    ana = either_house.chat(ANA)
    ana.send("/fixes")
    ana.press("1")

    said = ana.press("Take it")

    assert "Taken:" in said
    assert "This week" in said
    assert "How you will see that it worked" in said
    assert "April 15, 2026" in said  # six weeks after March 4
    assert [state for _, state in states(either_house)] == ["taken"]
    (kept,) = either_house.rows(FixDecision)
    assert (kept.gap, kept.check_on.isoformat()) == ("specification", "2026-04-15")
    assert "we look again on" in ana.press("← The digest")


def test_a_taken_fix_is_not_suggested_and_its_taker_may_undo_it(house: DigestHouse) -> None:
    ana = house.chat(ANA)
    ana.send("/fixes")
    ana.press("1")
    ana.press("Take it")
    (fix, _), *_ = states(house)
    ana.press("← All fixes")
    assert fix not in str(ana.last)

    again = pressed(house, ANA, f"fix:1:1:{fix}")
    assert "Undone" in again.press("Undo")

    assert states(house) == []
    assert "Take it" in str(again.last)


def test_not_ours_is_undone_by_any_manager_of_the_unit(house: DigestHouse) -> None:
    ana = house.chat(ANA)
    ana.send("/fixes")
    ana.press("1")
    assert "not suggested again for three months" in ana.press("Not ours")
    (fix, _), *_ = states(house)

    li = pressed(house, LI, f"yes:1:1:{fix}")

    assert "Undone" in str(li.last)
    assert states(house) == []


def test_of_two_managers_the_first_wins_and_the_other_sees_it(either_house: DigestHouse) -> None:
    fix = "specification.clear-rules"
    pressed(either_house, ANA, f"take:1:1:{fix}")

    li = pressed(either_house, LI, f"no:1:1:{fix}")

    said = plain(li)
    assert "Somebody has decided this meanwhile." in said
    assert "Already taken by P11" in said
    assert "Undo" not in str(li.last)
    assert states(either_house) == [(fix, "taken")]


def test_somebody_elses_undo_does_not_drop_a_taken_fix(either_house: DigestHouse) -> None:
    fix = "specification.clear-rules"
    pressed(either_house, ANA, f"take:1:1:{fix}")

    li = pressed(either_house, LI, f"yes:1:1:{fix}")

    assert "Undone" not in str(li.last)
    assert states(either_house) == [(fix, "taken")]


def test_pressing_twice_takes_once(either_house: DigestHouse) -> None:
    fix = "specification.clear-rules"
    pressed(either_house, ANA, f"take:1:1:{fix}")

    again = pressed(either_house, ANA, f"take:1:1:{fix}")

    assert "Somebody has decided" not in str(again.last)
    assert "Taken:" in str(again.last)
    assert states(either_house) == [(fix, "taken")]


def test_people_may_change_their_own_mind(house: DigestHouse) -> None:
    fix = "specification.clear-rules"
    pressed(house, ANA, f"no:1:1:{fix}")

    ana = pressed(house, ANA, f"take:1:1:{fix}")

    assert "Taken:" in str(ana.last)
    assert states(house) == [(fix, "taken")]


def test_the_name_of_an_erased_taker_is_not_missed(house: DigestHouse) -> None:
    from bot.people.tables import Person

    fix = "specification.clear-rules"
    pressed(house, ANA, f"take:1:1:{fix}")
    house.database.run(lambda session: session.delete(session.get_one(Person, 1)))

    li = pressed(house, LI, f"fix:1:1:{fix}")

    assert "Already taken:" in str(li.last)


def test_a_fix_that_left_the_catalogue_is_told(house: DigestHouse) -> None:
    ana = pressed(house, ANA, "take:1:1:specification.gone-since")

    assert "no longer in the catalogue" in str(ana.last)
    assert states(house) == []


def test_a_taken_fix_that_left_the_catalogue_does_not_break_the_pages(house: DigestHouse) -> None:
    fix = "specification.clear-rules"
    pressed(house, ANA, f"take:1:1:{fix}")
    house.fixes = [one for one in house.fixes if one.code != fix]

    assert "Fixes already taken" not in house.chat(ANA).send("/fixes")


def test_another_units_manager_is_told_that_it_is_not_open(house: DigestHouse) -> None:
    before = states(house)

    for action in ("gaps:1:1", "take:1:1:specification.clear-rules", "back:1:1", "digest:1"):
        assert CLOSED in str(pressed(house, OTHER, action).last)

    assert states(house) == before
    assert house.digests() == []


def test_a_stranger_is_answered_and_changes_nothing(house: DigestHouse) -> None:
    stranger = pressed(house, STRANGER, "take:1:1:specification.clear-rules")

    assert CLOSED in str(stranger.last)
    assert states(house) == []


def test_a_button_made_for_somebody_else_does_nothing(house: DigestHouse) -> None:
    stolen = signed(house, ANA, "take:1:1:specification.clear-rules")
    li = house.chat(LI)

    li.take(press(User(LI), stolen))

    assert "no longer in use" in str(li.last)
    assert states(house) == []


@pytest.mark.parametrize(
    "action",
    [
        "gaps",
        "gaps:x:1",
        "gaps:-1:1",
        "gaps:99:1",
        "gaps:٣:1",
        "gaps:99999999999999999999:1",
        "gap:1:1",
        "gap:1:1:nonsense",
        "dim:1:1:specification",
        "dim:1:1:specification:nonsense",
        "dim:1:1:nonsense:empathy",
        "digest:",
        "back:one",
        "fix",
        "yes:1",
        "take:1:1",
        "no:1:1:",
    ],
)
def test_a_button_that_makes_no_sense_is_answered_politely(house: DigestHouse, action: str) -> None:
    ana = pressed(house, ANA, action)

    assert methods(ana)[0] == "answerCallbackQuery"
    answers = (OLD, UNUSED, "no longer in the catalogue")
    assert any(one in str(ana.last) for one in answers)
    assert states(house) == []


@pytest.mark.parametrize("report", ["", "x", "77", "99999999999999"])
def test_a_report_that_is_gone_is_replaced_by_the_newest(house: DigestHouse, report: str) -> None:
    ana = pressed(house, ANA, f"gaps:1:{report}")

    assert "The five gaps" in str(ana.last)
    assert OLD not in str(ana.last)


def test_an_owner_chooses_the_unit_first(house: DigestHouse) -> None:
    owner = house.chat(OWNER)

    assert owner.send("/gaps") == "Which unit?"
    assert "Riverside ·" in plainly(owner.press("Riverside"))
    assert "Old Town ·" in plainly(owner.send("/gaps old town"))
    assert "Old Town ·" in plainly(owner.send("/gaps town"))
    assert owner.send("/gaps nowhere") == "Which unit?"


def test_an_owner_of_very_many_units_is_told_how_to_name_one(house: DigestHouse) -> None:
    from bot.people.registry import create_unit

    def many(session: object) -> None:
        for number in range(45):
            create_unit(session, f"Branch {number:02}")  # type: ignore[arg-type]

    house.database.run(many)

    said = plainly(house.chat(OWNER).send("/fixes branch"))

    assert "Write /fixes and the name of the unit." in said


def test_before_any_report_the_commands_say_so(sqlite_database: Database) -> None:
    house = DigestHouse(sqlite_database)
    house.open()
    house.add(ANA, "manager")

    for command in ("/gaps", "/fixes"):
        assert "There are no figures yet." in house.chat(ANA).send(command)


def test_a_unit_that_is_newer_than_the_report_has_no_figures_yet(house: DigestHouse) -> None:
    from bot.people.registry import create_unit

    house.database.run(lambda session: create_unit(session, "Harbour").id)

    assert "There are no figures yet." in house.chat(OWNER).send("/gaps harbour")


def test_a_digest_asked_for_twice_in_a_minute_comes_once(either_house: DigestHouse) -> None:
    ana = either_house.chat(ANA)

    ana.send("/digest")
    assert methods(ana) == ["sendChatAction"]
    assert "less than a minute ago" in ana.send("/digest")
    either_house.later(minutes=2)
    ana.send("/digest")

    assert len(either_house.digests()) == 2
    assert {one.person_id for one in either_house.digests()} == {1}


def test_a_manager_who_said_stop_hears_why_no_digest_comes(house: DigestHouse) -> None:
    house.add(23, "manager", state="stopped")

    assert "You said stop" in house.chat(23).send("/digest")
    assert house.digests() == []


def test_a_digest_asked_for_by_a_button_is_announced(house: DigestHouse) -> None:
    owner = house.chat(OWNER)
    owner.send("/digest")

    assert owner.press("Riverside") == "Your digest is on its way."


def test_customers_and_staff_are_not_let_in(house: DigestHouse) -> None:
    house.add(21, "customer")
    house.add(22, "staff")

    for person in (21, 22):
        for command in ("/digest", "/gaps", "/fixes"):
            assert "The five gaps" not in house.chat(person).send(command)

    assert house.digests() == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_speaks_the_managers_language(sqlite_database: Database, language: str) -> None:
    house = DigestHouse(sqlite_database)
    house.open()
    house.add(ANA, "manager", language=language)
    house.ledger.fill(levels=LATE)
    house.report()
    ana = house.chat(ANA)

    def labels() -> list[str]:
        rows = ana.last[-1].get("reply_markup", {}).get("inline_keyboard", [])
        return [button["text"] for row in rows for button in row]

    pages: list[Callable[[], str]] = [
        lambda: ana.send("/gaps"),
        lambda: ana.press(labels()[0]),
        lambda: ana.press(labels()[0]),
        lambda: ana.send("/fixes"),
        lambda: ana.press("1"),
        lambda: ana.press(labels()[1]),
        lambda: ana.press(labels()[0]),
        lambda: ana.press(labels()[0]),
    ]
    said = [page() for page in pages]

    assert all(said)
    if language != "en":
        english = {"questionnaire", "gap", "Taken", "Noted", "This week", "Undo"}
        english -= {"questionnaire"} if language == "fr" else set()  # it is a French word too
        assert not [text for text in said for word in english if word in text]


def test_a_fix_that_was_done_may_be_taken_anew_once_its_effect_was_looked_at(
    house: DigestHouse,
) -> None:
    fix = "specification.clear-rules"
    ana = pressed(house, ANA, f"take:1:1:{fix}")
    ana.press("Done")
    house.now += timedelta(days=42)
    assert "Taken:" not in str(pressed(house, LI, f"take:1:1:{fix}").last)
    house.now += timedelta(days=1)

    li = pressed(house, LI, f"take:1:1:{fix}")

    assert "Taken:" in str(li.last)
    assert sorted(states(house)) == [(fix, "done"), (fix, "taken")]


def test_a_fix_that_is_under_way_stays_taken_however_long_it_takes(house: DigestHouse) -> None:
    fix = "specification.clear-rules"
    pressed(house, ANA, f"take:1:1:{fix}")
    house.now += timedelta(days=80)

    li = pressed(house, LI, f"take:1:1:{fix}")

    assert "Already taken by P11" in plain(li)
    assert states(house) == [(fix, "taken")]


def test_why_a_fix_is_not_ours_is_asked_in_one_tap_and_shown(either_house: DigestHouse) -> None:
    fix = "specification.clear-rules"
    ana = pressed(either_house, ANA, f"no:1:1:{fix}")

    said = plainly(ana.press("Cannot afford it"))

    assert "Why: Cannot afford it" in said
    assert [one.reason for one in either_house.rows(FixDecision)] == ["c"]
    assert "Cannot afford it" not in str(buttons(ana.last))
    assert "Why: Cannot afford it" in plain(pressed(either_house, LI, f"fix:1:1:{fix}"))


def test_a_made_up_reason_is_not_kept(house: DigestHouse) -> None:
    fix = "specification.clear-rules"
    pressed(house, ANA, f"no:1:1:{fix}")

    pressed(house, ANA, f"nr:1:1:{fix}:zz")

    assert [one.reason for one in house.rows(FixDecision)] == [""]


def test_a_refused_fix_is_suggested_again_when_its_gap_has_grown(either_house: DigestHouse) -> None:
    ana = either_house.chat(ANA)
    ana.send("/fixes")
    ana.press("1")
    ana.press("Not ours")
    (kept,) = either_house.rows(FixDecision)
    assert kept.estimate is not None
    assert "Take it" not in str(pressed(either_house, LI, f"fix:1:1:{kept.fix}").last)

    smaller_then = kept.estimate + 0.3 + 1e-6  # it was a shortfall: negative
    either_house.database.run(lambda session: _set_estimate(session, smaller_then))

    assert "Take it" in str(pressed(either_house, LI, f"fix:1:1:{kept.fix}").last)
    li = pressed(either_house, LI, f"take:1:1:{kept.fix}")
    assert "Taken:" in str(li.last)
    assert sorted(one.state for one in either_house.rows(FixDecision)) == ["done", "taken"]


def test_a_refused_fix_is_not_suggested_for_a_gap_that_grew_a_little(house: DigestHouse) -> None:
    ana = house.chat(ANA)
    ana.send("/fixes")
    ana.press("1")
    ana.press("Not ours")
    (kept,) = house.rows(FixDecision)
    house.database.run(lambda session: _set_estimate(session, (kept.estimate or 0.0) + 0.29))

    assert "Take it" not in str(pressed(house, LI, f"fix:1:1:{kept.fix}").last)


def test_a_taken_fix_keeps_what_its_effect_is_measured_against(house: DigestHouse) -> None:
    pressed(house, ANA, "take:1:1:specification.clear-rules")

    (action,) = house.rows(Action)
    report = house.rows(StoredReport)[0]

    assert action.trigger_week == report.last_week
    assert action.before_last == report.last_week - timedelta(weeks=1)
    assert action.before_first == report.last_week - timedelta(weeks=8)
    assert action.estimate is not None
    assert action.compared == []  # Old Town has no answers to compare with
    assert (action.owner_id, action.taken_by, action.report_id) == (1, 1, report.id)


def _set_estimate(session: Session, value: float) -> None:
    session.execute(update(FixDecision).values(estimate=value))
