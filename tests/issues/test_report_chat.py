"""Reporting in chat: a few taps, words or none, and what is kept before the end."""

import pytest
from sqlalchemy import func, inspect, select, table

from bot.core.i18n import LANGUAGES
from bot.core.tables import AwaitedReply
from bot.issues.tables import Issue
from tests.support.issues import (
    ANA,
    GUEST,
    KIM,
    LI,
    LOU,
    OTHER,
    OWNER,
    SAM,
    IssueHouse,
    file,
    picture,
    voice,
)
from tests.support.updates import User, buttons, message, sticker

CHOICES = ("A rule is unclear", "Keeping our word", "Every week", "Annoying")


def counted(house: IssueHouse) -> dict[str, int]:
    with house.database.reading() as session:
        names = inspect(session.connection()).get_table_names()
        return {
            name: session.execute(select(func.count()).select_from(table(name))).scalar_one()
            for name in names
        }


def test_an_anonymous_report_names_nobody(house: IssueHouse) -> None:
    sam = house.reported(SAM, words="Nobody knows when to open the side door.")

    issue = house.issue()
    (report,) = house.reports()
    (post,) = house.posts()
    assert (issue.kind, issue.dimension, issue.often, issue.severity, issue.state) == (
        "rule",
        "reliability",
        "weekly",
        "annoying",
        "new",
    )
    assert (report.anonymous, report.person_id, report.issue_id) == (True, None, issue.id)
    assert (post.person_id, post.report_key) == (None, report.key)
    assert house.recorded() == []
    assert str(issue.id) in str(sam.last)
    assert set(buttons(sam.last)) == {"News?", "Write to the manager"}


def test_a_report_by_name_carries_it(house: IssueHouse) -> None:
    house.reported(SAM, how="With my name")

    (report,) = house.reports()
    assert (report.anonymous, report.person_id) == (False, 3)
    assert house.recorded() == ["issue.reported"]
    assert house.posts() == []


def test_nothing_is_stored_before_the_last_step(small_house: IssueHouse) -> None:
    before = counted(small_house)
    sam = small_house.chat(SAM)

    sam.send("/report")
    for label in ("Anonymously", *CHOICES[:-1]):
        sam.press(label)

    assert counted(small_house) == before
    assert "what happened?" in sam.press("Annoying")
    assert counted(small_house) == before | {"awaited_reply": 1}


def test_leaving_keeps_nothing(small_house: IssueHouse) -> None:
    before = counted(small_house)
    sam = small_house.chat(SAM)
    sam.send("/report")
    for label in ("Anonymously", *CHOICES):
        sam.press(label)

    assert "Nothing was kept" in sam.press("Leave")

    assert counted(small_house) == before
    sam.send("Never mind")
    assert counted(small_house) == before


def test_going_back_forgets_the_choices_and_waits_for_no_words(small_house: IssueHouse) -> None:
    sam = small_house.chat(SAM)
    sam.send("/report")
    for label in ("Anonymously", *CHOICES):
        sam.press(label)

    assert "How bad is it?" in sam.press("← Back")
    assert small_house.rows(AwaitedReply) == []
    for question in ("How often", "What do customers", "What goes wrong?", "Report what goes"):
        assert question in sam.press("← Back")
    assert small_house.rows(Issue) == []


def test_a_second_press_on_the_last_button_sends_nothing(small_house: IssueHouse) -> None:
    sam = small_house.chat(SAM)
    sam.send("/report")
    for label in ("Anonymously", *CHOICES):
        sam.press(label)
    last = list(sam.last)
    sam.press("Send without words")

    sam.last = last

    assert "sent or left already" in sam.press("Send without words")
    assert len(small_house.rows(Issue)) == 1


def test_words_send_a_report_once(small_house: IssueHouse) -> None:
    sam = small_house.chat(SAM)
    sam.send("/report")
    for label in ("Anonymously", *CHOICES):
        sam.press(label)
    last = list(sam.last)
    sam.send("The door")

    sam.send("The door again")
    sam.last = last
    sam.press("Send without words")

    assert [one.text for one in small_house.posts()] == ["The door"]
    assert small_house.rows(AwaitedReply) == []


@pytest.mark.parametrize(
    ("how", "make", "says"),
    [
        ("Anonymously", voice, "A voice is known"),
        ("Anonymously", file, "as a photo, not as a file"),
        ("With my name", file, "as a photo, not as a file"),
        ("Anonymously", sticker, "text or a photo"),
        ("With my name", sticker, "text, a photo or a voice"),
    ],
)
def test_what_is_not_taken_is_asked_for_again(
    small_house: IssueHouse, how: str, make: object, says: str
) -> None:
    sam = small_house.chat(SAM)
    sam.send("/report")
    for label in (how, *CHOICES):
        sam.press(label)

    assert says in sam.take(make(sam.user))  # type: ignore[operator]
    assert small_house.rows(Issue) == []

    sam.send("Then in words")
    assert [one.text for one in small_house.posts()] == ["Then in words"]


def test_too_many_words_are_not_cut(small_house: IssueHouse) -> None:
    sam = small_house.chat(SAM)
    sam.send("/report")
    for label in ("Anonymously", *CHOICES):
        sam.press(label)

    assert "too long" in sam.send("x" * 2001)
    sam.send("x" * 2000)

    assert [len(one.text) for one in small_house.posts()] == [2000]


def test_a_photo_is_kept_in_its_largest_size_with_its_caption(small_house: IssueHouse) -> None:
    sam = small_house.chat(SAM)
    sam.send("/report")
    for label in ("Anonymously", *CHOICES):
        sam.press(label)

    sam.take(picture(sam.user, "The old poster"))

    (post,) = small_house.posts()
    assert (post.text, post.photo, post.voice) == ("The old poster", "p800", "")


def test_by_name_a_voice_is_taken(small_house: IssueHouse) -> None:
    sam = small_house.chat(SAM)
    sam.send("/report")
    for label in ("With my name", *CHOICES):
        sam.press(label)

    sam.take(voice(sam.user))

    (post,) = small_house.posts()
    assert (post.text, post.voice) == ("", "v1")


def test_words_below_the_command_are_a_report_too(small_house: IssueHouse) -> None:
    assert "Sparks at the till" in small_house.chat(SAM).send("/report\nSparks at the till")


@pytest.mark.parametrize(("how", "is_anonymous"), [("Anonymously", True), ("With my name", False)])
def test_words_behind_the_command_wait_in_the_chat_alone(
    small_house: IssueHouse, how: str, is_anonymous: bool
) -> None:
    before = counted(small_house)
    sam = small_house.chat(SAM)

    assert "Till & <door>" in sam.send("/report Till & <door>\nsecond line").replace(
        "&amp;", "&"
    ).replace("&lt;", "<").replace("&gt;", ">")
    sam.press(how)
    assert counted(small_house) == before
    last = list(sam.last)
    sam.press("Costs us")
    sam.last = last
    sam.press("Costs us")

    issue = small_house.issue()
    (report,), (post,) = small_house.reports(), small_house.posts()
    assert (issue.kind, issue.dimension, issue.severity) == ("other", "", "costly")
    assert post.text == "Till & <door>\nsecond line"
    assert report.anonymous is is_anonymous


def test_words_that_are_no_longer_in_the_message_are_asked_for(small_house: IssueHouse) -> None:
    sam = small_house.pressed(SAM, "isf:a:1::a:token")

    assert "no longer there" in str(sam.last)
    assert small_house.rows(Issue) == []


def test_the_same_is_offered_and_joined(house: IssueHouse) -> None:
    house.reported(SAM)
    kim = house.chat(KIM)
    kim.send("/report")
    for label in ("Anonymously", *CHOICES[:-1]):
        kim.press(label)
    assert "reported 1 time" in kim.press("Costs us")
    offer = list(kim.last)

    assert "Yours was added" in kim.press("Add mine")
    kim.last = offer
    assert "is there already" in kim.press("Add mine")

    assert len(house.reports()) == 2
    assert house.issue().severity == "costly"
    assert house.recorded() == []


def test_by_name_one_counts_once_in_an_issue(house: IssueHouse) -> None:
    house.reported(KIM, how="With my name")
    kim = house.chat(KIM)
    kim.send("/report")
    for label in ("With my name", *CHOICES):
        kim.press(label)

    assert "is there already" in kim.press("Add mine")

    assert len(house.reports()) == 1


def test_what_is_different_opens_an_issue_of_its_own(small_house: IssueHouse) -> None:
    small_house.reported(SAM)

    small_house.reported(KIM, words="Another door")

    assert len(small_house.rows(Issue)) == 2


@pytest.mark.parametrize("later", [61, 400])
def test_what_was_reported_long_ago_is_not_offered(small_house: IssueHouse, later: int) -> None:
    small_house.reported(SAM)
    small_house.later(days=later)
    kim = small_house.chat(KIM)
    kim.send("/report")

    for label in ("Anonymously", *CHOICES):
        kim.press(label)

    assert "Send without words" in buttons(kim.last)


def test_an_issue_that_was_closed_meanwhile_is_not_joined(small_house: IssueHouse) -> None:
    small_house.reported(SAM)
    number = small_house.issue().id
    kim = small_house.chat(KIM)
    kim.send("/report")
    for label in ("Anonymously", *CHOICES):
        kim.press(label)
    offer = list(kim.last)
    ana = small_house.pressed(ANA, f"isr:{number}")
    ana.send("Done")

    kim.last = offer

    assert "closed meanwhile" in kim.press("Add mine")
    assert "Send without words" in buttons(kim.last)
    assert len(small_house.reports()) == 1


def test_danger_is_told_at_once_to_those_in_charge(small_house: IssueHouse) -> None:
    small_house.now = small_house.now.replace(hour=23)

    small_house.reported(SAM, "A tool", "Not sure", "Once", "Dangerous")

    assert "Something dangerous" in small_house.heard(ANA)
    assert "Something dangerous" in small_house.heard(LI)
    assert small_house.heard(OTHER) == small_house.heard(OWNER) == ""
    assert "P13" not in small_house.heard(ANA)


def test_what_gets_dangerous_by_a_second_report_is_told(small_house: IssueHouse) -> None:
    small_house.reported(SAM)
    assert small_house.heard(ANA) == ""
    kim = small_house.chat(KIM)
    kim.send("/report")
    for label in ("With my name", *CHOICES[:-1], "Dangerous", "Add mine"):
        kim.press(label)

    assert "Something dangerous" in small_house.heard(ANA)


def test_a_small_unit_is_warned_of_guesses(small_house: IssueHouse) -> None:
    ana = small_house.chat(OTHER)
    ana.send("/report")

    assert "they may guess" in ana.press("Anonymously")

    sam = small_house.chat(SAM)
    sam.send("/report")
    assert "they may guess" not in sam.press("Anonymously")


def test_who_works_in_two_units_says_which(small_house: IssueHouse) -> None:
    small_house.add(LOU, "staff", unit="Old Town")
    lou = small_house.chat(LOU)
    lou.send("/report")

    assert "Which unit" in lou.press("Anonymously")
    lou.press("Old Town")
    for label in CHOICES:
        lou.press(label)
    lou.press("Send without words")

    assert small_house.issue().unit_id == 2


def test_customers_and_strangers_are_pointed_to_their_own_ways(small_house: IssueHouse) -> None:
    assert "next questionnaire" in small_house.chat(GUEST).send("/report")
    assert "need an invitation" in small_house.chat(999).send("/report")
    assert "not open to you" in str(small_house.pressed(GUEST, "isd:a").last)


@pytest.mark.parametrize(
    "action",
    ["isd", "isd:z", "isd:a:2", "isd:a:x", "isd:a:1:zz", "isd:a:1:prwaa", "isd:a:99", "isn:b:1"],
)
def test_buttons_that_make_no_sense_are_answered(small_house: IssueHouse, action: str) -> None:
    sam = small_house.pressed(SAM, action)

    assert "no longer in use" in str(sam.last)


@pytest.mark.parametrize(
    "action", ["isj:a:1:rrwa:123456:t", "isj:a:1:rrwa", "isj:a:1:rr:1:t", "isj:n:1:rrwa:x:-"]
)
def test_joining_what_is_not_there_is_answered(small_house: IssueHouse, action: str) -> None:
    assert "no longer in use" in str(small_house.pressed(SAM, action).last)


def test_who_no_longer_works_there_cannot_finish_a_report(small_house: IssueHouse) -> None:
    sam = small_house.chat(SAM)
    small_house.add(SAM, "staff", unit="Old Town")
    sam.send("/report")
    for label in ("Anonymously", "Riverside", *CHOICES):
        sam.press(label)
    small_house.leaves(SAM, "Riverside")

    assert "Nothing was kept" in sam.send("Too late")
    assert small_house.rows(Issue) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_step_is_said_in_every_language(small_house: IssueHouse, language: str) -> None:
    small_house.add(77, "staff", language=language)
    one = small_house.chat(77)
    one.send("/report")

    for place in (0, 0, 0, 0, 0, 0, 0):
        labels = list(buttons(one.last))
        one.press(labels[place])

    assert small_house.issue().kind == "promise"


def test_a_message_in_a_group_reports_nothing(small_house: IssueHouse) -> None:
    group = {"id": -100, "type": "group", "title": "Team"}

    said = small_house.chat(SAM).take(message(User(SAM), "/report", chat=group))

    assert said == ""
