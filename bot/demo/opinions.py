"""What the demo's people think: a level for every unit, vantage point and dimension, and chance."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from gapengine.simulate import PERSONAL, SPREAD, latent_mean
from gapengine.vantage import Vantage

NO_RULE_SHARE = 0.06
"""How often a manager says that there is no rule."""
MENDED_WEEKS_AGO = 6
"""Since when the first unit's words promise no more than it keeps; see ``company_story``."""

Levels = Mapping[Vantage, float]

_E, _M, _S, _D, _C, _P = Vantage
_USUAL: Levels = {_E: 6.2, _M: 6.0, _S: 5.8, _D: 5.6, _C: 5.4, _P: 5.5}
_USUAL_CAUSE = 5.2
_RATED = tuple(_USUAL)

# Where each unit differs: Riverside cannot keep its rules on promptness, and lacks the tools;
# Old Town does good work that customers do not see; Station misjudges what people want; Market's
# rooms show their age. All but Station promised more than they keep; Riverside mended that.
_DIFFERENT: tuple[Mapping[str, Levels], ...] = (
    {
        "responsiveness": {_E: 6.4, _M: 6.2, _S: 6.0, _D: 4.4, _P: 4.1},
        "reliability": {_D: 5.2, _P: 5.0},
    },
    {"assurance": {_D: 5.9, _P: 4.7}, "tangibles": {_P: 5.9}},
    {"empathy": {_E: 6.4, _M: 5.1, _S: 5.0, _D: 4.9, _P: 4.7}},
    {"tangibles": {_D: 5.0, _P: 4.6}},
    {},
)
_PROMISED = (5.1, 6.4, 5.4, 6.4, 6.4)
_PROMISED_BEFORE = 6.4
_CAUSES: tuple[Mapping[str, float], ...] = (
    {"technology_job_fit": 2.9, "role_ambiguity": 4.4},
    {"horizontal_communication": 3.4},
    {"research_orientation": 3.1, "upward_communication": 3.6},
    {},
    {},
)
_PARTNERS: Levels = {_E: 6.1, _P: 5.4, _D: 4.9}
_PARTNERS_MISS = {("responsiveness", _P): -1.1, ("empathy", _P): -0.4}
"""What partners live: changes reach them late; and they see less delivered than staff say."""

WORSE_LATELY = ("responsiveness", _P, -0.5)
"""What has slipped at the first unit within the last week."""


@dataclass(frozen=True, slots=True)
class Question:
    """What one tap is about; a cause has no dimension, and ``reverse`` where agreeing is bad."""

    key: str
    vantage: str
    dimension: str = ""
    reverse: bool = False


class Mood:
    """One person's way of rating in one run: what it adds to every answer."""

    def __init__(
        self, rng: Generator, unit: int, *, weeks_ago: int = 0, is_partner: bool = False
    ) -> None:
        """Draw the person; ``unit`` counts the demo's units from 0."""
        self._is_partner = is_partner
        self._rng = rng
        self._unit = unit % len(_DIFFERENT)
        self._weeks_ago = weeks_ago
        self._personal = float(rng.standard_normal()) * PERSONAL**0.5

    def answer(self, question: Question) -> int | None:
        """Return a level 1..7, or None for "there is no rule"."""
        if question.vantage == _S and self._rng.random() < NO_RULE_SHARE:
            return None
        if question.vantage == "A":
            healthy = _CAUSES[self._unit].get(question.key, _USUAL_CAUSE)
            agreement = 8 - healthy if question.reverse else healthy
            return self._drawn(agreement, 1.0)
        vantage = Vantage(question.vantage)
        level = self._level(question.dimension, vantage)
        return self._drawn(level, SPREAD[vantage])

    def _level(self, dimension: str, vantage: Vantage) -> float:
        is_first = self._unit == 0
        if self._is_partner:
            return _PARTNERS[vantage] + _PARTNERS_MISS.get((dimension, vantage), 0.0)
        if vantage == _C:
            is_before = is_first and self._weeks_ago > MENDED_WEEKS_AGO
            return _PROMISED_BEFORE if is_before else _PROMISED[self._unit]
        level = _DIFFERENT[self._unit].get(dimension, {}).get(vantage, _USUAL[vantage])
        slipped_dimension, slipped, by = WORSE_LATELY
        has_slipped = is_first and self._weeks_ago == 1
        return level + by * (has_slipped and (dimension, vantage) == (slipped_dimension, slipped))

    def _drawn(self, level: float, spread: float) -> int:
        noise = float(self._rng.standard_normal()) * (1 - PERSONAL) ** 0.5
        latent = _latent(level, spread) + (self._personal + noise) * spread
        return int(np.clip(round(latent), 1, 7))


_KNOWN: dict[tuple[float, float], float] = {}


def _latent(level: float, spread: float) -> float:
    if (level, spread) not in _KNOWN:
        found = latent_mean(np.array([level]), np.array([spread]))
        _KNOWN[level, spread] = float(found[0])
    return _KNOWN[level, spread]
