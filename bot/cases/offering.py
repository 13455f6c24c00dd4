"""The offer under the thanks, and the opening of a case.

The offer is made in the turn in which a run closes, from what that run said; its buttons name the
unit and nothing else. So a case cannot lead to answers, and a "no" leaves no trace.
"""

from bot.cases import cases
from bot.cases.desk import CaseDesk
from bot.cases.tables import Case
from bot.cases.telling import tell_unit
from bot.core.dialogue import CUSTOMER, PARTNER, Button, Press, Routes, Section, Turn
from bot.core.schedule import local_day
from bot.improvement.desk import zone_for
from bot.people import roster
from bot.people.places import number_at, stale
from bot.people.tables import Unit
from bot.surveys.desk import AfterThanks, Scores

SAY_TOPIC = "cs_say"
CONCERNED = (CUSTOMER, PARTNER)
PERCEIVED = "P"
_VERBS = ("cs:", "csn:")


def offer_after_thanks(desk: CaseDesk) -> AfterThanks:
    """Return what stands under the thanks of somebody who rated low."""

    def offer(turn: Turn, scores: Scores, unit_id: int) -> Section | None:
        if not is_low(scores, desk.threshold) or turn.who is None:
            return None
        if unit_id not in turn.who.units(*CONCERNED):
            return None
        if cases.live_case(turn.session, turn.who.person_id, unit_id) is not None:
            return None
        unit = roster.unit_name(turn.session, unit_id)
        yes = Button(turn.label("Yes, contact me"), f"cs:{unit_id}")
        no = Button(turn.label("No, thank you"), f"csn:{unit_id}")
        return Section(turn.texts.render("cases/offer.html", turn.language, unit=unit), [[yes, no]])

    return offer


def is_low(scores: Scores, threshold: int) -> bool:
    """Tell whether anything that was experienced is rated at the threshold or under it."""
    return any(
        vantage == PERCEIVED and score is not None and score <= threshold
        for (_, vantage), score in scores.items()
    )


class Offering:
    """Handlers of the two buttons of the offer."""

    def __init__(self, desk: CaseDesk) -> None:
        """Open cases by the rules of this desk."""
        self._desk = desk

    def routes(self) -> Routes:
        """Return what the offer answers to."""
        return Routes(presses=(Press("cs", self.accept), Press("csn", self.decline)))

    def accept(self, turn: Turn) -> None:
        """Open a case, tell those in charge, and ask what happened."""
        unit_id = number_at(turn, 0)
        if turn.who is None or unit_id is None or turn.session.get(Unit, unit_id) is None:
            stale(turn)
            return
        if unit_id not in turn.who.units(*CONCERNED):
            turn.toast("This is not open to you.", alert=True)
            return
        me = turn.who.person_id
        _take_offer_away(turn)
        one = cases.open_case(
            turn.session,
            person_id=me,
            unit_id=unit_id,
            now=turn.now,
            within=self._desk.answer_within,
        )
        if one is None:
            turn.toast("You have an open case there already. /mycases shows it.", alert=True)
            return
        self._welcome(turn, one)
        tell_unit(
            turn.session,
            self._desk,
            one,
            "cases/new.html",
            occasion="new",
            now=turn.now,
            name=roster.person_name(turn.session, me),
            hours=round(self._desk.answer_within.total_seconds() / 3600),
        )

    def decline(self, turn: Turn) -> None:
        """Take the offer away; nothing is stored."""
        turn.toast("All right. Thank you!")
        _take_offer_away(turn)

    def _welcome(self, turn: Turn, one: Case) -> None:
        zone = zone_for(turn.session, turn.known.person_id, one.unit_id)
        turn.ask(SAY_TOPIC, one.id)
        turn.say(
            "cases/opened.html",
            number=one.id,
            unit=roster.unit_name(turn.session, one.unit_id),
            until=local_day(one.due_at, zone),
            days=self._desk.kept.days,
        )


def _take_offer_away(turn: Turn) -> None:
    """Take the offer's buttons off the thanks; buttons of others stay."""
    query = turn.update.callback_query
    markup = getattr(query.message, "reply_markup", None) if query else None
    rows = [
        [one.to_dict() for one in row if not str(one.callback_data).startswith(_VERBS)]
        for row in (markup.inline_keyboard if markup else ())
    ]
    turn.call(
        "editMessageReplyMarkup",
        chat_id=turn.chat_id,
        message_id=turn.message_id,
        reply_markup={"inline_keyboard": [row for row in rows if row]},
    )
