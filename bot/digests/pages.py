"""The pages behind a digest: all gaps, one gap by dimension, one dimension by item; the fixes."""

from collections.abc import Mapping, Sequence

from bot.core.html import MESSAGE_LIMIT, split_html
from bot.core.i18n import N_, NAMES
from bot.core.render import Texts
from bot.digests.layout import in_rows
from bot.digests.measured import WITHHELD
from bot.digests.message import titled
from bot.digests.view import SEED_NAMES, Button, DigestView, Page
from bot.digests.words import CAUSES, Words
from bot.improvement.catalogue import Effort, Fix, Who

EFFORTS: Mapping[Effort, str] = {
    Effort.SMALL: N_("small effort"),
    Effort.MEDIUM: N_("some effort"),
    Effort.LARGE: N_("large effort"),
}
PEOPLE: Mapping[Who, str] = {
    Who.MANAGER: N_("the manager"),
    Who.OWNER: N_("the owner or head office"),
    Who.TEAM: N_("the team together"),
}
SHOWN_GAPS = (*SEED_NAMES, "G2")
DIMENSION, ITEM = "dimension", "item"


def gaps_page(texts: Texts, view: DigestView, language: str) -> Page:
    """Show every gap over the whole service, beside what customers experience (``/gaps``)."""
    words = Words(texts, language)
    gaps = [view.gap(name) for name in SHOWN_GAPS]
    text = texts.render("digests/gaps.html", language, view=view, words=words, gaps=gaps)
    buttons = [
        Button(words.gap(gap.name), "gap", gap.name)
        for gap in [view.customer_gap, *gaps]
        if view.gaps_at(gap.name, DIMENSION)
    ]
    return _page(text, in_rows(buttons, 2))


def gap_page(texts: Texts, view: DigestView, language: str, *, gap: str) -> Page:
    """Show one gap over the whole service and by dimension."""
    words = Words(texts, language)
    dimensions = view.gaps_at(gap, DIMENSION)
    text = texts.render(
        "digests/gap.html",
        language,
        view=view,
        words=words,
        gap=view.gap(gap),
        dimensions=dimensions,
    )
    buttons = [
        Button(words.dimension(cell.key), "dimension", f"{gap}:{cell.key}")
        for cell in dimensions
        if cell.tone not in WITHHELD
    ]
    back = (Button(words.label("← All gaps"), "gaps"),)
    return _page(text, (*in_rows(buttons, 2), back))


def dimension_page(
    texts: Texts,
    view: DigestView,
    language: str,
    *,
    gap: str,
    dimension: str,
    items: Mapping[str, Sequence[str]],
    item_names: Mapping[str, str],
) -> Page:
    """Show one gap of one dimension by item, with each item's interval and number of answers.

    ``items`` lists the items of each dimension; ``item_names`` are their texts in the reader's
    language.
    """
    words = Words(texts, language)
    wanted = set(items.get(dimension, ()))
    cells = [cell for cell in view.gaps_at(gap, ITEM) if cell.key in wanted]
    text = texts.render(
        "digests/dimension.html",
        language,
        words=words,
        view=view,
        gap=view.gap(gap, level=DIMENSION, key=dimension),
        dimension=dimension,
        cells=[(cell, item_names.get(cell.key) or words.dimension(cell.key)) for cell in cells],
    )
    return _page(text, ((Button(words.label("← Back"), "gap", gap),),))


def fixes_page(texts: Texts, view: DigestView, language: str, *, fixes: Sequence[Fix]) -> Page:
    """List the fixes that fit the gap to work on, the best first, and those taken (``/fixes``)."""
    words = Words(texts, language)
    known = {fix.code: fix for fix in fixes}
    fitting = view.focus.fixes if view.focus else ()
    listed = [known[code] for code in fitting if code in known]
    text = texts.render(
        "digests/fixes.html",
        language,
        words=words,
        view=view,
        listed=[
            (
                fix.in_language(language),
                words.label(EFFORTS[fix.effort]),
                words.label(PEOPLE[fix.who]),
            )
            for fix in listed
        ],
        earlier=titled(view.earlier, fixes, language),
    )
    buttons = [Button(str(number), "fix", fix.code) for number, fix in enumerate(listed, start=1)]
    return _page(text, in_rows(buttons, 5))


def fix_page(texts: Texts, language: str, *, fix: Fix, record: str = "") -> Page:
    """Show one fix in full, with the buttons that decide about it.

    ``record`` says what it did in this organisation so far, empty where nobody tried it.
    """
    words = Words(texts, language)
    text = texts.render(
        "digests/fix.html",
        language,
        words=words,
        fix=fix,
        text=fix.in_language(language),
        effort=words.label(EFFORTS[fix.effort]),
        who=words.label(PEOPLE[fix.who]),
        causes=[words.cause(cause) for cause in fix.causes if cause in CAUSES],
        seed=fix.source.kind == "S",
        ours=fix.source.kind == "O",
        tongue=_tongue(fix, language),
        record=record,
    )
    decide = (
        Button(words.label("Take it"), "take", fix.code),
        Button(words.label("Not ours"), "decline", fix.code),
    )
    return _page(text, (decide, (Button(words.label("← All fixes"), "fixes"),)))


def _tongue(fix: Fix, language: str) -> str:
    """Name the language a fix is shown in; empty where it is the reader's."""
    shown = fix.language_for(language)
    return "" if shown == language else NAMES[shown]


def _page(text: str, buttons: tuple[tuple[Button, ...], ...]) -> Page:
    """Keep to one message: pages are edited in place, so what does not fit is left out."""
    return Page(split_html(text, MESSAGE_LIMIT)[0], buttons)
