"""Bring the catalogues in step with the texts: `python -m tests.support.fill_catalogues`.

What is new gets an empty translation in every language, what nothing uses any more is dropped, and
each file is written in one order, so that a change shows what changed. It prints what is still to
be translated. Empty translations are for an editor such as Poedit; a test refuses them.
"""

import io
from collections import Counter

from babel.messages.catalog import Catalog
from babel.messages.plurals import get_plural
from babel.messages.pofile import write_po

from bot.core.i18n import LANGUAGES
from tests.support.catalogues import Msgid, catalogue, catalogue_path, features, literals, msgids

HEAD = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Language: {language}\\n"
"Plural-Forms: nplurals={many}; plural={rule};\\n"

"""

RULES = {
    "ar": "(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3"
    " : n%100>=11 && n%100<=99 ? 4 : 5)"
}
"""Babel's rule for Arabic has the last two forms in another order than everybody's."""


def fill(feature: str, language: str) -> int:
    """Rewrite one catalogue; return how many of its texts have no translation yet."""
    path = catalogue_path(feature, language)
    locale = language.replace("-", "_")
    before = catalogue(feature, language) if path.exists() else Catalog(locale=locale)
    wanted, kept = msgids(feature), literals(feature)
    after = Catalog(locale=locale)
    for message in before:
        if message.id and (message.id in wanted or message.id in kept):
            after.add(message.id, message.string)
    for msgid in wanted - {message.id for message in before}:
        after.add(msgid, _nothing(msgid, after.num_plurals))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_written(before, after, locale), "utf-8")
    return sum(not all(_forms(message.string)) for message in after if message.id)


def _nothing(msgid: Msgid, forms: int) -> str | tuple[str, ...]:
    return "" if isinstance(msgid, str) else ("",) * forms


def _forms(text: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def _written(before: Catalog, after: Catalog, locale: str) -> str:
    many, rule = get_plural(locale)
    rule = RULES.get(locale, rule)
    body = io.BytesIO()
    write_po(body, after, width=0, sort_output=True, omit_header=True, no_location=True)
    head = HEAD.format(language=locale, many=many, rule=rule)
    return head + body.getvalue().decode("utf-8").strip() + "\n"


def main() -> None:
    """Fill every catalogue, and print per language what is still to be translated."""
    missing: Counter[str] = Counter()
    for language in LANGUAGES:
        if language != "en":
            missing[language] = sum(fill(feature, language) for feature in features())
    for language, many in missing.items():
        print(f"{language}: {many} to translate" if many else f"{language}: complete")


if __name__ == "__main__":
    main()
