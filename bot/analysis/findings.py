"""What else a digest needs beside the gaps: who answered, causes, comments; small groups hidden.

What is asked of all units is asked in one query; the key None stands for the whole organisation.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlalchemy import case, func, or_, select
from sqlmodel import Session, col

from bot.analysis.refresh import unpack_causes
from bot.analysis.tables import CAUSES, MomentBlock
from bot.core.clock import monday_of
from bot.people.tables import REGION
from bot.people.tree import Tree, read_tree
from bot.surveys.definition import Questionnaire
from bot.surveys.tables import Comment, QuestionnaireVersion, Run, Wave
from bot.surveys.voices import hearable
from gapengine.vantage import Group

FLOOR = {"staff": 5, "manager": 3}
"""Fewest questionnaires of a group that must rate a cause before their mean is used."""
COMMENT_FLOOR = 8
_LATE = timedelta(days=14)
"""How long after its day a wave may still be written, after a time without the bot."""


@dataclass(frozen=True, slots=True)
class Span:
    """The Mondays of the first and the last week looked at."""

    first: date
    last: date

    @classmethod
    def ending(cls, last: date, weeks: int) -> "Span":
        """The last ``weeks`` weeks up to and with this one."""
        return cls(last - timedelta(days=7 * (weeks - 1)), last)

    @property
    def last_day(self) -> date:
        """The Sunday that ends it."""
        return self.last + timedelta(days=6)


class Rating(NamedTuple):
    """How often one group rated a cause, and the sum with high = healthy."""

    times: int
    total: int


def wording_since(session: Session, last: date) -> date:
    """Return the Monday since when customers and staff have read the same wording.

    A version counts from its first wave on; one that comes after the week ``last`` does not yet.
    """
    first_sent = (
        select(func.min(col(Wave.due_on)))
        .join(QuestionnaireVersion, col(QuestionnaireVersion.id) == col(Wave.version_id))
        .where(
            ~col(Wave.pooled),
            col(QuestionnaireVersion.version) > 1,
            col(QuestionnaireVersion.audience).in_((Group.CUSTOMER.value, Group.STAFF.value)),
        )
        .group_by(col(QuestionnaireVersion.id))
    )
    weeks = [monday_of(day) for day in session.scalars(first_sent) if day is not None]
    return max((week for week in weeks if week <= last), default=date.min)


def responses(session: Session, span: Span, tree: Tree) -> dict[int | None, dict[str, int]]:
    """Count per unit and region the customers' questionnaires that went out and that came back.

    One counts as back when any of its questions about the service was answered.
    """
    asked = (
        select(col(Run.unit_id), func.count())
        .join(Wave, col(Wave.id) == col(Run.wave_id))
        .join(QuestionnaireVersion, col(QuestionnaireVersion.id) == col(Run.version_id))
        .where(
            col(QuestionnaireVersion.audience) == Group.CUSTOMER.value,
            col(Wave.due_on).between(span.first - _LATE, span.last_day),
            col(Run.week).between(span.first, span.last),
        )
        .group_by(col(Run.unit_id))
    )
    answered = (
        select(col(MomentBlock.unit_id), func.sum(col(MomentBlock.runs)))
        .where(
            col(MomentBlock.audience) == Group.CUSTOMER.value,
            col(MomentBlock.week).between(span.first, span.last),
        )
        .group_by(col(MomentBlock.unit_id))
    )
    found: dict[int | None, dict[str, int]] = defaultdict(lambda: {"asked": 0, "answered": 0})
    for name, query in (("asked", asked), ("answered", answered)):
        for unit_id, count in session.execute(query):
            for place in _places(tree, unit_id):
                found[place][name] += int(count)
    return found


def causes(session: Session, span: Span, tree: Tree) -> dict[int | None, list[dict[str, Any]]]:
    """Return per unit each cause's mean, high = healthy, from staff and managers together.

    A group too small to be shown is left out; a cause nobody may be shown for is not listed. In
    the whole, units that are too small by themselves count only where together they are not: or
    they could be told by taking the others away. In a region they do not count at all.
    """
    statements = _statements(session)
    blocks = session.execute(
        select(col(MomentBlock.unit_id), col(MomentBlock.payload)).where(
            col(MomentBlock.audience) == CAUSES,
            col(MomentBlock.week).between(span.first, span.last),
        )
    )
    ratings: dict[tuple[str, str], dict[int, Rating]] = defaultdict(dict)
    for unit_id, payload in blocks:
        for version_id, cause, times, total in unpack_causes(payload):
            audience, _, reverse = statements[version_id, cause]
            by_unit, home = ratings[cause, audience], tree.goes_on_in(unit_id)
            before = by_unit.get(home, Rating(0, 0))
            healthy = 8 * times - total if reverse else total
            by_unit[home] = Rating(before.times + times, before.total + healthy)
    gaps = {cause: gap for (_, cause), (_, gap, _) in statements.items()}
    return _scores(ratings, gaps, tree)


def weeks_of_history(session: Session, last: date, tree: Tree) -> dict[int | None, int]:
    """Count per unit the weeks with customers' answers up to one week."""
    heard = (
        col(MomentBlock.audience) == Group.CUSTOMER.value,
        col(MomentBlock.week) <= last,
    )
    rows = session.execute(select(col(MomentBlock.unit_id), col(MomentBlock.week)).where(*heard))
    weeks: dict[int | None, set[date]] = defaultdict(set)
    for unit_id, week in rows:
        for place in _places(tree, unit_id):
            weeks[place].add(week)
    return defaultdict(int, {place: len(own) for place, own in weeks.items()})


def comments(session: Session, unit_id: int | None, span: Span) -> list[dict[str, str]]:
    """Return customers' comments, in an order that tells nothing; none when they are too few."""
    return [
        {"text": one.text, "language": one.language}
        for one in _said(session, unit_id, span)
        if one.text
    ]


def recordings(session: Session, unit_id: int | None, span: Span) -> list[str]:
    """Return which of the same comments may be listened to, as Telegram's numbers of files.

    Never one of an anonymous run, for a voice is as good as a name.
    """
    return [one.voice for one in _said(session, unit_id, span) if one.voice]


class _Said(NamedTuple):
    """A comment: what is written of it, and the recording of it that may be heard, if any."""

    text: str
    language: str
    voice: str


def _said(session: Session, unit_id: int | None, span: Span) -> list[_Said]:
    """Return customers' comments, spoken ones too; none when they are too few.

    Of a region those of its units are shown that may be shown by themselves: what stood in the
    region and in none of its units would be known to come from the few of another.
    """
    query = (
        select(
            col(Comment.text),
            col(Comment.language),
            case((hearable(), col(Comment.voice)), else_=""),
            col(Comment.unit_id),
        )
        .join(Run, col(Run.key) == col(Comment.run_key))
        .join(QuestionnaireVersion, col(QuestionnaireVersion.id) == col(Run.version_id))
        .where(
            col(Comment.week).between(span.first, span.last),
            col(QuestionnaireVersion.audience) == Group.CUSTOMER.value,
            or_(col(Comment.text) != "", hearable()),
        )
        .order_by(col(Comment.run_key))
    )
    tree = read_tree(session)
    if unit_id is not None:
        query = query.where(col(Comment.unit_id).in_(list(tree.below(unit_id))))
    found = [
        (tree.goes_on_in(where), _Said(text, language, voice))
        for text, language, voice, where in session.execute(query)
    ]
    many = Counter(where for where, _ in found)
    is_region = unit_id is not None and tree.units[unit_id].kind == REGION
    shown = [one for where, one in found if not is_region or many[where] >= COMMENT_FLOOR]
    return shown if len(shown) >= COMMENT_FLOOR else []


def _scores(
    ratings: Mapping[tuple[str, str], Mapping[int, Rating]], gaps: Mapping[str, str], tree: Tree
) -> dict[int | None, list[dict[str, Any]]]:
    """Join what staff and managers say of a cause, as far as each group may be shown."""
    shown: dict[tuple[int | None, str], list[Rating]] = defaultdict(list)
    for (cause, audience), by_unit in ratings.items():
        for unit_id, rating in _released(by_unit, FLOOR[audience], tree):
            shown[unit_id, cause].append(rating)
    found: dict[int | None, list[dict[str, Any]]] = defaultdict(list)
    for unit_id, cause in sorted(shown, key=lambda one: one[1]):
        count = sum(rating.times for rating in shown[unit_id, cause])
        total = sum(rating.total for rating in shown[unit_id, cause])
        found[unit_id].append(
            {"cause": cause, "gap": gaps[cause], "score": total / count, "n": count}
        )
    return found


def _places(tree: Tree, unit_id: int) -> list[int | None]:
    """Return where what was said in a unit counts: there, in its regions, and in the whole."""
    home = tree.goes_on_in(unit_id)
    return [home, *tree.above(home), None]


def _released(
    by_unit: Mapping[int, Rating], floor: int, tree: Tree
) -> Iterable[tuple[int | None, Rating]]:
    large = {unit_id: one for unit_id, one in by_unit.items() if one.times >= floor}
    small = [one for unit_id, one in by_unit.items() if unit_id not in large]
    yield from large.items()
    counted = list(large.values())
    if sum(one.times for one in small) >= floor:
        counted += small
    for region, own in tree.regions().items():
        inside = [large[unit_id] for unit_id in own if unit_id in large]
        if inside:
            yield region, Rating(sum(one.times for one in inside), sum(one.total for one in inside))
    if counted:
        yield None, Rating(sum(one.times for one in counted), sum(one.total for one in counted))


def _statements(session: Session) -> dict[tuple[int, str], tuple[str, str, bool]]:
    """Return audience, gap and direction of every statement, as each version worded it."""
    versions = session.execute(
        select(col(QuestionnaireVersion.id), col(QuestionnaireVersion.content)).order_by(
            col(QuestionnaireVersion.id)
        )
    )
    known: dict[tuple[int, str], tuple[str, str, bool]] = {}
    for version_id, content in versions:
        paper = Questionnaire.from_canonical(content)
        for one in paper.causes.statements if paper.causes else ():
            known[version_id, one.id] = paper.audience, one.gap, one.reverse
    return known
