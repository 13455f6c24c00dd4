"""Rows of answers, gathered as columns of numbers: what each says, and what is wrong with it."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from bot.analysis.own_table import Fault, Problem, Record
from gapengine.folding import NO_RULE, AnswerColumns, fold_blocks
from gapengine.moments import Moments
from gapengine.report import WHOLE, UnitMoments
from gapengine.scale import USUAL_POINTS
from gapengine.vantage import GROUPS, Group, Vantage, group_of

COLUMNS = ("respondent", "role", "unit", "week", "vantage", "dimension", "item", "score")
ROLES = {
    "customer": Group.CUSTOMER,
    "customers": Group.CUSTOMER,
    "manager": Group.MANAGER,
    "managers": Group.MANAGER,
    "staff": Group.STAFF,
    "staffs": Group.STAFF,
}
_VANTAGES = frozenset(vantage.value for vantage in Vantage)
_WHOLE = re.compile(r"(-?\d{1,9})(?:[.,]0+)?")
"""A whole number, perhaps written with decimals."""
_NO_RULE_WORDS = frozenset({"no rule", "no_rule", "no-rule", "norule", "none"})


@dataclass(frozen=True)
class _Meaning:
    """What the fields of a row say, apart from who and where."""

    group: Group
    vantage: int
    item: int
    score: int


@dataclass
class AnswerRows:
    """The good rows gathered as columns of numbers, the bad ones as problems."""

    points: int = USUAL_POINTS
    """Levels of the scale, which begins with 1."""
    group: list[Group] = field(default_factory=list)
    unit: list[int] = field(default_factory=list)
    week: list[int] = field(default_factory=list)
    respondent: list[int] = field(default_factory=list)
    vantage: list[int] = field(default_factory=list)
    item: list[int] = field(default_factory=list)
    score: list[int] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    outside: Counter[int] = field(default_factory=Counter)
    """Whole numbers outside the scale, and how often they were given as scores."""
    dimension_of: dict[str, str] = field(default_factory=dict)
    unit_numbers: dict[str, int] = field(default_factory=dict)
    week_numbers: dict[str, int] = field(default_factory=dict)
    item_numbers: dict[str, int] = field(default_factory=dict)
    _people: dict[str, int] = field(default_factory=dict)
    _known: dict[tuple[str, ...], _Meaning] = field(default_factory=dict)

    def take_all(self, records: Iterator[Record]) -> None:
        for line, fields in records:
            fault = _TOO_SHORT if fields is None else self._take(fields)
            if fault is not None:
                self.problems.append(Problem(fault[0], line, fault[1], fault[2]))

    def _take(self, fields: list[str]) -> Fault | None:
        respondent, role, unit, week, vantage, dimension, item, score = fields
        if not (respondent and unit) or unit == WHOLE:
            return _fault_of_place(respondent, unit)
        key = (role, vantage, dimension, item, score)
        meaning = self._known.get(key)
        if meaning is None:
            fault = self._learn(key)
            if fault is not None:
                return fault
            meaning = self._known[key]
        self.group.append(meaning.group)
        self.unit.append(self.unit_numbers.setdefault(unit, len(self.unit_numbers)))
        self.week.append(self.week_numbers.setdefault(week, len(self.week_numbers)))
        self.respondent.append(self._people.setdefault(respondent, len(self._people)))
        self.vantage.append(meaning.vantage)
        self.item.append(meaning.item)
        self.score.append(meaning.score)
        return None

    def _learn(self, key: tuple[str, str, str, str, str]) -> Fault | None:
        """Understand a combination of fields that was not seen before."""
        role, vantage, dimension, item, score = key
        fault = _fault_of_meaning(role, vantage, dimension, item=item)
        if fault is not None:
            return fault
        point = Vantage(vantage.upper())
        value = _score_of(score, point, self.points)
        if value is None:
            if (strange := _WHOLE.fullmatch(score)) is not None:
                self.outside[int(strange[1])] += 1
            return _fault_of_score(score, point, self.points)
        if self.dimension_of.setdefault(item, dimension) != dimension:
            cause = f"item {item!r} is in dimension {dimension!r}, earlier in "
            cause += repr(self.dimension_of[item])
            return "A208", cause, "Give each item one dimension."
        group = group_of(point)
        number = self.item_numbers.setdefault(item, len(self.item_numbers))
        self._known[key] = _Meaning(group, GROUPS[group].index(point), number, value)
        return None

    def whole(self) -> dict[str, UnitMoments]:
        """Fold the columns, unit by unit."""
        units: dict[str, dict[Group, Moments]] = {name: {} for name in sorted(self.unit_numbers)}
        names = list(self.unit_numbers)
        for number, group, moments in self._folded(self.unit):
            units[names[number]][group] = moments
        return dict(units)

    def by_week(self, week_of: Mapping[str, str]) -> dict[str, dict[str, UnitMoments]]:
        """Fold the columns, week by week and unit by unit; a unit is in the weeks it answered.

        ``week_of`` maps each name of a week, as it was written, to the week it lies in.
        """
        weeks, units = list(dict.fromkeys(week_of.values())), list(self.unit_numbers)
        own = self._weeks(week_of, weeks)
        blocks = [week * len(units) + unit for week, unit in zip(own, self.unit, strict=True)]
        found: dict[str, dict[str, dict[Group, Moments]]] = {name: {} for name in weeks}
        for number, group, moments in self._folded(blocks):
            week, unit = divmod(number, len(units))
            found[weeks[week]].setdefault(units[unit], {})[group] = moments
        return {week: {unit: own[unit] for unit in sorted(own)} for week, own in found.items()}

    def _weeks(self, week_of: Mapping[str, str], weeks: Sequence[str]) -> list[int]:
        """The place of each answer's week among ``weeks``."""
        place = {week: k for k, week in enumerate(weeks)}
        moved = [place[week_of[name]] for name in self.week_numbers]
        return [moved[number] for number in self.week]

    def returning(self, week_of: Mapping[str, str]) -> dict[Group, float]:
        """By group, the share of a week's people who also tell another week of their unit."""
        order, weeks = list(Group), list(dict.fromkeys(week_of.values()))
        group = np.array([order.index(own) for own in self.group])
        columns = np.stack([group, self.unit, self.respondent, self._weeks(week_of, weeks)])
        visits = np.unique(columns, axis=1)
        _, person, many = np.unique(visits[:3], axis=1, return_inverse=True, return_counts=True)
        again = many[person.ravel()] > 1
        own = [visits[0] == k for k in range(len(order))]
        return {
            name: float(again[here].mean()) if here.any() else 0.0
            for name, here in zip(order, own, strict=True)
        }

    def _folded(self, blocks: list[int]) -> Iterator[tuple[int, Group, Moments]]:
        """Number of the block, group and moments, for one block number per answer."""
        for group in Group:
            rows = [k for k, own in enumerate(self.group) if own is group]
            answers = AnswerColumns.of(
                [self.respondent[k] for k in rows],
                [self.item[k] for k in rows],
                vantage=[self.vantage[k] for k in rows],
                score=[self.score[k] for k in rows],
            )
            folded = fold_blocks(group, self.dimension_of, answers, block=[blocks[k] for k in rows])
            for number, moments in folded.items():
                yield number, group, moments


_TOO_SHORT: Fault = ("A201", "too few fields", "Give every column a field.")


def _fault_of_place(respondent: str, unit: str) -> Fault:
    if unit == WHOLE:
        return "A209", f"unit {WHOLE!r} is the name of the whole organisation", "Rename the unit."
    empty = "respondent" if not respondent else "unit"
    return "A202", f"{empty} is empty", "Fill it in, or drop the row."


def _fault_of_meaning(role: str, vantage: str, dimension: str, *, item: str) -> Fault | None:
    for name, value in (("role", role), ("vantage", vantage), ("dimension", dimension)):
        if not value:
            return "A202", f"{name} is empty", "Fill it in, or drop the row."
    if not item:
        return "A202", "item is empty", "Fill it in, or drop the row."
    group = ROLES.get(role.lower())
    if group is None:
        return "A203", f"role {role!r} is unknown", "Use customer, staff or manager."
    if vantage.upper() not in _VANTAGES:
        return "A204", f"vantage {vantage!r} is unknown", f"Use one of {', '.join(Vantage)}."
    point = Vantage(vantage.upper())
    if group_of(point) is not group:
        cause = f"role {role!r} does not fit vantage {point.value}"
        return "A205", cause, f"{point.value} is asked of role {group_of(point).value!r}."
    return None


def _score_of(text: str, vantage: Vantage, points: int) -> int | None:
    if vantage is Vantage.SPECIFIED and text.lower() in _NO_RULE_WORDS:
        return NO_RULE
    whole = _WHOLE.fullmatch(text)
    return int(whole[1]) if whole is not None and 1 <= int(whole[1]) <= points else None


def _fault_of_score(text: str, vantage: Vantage, points: int) -> Fault:
    if text.lower() in _NO_RULE_WORDS:
        cause = f"score {text!r} for vantage {vantage.value}"
        cure = f"Only S can be answered 'no rule'; give 1 to {points}, or drop the row."
        return "A207", cause, cure
    found = f"score {text!r}" if text else "score is empty"
    wanted = f"{found}, wanted a whole number from 1 to {points}"
    return "A206", wanted, "Correct it, or drop the row."
