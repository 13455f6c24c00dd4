"""One idea of others beside the thanks for a questionnaire, to vote for with one tap."""

from collections.abc import Mapping

from bot.core.dialogue import Button, Press, Routes, Section, Turn
from bot.core.visible import unlinked
from bot.ideas.listing import SENDERS, may_read, standing
from bot.ideas.places import today_of
from bot.ideas.voting import count_view, idea_for, vote
from bot.people.places import id_in, stale

_VERB = "idt"


def routes() -> Routes:
    """Return what the buttons beside the thanks answer to."""
    return Routes(presses=(Press(_VERB, voted, SENDERS),))


def after_thanks(
    turn: Turn,
    scores: Mapping[tuple[str, str], int | None],  # noqa: ARG001 - what is offered depends on none
    unit_id: int,
) -> Section | None:
    """Offer one open idea of the unit, as ``SurveyDesk.after_thanks`` wants it."""
    if turn.who is None or not turn.known.has(*SENDERS):
        return None
    idea = idea_for(turn.session, turn.known.person_id, unit_id)
    if idea is None:
        return None
    count_view(turn.session, idea)
    text = turn.texts.render(
        "ideas/offer.html", turn.language, text=unlinked(idea.text), number=idea.id
    )
    return Section(
        text,
        [
            [
                Button(turn.label("👍 I want this too"), f"{_VERB}:{idea.id}:1"),
                Button(turn.label("Not for me"), f"{_VERB}:{idea.id}:0"),
            ]
        ],
    )


def voted(turn: Turn) -> None:
    """Take what somebody says to the offered idea, and take the offer's buttons away."""
    number, said = (*turn.arguments, "", "")[:2]
    idea = standing(turn.session, id_in(number))
    if idea is None:
        stale(turn)
        return
    if not may_read(turn.known, idea):
        turn.toast("This idea takes no votes now.", alert=True)
    else:
        wanted = said == "1"
        kept = vote(
            turn.session,
            idea,
            turn.known.person_id,
            wanted=wanted,
            today=today_of(turn, idea),
        )
        if not kept:
            turn.toast("This idea takes no votes now.", alert=True)
        elif wanted:
            turn.toast("Your vote counts. Nobody sees who voted.")
        else:
            turn.toast("All right. Thank you!")
    _take_offer_away(turn)


def _take_offer_away(turn: Turn) -> None:
    """Take this offer's buttons off the thanks; buttons of others stay."""
    query = turn.update.callback_query
    markup = getattr(query.message, "reply_markup", None) if query else None
    rows = [
        [one.to_dict() for one in row if not str(one.callback_data).startswith(f"{_VERB}:")]
        for row in (markup.inline_keyboard if markup else ())
    ]
    turn.call(
        "editMessageReplyMarkup",
        chat_id=turn.chat_id,
        message_id=turn.message_id,
        reply_markup={"inline_keyboard": [row for row in rows if row]},
    )
