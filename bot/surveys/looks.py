"""The buttons of a question in each of the ways in which people may have it shown. Pure.

A button carries its level, whatever it looks like; so one of another look stays what it says.
"""

from collections.abc import Callable
from dataclasses import dataclass

from bot.core.dialogue import Button
from bot.reach.looks import FACES, LARGE, READER

Label = Callable[..., str]

SMILEYS = ("😞", "🙁", "😕", "😐", "🙂", "😊", "😄")
"""One for each level of seven, from low to high."""

_OF_FIVE = (0, 1, 3, 4, 6)
LONG_WORDS = 28
"""Letters beyond which an end's words do not fit a button on a phone, and stand in the text."""


@dataclass(frozen=True, slots=True)
class Levels:
    """What may be answered: how many points, the words of some, and what was chosen before."""

    points: int
    low: str
    middle: str
    high: str
    chosen: int | None = None

    @property
    def named(self) -> dict[int, str]:
        """The words by level: of both ends, and of the middle where it has some."""
        words = {1: self.low, (self.points + 1) // 2: self.middle, self.points: self.high}
        return {level: word for level, word in words.items() if word}

    @property
    def are_wordy(self) -> bool:
        """Tell whether the words are too long for buttons."""
        return any(len(word) > LONG_WORDS for word in self.named.values())

    def smiley(self, level: int) -> str:
        """Return the face of a level."""
        return SMILEYS[_OF_FIVE[level - 1] if self.points == len(_OF_FIVE) else level - 1]


def answer_rows(
    look: str, levels: Levels, *, action: Callable[[int], str], label: Label
) -> list[list[Button]]:
    """Return the buttons to answer with; ``action`` gives what the press of a level means."""
    draw = {LARGE: _large, READER: _spoken, FACES: _face}.get(look, _plain)
    buttons = [
        Button(draw(levels, level, label), action(level)) for level in range(1, levels.points + 1)
    ]
    return [[one] for one in buttons] if look in {LARGE, READER} else [buttons]


def marked(look: str, text: str, *, is_chosen: bool, label: Label) -> str:
    """Mark the text of a button as what was chosen before."""
    if not is_chosen:
        return text
    return label("%(answer)s, chosen", answer=text) if look == READER else f"• {text} •"


def anchors(look: str, levels: Levels) -> list[tuple[str, str]]:
    """Return what the text says of the levels that have words: their sign, and the words."""
    if look in {LARGE, READER} and not levels.are_wordy:
        return []
    face = levels.smiley if look == FACES else None
    return [
        (f"{face(level)} {level}" if face else str(level), word)
        for level, word in levels.named.items()
    ]


def _plain(levels: Levels, level: int, label: Label) -> str:
    return marked("", str(level), is_chosen=level == levels.chosen, label=label)


def _face(levels: Levels, level: int, label: Label) -> str:  # noqa: ARG001 - as the others
    face = levels.smiley(level)
    return f"{face} ✓" if level == levels.chosen else f"{face} {level}"  # no more fits in a row


def _large(levels: Levels, level: int, label: Label) -> str:
    word = "" if levels.are_wordy else levels.named.get(level, "")
    text = f"{level} · {word}" if word else str(level)
    return marked(LARGE, text, is_chosen=level == levels.chosen, label=label)


def _spoken(levels: Levels, level: int, label: Label) -> str:
    word = "" if levels.are_wordy else levels.named.get(level, "")
    text = label("%(level)s of %(points)s", level=level, points=levels.points)
    if word:
        text = label(
            "%(level)s of %(points)s, %(words)s", level=level, points=levels.points, words=word
        )
    return marked(READER, text, is_chosen=level == levels.chosen, label=label)
