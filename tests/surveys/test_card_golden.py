"""The card and its neighbours as people see them, in every language.

``GAPBOT_REWRITE_GOLDEN=1`` writes the files anew; read the difference before keeping it.
"""

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.core.html import visible_length
from bot.core.i18n import LANGUAGES
from bot.core.render import Texts
from bot.reach.looks import USUAL
from bot.surveys.answers import Standing
from bot.surveys.card import face
from bot.surveys.versions import Library, Paper, asks_of

GOLDEN = Path(__file__).parents[1] / "golden" / "surveys"

RUN = Standing(
    key="0" * 32,
    invitee_id=71,
    message_id=5,
    version_id=1,
    fingerprint="f",
    unit_id=1,
    unit="Riverside <1>",
    zone="UTC",
    week=date(2026, 3, 2),
    anonymous=True,
    promise="anonymous-1",
    form=[
        ["reliability.agreed_time", "E"],
        ["reliability.agreed_time", "P"],
        ["reliability.agreed_time", "C"],
    ],
    position=0,
    expires_at=datetime(2026, 3, 9, 10, 0, tzinfo=UTC),
    scores={},
    look=USUAL,
)
MANAGERS = replace(
    RUN,
    anonymous=False,
    form=[["reliability.agreed_time", "M"], ["reliability.agreed_time", "S"], ["teamwork", "A"]],
)
STAFF = replace(RUN, form=[["reliability.agreed_time", "D"], ["teamwork", "A"]])


def paper(name: str) -> Paper:
    content = Library().read(name)
    return Paper(1, content, asks_of(content))


def moments(language: str, texts: Texts) -> Iterator[tuple[str, str]]:
    """Yield the name and the look of each moment."""
    label = partial(texts.label, language)
    customers, managers, staff = paper("customers"), paper("managers"), paper("staff")
    answered: dict[tuple[str, str], int | None] = {("reliability.agreed_time", "E"): 6}
    cards = [
        ("a customer's first card", RUN, customers),
        ("the second", replace(RUN, position=1, scores=answered), customers),
        ("gone back to an answer", replace(RUN, position=0, scores=answered), customers),
        ("what was promised", replace(RUN, position=2), customers),
        ("the open question", replace(RUN, position=3), customers),
        ("a manager's first card", MANAGERS, managers),
        ("no rule", replace(MANAGERS, position=1), managers),
        ("no rule was chosen", _no_rule_chosen(), managers),
        ("a member of staff's first card", STAFF, staff),
    ]
    for name, run, of in cards:
        shown = face(run, of, language=language, label=label)
        rows = [" | ".join(f"[{button.label}]" for button in row) for row in shown.rows]
        yield name, "\n".join([texts.render(shown.template, language, **shown.values), *rows])
    yield from _plain(language, texts)


def _no_rule_chosen() -> Standing:
    return replace(MANAGERS, position=1, scores={("reliability.agreed_time", "S"): None})


def _plain(language: str, texts: Texts) -> Iterator[tuple[str, str]]:
    thanks = {"commented": False, "unit": RUN.unit}
    title = paper("customers").content.title[language]
    about = {"unit": RUN.unit, "title": title}
    closes_on = date(2026, 3, 9)
    looks: list[tuple[str, str, dict[str, Any]]] = [
        ("thanks, anonymous", "thanks", thanks | {"answers": 5, "anonymous": True}),
        ("thanks, named", "thanks", thanks | {"answers": 5, "anonymous": False}),
        ("thanks for nothing", "thanks", thanks | {"answers": 0, "anonymous": True}),
        ("stopped at once", "stopped", {"answers": 0, "anonymous": True}),
        ("stopped after two", "stopped", {"answers": 2, "anonymous": True}),
        ("a comment was taken", "answered", {"unit": RUN.unit, "title": title}),
        ("too long", "too_long", {"length": 2400, "most": 2000}),
        ("nothing open", "nothing_open", {}),
        ("closed", "closed", {}),
        ("left", "waits", {"closes_on": closes_on}),
        *(
            (name, "reminder", {"left": 3, "closes_on": closes_on, "is_last": is_last} | about)
            for name, is_last in (("reminder", False), ("last reminder", True))
        ),
    ]
    for name, template, values in looks:
        yield name, texts.render(f"surveys/{template}.html", language, **values)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_card_looks_as_it_was_approved(language: str, texts: Texts) -> None:
    shown = "\n\n".join(f"--- {name}\n{look}" for name, look in moments(language, texts)) + "\n"

    path = GOLDEN / f"{language}.txt"
    if os.environ.get("GAPBOT_REWRITE_GOLDEN") == "1":
        path.write_text(shown, "utf-8")

    assert shown == path.read_text("utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_card_of_the_shipped_questionnaires_fits_a_phone(language: str, texts: Texts) -> None:
    """Some 25 lines of 40 letters show without scrolling; a button row of seven stays legible."""
    for name in Library().names():
        of = paper(name)
        for asked in of.asks:
            run = replace(RUN, form=[list(asked)], anonymous=of.content.anonymous)
            shown = face(run, of, language=language, label=partial(texts.label, language))
            text = texts.render(shown.template, language, **shown.values)

            assert visible_length(text) <= 480
            assert [button.label for button in shown.rows[0]] == list("1234567")
            assert all(len(button.label) <= 30 for row in shown.rows for button in row)


def test_a_question_that_lacks_the_readers_language_says_so_and_the_buttons_speak_it(texts: Texts):
    content = paper("customers").content.model_copy(update={"languages": ("en",)})
    english = Paper(1, content, asks_of(content))

    shown = face(RUN, english, language="es", label=partial(texts.label, "es"))

    card = texts.render(shown.template, "es", **shown.values)
    assert "Aún no está en su idioma" in card
    assert "English" in card
    assert "Service starts at the agreed time." in card
    assert [button.label for button in shown.rows[-2]] == ["Saltar", "Parar"]
