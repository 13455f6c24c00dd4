"""Who changed what: read by owners and managers, through the router, on both databases."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.core import audit, callbacks
from bot.core.i18n import LANGUAGES
from bot.core.router import Router
from bot.people import audit_chat
from bot.people.audit_words import BY_THE_CLOCK, HOURLESS, SENTENCES
from bot.people.door import PeopleDoor
from tests.support.surveys import House
from tests.support.updates import Chat, User, buttons, press, said

ANA, OTHER, OWNER, GUEST, BOTH, STRANGER = 11, 12, 13, 14, 15, 99
BOT = Path(__file__).resolve().parents[2] / "bot"


class AuditHouse(House):
    """Ana manages Riverside, Other Old Town, Both both of them."""

    def chat(self, telegram_id: int) -> Chat:
        """Return a person's chat with the bot."""
        router = Router(PeopleDoor(), [audit_chat.routes()], self.texts)
        return Chat(self.database, router, User(telegram_id), lambda: self.now, secret=self.secret)

    def read(self, telegram_id: int, words: str = "") -> str:
        """Let somebody read the record."""
        return plain(self.chat(telegram_id).send(f"/audit {words}"))

    def pressed(self, telegram_id: int, action: str) -> str:
        """Let somebody press a button; return what is said."""
        one = self.chat(telegram_id)
        data = callbacks.sign(self.secret, telegram_id, action)
        return plain(one.take(press(User(telegram_id), data)))

    def note(self, what: str, **about: object) -> None:
        """Record something."""
        wanted: dict[str, object] = {"now": self.now, "unit_id": 1, "subject": "action 12"} | about
        self.database.run(lambda session: audit.record(session, what, **wanted))  # type: ignore[arg-type]


def plain(text: str) -> str:
    return text.replace("\u2068", "").replace("\u2069", "")


@pytest.fixture
def house(database: object) -> AuditHouse:
    house = AuditHouse(database)  # type: ignore[arg-type]
    house.open(units=("Riverside", "Old Town"), zone="Europe/Berlin")
    house.add(ANA, "manager")
    house.add(OTHER, "manager", unit="Old Town")
    house.add(OWNER, "owner")
    house.add(GUEST)
    house.add(BOTH, "manager")
    house.add(BOTH, "manager", unit="Old Town")
    return house


def test_an_owner_reads_who_did_what_and_when_by_the_local_clock(house: AuditHouse) -> None:
    house.note("action.taken", person_id=1, detail="digest")

    shown = house.read(OWNER)

    assert "An action was taken" in shown
    assert "action 12" in shown
    assert "March 4, 2026 · 11:00 · P11 · Riverside" in shown  # 10:00 UTC is 11:00 in Berlin
    assert "digest" in shown


def test_managers_read_of_their_units_and_of_nothing_else(house: AuditHouse) -> None:
    house.note("action.taken", person_id=1)
    house.note("promise.made", person_id=2, unit_id=2)
    house.note("standard.written", person_id=3, unit_id=None)

    mine = house.read(ANA)

    assert "An action was taken" in mine
    assert "A promise was entered" not in mine
    assert "A rule was written" not in mine
    assert "not open" in house.pressed(ANA, "au:2:0")
    assert "A promise was entered" not in house.read(ANA, "old town")
    both = house.read(BOTH)
    assert "An action was taken" in both
    assert "A promise was entered" in both
    assert "A rule was written" not in both


def test_the_newest_stand_first_and_pages_are_turned_in_place(house: AuditHouse) -> None:
    for number in range(20):
        house.note("action.dated", subject=f"action {number}")
        house.later(minutes=1)
    owner = house.chat(OWNER)

    first = plain(owner.send("/audit"))
    assert first.index("action 19") < first.index("action 12")
    assert "action 11" not in first
    second = plain(owner.press("→"))
    assert "action 11" in second
    assert owner.last[-1]["method"] == "editMessageText"
    third = plain(owner.press("→"))
    assert "action 3" in third
    assert "→" not in buttons(owner.last)
    assert "action 11" in plain(owner.press("←"))


def test_a_unit_is_chosen_by_name_or_by_button(house: AuditHouse) -> None:
    house.note("action.taken")
    house.note("promise.made", unit_id=2)
    owner = house.chat(OWNER)

    assert "A promise" in house.read(OWNER, "OLD town")
    assert "An action" not in house.read(OWNER, "old")
    assert "Which unit?" in owner.send("/audit nowhere")
    owner.send("/audit")
    owner.press("Choose a unit")
    assert "A promise" not in owner.press("Riverside")
    owner.press("Choose a unit")
    assert "A promise" in owner.press("All units")


def test_what_somebody_did_without_a_name_shows_no_hour(house: AuditHouse) -> None:
    house.note("idea.sent", subject="idea 3")

    shown = house.read(OWNER)

    assert "March 4, 2026 · somebody who is not named here" in shown
    assert ":00" not in shown


def test_what_the_clock_did_is_said_to_be_its_work(house: AuditHouse) -> None:
    house.note("action.late")

    assert "11:00 · the clock" in house.read(OWNER)


def test_a_name_without_a_sentence_is_shown_as_it_is(house: AuditHouse) -> None:
    house.note("thing.happened", subject="thing", person_id=1)

    assert "thing.happened</b> · thing" in house.read(OWNER)


def test_an_empty_record_says_so(house: AuditHouse) -> None:
    assert "Nothing is recorded here" in house.read(ANA)


@pytest.mark.parametrize("action", ["au", "au:1", "au:x:0", "au:99:0", "au:1:99999", "au:1:-1"])
def test_a_button_that_makes_no_sense_is_answered_politely(house: AuditHouse, action: str) -> None:
    assert "no longer in use" in house.pressed(OWNER, action)


def test_customers_and_strangers_read_nothing(house: AuditHouse) -> None:
    house.note("action.taken", person_id=1)

    for who in (GUEST, STRANGER):
        assert "An action" not in house.read(who)
        assert "not open" in house.pressed(who, "au:0:0")
        assert "not open" in house.pressed(who, "auu")


def test_looking_at_personal_data_is_recorded(house: AuditHouse) -> None:
    house.note("person.seen", person_id=1, subject="person 4")

    shown = house.read(OWNER)

    assert "personal data were looked at" in shown
    assert "person 4" in shown
    assert "P11" in shown


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_in_the_readers_language(house: AuditHouse, language: str) -> None:
    house.add(41, "owner", language=language)
    for what in list(SENTENCES)[:6]:
        house.note(what)

    shown = house.chat(41)
    shown.send("/audit")

    assert ("An action" in said(shown.last)) == (language == "en")


def test_every_name_under_which_something_is_recorded_has_a_sentence() -> None:
    missing = sorted(set(_recorded()) - set(SENTENCES))

    assert missing == []
    assert set(SENTENCES) >= BY_THE_CLOCK | HOURLESS


def _recorded() -> Iterator[str]:
    """Names handed to whatever records: ``audit.record(..)``, ``_record(..)``, ``_step(..)``."""
    recorders = {"record", "record_turn", "looked", "_record", "_step", "_note_change"}
    for path in BOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and _called(node) in recorders:
                yield from (
                    one.value
                    for one in node.args
                    if isinstance(one, ast.Constant)
                    and isinstance(one.value, str)
                    and one.value.count(".") == 1
                    and one.value.replace(".", "").replace("_", "").isalpha()
                )


def _called(node: ast.Call) -> str:
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def test_the_heading_names_what_the_reader_sees(house: AuditHouse) -> None:
    assert house.read(ANA).splitlines()[1] == "Riverside"
    assert house.read(BOTH).splitlines()[1] == "All your units"
    assert house.read(OWNER).splitlines()[1] == "All units"


def test_what_is_one_of_a_few_is_told_in_words(house: AuditHouse) -> None:
    house.note("action.checked", detail="no evidence")
    house.note("action.dropped", detail="the shop closes")

    shown = house.read(OWNER)

    assert "No effect can be shown." in shown
    assert "the shop closes" in shown
