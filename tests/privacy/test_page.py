"""``/privacy`` says to each what concerns them, with the settings in force; the proof card."""

import pytest

from bot.core.i18n import LANGUAGES
from bot.privacy import proof
from tests.privacy.conftest import ANA, BEN, OWNER, Whole
from tests.support.updates import buttons

REPORTS, NAMED = "What you report with your name", "under your name, for 730 days"
DECIDE, CONTACT = "What you decide", "If you ask to be contacted"


@pytest.mark.parametrize(
    ("role", "told", "not_told"),
    [
        ("customer", {CONTACT}, {REPORTS, NAMED, DECIDE}),
        ("staff", {REPORTS}, {CONTACT, NAMED, DECIDE}),
        ("manager", {NAMED, DECIDE}, {CONTACT, REPORTS}),
    ],
)
def test_each_role_reads_what_concerns_it(
    whole: Whole, role: str, told: set[str], not_told: set[str]
) -> None:
    whole.add(41, role)

    page = whole.chat(41).send("/privacy")

    assert all(one in page for one in told)
    assert not any(one in page for one in not_told)
    assert "for 400 days" in page


def test_whoever_said_which_customer_they_are_reads_how_long_visits_are_kept(
    whole: Whole,
) -> None:
    before = whole.chat(ANA).send("/privacy")

    whole.lived_in(ANA)

    line = "your visits, for 730 days each"
    assert line not in before
    assert line in whole.chat(ANA).send("/privacy")


def test_whoever_has_several_roles_reads_about_all_of_them(whole: Whole) -> None:
    page = whole.chat(ANA).send("/privacy")

    assert all(one in page for one in (REPORTS, NAMED, DECIDE, CONTACT))


def test_a_stranger_reads_it_too_and_is_offered_no_data(whole: Whole) -> None:
    chat = whole.chat(99)

    page = chat.send("/privacy")

    assert "nothing is kept about you" in page
    assert list(buttons(chat.last)) == ["How this stays anonymous"]


def test_the_proof_follows_below_and_leads_nowhere_else(whole: Whole) -> None:
    chat = whole.chat(BEN)
    chat.send("/privacy")

    shown = chat.press("How this stays anonymous")

    assert [one["method"] for one in chat.last] == ["answerCallbackQuery", "sendMessage"]
    assert "invitee_id: –" in shown
    assert "text: g1:" in shown
    assert "run_key" in shown


def test_the_page_leads_to_the_file_and_to_erasing(whole: Whole) -> None:
    chat = whole.chat(BEN)
    chat.send("/privacy")
    page = list(chat.last)

    chat.press("Send me my data")
    sent = [one["method"] for one in chat.last]
    chat.last = page

    assert "sendDocument" in sent
    assert "Erase what leads to you" in chat.press("Erase my data")


@pytest.mark.parametrize("language", LANGUAGES)
def test_page_and_proof_fit_a_message_in_every_language(whole: Whole, language: str) -> None:
    """Telegram takes 4096 characters."""
    for role in ("manager", "staff", "customer"):
        whole.add(51, role, language=language)
    chat = whole.chat(51)

    assert 500 < len(chat.send("/privacy")) < 4096
    label = next(iter(buttons(chat.last)))
    assert 500 < len(chat.press(label)) < 4096


def test_the_proof_names_every_column_there_is() -> None:
    """A column without an example is a KeyError: then the card would be silent about it."""
    assert [one.table for one in proof.rows()] == ["run", "answer", "comment"]


def test_an_owner_reads_what_owners_do(whole: Whole) -> None:
    assert DECIDE in whole.chat(OWNER).send("/privacy")
