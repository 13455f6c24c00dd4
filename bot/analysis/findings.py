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
from bot.people.tree import Past, Tree, read_past
from bot.surveys.definition import POINTS, Questionnaire
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


class Ground(NamedTuple):
    """A unit while it lay in one place, since a Monday."""

    unit_id: int
    since: date


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


def responses(
    session: Session, span: Span, past: Past, points: int = POINTS
) -> dict[int | None, dict[str, int]]:
    """Count per unit and region the customers' questionnaires that went out and that came back.

    Counted are those on so many levels. One counts as back when any of its questions about the
    service was answered.
    """
    asked = (
        select(col(Run.unit_id), col(Run.week), func.count())
        .join(Wave, col(Wave.id) == col(Run.wave_id))
        .join(QuestionnaireVersion, col(QuestionnaireVersion.id) == col(Run.version_id))
        .where(
            col(QuestionnaireVersion.audience) == Group.CUSTOMER.value,
            col(QuestionnaireVersion.points) == points,
            col(Wave.due_on).between(span.first - _LATE, span.last_day),
            col(Run.week).between(span.first, span.last),
        )
        .group_by(col(Run.unit_id), col(Run.week))
    )
    answered = (
        select(col(MomentBlock.unit_id), col(MomentBlock.week), func.sum(col(MomentBlock.runs)))
        .where(
            col(MomentBlock.audience) == Group.CUSTOMER.value,
            col(MomentBlock.points) == points,
            col(MomentBlock.week).between(span.first, span.last),
        )
        .group_by(col(MomentBlock.unit_id), col(MomentBlock.week))
    )
    found: dict[int | None, dict[str, int]] = defaultdict(lambda: {"asked": 0, "answered": 0})
    for name, query in (("asked", asked), ("answered", answered)):
        for unit_id, week, count in session.execute(query):
            for place in _places(past.at(week), unit_id):
                found[place][name] += int(count)
    return found


def causes(
    session: Session, span: Span, past: Past, points: int = POINTS
) -> dict[int | None, list[dict[str, Any]]]:
    """Return per unit each cause's mean, high = healthy, from staff and managers together.

    Counted are ratings on so many levels.

    A group too small to be shown is left out; a cause nobody may be shown for is not listed. In
    the whole, units that are too small by themselves count only where together they are not: or
    they could be told by taking the others away. In a region they do not count at all. Of a unit
    that was moved or merged each part counts where it was answered, if it is large enough itself.
    """
    statements = _statements(session)
    blocks = session.execute(
        select(col(MomentBlock.unit_id), col(MomentBlock.week), col(MomentBlock.payload)).where(
            col(MomentBlock.audience) == CAUSES,
            col(MomentBlock.points) == points,
            col(MomentBlock.week).between(span.first, span.last),
        )
    )
    ratings: dict[tuple[str, str], dict[Ground, Rating]] = defaultdict(dict)
    for unit_id, week, payload in blocks:
        home = past.at(week).goes_on_in(unit_id)
        ground = Ground(home, past.since(home, week))
        for version_id, cause, times, total in unpack_causes(payload):
            audience, _, reverse = statements[version_id, cause]
            by_ground = ratings[cause, audience]
            before = by_ground.get(ground, Rating(0, 0))
            healthy = (points + 1) * times - total if reverse else total
            by_ground[ground] = Rating(before.times + times, before.total + healthy)
    gaps = {cause: gap for (_, cause), (_, gap, _) in statements.items()}
    return _scores(ratings, gaps, past)


def weeks_of_history(
    session: Session, last: date, past: Past, points: int = POINTS
) -> dict[int | None, int]:
    """Count per unit the weeks with customers' answers on so many levels, up to one week."""
    heard = (
        col(MomentBlock.audience) == Group.CUSTOMER.value,
        col(MomentBlock.points) == points,
        col(MomentBlock.week) <= last,
    )
    rows = session.execute(select(col(MomentBlock.unit_id), col(MomentBlock.week)).where(*heard))
    weeks: dict[int | None, set[date]] = defaultdict(set)
    for unit_id, week in rows:
        for place in _places(past.now, unit_id):
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
    region and in none of its units would be known to come from the few of another. They count where
    they were written: a unit that took over another shows none from before.
    """
    query = (
        select(
            col(Comment.text),
            col(Comment.language),
            case((hearable(), col(Comment.voice)), else_=""),
            col(Comment.unit_id),
            col(Comment.week),
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
    past = read_past(session)
    if unit_id is not None:
        query = query.where(col(Comment.unit_id).in_(past.ever_below(unit_id)))
    found = [
        (_places(past.at(week), where)[0], _Said(text, language, voice))
        for text, language, voice, where, week in session.execute(query)
        if unit_id in _places(past.at(week), where)
    ]
    many = Counter(where for where, _ in found)
    is_region = unit_id is not None and past.now.units[unit_id].kind == REGION
    shown = [one for where, one in found if not is_region or many[where] >= COMMENT_FLOOR]
    return shown if len(shown) >= COMMENT_FLOOR else []


def _scores(
    ratings: Mapping[tuple[str, str], Mapping[Ground, Rating]],
    gaps: Mapping[str, str],
    past: Past,
) -> dict[int | None, list[dict[str, Any]]]:
    """Join what staff and managers say of a cause, as far as each group may be shown."""
    shown: dict[tuple[int | None, str], list[Rating]] = defaultdict(list)
    for (cause, audience), by_ground in ratings.items():
        for place, rating in _released(by_ground, FLOOR[audience], past):
            shown[place, cause].append(rating)
    found: dict[int | None, list[dict[str, Any]]] = defaultdict(list)
    for place, cause in sorted(shown, key=lambda one: one[1]):
        count = sum(rating.times for rating in shown[place, cause])
        total = sum(rating.total for rating in shown[place, cause])
        found[place].append(
            {"cause": cause, "gap": gaps[cause], "score": total / count, "n": count}
        )
    return found


def _places(tree: Tree, unit_id: int) -> list[int | None]:
    """Return where what was said in a unit counts: there, in its regions, and in the whole."""
    home = tree.goes_on_in(unit_id)
    return [home, *tree.above(home), None]


def _released(
    by_ground: Mapping[Ground, Rating], floor: int, past: Past
) -> Iterable[tuple[int | None, Rating]]:
    large = {ground: one for ground, one in by_ground.items() if one.times >= floor}
    small = [one for ground, one in by_ground.items() if ground not in large]
    for ground, rating in large.items():
        for place in (ground.unit_id, *past.at(ground.since).above(ground.unit_id)):
            yield place, rating
    if sum(one.times for one in small) < floor:
        small = []
    for rating in (*large.values(), *small):
        yield None, rating


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
