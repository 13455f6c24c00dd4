"""The card: what one message shows at each moment of a run. Pure; the caller sends or edits it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.core.dialogue import Button
from bot.surveys.answers import Standing
from bot.surveys.versions import Ask, Paper

ANSWER, SKIP, BACK, STOP, FINISH, SHOW = "qa", "qs", "qb", "qx", "qf", "qc"
"""Verbs of the card's buttons; each carries the invitee's number, most also the question's."""

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

    ``language`` is the person's; the questionnaire answers in it or in its first one. ``label``
    translates the texts of buttons.
    """
    spoken = paper.content.spoken(language)
    if run.is_asked_through:
        return _open_question(run, paper, spoken=spoken, label=label)
    return _question(run, paper, spoken=spoken, label=label)


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


def _question(run: Standing, paper: Paper, *, spoken: str, label: Label) -> Face:
    item, vantage = run.form[run.position]
    ask = paper.asks[item, vantage]
    content = paper.content
    is_first = run.position == 0
    values = _context(run, paper, spoken) | {
        "stem": ask.stem[spoken],
        "text": ask.text[spoken],
        "low": ask.low[spoken],
        "middle": ask.middle[spoken] if ask.middle else "",
        "high": ask.high[spoken],
        "is_first": is_first,
        "anonymous": run.anonymous,
        "note": content.note[spoken] if is_first and content.note else "",
    }
    rows = [_scale(run, (item, vantage))]
    if ask.no_rule:
        rows.append([_no_rule(run, ask, (item, vantage), spoken=spoken)])
    rows.append(_ways(run, label, is_answered=(item, vantage) in run.scores))
    return Face("surveys/card.html", values, rows)


def _open_question(run: Standing, paper: Paper, *, spoken: str, label: Label) -> Face:
    question = paper.content.open_question
    values = _context(run, paper, spoken) | {"question": question[spoken] if question else ""}
    here = f"{written(run.invitee_id)}:{written(run.position)}"
    rows = [
        [Button(label("Finish without a comment"), f"{FINISH}:{here}")],
        [Button(label("Back"), f"{BACK}:{here}")],
    ]
    return Face("surveys/open_question.html", values, rows)


def _context(run: Standing, paper: Paper, spoken: str) -> dict[str, Any]:
    return {
        "unit": run.unit,
        "title": paper.content.title[spoken],
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


def _no_rule(run: Standing, ask: Ask, asked: tuple[str, str], *, spoken: str) -> Button:
    text = ask.no_rule[spoken] if ask.no_rule else ""
    is_chosen = asked in run.scores and run.scores[asked] is None
    action = f"{ANSWER}:{written(run.invitee_id)}:{written(run.position)}:{NO_RULE}"
    return Button(f"• {text} •" if is_chosen else text, action)


def _ways(run: Standing, label: Label, *, is_answered: bool) -> list[Button]:
    here = f"{written(run.invitee_id)}:{written(run.position)}"
    back = [Button(label("Back"), f"{BACK}:{here}")] if run.position else []
    onward = label("Next") if is_answered else label("Skip")
    return [*back, Button(onward, f"{SKIP}:{here}"), Button(label("Stop"), f"{STOP}:{here}")]
