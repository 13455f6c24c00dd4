"""What issues say about the gaps, and in the digest."""

from datetime import timedelta

import pytest

from bot.core.i18n import LANGUAGES
from bot.issues import evidence
from bot.issues.section import section
from tests.support.issues import ANA, SAM, IssueHouse, plain

PROMISE = ("We promise", "Keeping our word", "Once", "Annoying")
TOOL = ("A tool", "Not sure", "Once", "Annoying")


def counted(house: IssueHouse) -> list[evidence.Count]:
    since = house.now - timedelta(days=7)
    return house.database.run(lambda session: evidence.counts(session, 1, since, house.now))


def digest_of(house: IssueHouse, language: str = "en") -> str | None:
    def work(session: object) -> str | None:
        made = section(
            session,  # type: ignore[arg-type]
            house.texts,
            unit_id=1,
            language=language,
            since=house.now - timedelta(days=7),
            now=house.now,
        )
        return plain(made.text) if made else None

    return house.database.run(work)


def test_below_five_reports_there_is_no_number(house: IssueHouse) -> None:
    for _ in range(5):
        house.reported(SAM, *PROMISE)
    for _ in range(4):
        house.reported(SAM, *TOOL, how="With my name")

    assert counted(house) == [
        evidence.Count("promise", "reliability", 5),
        evidence.Count("tool", "", None),
    ]


def test_reports_count_under_the_gaps_that_they_speak_of(small_house: IssueHouse) -> None:
    """Three of rules and two of tools make five under specification, and fewer under G2."""
    for _ in range(3):
        small_house.reported(SAM, "A rule", "Not sure", "Once", "Annoying")
    for _ in range(2):
        small_house.reported(SAM, *TOOL)
    since = small_house.now - timedelta(days=7)

    found = small_house.database.run(
        lambda session: evidence.evidence(session, 1, since, small_house.now)
    )

    assert found == {"specification": 5, "G3": 5, "G2": None}


def test_what_was_reported_before_the_week_or_elsewhere_does_not_count(
    small_house: IssueHouse,
) -> None:
    small_house.reported(SAM, *PROMISE)
    small_house.later(days=8)

    assert counted(small_house) == []
    since = small_house.now - timedelta(days=30)
    assert (
        small_house.database.run(
            lambda session: evidence.counts(session, 2, since, small_house.now)
        )
        == []
    )


def test_the_digest_tells_how_reports_stand(house: IssueHouse) -> None:
    assert digest_of(house) is None
    for _ in range(5):
        house.reported(SAM, *PROMISE)
    house.reported(SAM, *TOOL, words="Secret words")
    number = next(one.issue_id for one in house.posts())
    house.pressed(ANA, f"isr:{number}").send("Done")

    told = digest_of(house)

    assert told is not None
    assert "5 reports are open · 5 of them new" in told
    assert "1 was resolved this week" in told
    assert "We promise one thing and do another · Keeping our word: 5 reports" in told
    assert "Secret words" not in told
    house.later(days=4)
    assert "⚠ 5 overdue" in (digest_of(house) or "")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_digest_speaks_every_language(small_house: IssueHouse, language: str) -> None:
    small_house.reported(SAM, *PROMISE)

    told = digest_of(small_house, language)

    assert told
    assert ("open" in told) is (language == "en")
