"""The items that rules and promises are about: those of the questionnaires in use and on disk."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import Session, col

from bot.core.dialogue import PARTNER
from bot.core.errors import GapbotError
from bot.people.registry import name_key
from bot.surveys.definition import Questionnaire
from bot.surveys.tables import QuestionnaireVersion
from bot.surveys.versions import Library

_BEST = "PEDMSC"


@dataclass(frozen=True, slots=True)
class KnownItem:
    """One feature of the service: its dimension, and what it is called in each language."""

    id: str
    dimension: str
    names: Mapping[str, str]
    first_language: str

    @property
    def key(self) -> str:
        """A short name for buttons, the same for ever."""
        return key_of(self.id)

    def name(self, language: str) -> str:
        """Return what it is called to a reader of this language."""
        return self.names.get(language) or self.names[self.first_language]


def key_of(item: str) -> str:
    """Return the short name of an item that fits into a button."""
    return hashlib.blake2b(item.encode(), digest_size=5).hexdigest()


def known_items(session: Session, library: Library) -> dict[str, KnownItem]:
    """Return all items by id, in the order of the questionnaires; customers' words win."""
    found: dict[str, KnownItem] = {}
    of_customers: set[str] = set()
    for content in _contents(session, library):
        if content.audience == PARTNER:  # how it is to work with us is no service to customers
            continue
        for item in content.items:
            if item.dimension in library.left_out:
                continue
            if item.id in of_customers and content.audience != "customer":
                continue
            wordings = {point.value: text for point, text in item.text.items()}
            best = next(wordings[point] for point in _BEST if point in wordings)
            names = {str(language): text for language, text in best.items()}
            found[item.id] = KnownItem(item.id, item.dimension, names, content.languages[0])
            if content.audience == "customer":
                of_customers.add(item.id)
    return found


def item_by_key(items: Mapping[str, KnownItem], key: str) -> KnownItem | None:
    """Find the item that a button names."""
    return next((one for one in items.values() if one.key == key), None)


def items_like(items: Mapping[str, KnownItem], words: str, language: str) -> list[KnownItem]:
    """Return the items that words stand for: an id, else all whose id or name holds them."""
    wanted = name_key(words)
    if not wanted:
        return []
    exact = [one for one in items.values() if one.id.casefold() == wanted]
    return exact or [
        one
        for one in items.values()
        if wanted in one.id.casefold().replace("_", " ")
        or wanted in one.id.casefold()
        or wanted in name_key(one.name(language))
    ]


def named(items: Mapping[str, KnownItem], item: str, language: str) -> str:
    """Return what an item is called; its id where no questionnaire knows it any more."""
    known = items.get(item)
    return known.name(language) if known else item


def _contents(session: Session, library: Library) -> Iterator[Questionnaire]:
    """Give the questionnaires on disk, then those in use from the oldest, which are newer truth."""
    for name in library.names():
        try:
            yield library.read(name)
        except GapbotError:  # a file under work; what was in use before is below
            continue
    rows = session.execute(
        select(col(QuestionnaireVersion.id), col(QuestionnaireVersion.fingerprint)).order_by(
            col(QuestionnaireVersion.id)
        )
    ).all()
    for version_id, fingerprint in rows:
        yield library.paper(session, version_id, fingerprint).content
