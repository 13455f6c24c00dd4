"""The catalogue of fixes: what may be done about a gap, keyed by gap, dimension and cause.

``templates/fixes/*.yaml`` is read once and checked strictly; a mistake names file, line and cure.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from bot.core.errors import InputError
from bot.core.i18n import DEFAULT, LANGUAGES, TEMPLATES

FIXES = TEMPLATES / "fixes"

GapName = Literal[
    "expectation", "perception", "specification", "delivery", "communication", "G2", "G5"
]
DimensionName = Literal[
    "tangibles", "reliability", "responsiveness", "assurance", "empathy", "social_responsibility"
]
CauseName = Literal[
    "research_orientation",
    "upward_communication",
    "levels_of_management",
    "management_commitment",
    "goal_setting",
    "task_standardisation",
    "feasibility",
    "teamwork",
    "employee_job_fit",
    "technology_job_fit",
    "perceived_control",
    "supervisory_control",
    "role_conflict",
    "role_ambiguity",
    "horizontal_communication",
    "propensity_to_overpromise",
]


class Effort(StrEnum):
    """How much it takes to start."""

    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


class Who(StrEnum):
    """Who can do it."""

    MANAGER = "manager"
    OWNER = "owner"
    TEAM = "team"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Source(_Strict):
    """Where the advice comes from: the seed text of the model (S) or the literature (L)."""

    kind: Literal["S", "L"]
    reference: str = Field(min_length=3)


class FixText(_Strict):
    """A fix in one language: what it is, what to do this week, how one sees that it worked."""

    title: str = Field(min_length=3, max_length=80)
    first_step: str = Field(min_length=5, max_length=280)
    sign: str = Field(min_length=5, max_length=200)


class Fix(_Strict):
    """One thing that may be done; no dimension or cause named means that it fits all."""

    code: Annotated[str, Field(pattern=r"^[a-z]+\.[a-z]+(-[a-z]+)*$", max_length=34)]
    gaps: tuple[GapName, ...] = Field(min_length=1)
    dimensions: tuple[DimensionName, ...] = ()
    causes: tuple[CauseName, ...] = ()
    effort: Effort
    who: Who
    source: Source
    text: Mapping[str, FixText]

    @model_validator(mode="after")
    def _speaks_every_language(self) -> "Fix":
        missing = [language for language in LANGUAGES if language not in self.text]
        unknown = [language for language in self.text if language not in LANGUAGES]
        if missing or unknown:
            wrong = [f"no '{each}' text" for each in missing] + [f"'{each}'?" for each in unknown]
            raise ValueError(f"{', '.join(wrong)}; the languages are {', '.join(LANGUAGES)}")
        return self

    def in_language(self, language: str) -> FixText:
        """Return the texts for a reader of this language."""
        return self.text.get(language, self.text[DEFAULT])


def load_fixes(folder: Path = FIXES) -> tuple[Fix, ...]:
    """Read every fix of a folder, sorted by code.

    Raises
    ------
    InputError
        Where a file cannot be read, is no YAML, or says something the catalogue does not know.
    """
    fixes: dict[str, Fix] = {}
    paths = sorted(folder.glob("*.yaml"))
    if not paths:
        raise InputError("F401", str(folder), "no catalogue file was found.", "Put *.yaml there.")
    for path in paths:
        for fix in _read(path):
            if fix.code in fixes:
                raise InputError(
                    "F404", path.name, f"the code '{fix.code}' is used twice.", "Rename one."
                )
            fixes[fix.code] = fix
    return tuple(fixes[code] for code in sorted(fixes))


def _read(path: Path) -> Iterator[Fix]:
    try:
        content: Any = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            "F401", path.name, f"cannot be read ({error}).", "Check the file."
        ) from error
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{path.name}:{mark.line + 1}" if mark else path.name
        cause = f"{getattr(error, 'problem', None) or 'no valid YAML'}."
        raise InputError("F402", place, cause, "Correct the line.") from error
    entries = content.get("fixes") if isinstance(content, dict) else None
    if not isinstance(entries, list):
        raise InputError("F403", path.name, "there is no list 'fixes'.", "Start with 'fixes:'.")
    for index, entry in enumerate(entries):
        yield _checked(entry, f"{path.name}: fixes[{index}]")


def _checked(entry: object, place: str) -> Fix:
    try:
        return Fix.model_validate(entry)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join([place, *(str(part) for part in first["loc"])])
        cause = first["msg"].removeprefix("Value error, ").rstrip(".")
        raise InputError("F403", where, f"{cause}.", "Correct the entry.") from error
