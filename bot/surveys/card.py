"""The card: what one message shows at each moment of a run. Pure; the caller sends or edits it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from bot.core.dialogue import Button
from bot.core.i18n import NAMES, NEAR
from bot.surveys.answers import Standing
from bot.surveys.tables import FEW
from bot.surveys.versions import Paper, Words

ANSWER, SKIP, BACK, STOP, FINISH, SHOW = "qa", "qs", "qb", "qx", "qf", "qc"
"""Verbs of the card's buttons; each carries the invitee's number, most also the question's."""

PROOF = "pvp"
"""Asks for the proof of anonymity, which is shown below the card."""

NO_RULE = "n"
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"

Label = Callable[[str], str]


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
    values = _context(run, paper, language) | {
        "stem": say(ask.stem),
        "text": say(ask.text),
        "low": say(ask.low),
        "middle": say(ask.middle) if ask.middle else "",
        "high": say(ask.high),
        "is_first": is_first,
        "anonymous": run.anonymous,
        "few": run.promise == FEW,
        "note": say(content.note) if is_first and content.note else "",
        "instead": _instead(paper, ask.text, language),
    }
    rows = [_scale(run, (item, vantage))]
    if ask.no_rule:
        rows.append([_no_rule(run, (item, vantage), text=say(ask.no_rule))])
    rows.append(_ways(run, label, is_answered=(item, vantage) in run.scores))
    if is_first and run.anonymous:
        rows.append([Button(label("How this stays anonymous"), PROOF)])
    return Face("surveys/card.html", values, rows)


def _open_question(run: Standing, paper: Paper, *, language: str, label: Label) -> Face:
    question = paper.content.open_question
    values = _context(run, paper, language) | {
        "question": paper.content.say(question, language) if question else ""
    }
    here = f"{written(run.invitee_id)}:{written(run.position)}"
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
    }


def _scale(run: Standing, asked: tuple[str, str]) -> list[Button]:
    """One row of seven; what was chosen before is marked."""
    here = f"{ANSWER}:{written(run.invitee_id)}:{written(run.position)}"
    chosen = run.scores.get(asked)
    return [
        Button(f"• {score} •" if score == chosen else str(score), f"{here}:{score}")
        for score in range(1, 8)
    ]


def _instead(paper: Paper, text: Words, language: str) -> str:
    """Name the language a question is shown in where the person's own has no words for it."""
    shown = paper.content.shown_in(text, language)
    return "" if shown in (language, *NEAR.get(language, ())) else NAMES.get(shown, shown)


def _no_rule(run: Standing, asked: tuple[str, str], *, text: str) -> Button:
    is_chosen = asked in run.scores and run.scores[asked] is None
    action = f"{ANSWER}:{written(run.invitee_id)}:{written(run.position)}:{NO_RULE}"
    return Button(f"• {text} •" if is_chosen else text, action)


def _ways(run: Standing, label: Label, *, is_answered: bool) -> list[Button]:
    here = f"{written(run.invitee_id)}:{written(run.position)}"
    back = [Button(label("Back"), f"{BACK}:{here}")] if run.position else []
    onward = label("Next") if is_answered else label("Skip")
    return [*back, Button(onward, f"{SKIP}:{here}"), Button(label("Stop"), f"{STOP}:{here}")]
