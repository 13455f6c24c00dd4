"""How staff report: a few taps in one message, then words, a photo, a voice, or nothing more.

/report ─> anonymous or by name ─> where ─> what ─> which side ─> how often ─> how grave
        ─> the same was reported before? ─┬─> add mine ──────────────────────────┬─> receipt
                                          └─> words ─> (text, photo, or none) ───┘
/report words ─> anonymous or by name ─> where ─> how grave ─> receipt

All answers ride in the buttons and words in the message itself, so that nothing is stored before
the last step; only while the bot waits for words does the database hold the choices, for an hour.
"""

from sqlmodel import select

from bot.core import asking
from bot.core.dialogue import MANAGER, OWNER, STAFF, Button, Command, Press, Reply, Routes, Turn
from bot.core.i18n import N_
from bot.core.tables import AwaitedReply
from bot.issues import filing, telling, words
from bot.issues.arriving import content_of, quoted
from bot.issues.filing import Content, Reporter
from bot.issues.listing import reports_by_issue
from bot.issues.receipt_chat import say_not_taken, show_receipt
from bot.issues.rules import (
    ANONYMOUS,
    BY_NAME,
    DANGER,
    LONGEST_TEXT,
    OPEN,
    SEVERITIES,
    Draft,
    draft_in,
)
from bot.issues.tables import Issue
from bot.people import roster
from bot.people.places import id_in, own_units, stale
from bot.people.rights import who_may
from bot.people.tables import Unit

REPORTERS = who_may("report")
WORDS_TOPIC = "is_words"
FEW = 5
"""Where fewer work, everybody guesses well; the reporter is told."""
_SHORT = ("o", "x", "o")
"""Kind, dimension and frequency of a report that consists of words: something else, not sure."""


def routes() -> Routes:
    """Return what reporting answers to.

    The command stands twice: the menu shows it to those who may report, and whoever else tries it
    reads where they are heard instead.
    """
    return Routes(
        commands=(
            Command("report", report, REPORTERS, N_("Report what goes wrong")),
            Command("report", report),
        ),
        presses=(
            Press("ish", begin_again, REPORTERS),
            Press("isd", guide, REPORTERS),
            Press("isn", different, REPORTERS),
            Press("isj", join, REPORTERS),
            Press("isw", without_words, REPORTERS),
            Press("isf", with_words, REPORTERS),
            Press("isq", leave, REPORTERS),
        ),
        replies=(Reply(WORDS_TOPIC, take_words, REPORTERS),),
    )


def report(turn: Turn) -> None:
    """Begin: whether the report bears a name comes first, before anything is kept."""
    if turn.who is None or not turn.known.has(*REPORTERS):
        turn.say("issues/elsewhere.html", stranger=turn.who is None)
        return
    said = turn.behind_command
    if len(said) > LONGEST_TEXT:
        say_not_taken(turn, "long", anonymous=False)
        return
    asking.put_aside(turn.session, turn.known.person_id)  # what is written next is no answer
    _ask_who(turn, said)


def begin_again(turn: Turn) -> None:
    """Go back to the first question."""
    _unask(turn)
    _ask_who(turn, quoted(turn))


def guide(turn: Turn) -> None:
    """Take one answer, and put the next question."""
    _unask(turn)
    draft = _draft(turn, "isd")
    if draft is not None:
        _put_question(turn, draft)


def different(turn: Turn) -> None:
    """Go on to the words: what others reported is something else."""
    draft = _draft(turn, "isn")
    if draft is not None and draft.step is None:
        _ask_words(turn, draft)


def join(turn: Turn) -> None:
    """Add a report to one that is there."""
    number, token = (*turn.arguments[3:5], "", "")[:2]
    draft, issue_id = _draft(turn, "isj"), id_in(number)
    if draft is None:
        return
    issue = turn.session.get(Issue, issue_id) if issue_id else None
    if issue is None or draft.step is not None or issue.unit_id != draft.unit_id or not token:
        stale(turn)
        return
    reporter = _reporter(turn, draft, token)
    if issue.state not in OPEN:
        turn.toast("This report was closed meanwhile.", alert=True)
        _ask_words(turn, draft)
        return
    is_new = filing.join(turn.session, issue, reporter, now=turn.now)
    if is_new and filing.graver(turn.session, issue, draft) and issue.severity == DANGER:
        _tell_of_danger(turn, issue, draft)
    show_receipt(turn, issue, reporter, heading="joined" if is_new else "before")


def without_words(turn: Turn) -> None:
    """Send a report that consists of its choices; a second press sends nothing."""
    draft = _draft(turn, "isw")
    if draft is None or draft.step is not None:
        return
    if not _unask(turn):
        turn.toast("This report was sent or left already. /report begins a new one.", alert=True)
        return
    _send(turn, draft, Content())


def take_words(turn: Turn) -> None:
    """Take the words, the photo or the voice that complete a report."""
    draft = draft_in(turn.arguments)
    if draft is None or draft.step is not None or not _is_open(turn, draft):
        turn.say("issues/left.html")
        return
    content = content_of(turn, anonymous=draft.is_anonymous)
    if isinstance(content, str):
        turn.ask(WORDS_TOPIC, *draft.words())
        say_not_taken(turn, content, anonymous=draft.is_anonymous)
        return
    _send(turn, draft, content)


def with_words(turn: Turn) -> None:
    """Take the choices for words that were written behind the command, and send it."""
    said = quoted(turn)
    if not said:
        turn.toast("The words are no longer there. Please write /report again.", alert=True)
        return
    draft = _draft(turn, "isf", said=said)
    if draft is None:
        return
    if len(turn.arguments) < 5:
        _ask_how_grave(turn, draft, said)
        return
    letter, token = turn.arguments[3:5]
    whole = draft_in((draft.who, str(draft.unit_id), "".join((*_SHORT, letter))))
    if whole is None or whole.step is not None:
        stale(turn)
        return
    _send(turn, whole, Content(text=said), token=token)


def leave(turn: Turn) -> None:
    """Put a report aside; nothing of it was kept."""
    _unask(turn)
    turn.edit("issues/left.html")


def _ask_who(turn: Turn, said: str) -> None:
    verb = "isf" if said else "isd"
    turn.edit(
        "issues/who.html",
        rows=[
            [Button(turn.label("Anonymously"), f"{verb}:{ANONYMOUS}")],
            [Button(turn.label("With my name"), f"{verb}:{BY_NAME}")],
            [Button(turn.label("✖ Leave"), "isq")],
        ],
        said=said,
    )


def _ask_how_grave(turn: Turn, draft: Draft, said: str) -> None:
    token = filing.new_token()
    rows = [
        [Button(turn.label(words.SEVERITIES[value]), _verb("isf", draft, letter, token))]
        for letter, value in SEVERITIES.items()
    ]
    turn.edit(
        "issues/step.html",
        rows=[*rows, _ways_out(turn, "ish")],
        step="severity",
        draft=draft,
        few=_is_few(turn, draft),
        said=said,
        unit=roster.unit_name(turn.session, draft.unit_id),
    )


def _put_question(turn: Turn, draft: Draft) -> None:
    step = draft.step
    if step is None:
        _offer_alike(turn, draft)
        return
    labels = words.BY_STEP[step.name]
    buttons = [
        Button(turn.label(labels[value]), _verb("isd", draft.with_answer(letter)))
        for letter, value in step.answers.items()
    ]
    wide = 2 if step.name == "often" else 1
    rows = [buttons[place : place + wide] for place in range(0, len(buttons), wide)]
    before = _verb("isd", draft.before()) if draft.answers else "ish"
    turn.edit(
        "issues/step.html",
        rows=[*rows, _ways_out(turn, before)],
        step=step.name,
        draft=draft,
        few=_is_few(turn, draft),
        said="",
        unit=roster.unit_name(turn.session, draft.unit_id),
    )


def _offer_alike(turn: Turn, draft: Draft) -> None:
    found = filing.alike(turn.session, draft, now=turn.now)
    if not found:
        _ask_words(turn, draft)
        return
    token = filing.new_token() if draft.is_anonymous else "-"
    numbers = reports_by_issue(turn.session, [one.id for one in found])
    rows = [
        [
            Button(
                turn.label("Add mine to #%(number)s", number=one.id),
                _verb("isj", draft, one.id, token),
            )
        ]
        for one in found
    ]
    turn.edit(
        "issues/alike.html",
        rows=[
            *rows,
            [Button(turn.label("Mine is different"), _verb("isn", draft))],
            _ways_out(turn, _verb("isd", draft.before())),
        ],
        found=[(one, numbers.get(one.id, 0)) for one in found],
        about=words.subject_of(
            turn.texts, turn.language, draft.value("kind"), draft.value("dimension")
        ),
    )


def _ask_words(turn: Turn, draft: Draft) -> None:
    turn.ask(WORDS_TOPIC, *draft.words())
    turn.edit(
        "issues/words_wanted.html",
        rows=[
            [Button(turn.label("Send without words"), _verb("isw", draft))],
            _ways_out(turn, _verb("isd", draft.before())),
        ],
        anonymous=draft.is_anonymous,
    )


def _send(turn: Turn, draft: Draft, content: Content, *, token: str = "") -> None:
    """File a report and show its receipt; the same press once more shows it again."""
    reporter = _reporter(turn, draft, token or filing.new_token(), keyed=bool(token))
    sent = filing.report_with(turn.session, reporter) if token else None
    if sent is not None:
        show_receipt(turn, turn.session.get_one(Issue, sent.issue_id), reporter, heading="before")
        return
    issue = filing.file_report(turn.session, draft, reporter, content, now=turn.now)
    if issue.severity == DANGER:
        _tell_of_danger(turn, issue, draft)
    show_receipt(turn, issue, reporter, heading="new")


def _tell_of_danger(turn: Turn, issue: Issue, draft: Draft) -> None:
    """Tell those in charge; an anonymous reporter among them too, else their silence would show."""
    but = None if draft.is_anonymous else turn.known.person_id
    telling.tell_of_danger(turn.session, issue, but=but, now=turn.now)


def _reporter(turn: Turn, draft: Draft, token: str, *, keyed: bool = False) -> Reporter:
    """Return who reports; ``keyed`` gives a report by name the key of a token too."""
    if draft.is_anonymous:
        return Reporter(token=token)
    return Reporter(person_id=turn.known.person_id, token=token if keyed else "")


def _draft(turn: Turn, verb: str, *, said: str = "") -> Draft | None:
    """Return the report that a button carries; ask for the unit where there are several."""
    who = turn.arguments[0] if turn.arguments else ""
    if len(turn.arguments) == 1 and who in {ANONYMOUS, BY_NAME}:
        return _draft_somewhere(turn, verb, who, said)
    letters = "" if verb == "isf" else (*turn.arguments, "", "", "")[2]
    draft = draft_in((*turn.arguments[:2], letters))
    if draft is None or not _is_open(turn, draft):
        stale(turn)
        return None
    return draft


def _draft_somewhere(turn: Turn, verb: str, who: str, said: str) -> Draft | None:
    units = own_units(turn, STAFF, MANAGER)
    if len(units) == 1:
        return Draft(who, units[0].id or 0)
    rows = [[Button(unit.name, f"{verb}:{who}:{unit.id}")] for unit in units[:40]]
    turn.edit("issues/where.html", rows=[*rows, _ways_out(turn, "ish")], said=said)
    return None


def _is_open(turn: Turn, draft: Draft) -> bool:
    """Tell whether this person works in the unit, now."""
    if turn.session.get(Unit, draft.unit_id) is None:
        return False
    return turn.known.has(OWNER) or draft.unit_id in turn.known.units(STAFF, MANAGER)


def _is_few(turn: Turn, draft: Draft) -> bool:
    people = roster.people_of(turn.session, draft.unit_id, STAFF, MANAGER)
    return draft.is_anonymous and len(people) < FEW


def _verb(verb: str, draft: Draft, *rest: object) -> str:
    return ":".join([verb, *draft.words(), *(str(one) for one in rest)])


def _ways_out(turn: Turn, before: str) -> list[Button]:
    return [Button(turn.label("← Back"), before), Button(turn.label("✖ Leave"), "isq")]


def _unask(turn: Turn) -> bool:
    """Wait for the words of a report no longer; tell whether one waited."""
    person_id = turn.known.person_id
    waiting = turn.session.exec(
        select(AwaitedReply).where(AwaitedReply.person_id == person_id)
    ).first()
    if waiting is None or waiting.topic != WORDS_TOPIC or waiting.until <= turn.now:
        return False
    return asking.put_aside(turn.session, person_id)
