"""The catalogue of fixes: what may be done about a gap, keyed by gap, dimension and cause.

``templates/fixes/*.yaml`` is read once and checked strictly; a mistake names file, line and cure.
An organisation's own files have the same form, and need not speak every language.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    model_validator,
)
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from bot.core.errors import InputError
from bot.core.i18n import DEFAULT, LANGUAGES, NEAR, TEMPLATES

FIXES = TEMPLATES / "fixes"
MADE_IN_CHAT = "ours."
SHORTEST_REFERENCE = 3
_CODE = r"^([a-z]+\.[a-z]+(-[a-z]+)*|ours\.[0-9]+)$"

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
    """Where the advice comes from: the model's seed text (S), the literature (L), ourselves (O)."""

    kind: Literal["S", "L", "O"]
    reference: str = ""

    @model_validator(mode="after")
    def _names_what_it_cites(self) -> "Source":
        if self.kind != "O" and len(self.reference) < SHORTEST_REFERENCE:
            raise ValueError("a reference is wanted")
        return self


class FixText(_Strict):
    """A fix in one language: what it is, what to do this week, how one sees that it worked."""

    title: str = Field(min_length=3, max_length=80)
    first_step: str = Field(min_length=5, max_length=280)
    sign: str = Field(min_length=5, max_length=200)


class Fix(_Strict):
    """One thing that may be done; no dimension or cause named means that it fits all.

    A retired one keeps its name where it was taken, and is not suggested.
    """

    code: Annotated[str, Field(pattern=_CODE, max_length=34)]
    gaps: tuple[GapName, ...] = Field(min_length=1)
    dimensions: tuple[DimensionName, ...] = ()
    causes: tuple[CauseName, ...] = ()
    effort: Effort
    who: Who
    source: Source = Source(kind="O")
    text: Mapping[str, FixText] = Field(min_length=1)
    retired: bool = False

    @model_validator(mode="after")
    def _speaks_its_languages(self, info: ValidationInfo) -> "Fix":
        is_shipped = bool(info.context and info.context.get("shipped"))
        missing = [one for one in LANGUAGES if one not in self.text] if is_shipped else []
        unknown = [language for language in self.text if language not in LANGUAGES]
        if missing or unknown:
            wrong = [f"no '{each}' text" for each in missing] + [f"'{each}'?" for each in unknown]
            raise ValueError(f"{', '.join(wrong)}; the languages are {', '.join(LANGUAGES)}")
        return self

    def language_for(self, language: str) -> str:
        """Return the language in which a reader of this one reads: theirs, the default, any."""
        order = (language, *NEAR.get(language, ()), DEFAULT, *self.text)
        return next(one for one in order if one in self.text)

    def in_language(self, language: str) -> FixText:
        """Return the texts for a reader of this language."""
        return self.text[self.language_for(language)]


def load_fixes(folder: Path = FIXES, *, own: Path | None = None) -> tuple[Fix, ...]:
    """Read every fix of a folder, and those of an organisation's own folder, sorted by code.

    Raises
    ------
    InputError
        Where a file cannot be read, is no YAML, or says something the catalogue does not know.
    """
    fixes: dict[str, Fix] = {}
    for path in [*files_in(folder), *(files_in(own) if own else ())]:
        for entry in read_entries(path, is_shipped=path.parent == folder):
            if isinstance(entry, InputError):
                raise entry
            if entry.code in fixes:
                raise used_twice(path, entry.code)
            fixes[entry.code] = entry
    return tuple(fixes[code] for code in sorted(fixes))


def files_in(folder: Path) -> list[Path]:
    """Return the files of a folder by name; F401 where there is none."""
    paths = sorted(folder.glob("*.yaml"))
    if not paths:
        raise InputError("F401", str(folder), "no catalogue file was found.", "Put *.yaml there.")
    return paths


def read_entries(path: Path, *, is_shipped: bool) -> Iterator[Fix | InputError]:
    """Return each fix of a file, or what is wrong with it; a broken file is one error."""
    try:
        content = read_yaml(path)
    except InputError as error:
        yield error
        return
    entries = content.get("fixes") if isinstance(content, dict) else None
    if not isinstance(entries, list):
        yield InputError("F403", path.name, "there is no list 'fixes'.", "Start with 'fixes:'.")
        return
    for index, entry in enumerate(entries):
        yield _checked(entry, f"{path.name}: fixes[{index}]", is_shipped=is_shipped)


def read_yaml(path: Path) -> Any:
    """Return what a file holds; F401 where it cannot be read, F402 where it is no YAML."""
    try:
        return YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            "F401", path.name, f"cannot be read ({error}).", "Check the file."
        ) from error
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{path.name}:{mark.line + 1}" if mark else path.name
        cause = f"{getattr(error, 'problem', None) or 'no valid YAML'}."
        raise InputError("F402", place, cause, "Correct the line.") from error


def used_twice(path: Path, code: str) -> InputError:
    """Say that a code is used twice."""
    return InputError("F404", path.name, f"the code '{code}' is used twice.", "Rename one.")


def misfit(error: ValidationError, place: str) -> InputError:
    """Say where an entry does not fit, and why."""
    first = error.errors()[0]
    where = ".".join([place, *(str(part) for part in first["loc"])])
    cause = first["msg"].removeprefix("Value error, ").rstrip(".")
    return InputError("F403", where, f"{cause}.", "Correct the entry.")


def _checked(entry: object, place: str, *, is_shipped: bool) -> Fix | InputError:
    try:
        fix = Fix.model_validate(entry, context={"shipped": is_shipped})
    except ValidationError as error:
        return misfit(error, place)
    if fix.code.startswith(MADE_IN_CHAT) and fix.code[len(MADE_IN_CHAT) :].isdigit():
        cause = f"'{fix.code}' is a name of fixes that are made in chat."
        return InputError("F403", f"{place}.code", cause, "Use a word instead of the number.")
    return fix
