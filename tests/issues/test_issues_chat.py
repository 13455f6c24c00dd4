"""What managers do with reports, what reporters see of it, and two who act at once."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from bot.core.database import Database
from bot.core.i18n import LANGUAGES
from bot.improvement.actions import ISSUE, create_action
from bot.improvement.tables import Action
from bot.issues.tables import Issue, IssueReport
from bot.people.tables import Person
from tests.support.issues import (
    ANA,
    KIM,
    LI,
    LOU,
    OTHER,
    OWNER,
    SAM,
    IssueHouse,
    opened,
    picture,
    plain,
    voice,
)
from tests.support.updates import buttons, said

FASTER = "Somebody was faster"


def make_action(session: Session, **parts: Any) -> int | None:
    """Make an action as wiring does."""
    made = create_action(
        session,
        unit_id=parts["unit_id"],
        title=parts["title"],
        source=ISSUE,
        note=parts["source"],
        taken_by=parts["person_id"],
        now=parts["now"],
    )
    return made.id if made else None


def test_the_list_shows_the_gravest_first_and_leads_to_the_card(house: IssueHouse) -> None:
    house.reported(SAM, words="Nobody knows the rule")
    house.reported(KIM, "A tool", "Not sure", "Every day", "Dangerous", words="Sparks")

    ana = house.chat(ANA)
    shown = ana.send("/issues")

    assert shown.index("🔴") < shown.index("▫️")
    card = ana.press("A tool")
    assert "Sparks" in card
    assert "Anonymous" in card
    assert "P14" not in card
    assert "What staff report" in ana.press("← Reports")


def test_a_reporters_words_hold_nothing_to_tap_and_turn_no_text(small_house: IssueHouse) -> None:
    small_house.reported(SAM, words="\u2069\u202eSee t.me/x, or /stop")
    number = small_house.issue().id

    for action in (f"iso:{number}", f"isk:{number}"):
        shown = said(small_house.pressed(ANA, action).last)
        assert "See t.\u2060me/\u2060x, or /\u2060stop" in shown
        assert "\u202e" not in shown


def test_a_new_report_is_no_answer_to_an_old_question(small_house: IssueHouse) -> None:
    sam = small_house.reported(SAM, words="The poster lies")
    sam.press("Write to the manager")

    sam.send("/report")
    sam.press("With my name")

    assert "Added to report" not in sam.send("This one is mine")
    assert len(small_house.posts()) == 1


def test_a_thread_goes_both_ways_and_the_reporter_stays_hidden(small_house: IssueHouse) -> None:
    sam = small_house.reported(SAM, words="The poster lies")
    receipt = list(sam.last)
    number = small_house.issue().id

    ana = small_house.pressed(ANA, f"isb:{number}")
    ana.send("Which poster?")
    sam.last = receipt
    assert "Which poster?" in sam.press("News?")
    sam.press("Write to the manager")
    assert "Added to report" in sam.send("The one at the door")

    ana = small_house.pressed(ANA, f"iso:{number}")
    thread = plain(said(ana.last))
    assert "The one at the door" in thread
    assert "P13" not in thread
    assert [one.person_id for one in small_house.posts()] == [None, 1, None]
    assert small_house.issue().state == "acknowledged"


def test_a_reporter_by_name_is_told_and_answers_by_name(small_house: IssueHouse) -> None:
    small_house.reported(SAM, how="With my name", words="The poster lies")
    number = small_house.issue().id

    ana = small_house.pressed(ANA, f"isa:{number}")
    assert "A manager has seen your report" in small_house.heard(SAM)
    ana.press("Ask back")
    ana.send("Which <poster>?")
    assert "Which &lt;poster&gt;?" in small_house.heard(SAM)
    sam = small_house.pressed(SAM, f"isu:{number}")
    sam.take(voice(sam.user))

    assert "P13 has added something" in small_house.heard(ANA)
    assert "🎤" in str(small_house.pressed(LI, f"iso:{number}").last)


def test_resolving_needs_what_became_of_it(small_house: IssueHouse) -> None:
    sam = small_house.reported(SAM)
    receipt = list(sam.last)
    ana = small_house.pressed(ANA, f"isr:{small_house.issue().id}")

    assert "at most 500" in ana.take(picture(ana.user))
    assert small_house.issue().state == "new"
    ana.send("The rule is\nwritten down now")

    issue = small_house.issue()
    assert (issue.state, issue.outcome) == ("resolved", "The rule is written down now")
    sam.last = receipt
    news = sam.press("News?")
    assert "The rule is written down now" in news
    assert "Write to the manager" not in buttons(sam.last)
    assert "Nothing is open" in ana.send("/issues")
    assert "Resolved" in ana.press("What was resolved")


def test_what_a_reporter_says_too_late_is_not_kept(small_house: IssueHouse) -> None:
    sam = small_house.reported(SAM)
    sam.press("Write to the manager")
    small_house.pressed(ANA, f"isr:{small_house.issue().id}").send("Done")

    assert "closed already" in sam.send("One more thing")
    assert small_house.posts() == []


def test_of_two_managers_the_first_wins_and_the_other_sees_it(house: IssueHouse) -> None:
    house.reported(SAM)
    number = house.issue().id
    ana, li = house.pressed(ANA, f"isr:{number}"), house.pressed(LI, f"isr:{number}")

    ana.send("Done")
    shown = li.send("Done otherwise")

    assert "What became of it: Done" in shown.replace("<b>", "").replace("</b>", "")
    assert house.issue().outcome == "Done"
    for action in ("isa", "isb", "isg", "ism", "isx"):
        assert FASTER in str(house.pressed(LI, f"{action}:{number}").last)
    assert house.recorded() == ["issue.resolved"]


def test_seen_twice_is_noted_once(small_house: IssueHouse) -> None:
    small_house.reported(SAM)
    number = small_house.issue().id

    small_house.pressed(ANA, f"isa:{number}")

    assert FASTER in str(small_house.pressed(LI, f"isa:{number}").last)
    assert small_house.recorded() == ["issue.acknowledged"]


def test_an_issue_is_given_to_somebody_who_then_works_on_it(small_house: IssueHouse) -> None:
    small_house.reported(SAM, words="The poster lies")
    number = small_house.issue().id
    assert "not open to you" in str(small_house.pressed(KIM, f"iso:{number}").last)
    ana = small_house.pressed(ANA, f"isg:{number}:0")

    assert "Somebody is working on it: P14" in ana.press("P14")

    assert "P11 asks you to work on a report" in small_house.heard(KIM)
    kim = small_house.chat(KIM)
    assert "Seen" not in kim.send("/issues")
    kim.press("A rule is unclear")
    assert "Give to …" not in buttons(kim.last)
    kim.press("Resolved")
    kim.send("I took the poster down")
    assert small_house.issue().state == "resolved"
    assert "issue.assigned" in small_house.recorded()


def test_an_issue_is_given_to_nobody_from_elsewhere(small_house: IssueHouse) -> None:
    small_house.reported(SAM)

    ana = small_house.pressed(ANA, f"isp:{small_house.issue().id}:6")

    assert "can no longer be asked" in str(ana.last)
    assert small_house.issue().assignee_id is None


def test_merged_issues_keep_reports_messages_and_receipts(house: IssueHouse) -> None:
    sam = house.reported(SAM, words="From Sam")
    receipt = list(sam.last)
    first = house.issue().id
    house.reported(KIM, how="With my name", words="From Kim", anew=True)
    kims = next(one.id for one in house.rows(Issue) if one.id != first)
    house.reported(LOU, "A tool", "Not sure", "Every day", "Costs us")
    into = next(one.id for one in house.rows(Issue) if one.id not in {first, kims})

    house.pressed(ANA, f"isi:{first}:{kims}")
    ana = house.pressed(ANA, f"ism:{kims}")
    ana.press(f"#{into}")

    by_id = {one.id: one for one in house.rows(Issue)}
    assert (by_id[first].merged_into, by_id[kims].merged_into) == (into, into)
    assert (by_id[into].often, by_id[into].severity) == ("daily", "costly")
    assert {one.issue_id for one in house.reports()} == {into}
    assert [one.text for one in house.posts()] == ["From Kim", "From Sam"]
    sam.last = receipt
    assert f"#{into}" in sam.press("News?")
    kim = house.chat(KIM)
    assert f"#{into}" in kim.send("/myreports")
    assert f"#{into}" in plain(said(house.pressed(KIM, f"isv:{kims}").last))


def test_who_reported_both_by_name_counts_once_after_joining(house: IssueHouse) -> None:
    house.reported(KIM, how="With my name", words="One")
    house.reported(KIM, how="With my name", words="Two")
    first, second = sorted(one.id for one in house.rows(Issue))

    house.pressed(ANA, f"isi:{first}:{second}")

    (report,) = house.reports()
    assert report.issue_id == second
    assert sorted(one.text for one in house.posts()) == ["One", "Two"]
    assert {one.report_key for one in house.posts()} == {report.key}


@pytest.mark.parametrize("into", ["itself", "closed", "elsewhere", "nothing"])
def test_an_issue_is_joined_only_with_an_open_one_of_its_unit(
    small_house: IssueHouse, into: str
) -> None:
    small_house.reported(SAM)
    number = small_house.issue().id
    small_house.reported(SAM, "A tool", "Not sure", "Once", "Annoying")
    other = next(one.id for one in small_house.rows(Issue) if one.id != number)
    if into == "closed":
        small_house.pressed(ANA, f"isr:{other}").send("Done")
    if into == "elsewhere":
        small_house.add(LOU, "staff", unit="Old Town")
        lou = small_house.chat(LOU)
        lou.send("/report leak")
        for label in ("With my name", "Old Town", "Annoying"):
            lou.press(label)
        other = next(one.id for one in small_house.rows(Issue) if one.unit_id == 2)
    wanted = {"itself": number, "nothing": 1}.get(into, other)

    ana = small_house.pressed(ANA, f"isi:{number}:{wanted}")

    assert FASTER in str(ana.last)
    state = next(one.state for one in small_house.rows(Issue) if one.id == number)
    assert state == "new"


def test_an_issue_becomes_an_action_once(database: Database) -> None:
    house = opened(database)
    house.issues = replace(house.issues, make_action=make_action)
    house.reported(SAM)
    number = house.issue().id

    ana = house.pressed(ANA, f"isx:{number}")
    house.pressed(LI, f"isx:{number}")

    (action,) = house.rows(Action)
    assert (action.source, action.note) == ("issue", f"issue {number}")
    assert house.issue().action_id == action.id
    assert "The action" in buttons(ana.last)
    assert house.recorded().count("issue.action") == 1


def test_several_hidden_reporters_are_told_apart_by_letters(small_house: IssueHouse) -> None:
    small_house.reported(SAM, words="First")
    number = small_house.issue().id
    kim = small_house.chat(KIM)
    kim.send("/report")
    for label in ("Anonymously", "A rule", "Keeping", "Once", "Annoying", "Add mine", "Write to"):
        kim.press(label)
    kim.send("Second")

    shown = plain(said(small_house.pressed(ANA, f"iso:{number}").last))

    assert "Anonymous A" in shown
    assert "Anonymous B" in shown
    kims = small_house.pressed(KIM, f"isv:{number}")
    assert "no longer there" in str(kims.last)


def test_a_reporter_does_not_read_what_others_wrote(small_house: IssueHouse) -> None:
    small_house.reported(SAM, words="Between me and you")
    kim = small_house.chat(KIM)
    kim.send("/report")
    for label in ("Anonymously", "A rule", "Keeping", "Once", "Annoying", "Add mine"):
        kim.press(label)

    news = kim.press("News?")

    assert "Between me and you" not in news
    assert "1 other reported it too" in news


def test_the_thread_is_read_message_by_message_with_its_photos(small_house: IssueHouse) -> None:
    small_house.reported(SAM, words="x" * 1999)
    sam = small_house.reported(SAM, "A tool", "Not sure", "Once", "Annoying")
    sam.press("Write to the manager")
    sam.take(picture(sam.user, "Look"))
    long = next(one.issue_id for one in small_house.posts() if not one.photo)
    shown = next(one.issue_id for one in small_house.posts() if one.photo)

    ana = small_house.pressed(ANA, f"iso:{long}")
    assert "x" * 1999 not in str(ana.last)
    assert "x" * 1999 in ana.press("Read the thread")
    ana = small_house.pressed(ANA, f"isk:{shown}:9")

    (photo,) = [one for one in ana.last if one["method"] == "sendPhoto"]
    assert (photo["photo"], photo["chat_id"]) == ("p800", ANA)


def test_my_reports_lists_those_by_name_and_says_where_the_others_are(
    house: IssueHouse,
) -> None:
    house.reported(SAM, how="With my name")
    house.reported(SAM, "A tool", "Not sure", "Once", "Annoying")
    named = next(one.issue_id for one in house.reports() if one.person_id)

    sam = house.chat(SAM)
    shown = sam.send("/myreports")

    assert f"#{named}" in shown
    assert shown.count("#") == 1
    assert "from their receipts" in shown
    assert "New" in sam.press(f"#{named}")
    assert "nothing with your name" in house.chat(KIM).send("/myreports")


def test_a_receipt_that_leads_nowhere_is_answered(small_house: IssueHouse) -> None:
    for action in ("isz:nothing", "isz", "isy:nothing", "isv:77", "isv", "isu:x"):
        assert "no longer there" in str(small_house.pressed(SAM, action).last)


def test_somebody_elses_report_by_name_does_not_open(small_house: IssueHouse) -> None:
    small_house.reported(SAM, how="With my name")

    kim = small_house.pressed(KIM, f"isv:{small_house.issue().id}")

    assert "no longer there" in str(kim.last)


@pytest.mark.parametrize(
    "verb", ["iso", "isk", "isa", "isb", "isr", "isg", "isp", "ism", "isi", "isx"]
)
def test_no_button_opens_an_issue_of_another_unit_or_of_nothing(
    small_house: IssueHouse, verb: str
) -> None:
    small_house.reported(SAM)
    number = small_house.issue().id

    assert "not open to you" in str(small_house.pressed(OTHER, f"{verb}:{number}:1").last)
    assert "not open to you" in str(small_house.pressed(SAM, f"{verb}:{number}:1").last)
    assert "no longer in use" in str(small_house.pressed(ANA, f"{verb}:5:1").last)
    assert "no longer in use" in str(small_house.pressed(ANA, f"{verb}:x").last)
    assert small_house.issue().state == "new"


def test_an_owner_sees_every_unit(small_house: IssueHouse) -> None:
    small_house.reported(SAM)

    owner = small_house.chat(OWNER)
    assert "Which unit" in owner.send("/issues")

    assert "New" in owner.press("Riverside")


def test_who_is_erased_takes_reports_by_name_along_and_no_others(house: IssueHouse) -> None:
    house.reported(SAM, how="With my name", words="By name")
    house.reported(SAM, "A tool", "Not sure", "Once", "Annoying", words="Anonymous words")

    with house.database.transaction() as session:
        session.delete(session.scalars(select(Person).where(col(Person.telegram_id) == SAM)).one())

    assert [one.text for one in house.posts()] == ["Anonymous words"]
    assert [one.anonymous for one in house.reports()] == [True]


def test_the_database_refuses_a_name_on_an_anonymous_report(house: IssueHouse) -> None:
    house.reported(SAM)

    def name_them(session: Session) -> None:
        session.scalars(select(IssueReport)).one().person_id = 1
        session.flush()

    with pytest.raises(IntegrityError, match="issue_report_unlinked"):
        house.database.run(name_them)


@pytest.mark.parametrize("language", LANGUAGES)
def test_managers_read_it_in_their_language(sqlite_database: Database, language: str) -> None:
    house = opened(sqlite_database)
    house.add(77, "manager", language=language)
    house.reported(SAM, words="The poster lies")
    one = house.chat(77)
    one.send("/issues")

    for place in (0, 1):
        labels = list(buttons(one.last))
        one.press(labels[place])

    assert str(house.issue().id) in str(one.last)
    one.send("?")
    assert house.posts()[-1].text == "?"
