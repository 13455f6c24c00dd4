"""How somebody suggests something: their words, then by name or not, then thanks with a number.

/idea ─> words ─┐
/idea words ────┴─> where, if in several units ─> how it is shown ─> thanks ─> which side (optional)

The words wait quoted in the person's own chat; they are kept only when the last button is pressed.
"""

from sqlmodel import select
from telegram import Message

from bot.core import asking
from bot.core.dialogue import Button, Command, Press, Reply, Routes, Turn
from bot.core.i18n import N_
from bot.core.tables import AwaitedReply
from bot.core.visible import unlinked
from bot.ideas import keeping, rules
from bot.ideas.keeping import Author
from bot.ideas.listing import SENDERS, TAKERS
from bot.ideas.rules import NEW, NO_NEWS, WITH_NAME, WITHOUT_NAME
from bot.ideas.tables import Idea
from bot.improvement.desk import today_for
from bot.improvement.words import DIMENSIONS
from bot.people import roster
from bot.people.places import MOST_OFFERED, id_in, own_units, stale
from bot.people.tables import Unit

WORDS_TOPIC = "id_words"
_JOINER = "\u2060"
_HOW = (WITHOUT_NAME, WITH_NAME, NO_NEWS)


def routes() -> Routes:
    """Return what sending an idea answers to."""
    return Routes(
        commands=(Command("idea", begin, SENDERS, N_("Suggest something")),),
        presses=(
            Press("idu", choose_how, SENDERS),
            Press("ids", send, SENDERS),
            Press("idk", set_side, SENDERS),
            Press("idq", leave, SENDERS),
        ),
        replies=(Reply(WORDS_TOPIC, take_words, SENDERS),),
    )


def begin(turn: Turn) -> None:
    """Begin: with the words behind the command, or by asking for them."""
    said = turn.behind_command
    if said:
        _unask(turn)
        _show_draft(turn, said)
    else:
        _ask_words(turn, "")


def take_words(turn: Turn) -> None:
    """Take the message with the idea."""
    _show_draft(turn, turn.text)


def choose_how(turn: Turn) -> None:
    """Take the unit, and ask how the idea is to be shown."""
    said, unit = _quoted(turn), _unit_in(turn, 0)
    if unit is None:
        return
    if not said:
        turn.toast("The words are no longer there. Please write /idea again.", alert=True)
        return
    _ask_how(turn, said, unit)


def send(turn: Turn) -> None:
    """Keep the idea, now that it is known how; a second press shows the thanks again."""
    how, _, token = (*turn.arguments, "", "", "")[:3]
    said, unit = rules.cleaned(_quoted(turn)), _unit_in(turn, 1)
    if unit is None:
        return
    if how not in _HOW or not token:
        stale(turn)
        return
    if rules.problem_of(said):
        turn.toast("The words are no longer there. Please write /idea again.", alert=True)
        return
    person_id = turn.known.person_id
    author = Author(None if how == NO_NEWS else person_id, by_name=how == WITH_NAME)
    idea, _ = keeping.send(
        turn.session,
        author,
        unit_id=unit.id or 0,
        text=said,
        language=turn.language,
        token=token,
        now=turn.now,
        today=today_for(turn.session, None, unit.id or 0, now=turn.now),
    )
    _thank(turn, idea)


def set_side(turn: Turn) -> None:
    """Note which side of the service the idea is about; only its author has this button."""
    number, side, token = (*turn.arguments, "", "", "")[:3]
    idea_id, dimension = id_in(number), _dimension_at(side)
    idea = turn.session.get(Idea, idea_id) if idea_id else None
    if idea is None or idea.token != token or not dimension:
        stale(turn)
        return
    if keeping.set_dimension(turn.session, idea, dimension):
        turn.toast("Noted. Thank you!")
    else:
        turn.toast("Somebody is looking at it already. Thank you!")
    _thank(turn, idea)


def leave(turn: Turn) -> None:
    """Put an idea aside; nothing of it was kept."""
    _unask(turn)
    turn.edit("ideas/left.html")


def _show_draft(turn: Turn, words: str) -> None:
    said = rules.cleaned(words)
    problem = rules.problem_of(said)
    if problem:
        _ask_words(turn, problem)
        return
    units = own_units(turn, *TAKERS)
    if not units:
        turn.say("ideas/no_unit.html")
    elif len(units) == 1:
        _ask_how(turn, said, units[0])
    else:
        rows = [[Button(unit.name, f"idu:{unit.id}")] for unit in units[:MOST_OFFERED]]
        turn.say("ideas/where.html", rows=[*rows, [_way_out(turn)]], said=unlinked(said))


def _ask_words(turn: Turn, problem: str) -> None:
    turn.ask(WORDS_TOPIC)
    turn.say(
        "ideas/words_wanted.html",
        rows=[[_way_out(turn)]],
        problem=problem,
        shortest=rules.SHORTEST,
        longest=rules.LONGEST,
    )


def _ask_how(turn: Turn, said: str, unit: Unit) -> None:
    token = rules.new_token()
    labels = (
        turn.label("Send without my name"),
        turn.label("Send with my name"),
        turn.label("Without my name, and no news either"),
    )
    rows = [
        [Button(label, f"ids:{how}:{unit.id}:{token}")]
        for how, label in zip(_HOW, labels, strict=True)
    ]
    turn.edit(
        "ideas/how.html",
        rows=[*rows, [_way_out(turn)]],
        said=unlinked(said),
        unit=unit.name,
    )


def _thank(turn: Turn, idea: Idea) -> None:
    sides = [
        Button(turn.label(name), f"idk:{idea.id}:{place}:{idea.token}")
        for place, name in enumerate(DIMENSIONS.values())
    ]
    is_open = idea.state == NEW and not idea.dimension
    turn.edit(
        "ideas/thanks.html",
        rows=[sides[place : place + 2] for place in range(0, len(sides), 2)] if is_open else (),
        number=idea.id,
        unit=roster.unit_name(turn.session, idea.unit_id),
        text=unlinked(idea.text),
        dimension=turn.label(DIMENSIONS[idea.dimension]) if idea.dimension else "",
        by_name=idea.by_name,
        news=idea.person_id is not None,
        asks=is_open,
    )


def _unit_in(turn: Turn, place: int) -> Unit | None:
    """Return the unit that a button names; where it is not theirs, say so."""
    unit_id = id_in(turn.arguments[place]) if len(turn.arguments) > place else None
    unit = next((one for one in own_units(turn, *TAKERS) if one.id == unit_id), None)
    if unit is None:
        stale(turn)
    return unit


def _quoted(turn: Turn) -> str:
    """Return the words that stand quoted in the message whose button was pressed."""
    query = turn.update.callback_query
    message = query.message if query else None
    if not isinstance(message, Message) or not message.text:
        return ""
    found = message.parse_entities(["blockquote", "expandable_blockquote"])
    return "\n".join(found.values()).replace(_JOINER, "").strip()


def _dimension_at(place: str) -> str:
    names = list(DIMENSIONS)
    number = id_in(place)
    return names[number] if number is not None and number < len(names) else ""


def _unask(turn: Turn) -> None:
    """Wait for the words of an idea no longer; other questions go on waiting."""
    person_id = turn.known.person_id
    waiting = turn.session.exec(select(AwaitedReply).where(AwaitedReply.person_id == person_id))
    one = waiting.first()
    if one is not None and one.topic == WORDS_TOPIC:
        asking.put_aside(turn.session, person_id)


def _way_out(turn: Turn) -> Button:
    return Button(turn.label("✖ Leave"), "idq")
