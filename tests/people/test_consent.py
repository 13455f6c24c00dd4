"""A new text of the consent is put to everybody at their next contact; until then all is quiet."""

import pytest

from bot.people import consent
from bot.people.door import PeopleDoor
from tests.people.conftest import House
from tests.support.updates import User


@pytest.fixture
def changed(monkeypatch: pytest.MonkeyPatch, house: House, ana: User) -> House:
    """Ana has agreed; then the text of the consent changed."""
    house.joined(ana, "customer")
    monkeypatch.setattr(consent, "VERSION", consent.VERSION + 1)
    return house


def _reachable(house: House, telegram_id: int) -> bool:
    person = house.person(telegram_id)
    assert person is not None
    number = person.id or 0
    return house.database.run(lambda session: PeopleDoor().recipient(session, number)) is not None


def test_the_version_somebody_agreed_to_is_kept(house: House, ana: User) -> None:
    house.joined(ana, "customer")

    person = house.person(ana.id)

    assert person is not None
    assert (person.consent_version, person.consented_at) == (consent.VERSION, house.now)


def test_at_the_next_contact_the_new_text_is_put_first(changed: House, ana: User) -> None:
    chat = changed.chat(ana)

    for words in ("/help", "hello", "/gaps"):
        assert "What you agreed to has changed" in chat.send(words)


def test_until_then_nothing_is_sent_unasked(changed: House, ana: User) -> None:
    before = _reachable(changed, ana.id)
    chat = changed.chat(ana)
    chat.send("/help")

    answer = chat.press("I agree")

    person = changed.person(ana.id)
    assert not before
    assert _reachable(changed, ana.id)
    assert "It goes on as before" in answer
    assert person is not None
    assert person.consent_version == consent.VERSION


@pytest.mark.parametrize("command", ["/stop", "/language"])
def test_what_concerns_oneself_works_without_agreeing(
    changed: House, ana: User, command: str
) -> None:
    assert "What you agreed to has changed" not in changed.chat(ana).send(command)


def test_agreeing_twice_changes_nothing_more_and_a_stranger_is_refused(
    changed: House, ana: User
) -> None:
    chat = changed.chat(ana)
    chat.send("/help")
    asked = list(chat.last)
    chat.press("I agree")
    chat.last = asked

    again = chat.press("I agree")
    stranger = changed.chat(User(99))
    assert "It goes on as before" in again
    assert "What you agreed to has changed" not in stranger.send("/help")
