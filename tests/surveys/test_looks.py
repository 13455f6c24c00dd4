"""Questions in the looks that people may choose, in every language.

``GAPBOT_REWRITE_GOLDEN=1`` writes the files anew; read the difference before keeping it.
"""

import os
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import pytest

from bot.core.i18n import LANGUAGES
from bot.core.render import Texts
from bot.reach.looks import FACES, LARGE, LOOKS, NEVER_OFFERED, READER, USUAL
from bot.surveys.answers import Standing
from bot.surveys.card import Face, face
from bot.surveys.looks import Levels, answer_rows
from bot.surveys.versions import Library, Paper
from tests.surveys.test_card_golden import GOLDEN, MANAGERS, RUN, STAFF, paper

ANSWERED: dict[tuple[str, str], int | None] = {("reliability.agreed_time", "E"): 6}
DECORATION = "•·●○✓=|"
"""Characters that a screen reader spells out, or that mean something only to the eye."""


def shown(run: Standing, of: Paper, *, language: str, texts: Texts) -> tuple[Face, str]:
    card = face(run, of, language=language, label=partial(texts.label, language))
    return card, texts.render(card.template, language, **card.values)


def moments(language: str, texts: Texts) -> Iterator[tuple[str, str]]:
    customers, staff, managers = paper("customers"), paper("staff"), paper("managers")
    five = replace(customers, content=customers.content.model_copy(update={"scale": 5}))
    no_rule: dict[tuple[str, str], int | None] = {("reliability.agreed_time", "S"): None}
    cards = [
        ("never offered", replace(RUN, look=NEVER_OFFERED), customers),
        ("large", replace(STAFF, look=LARGE), staff),
        ("read out", replace(RUN, look=READER, scores=ANSWERED), customers),
        ("read out, no rule", replace(MANAGERS, look=READER, position=1, scores=no_rule), managers),
        ("read out, the open question", replace(RUN, look=READER, position=3), customers),
        ("the open question by name", replace(RUN, anonymous=False, position=3), customers),
        ("faces", replace(RUN, look=FACES, scores=ANSWERED), customers),
        ("five faces", replace(RUN, look=FACES), five),
        ("five levels", RUN, five),
    ]
    for name, run, of in cards:
        card, text = shown(run, of, language=language, texts=texts)
        rows = [" | ".join(f"[{button.label}]" for button in row) for row in card.rows]
        yield name, "\n".join([text, *rows])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_looks_are_as_they_were_approved(language: str, texts: Texts) -> None:
    looks = "\n\n".join(f"--- {name}\n{look}" for name, look in moments(language, texts)) + "\n"

    path = GOLDEN / f"looks.{language}.txt"
    if os.environ.get("GAPBOT_REWRITE_GOLDEN") == "1":
        path.write_text(looks, "utf-8")

    assert looks == path.read_text("utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["customers", "managers", "partners", "staff"])
def test_what_is_read_out_has_words_everywhere(language: str, name: str, texts: Texts) -> None:
    """No bare number on a button, no row of dots, no sign or picture that would be spelled out."""
    of = paper(name)
    for asked in of.asks:
        run = replace(RUN, form=[list(asked)], look=READER, anonymous=of.content.anonymous)
        run = replace(run, scores={asked: 3})

        card, text = shown(run, of, language=language, texts=texts)

        labels = [button.label for row in card.rows for button in row]
        assert all(re.search(r"[^\W\d_]{1}", label) for label in labels)
        assert not [sign for sign in DECORATION if sign in text or sign in " ".join(labels)]
        assert not [sign for sign in text + "".join(labels) if unicodedata.category(sign) == "So"]
        assert sum(texts.label(language, "%(answer)s, chosen", answer="") in one for one in labels)
        assert len({*labels}) == len(labels)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("look", LOOKS)
def test_every_look_of_the_shipped_questionnaires_fits_a_phone(
    language: str, look: str, texts: Texts
) -> None:
    """A button across the whole width holds some 36 letters; seven in a row four or five each."""
    for name in Library().names():
        of = paper(name)
        for asked in of.asks:
            run = replace(RUN, form=[list(asked)], look=look, scores={asked: 3})

            card, _ = shown(run, of, language=language, texts=texts)

            for row in card.rows:
                assert all(len(button.label) <= (36 if len(row) < 4 else 5) for button in row)


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("points", [5, 7])
def test_a_button_means_the_same_level_in_every_look(look: str, points: int) -> None:
    levels = Levels(points=points, low="never", middle="", high="always")

    rows = answer_rows(look, levels, action=str, label=partial(Texts().label, "en"))

    actions = [button.action for row in rows for button in row]
    assert actions == [str(level) for level in range(1, points + 1)]


def test_words_that_fit_no_button_stand_in_the_text(texts: Texts) -> None:
    of = paper("staff")
    scale = of.asks["reliability.agreed_time", "D"]
    long = replace(scale, high={"en": "always, on every single day of the week (100%)"})
    wordy = replace(of, asks={**of.asks, ("reliability.agreed_time", "D"): long})

    for look in (LARGE, READER):
        card, text = shown(replace(STAFF, look=look), wordy, language="en", texts=texts)

        assert "always, on every single day" in text
        assert not [b for row in card.rows for b in row if "always" in b.label]


def test_the_offer_is_made_on_the_first_question_only(texts: Texts) -> None:
    offer = "Show questions differently"
    of = paper("customers")

    looks = [
        [b.label for row in shown(run, of, language="en", texts=texts)[0].rows for b in row]
        for run in (
            replace(RUN, look=NEVER_OFFERED),
            replace(RUN, look=NEVER_OFFERED, position=1),
            replace(RUN, look=USUAL),
        )
    ]

    assert [offer in labels for labels in looks] == [True, False, False]
