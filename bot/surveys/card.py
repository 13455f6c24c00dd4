"""The card: what one message shows at each moment of a run. Pure; the caller sends or edits it."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from bot.core.dialogue import CUSTOMER, Button
from bot.core.i18n import NAMES, NEAR
from bot.reach.looks import NEVER_OFFERED, READER
from bot.surveys import looks
from bot.surveys.answers import Standing
from bot.surveys.looks import Label, Levels
from bot.surveys.tables import FEW
from bot.surveys.versions import Paper, Words

ANSWER, SKIP, BACK, STOP, FINISH = "qa", "qs", "qb", "qx", "qf"
SHOW, LOOK, SPEAK, TONGUE = "qc", "ql", "qv", "qt"
"""Verbs of the card's buttons; each carries the invitee's number, most also the question's."""

PROOF = "pvp"
"""Asks for the proof of anonymity, which is shown below the card."""

NO_RULE = "n"
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Face:
    """What the message shows: a template, its values, and the rows of buttons."""

    template: str
    values: dict[str, Any]
    rows: list[list[Button]]


def face(run: Standing, paper: Paper, *, language: str, label: Label) -> Face:
    """Show the question a run stands at, or behind the last one the open question.

    ``language`` is the person's; a text that is missing in it is shown in the questionnaire's
    fallback, and the card says so. ``label`` translates the texts of buttons.
    """
    if run.is_asked_through:
        return _open_question(run, paper, language=language, label=label)
    return _question(run, paper, language=language, label=label)


def number(text: str) -> int:
    """Read a number of a button; ValueError when it is none."""
    return int(text, 36)


def written(value: int) -> str:
    """Write a number for a button, short."""
    text = ""
    while True:
        value, digit = divmod(value, 36)
        text = _DIGITS[digit] + text
        if not value:
            return text


def _question(run: Standing, paper: Paper, *, language: str, label: Label) -> Face:
    item, vantage = run.form[run.position]
    ask = paper.asks[item, vantage]
    content, say = paper.content, partial(paper.content.say, language=language)
    is_first = run.position == 0
    levels = Levels(
        points=content.points,
        low=say(ask.low),
        middle=say(ask.middle) if ask.middle else "",
        high=say(ask.high),
        chosen=run.scores.get((item, vantage)),
    )
    values = _context(run, paper, language) | {
        "stem": say(ask.stem),
        "text": say(ask.text),
        "anchors": looks.anchors(run.look, levels),
        "is_first": is_first,
        "anonymous": run.anonymous,
        "few": run.promise == FEW,
        "note": say(content.note) if is_first and content.note else "",
        "instead": _instead(paper, ask.text, language),
    }
    here = f"{ANSWER}:{written(run.invitee_id)}:{written(run.position)}"
    rows = looks.answer_rows(run.look, levels, action=lambda level: f"{here}:{level}", label=label)
    if ask.no_rule:
        is_chosen = (item, vantage) in run.scores and levels.chosen is None
        text = looks.marked(run.look, say(ask.no_rule), is_chosen=is_chosen, label=label)
        rows.append([Button(text, f"{here}:{NO_RULE}")])
    rows.append(_ways(run, label, is_answered=(item, vantage) in run.scores))
    if is_first and run.anonymous:
        rows.append([Button(label("How this stays anonymous"), PROOF)])
    if is_first and run.look == NEVER_OFFERED:
        rows.append([Button(label("Show questions differently"), f"{LOOK}:{_here(run)}")])
    if len(content.languages) > 1:
        text = label("Language: %(name)s", name=NAMES[language])
        rows.append([Button(text, f"{TONGUE}:{_here(run)}")])
    return Face("surveys/card.html", values, rows)


def _open_question(run: Standing, paper: Paper, *, language: str, label: Label) -> Face:
    question = paper.content.open_question
    values = _context(run, paper, language) | {
        "question": paper.content.say(question, language) if question else "",
        "may_be_heard": not run.anonymous and paper.content.audience == CUSTOMER,
    }
    here = _here(run)
    rows = [
        [Button(label("Finish without a comment"), f"{FINISH}:{here}")],
        [Button(label("Back"), f"{BACK}:{here}")],
    ]
    return Face("surveys/open_question.html", values, rows)


def _context(run: Standing, paper: Paper, language: str) -> dict[str, Any]:
    return {
        "unit": run.unit,
        "title": paper.content.say(paper.content.title, language),
        "about": run.about,
        "about_on": run.about_on,
        "shown": min(run.position + 1, len(run.form)),
        "taps": len(run.form),
        "is_read_out": run.look == READER,
    }


def _instead(paper: Paper, text: Words, language: str) -> str:
    """Name the language a question is shown in where the person's own has no words for it."""
    shown = paper.content.shown_in(text, language)
    return "" if shown in (language, *NEAR.get(language, ())) else NAMES.get(shown, shown)


def _here(run: Standing) -> str:
    """Name the invitation and the question in a button."""
    return f"{written(run.invitee_id)}:{written(run.position)}"


def _ways(run: Standing, label: Label, *, is_answered: bool) -> list[Button]:
    here = _here(run)
    back = [Button(label("Back"), f"{BACK}:{here}")] if run.position else []
    onward = label("Next") if is_answered else label("Skip")
    return [*back, Button(onward, f"{SKIP}:{here}"), Button(label("Stop"), f"{STOP}:{here}")]
