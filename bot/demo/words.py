"""The demo's company in each language: its name, its units, its people, what they say and write.

One file a language under ``templates/demo/``, so that a translator finds all of it in one place.
"""

from functools import cache

from pydantic import BaseModel, ConfigDict, Field
from ruamel.yaml import YAML

from bot.core.i18n import DEFAULT, TEMPLATES

FOLDER = TEMPLATES / "demo"
UNITS, NAMES = 5, 18


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PersonWords(_Part):
    """Somebody who can be played: name, and what they are to the company."""

    name: str
    role: str


class FurtherWords(_Part):
    """Further people who can be played."""

    visitor: PersonWords
    two_roles: PersonWords
    partner: PersonWords
    regional: PersonWords
    owner: PersonWords


class PlaceWords(_Part):
    """Where in a unit customers are served."""

    counter: str
    phone: str


class StandardWords(_Part):
    """How the rules of the house are worded."""

    waits: str
    says_how_long: str
    right_first: str
    equipment: str


class PromiseWords(_Part):
    """What customers are told to count on."""

    coffee: str
    ahead: str


class IssueWords(_Part):
    """What staff report, and what is said in the threads."""

    tool: str
    tool_question: str
    tool_answer: str
    tool_again: str
    promise: str
    promise_outcome: str
    untold: str


class CaseWords(_Part):
    """What a customer and the branch write to each other."""

    asks: str
    answers: str
    adds: str
    outcome: str


class IdeaWords(_Part):
    """What people suggest."""

    wait_sign: str
    wait_sign_again: str
    oat: str
    cups: str
    music: str
    night: str


class CompanyWords(_Part):
    """A company as somebody who reads this language would find it around the corner."""

    name: str
    units: tuple[str, ...] = Field(min_length=UNITS, max_length=UNITS)
    customer: PersonWords
    staff: PersonWords
    manager: PersonWords
    further: FurtherWords
    region: str
    places: PlaceWords
    names: tuple[str, ...] = Field(min_length=NAMES, max_length=NAMES)
    comments: tuple[str, ...]
    standards: StandardWords
    metric: str
    measure: str
    promises: PromiseWords
    issues: IssueWords
    case: CaseWords
    ideas: IdeaWords
    note: str
    told: str


@cache
def words_in(language: str) -> CompanyWords:
    """Return the company as readers of this language would know it; English where it has none."""
    path = FOLDER / f"{language}.yaml"
    if not path.exists():
        path = FOLDER / f"{DEFAULT}.yaml"
    return CompanyWords.model_validate(YAML(typ="safe").load(path.read_text(encoding="utf-8")))
