"""Sector packs: the shipped fixes in the words of a trade.

``templates/fixes/packs/<sector>.yaml`` says for some fixes, in every language, another title, first
step or sign. What a pack leaves out stays as it is; gaps, causes and source are never changed.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.core.errors import InputError
from bot.core.i18n import LANGUAGES
from bot.improvement.catalogue import FIXES, Fix, misfit, read_yaml

PACKS = FIXES / "packs"
NO_SECTOR = "none"


class Wording(BaseModel):
    """What a pack says otherwise in one language."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str | None = Field(default=None, min_length=3, max_length=80)
    first_step: str | None = Field(default=None, min_length=5, max_length=280)
    sign: str | None = Field(default=None, min_length=5, max_length=200)


Pack = Mapping[str, Mapping[str, Wording]]
"""The words of a pack by code and language."""


def sectors() -> list[str]:
    """Return the sectors that have a pack."""
    return sorted(path.stem for path in PACKS.glob("*.yaml"))


def refined(fixes: Iterable[Fix], sector: str) -> tuple[Fix, ...]:
    """Return fixes in the words of a sector; where it is ``none``, as they are.

    Raises
    ------
    InputError
        Where the sector's pack is wrong.
    """
    known = tuple(fixes)
    if sector == NO_SECTOR:
        return known
    pack = load_pack(PACKS / f"{sector}.yaml", known)
    return tuple(_reworded(fix, pack[fix.code]) if fix.code in pack else fix for fix in known)


def load_pack(path: Path, fixes: Iterable[Fix]) -> Pack:
    """Read a pack, or raise the first of what is wrong with it."""
    codes = {fix.code for fix in fixes}
    pack: dict[str, Mapping[str, Wording]] = {}
    for code, entry in _entries(path, codes):
        if isinstance(entry, InputError):
            raise entry
        pack[code] = entry
    return pack


def problems_in(path: Path, fixes: Iterable[Fix]) -> list[InputError]:
    """Return everything that is wrong with a pack."""
    codes = {fix.code for fix in fixes}
    return [entry for _, entry in _entries(path, codes) if isinstance(entry, InputError)]


def _entries(
    path: Path, codes: set[str]
) -> Iterator[tuple[str, Mapping[str, Wording] | InputError]]:
    try:
        content = read_yaml(path)
    except InputError as error:
        yield "", error
        return
    entries = content.get("words") if isinstance(content, dict) else None
    if not isinstance(entries, dict):
        yield "", InputError("F403", path.name, "there is no 'words'.", "Start with 'words:'.")
        return
    for code, entry in entries.items():
        place = f"{path.name}: words.{code}"
        if code not in codes:
            yield (
                str(code),
                InputError("F405", place, "no fix has this code.", "Take a code of the catalogue."),
            )
            continue
        yield code, _checked(entry, place)


def _checked(entry: Any, place: str) -> Mapping[str, Wording] | InputError:
    if not isinstance(entry, dict) or set(entry) != set(LANGUAGES):
        languages = ", ".join(LANGUAGES)
        return InputError("F403", place, f"words are wanted in {languages}.", "Write each of them.")
    words: dict[str, Wording] = {}
    for language, texts in entry.items():
        try:
            words[language] = Wording.model_validate(texts)
        except ValidationError as error:
            return misfit(error, f"{place}.{language}")
    said = {frozenset(one.model_fields_set) for one in words.values()}
    if len(said) > 1 or not next(iter(said)):
        return InputError(
            "F403", place, "the languages say different parts.", "Say the same parts in each."
        )
    return words


def _reworded(fix: Fix, words: Mapping[str, Wording]) -> Fix:
    texts = {
        language: text.model_copy(update=words[language].model_dump(exclude_none=True))
        for language, text in fix.text.items()
    }
    return fix.model_copy(update={"text": texts})
