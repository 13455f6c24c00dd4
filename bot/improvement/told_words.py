"""The words of a note: a draft made from an action, the message itself, the line in the thanks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel import Session

from bot.core.dialogue import CUSTOMER, MANAGER, STAFF, Section, Turn
from bot.core.i18n import N_
from bot.core.render import Texts
from bot.improvement import told
from bot.improvement.desk import ActionDesk
from bot.improvement.tables import Action
from bot.improvement.told_tables import ToldNote
from bot.people import roster
from bot.reach.desk import ReachDesk
from bot.settings import Settings

HEARD: Mapping[str, str] = {
    "tangibles": N_("We heard that our rooms and what you find in them could be better."),
    "reliability": N_("We heard that we do not always keep what we promise."),
    "responsiveness": N_("We heard that help could come faster."),
    "assurance": N_("We heard that you could feel in safer hands with us."),
    "empathy": N_("We heard that we could look after you more personally."),
    "social_responsibility": N_("We heard that we could do more for people and nature around us."),
}
"""What people said, by dimension; as it may be said to whoever was asked."""

HEARD_OF_GAP: Mapping[str, str] = {
    "communication": N_("We heard that our words promise more than you get."),
    "expectation": N_("We heard that we do not always know what matters to you."),
}
HEARD_OTHERWISE = N_("We heard where our service could be better.")

Scores = Mapping[tuple[str, str], int | None]


@dataclass(frozen=True, slots=True)
class ToldDesk:
    """The rules of actions and of contact, and how far apart two notes of a unit are."""

    actions: ActionDesk
    reach: ReachDesk = field(default_factory=ReachDesk)
    apart: timedelta = told.APART


def told_desk(settings: Settings, actions: ActionDesk, reach: ReachDesk) -> ToldDesk:
    """Make the desk that the settings describe."""
    return ToldDesk(actions, reach, timedelta(days=settings.told_days))


def draft_words(texts: Texts, desk: ActionDesk, action: Action, language: str) -> str:
    """Write a first version: what was heard, and what was done."""
    heard = HEARD.get(action.dimension) or HEARD_OF_GAP.get(action.gap, HEARD_OTHERWISE)
    first = texts.label(language, heard)
    done = texts.label(
        language, N_("What we did: %(title)s."), title=desk.title_of(action, language).rstrip(".。")
    )
    return f"{first}\n{done}"


def has_ready_words(desk: ActionDesk, action: Action | None) -> bool:
    """Tell whether a draft can be written in any language: own words are in one only."""
    return action is not None and desk.fix_of(action) is not None


def message(texts: Texts, language: str, *, unit: str, words: str) -> str:
    """Write a note as people get it."""
    return texts.render("improvement/told_message.html", language, unit=unit, words=words)


def message_for(session: Session, texts: Texts, note: ToldNote, language: str) -> str:
    """Write a note for a reader of this language."""
    spoken, words = told.words_for(told.words_of(session, note), language)
    return message(texts, spoken, unit=roster.unit_name(session, note.unit_id), words=words)


def thanks(desk: ToldDesk) -> Callable[[Turn, Scores, int], Section | None]:
    """Return what stands in the thanks of a questionnaire: the last note of its unit, if lately."""

    def beside(turn: Turn, scores: Scores, unit_id: int) -> Section | None:
        audience = _audience_of(turn, scores, unit_id)
        text = told_line(
            turn.session,
            turn.texts,
            unit_id=unit_id,
            audience=audience,
            language=turn.language,
            since=turn.now - 2 * desk.apart,
        )
        return Section(text) if text else None

    return beside


def told_line(
    session: Session,
    texts: Texts,
    *,
    unit_id: int,
    audience: str,
    language: str,
    since: datetime,
) -> str:
    """Return the last note of a unit and audience in a few lines; empty where there is none."""
    note = told.newest_sent(session, unit_id, audience=audience, since=since)
    if note is None:
        return ""
    spoken, words = told.words_for(told.words_of(session, note), language)
    return texts.render("improvement/told_thanks.html", spoken, words=words)


_ASKED_OF = {"E": CUSTOMER, "P": CUSTOMER, "C": CUSTOMER, "D": STAFF, "M": MANAGER, "S": MANAGER}


def _audience_of(turn: Turn, scores: Scores, unit_id: int) -> str:
    """Tell as what somebody was asked: by the questions, else by their role in the unit."""
    for _, point in scores:
        if point in _ASKED_OF:
            return _ASKED_OF[point]
    kinds = [kind for kind, unit in turn.known.roles if unit == unit_id]
    return CUSTOMER if CUSTOMER in kinds or not kinds else kinds[0]
