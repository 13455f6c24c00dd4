"""Which questions the runs of a wave ask: drawn by number, by one of two rules, replayable.

A wave keeps the rule, the first number, what was promised and left out and, for the adaptive rule,
what was known of the unit's answers; with its seed these draw the same forms again. Which number a
person got is drawn by lot elsewhere and never stored.
"""

import json
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import SystemRandom
from typing import Any

from gapengine.allocation import (
    RULE,
    Blueprint,
    Form,
    Standing,
    adaptive_form,
    form_for,
    round_length,
)
from gapengine.errors import SettingsError

BALANCED = "balanced-1"
"""Name and version of the rule that looks at nothing but seed and number."""

Recent = Iterable[Sequence[str]]
"""What each person was asked before, oldest first; nothing where runs are anonymous."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """How the forms of one wave are drawn."""

    seed: int
    first: int
    promised: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    standing: Standing | None = None

    @property
    def rule(self) -> str:
        """The rule's name and version: adaptive where a standing is known, else balanced."""
        return BALANCED if self.standing is None else RULE

    def forms(self, blueprint: Blueprint, recent: Recent) -> list[Form]:
        """Draw a form for each number from the first one on.

        ``blueprint`` is that of what was promised and left out.
        """
        numbered = enumerate(recent, self.first)
        if self.standing is None:
            return [
                form_for(blueprint, seed=self.seed, sequence=number, recent=before)
                for number, before in numbered
            ]
        forms, state = [], self.standing
        for number, before in numbered:
            form = adaptive_form(
                blueprint, state=state, seed=self.seed, sequence=number, recent=before
            )
            state = state.after(form)
            forms.append(form)
        return forms

    def packed(self) -> bytes:
        """Everything but the seed, for the wave to keep."""
        known: dict[str, Any] = {"rule": self.rule, "first": self.first}
        known |= {"promised": list(self.promised), "left_out": list(self.left_out)}
        if self.standing is not None:
            known["standing"] = self.standing.plain()
        return zlib.compress(json.dumps(known, separators=(",", ":")).encode())

    @classmethod
    def unpacked(cls, packed: bytes, *, seed: int) -> "Drawing":
        """Read back what ``packed`` gave; an error when this version draws by another rule."""
        known = json.loads(zlib.decompress(packed))
        standing = Standing.from_plain(known["standing"]) if "standing" in known else None
        found = cls(
            seed,
            known["first"],
            promised=tuple(known["promised"]),
            left_out=tuple(known["left_out"]),
            standing=standing,
        )
        if found.rule != known["rule"]:
            raise SettingsError(
                f"this wave was drawn by {known['rule']}, and this version draws by {found.rule}; "
                "replay it with the version of that time"
            )
        return found


def forms_by_lot(blueprint: Blueprint, *, seed: int, recent: Recent) -> list[Form]:
    """Draw each form by lot among those of a round, whatever was drawn before.

    For waves that people join one by one. There the numbers would go by the order in which they
    came, which the database knows; so no form may hang on any number or on forms before it.
    """
    lots = SystemRandom()
    many = round_length(blueprint, seed=seed) * max(1, len(blueprint.causes))
    return [
        form_for(blueprint, seed=seed, sequence=lots.randrange(many), recent=before)
        for before in recent
    ]
