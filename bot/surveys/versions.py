"""Questionnaires as they are used: read from their files, kept as immutable versions.

A file is read again when it changed. Its first use stores it; from then on the same name and
version always mean the same content. A running round reads its version, never the file.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path

from sqlalchemy import select
from sqlmodel import Session, col

from bot.core.database import insert_into
from bot.core.errors import InputError
from bot.core.i18n import TEMPLATES
from bot.surveys.check import load
from bot.surveys.definition import Questionnaire
from bot.surveys.tables import QuestionnaireVersion
from gapengine.allocation import AGREEMENT
from gapengine.levels import OPTIONAL

SHIPPED = TEMPLATES / "questionnaires"

Words = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Ask:
    """What a card shows for one question, in every language of the questionnaire."""

    stem: Words
    text: Words
    low: Words
    high: Words
    middle: Words | None
    no_rule: Words | None


@dataclass(frozen=True, slots=True)
class Paper:
    """One version of a questionnaire, laid out so that a question is found by its key."""

    version_id: int
    content: Questionnaire
    asks: Mapping[tuple[str, str], Ask]


@lru_cache(maxsize=64)
def _loaded(path: Path, changed_ns: int, size: int) -> Questionnaire:  # noqa: ARG001 - the file's mark
    """Read a file once for as long as it does not change."""
    return load(path)


class Library:
    """Finds questionnaires: the files of one folder, and the versions a database holds.

    One library belongs to one database. What it keeps in memory never changes underneath it: a
    version is immutable, and a file is known by its size and time of change.
    """

    def __init__(self, folder: Path | None = None, *, left_out: frozenset[str] = OPTIONAL) -> None:
        """Read files from this folder; without one, the shipped questionnaires.

        ``left_out`` are the dimensions that this organisation does not ask about.
        """
        self.left_out = left_out
        self.folder = SHIPPED if folder in {None, Path()} else Path(folder or SHIPPED)
        self._papers: dict[tuple[int, str], Paper] = {}

    def names(self) -> list[str]:
        """Return the names of all questionnaires of the folder."""
        return sorted(path.stem for path in self.folder.glob("*.yaml"))

    def read(self, named: str) -> Questionnaire:
        """Read a questionnaire by the name of its file in the folder, or by any path.

        Raises
        ------
        InputError
            When there is no such file; names the nearest.
        QuestionnaireError
            When the file cannot be used.
        """
        path = self.folder / f"{named}.yaml"
        if not path.is_file():
            path = Path(named)
            if not path.is_file():
                raise self._unknown(named)
        found = path.stat()
        return _loaded(path, found.st_mtime_ns, found.st_size)

    def keep(self, session: Session, questionnaire: Questionnaire) -> Paper:
        """Store a questionnaire as a version, or find the version it is.

        Raises
        ------
        InputError
            When this name and version are in use with another content.
        """
        kept = _stored(session, questionnaire)
        if kept.fingerprint != questionnaire.fingerprint:
            raise InputError(
                "S451",
                f"{questionnaire.id}.yaml: version",
                f"version {questionnaire.version} is in use with another content.",
                f"Write 'version: {questionnaire.version + 1}' to bring the change into use.",
            )
        return self._laid_out(kept.id or 0, kept.fingerprint, questionnaire)

    def paper(self, session: Session, version_id: int, fingerprint: str) -> Paper:
        """Return the version a run belongs to; read from the database the first time."""
        found = self._papers.get((version_id, fingerprint))
        if found is None:
            row = session.get_one(QuestionnaireVersion, version_id)
            found = self._laid_out(
                version_id, fingerprint, Questionnaire.from_canonical(row.content)
            )
        return found

    def newest(self, session: Session, name: str) -> Paper | None:
        """Return the newest version of this name that was ever used, or None."""
        row = session.scalars(
            select(QuestionnaireVersion)
            .where(col(QuestionnaireVersion.name) == name)
            .order_by(col(QuestionnaireVersion.version).desc())
            .limit(1)
        ).first()
        return self.paper(session, row.id or 0, row.fingerprint) if row else None

    def _laid_out(self, version_id: int, fingerprint: str, content: Questionnaire) -> Paper:
        key = (version_id, fingerprint)
        if key not in self._papers:
            self._papers[key] = Paper(version_id, content, asks_of(content))
        return self._papers[key]

    def _unknown(self, named: str) -> InputError:
        names = self.names()
        near = get_close_matches(named.lower(), names, n=1) or names
        return InputError(
            "S450",
            named,
            f"there is no such questionnaire in '{self.folder}', nor a file of that name.",
            f"Did you mean {' or '.join(near)}?" if near else "Name a file that ends in .yaml.",
        )


def _stored(session: Session, questionnaire: Questionnaire) -> QuestionnaireVersion:
    session.execute(
        insert_into(session, QuestionnaireVersion)
        .values(
            name=questionnaire.id,
            version=questionnaire.version,
            audience=questionnaire.audience,
            anonymous=questionnaire.anonymous,
            fingerprint=questionnaire.fingerprint,
            content=questionnaire.canonical(),
            points=questionnaire.points,
        )
        .on_conflict_do_nothing(index_elements=["name", "version"])
    )
    return session.scalars(
        select(QuestionnaireVersion).where(
            col(QuestionnaireVersion.name) == questionnaire.id,
            col(QuestionnaireVersion.version) == questionnaire.version,
        )
    ).one()


def asks_of(content: Questionnaire) -> dict[tuple[str, str], Ask]:
    """Lay out every question of a questionnaire by item and vantage point."""
    asks = {}
    for item in content.items:
        for vantage, scale in content.vantage_points.items():
            text = item.worded(vantage)
            if text:
                asks[item.id, str(vantage)] = Ask(
                    scale.stem, text, scale.low, scale.high, scale.middle, scale.no_rule
                )
    if content.causes:
        causes = content.causes
        for statement in causes.statements:
            asks[statement.id, AGREEMENT] = Ask(
                causes.stem, statement.text, causes.low, causes.high, None, None
            )
    return asks
