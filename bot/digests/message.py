"""The digest as messages: a picture with its caption, then the gap to work on and what to do."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.core.html import CAPTION_LIMIT, split_html, visible_length
from bot.core.i18n import N_
from bot.core.render import Texts
from bot.digests.chart import chain_svg, gaps_svg
from bot.digests.measured import Tone
from bot.digests.view import Button, DigestView, Direction, EarlierAction, Kind, Page
from bot.digests.words import Words
from bot.improvement.catalogue import Fix

QUIET_HEADLINES: Mapping[Kind, str] = {
    Kind.NO_ANSWERS: N_("No new answers this week"),
    Kind.TOO_FEW: N_("Answers came in, but too few to show yet"),
    Kind.NOTHING_ESTABLISHED: N_("A quiet week: nothing stands out"),
}
HEADLINES: Mapping[Tone, str] = {
    Tone.SHORT: N_("Customers get less than they expect"),
    Tone.ABOVE: N_("Customers get more than they expect"),
    Tone.EVEN: N_("Customers get what they expect"),
}
TURNS: Mapping[Direction, str] = {
    Direction.BETTER: N_("Customers get less than they expect, but it is getting better"),
    Direction.WORSE: N_("Customers get less than they expect, and it is getting worse"),
}
ARROWS: Mapping[Direction, str] = {Direction.BETTER: "↗", Direction.WORSE: "↘"}


@dataclass(frozen=True)
class Digest:
    """What is sent: the charts as SVG with the caption of the first, then the pages in order."""

    caption: str
    charts: tuple[str, ...]
    pages: tuple[Page, ...]


def compose(texts: Texts, view: DigestView, language: str, *, fixes: Sequence[Fix]) -> Digest:
    """Write a whole digest. A quiet week is one short page without a picture."""
    pages = _pages(texts, view, language, fixes=fixes)
    if view.kind is not Kind.FULL:
        return Digest("", (), pages)
    drawn = (chain_svg(texts, view, language), gaps_svg(texts, view, language))
    charts = tuple(chart for chart in drawn if chart is not None)
    caption = digest_caption(texts, view, language)
    if charts:
        return Digest(caption, charts, pages)
    return Digest("", (), (Page(caption), *pages))


def headline(words: Words, view: DigestView) -> str:
    """Say in one plain sentence how the week stands."""
    if view.kind in QUIET_HEADLINES:
        return words.label(QUIET_HEADLINES[view.kind])
    tone = view.customer_gap.tone
    turn = next((move.direction for move in view.moves if move.gap == "G5"), Direction.STEADY)
    if tone is Tone.SHORT and turn in TURNS:
        return words.label(TURNS[turn])
    if tone in HEADLINES:
        return words.label(HEADLINES[tone])
    if view.focus:
        return words.label("One gap stands out: %(gap)s", gap=words.gap(view.focus.gap))
    return words.label("Something moved this week")


def digest_caption(texts: Texts, view: DigestView, language: str) -> str:
    """Write what goes under the picture: the headline, the level, and what moved.

    It fits Telegram's caption; an overlong one would lose its last paragraphs, never break a tag.
    """
    words = Words(texts, language)
    caption = texts.render(
        "digests/caption.html",
        language,
        headline=headline(words, view),
        view=view,
        words=words,
        arrows=ARROWS,
        moved=[move for move in view.moves if move.direction in ARROWS],
    )
    if visible_length(caption) <= CAPTION_LIMIT:
        return caption
    return split_html(caption, CAPTION_LIMIT)[0]


def digest_text(
    texts: Texts, view: DigestView, language: str, *, fixes: Sequence[Fix]
) -> list[str]:
    """Write what follows the picture, cut at Telegram's limit; in a quiet week, all there is."""
    words = Words(texts, language)
    known = {fix.code: fix for fix in fixes}
    template = "digests/digest.html" if view.kind is Kind.FULL else "digests/quiet.html"
    text = texts.render(
        template,
        language,
        headline=headline(words, view),
        view=view,
        words=words,
        suggested=[known[code].in_language(language) for code in view.fixes if code in known],
        earlier=titled(view.earlier, fixes, language),
    )
    return split_html(text)


def titled(
    earlier: Iterable[EarlierAction], fixes: Sequence[Fix], language: str
) -> list[tuple[EarlierAction, str]]:
    """Return earlier actions with the titles of their fixes; a fix that is gone is left out."""
    titles = {fix.code: fix.in_language(language).title for fix in fixes}
    return [(one, titles[one.fix]) for one in earlier if one.fix in titles]


def digest_buttons(
    texts: Texts, view: DigestView, language: str, *, fixes: Sequence[Fix]
) -> tuple[tuple[Button, ...], ...]:
    """Offer each suggested fix (details, take, not ours) and the way to the figures."""
    words = Words(texts, language)
    known = {fix.code for fix in fixes}
    suggested = [code for code in view.fixes if code in known]
    rows = [
        (
            Button(words.label("%(number)s Take it", number=number), "take", code),
            Button(words.label("%(number)s Not ours", number=number), "decline", code),
            Button(words.label("%(number)s Details", number=number), "fix", code),
        )
        for number, code in enumerate(suggested, start=1)
    ]
    return (*rows, (Button(words.label("The five gaps"), "gaps"),))


def _pages(
    texts: Texts, view: DigestView, language: str, *, fixes: Sequence[Fix]
) -> tuple[Page, ...]:
    *first, last = digest_text(texts, view, language, fixes=fixes)
    buttons = digest_buttons(texts, view, language, fixes=fixes)
    if view.kind in {Kind.NO_ANSWERS, Kind.TOO_FEW}:
        buttons = ()
    return (*(Page(text) for text in first), Page(last, buttons))
