"""``/told``: tell those who were asked what was done.

/told ─> list ─┬─> from a done action ─┐
               └─> own words ──────────┴─> preview ─┬─> other words, another language, audience
                                                    └─> send · drop

The preview shows every language as it will arrive. Old buttons show what became of the note.
"""

from collections.abc import Mapping

from bot.core.dialogue import Button, Command, Press, Reply, Routes, Rows, Turn
from bot.core.i18n import LANGUAGES, N_, NAMES
from bot.core.schedule import local_day
from bot.improvement import told
from bot.improvement.actions import DONE
from bot.improvement.desk import zone_for
from bot.improvement.tables import Action
from bot.improvement.told_people import AUDIENCES, Listener, listeners
from bot.improvement.told_tables import ToldNote
from bot.improvement.told_words import ToldDesk, draft_words, has_ready_words, message, message_for
from bot.people import roster
from bot.people.places import chosen_unit, id_in, number_at, stale
from bot.people.rights import who_may

NEW, WORDS = "ysd_new", "ysd_words"
MOST_LISTED = 6
_ROLES = who_may("tell")

TO: Mapping[str, str] = {
    "customer": N_("To customers"),
    "staff": N_("To staff"),
    "partner": N_("To partners"),
}


class ToldChat:
    """Handlers of notes."""

    def __init__(self, desk: ToldDesk) -> None:
        """Work by the rules of this desk."""
        self._desk = desk

    def routes(self) -> Routes:
        """Return what notes answer to."""
        presses = (
            ("told", self.listed),
            ("ysd", self.from_action),
            ("ysdw", self.own_words),
            ("ysdp", self.preview),
            ("ysde", self.ask_words),
            ("ysdl", self.add_language),
            ("ysda", self.choose_audience),
            ("ysds", self.send),
            ("ysdx", self.drop),
        )
        return Routes(
            commands=(Command("told", self.listed, _ROLES, N_("Tell people what was done")),),
            presses=tuple(Press(verb, handler, _ROLES) for verb, handler in presses),
            replies=(
                Reply(NEW, self.take_own_words, _ROLES),
                Reply(WORDS, self.take_words, _ROLES),
            ),
        )

    def listed(self, turn: Turn) -> None:
        """Show what went out last, and what may be told of next."""
        unit_id = chosen_unit(turn, "told")
        if unit_id is None:
            return
        session = turn.session
        found = told.untold(session, unit_id, now=turn.now)[:MOST_LISTED]
        draft = told.draft_of(session, unit_id, turn.known.person_id)
        numbers = [
            Button(str(number), f"ysd:{one.id}") for number, one in enumerate(found, start=1)
        ]
        more = [[Button(turn.label("Go on with the draft"), f"ysdp:{draft.id}")]] if draft else []
        last = told.newest_sent(session, unit_id)
        turn.edit(
            "improvement/told.html",
            rows=[
                numbers,
                *more,
                [Button(turn.label("Write in my own words"), f"ysdw:{unit_id}")],
            ],
            unit=roster.unit_name(session, unit_id),
            titles=[self._desk.actions.title_of(one, turn.language) for one in found],
            last_on=self._day(turn, last) if last else None,
            last=message_for(session, turn.texts, last, turn.language) if last else "",
            people=last.recipients if last else 0,
            next_on=self._next_day(turn, unit_id),
        )

    def from_action(self, turn: Turn) -> None:
        """Begin a note with a draft made from an action that is done."""
        number = number_at(turn, 0)
        action = turn.session.get(Action, number) if number else None
        if action is None:
            stale(turn)
            return
        if not turn.known.may_see(action.unit_id):
            turn.toast("This is not open to you.", alert=True)
            return
        if action.state != DONE:
            turn.toast("This is not done yet.", alert=True)
            return
        sent = told.told_of(turn.session, action.id or 0)
        own = told.draft_of(turn.session, action.unit_id, turn.known.person_id)
        if sent is not None:
            self._show(turn, sent)
        elif own is not None and own.action_id == action.id:
            self._show(turn, own)
        else:
            words = draft_words(turn.texts, self._desk.actions, action, turn.language)
            self._show(turn, self._begun(turn, action.unit_id, words, action))

    def own_words(self, turn: Turn) -> None:
        """Ask for a note in own words."""
        unit_id = chosen_unit(turn, "told")
        if unit_id is None:
            return
        turn.ask(NEW, unit_id)
        turn.edit(
            "improvement/told_words.html",
            rows=[[Button(turn.label("← Back"), f"told:{unit_id}")]],
            language_name="",
            most=told.LONGEST,
            length=0,
        )

    def take_own_words(self, turn: Turn) -> None:
        """Take a note in own words, and show it."""
        unit_id = id_in(turn.arguments[0])
        if unit_id is None or not turn.known.may_see(unit_id):
            turn.say("core/not_open.html", stranger=False)
            return
        if not 0 < len(turn.text) <= told.LONGEST:
            turn.ask(NEW, unit_id)
            self._wants_words(turn, f"told:{unit_id}")
            return
        self._show(turn, self._begun(turn, unit_id, turn.text))

    def preview(self, turn: Turn) -> None:
        """Show a note as people will get it."""
        note = self._note(turn)
        if note is not None:
            self._show(turn, note)

    def ask_words(self, turn: Turn) -> None:
        """Ask for the words of a note in one language."""
        note = self._draft(turn)
        language = _language_at(turn, 1)
        if note is None:
            return
        turn.ask(WORDS, note.id, language)
        turn.edit(
            "improvement/told_words.html",
            rows=[[Button(turn.label("← Back"), f"ysdp:{note.id}")]],
            language_name=NAMES[language],
            words=told.words_of(turn.session, note).get(language, ""),
            most=told.LONGEST,
            length=0,
        )

    def take_words(self, turn: Turn) -> None:
        """Take the words of a note in one language, and show it."""
        note = self._draft(turn)
        language = _language_at(turn, 1)
        if note is None:
            return
        if not 0 < len(turn.text) <= told.LONGEST:
            turn.ask(WORDS, note.id, language)
            self._wants_words(turn, f"ysdp:{note.id}", language)
            return
        told.set_words(turn.session, note, language, turn.text)
        self._show(turn, note)

    def add_language(self, turn: Turn) -> None:
        """Add a language: with ready words where the note came of a fix, else ask for them."""
        note = self._draft(turn)
        if note is None:
            return
        action = turn.session.get(Action, note.action_id) if note.action_id else None
        if action is None or not has_ready_words(self._desk.actions, action):
            self.ask_words(turn)
            return
        language = _language_at(turn, 1)
        words = draft_words(turn.texts, self._desk.actions, action, language)
        told.set_words(turn.session, note, language, words)
        self._show(turn, note)

    def choose_audience(self, turn: Turn) -> None:
        """Choose whom the note is for."""
        note = self._draft(turn)
        if note is None:
            return
        wanted = turn.arguments[1] if len(turn.arguments) > 1 else ""
        if wanted in AUDIENCES:
            told.set_audience(turn.session, note, wanted)
        self._show(turn, note)

    def send(self, turn: Turn) -> None:
        """Send a note to everybody who was asked."""
        note = self._draft(turn)
        if note is None:
            return
        many = told.send(
            turn.session,
            note,
            by=turn.known.person_id,
            now=turn.now,
            apart=self._desk.apart,
            reach=self._desk.reach,
        )
        if many is None:
            turn.toast("It was not sent.", alert=True)
        else:
            turn.toast("Sent.")
        self._show(turn, note)

    def drop(self, turn: Turn) -> None:
        """Put a draft away, and go back to the list."""
        note = self._draft(turn)
        if note is None:
            return
        told.drop(turn.session, note, by=turn.known.person_id, now=turn.now)
        turn.toast("Dropped.")
        turn.arguments = (str(note.unit_id),)
        self.listed(turn)

    def _begun(
        self, turn: Turn, unit_id: int, words: str, action: Action | None = None
    ) -> ToldNote:
        since = action.before_first if action else (turn.now - told.LOOKS_BACK).date()
        reachable = (
            one
            for one in AUDIENCES
            if listeners(turn.session, unit_id, one, asked_from=since, now=turn.now)
        )
        return told.start(
            turn.session,
            unit_id=unit_id,
            by=turn.known.person_id,
            audience=next(reachable, AUDIENCES[0]),
            language=turn.language,
            words=words,
            asked_from=since,
            now=turn.now,
            action_id=action.id if action else None,
        )

    def _show(self, turn: Turn, note: ToldNote) -> None:
        """Show a note: a draft with all that may be done with it, any other as it ended."""
        session, unit = turn.session, roster.unit_name(turn.session, note.unit_id)
        words = told.words_of(session, note)
        people = self._listeners(turn, note, note.audience)
        next_on = self._next_day(turn, note.unit_id)
        is_draft = note.state == told.DRAFT
        back = [Button(turn.label("← Back"), f"told:{note.unit_id}")]
        rows = [*self._buttons(turn, note, people, words=words, is_time=next_on is None), back]
        turn.edit(
            "improvement/told_preview.html",
            rows=rows if is_draft else [back],
            state=note.state,
            texts=[
                (NAMES[language], message(turn.texts, language, unit=unit, words=text))
                for language, text in told.fitted(words).items()
            ],
            audience=note.audience,
            people=len(people) if is_draft else note.recipients,
            first_language=NAMES[note.language],
            more_languages=bool(_missing(people, words)),
            asked_from=note.asked_from,
            next_on=next_on,
            sent_on=self._day(turn, note) if note.sent_at else None,
        )

    def _buttons(
        self,
        turn: Turn,
        note: ToldNote,
        people: list[Listener],
        *,
        words: Mapping[str, str],
        is_time: bool,
    ) -> Rows:
        send = turn.texts.render("improvement/told_send.html", turn.language, people=len(people))
        others = [
            one for one in AUDIENCES if one != note.audience and self._listeners(turn, note, one)
        ]
        return [
            [Button(send, f"ysds:{note.id}")] if people and is_time else [],
            [Button(f"✏ {NAMES[language]}", f"ysde:{note.id}:{language}") for language in words],
            [
                Button(
                    turn.label("Add %(language)s", language=NAMES[language]),
                    f"ysdl:{note.id}:{language}",
                )
                for language in _missing(people, words)
            ],
            [Button(turn.label(TO[one]), f"ysda:{note.id}:{one}") for one in others],
            [Button(turn.label("Drop it"), f"ysdx:{note.id}")],
        ]

    def _listeners(self, turn: Turn, note: ToldNote, audience: str) -> list[Listener]:
        return listeners(
            turn.session, note.unit_id, audience, asked_from=note.asked_from, now=turn.now
        )

    def _note(self, turn: Turn) -> ToldNote | None:
        """Return the note that is meant; where there is none or it is not open, say so."""
        number = id_in(turn.arguments[0]) if turn.arguments else None
        note = turn.session.get(ToldNote, number) if number else None
        if note is None:
            stale(turn)
            return None
        if not turn.known.may_see(note.unit_id):
            turn.toast("This is not open to you.", alert=True)
            return None
        return note

    def _draft(self, turn: Turn) -> ToldNote | None:
        """Return the draft that is meant; where it is one no more, show what became of it."""
        note = self._note(turn)
        if note is None or note.state == told.DRAFT:
            return note
        turn.toast("This note was sent or dropped meanwhile.", alert=True)
        self._show(turn, note)
        return None

    def _wants_words(self, turn: Turn, back: str, language: str = "") -> None:
        turn.say(
            "improvement/told_words.html",
            rows=[[Button(turn.label("← Back"), back)]],
            language_name=NAMES.get(language, ""),
            most=told.LONGEST,
            length=len(turn.text),
        )

    def _day(self, turn: Turn, note: ToldNote) -> object:
        zone = zone_for(turn.session, turn.known.person_id, note.unit_id)
        return local_day(note.sent_at, zone) if note.sent_at else None

    def _next_day(self, turn: Turn, unit_id: int) -> object:
        """Return the day from which on another note may go out; None where it may now."""
        start = told.may_be_sent_from(turn.session, unit_id, now=turn.now, apart=self._desk.apart)
        if start <= turn.now:
            return None
        zone = zone_for(turn.session, turn.known.person_id, unit_id)
        return local_day(start, zone)


def routes(desk: ToldDesk) -> Routes:
    """Return what notes answer to."""
    return ToldChat(desk).routes()


def _language_at(turn: Turn, place: int) -> str:
    wanted = turn.arguments[place] if len(turn.arguments) > place else ""
    return wanted if wanted in LANGUAGES else turn.language


def _missing(people: list[Listener], words: Mapping[str, str]) -> list[str]:
    """Return the languages that are read by somebody and have no words yet."""
    read = {one.language for one in people}
    return [language for language in LANGUAGES if language in read and language not in words]
