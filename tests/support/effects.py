"""An organisation whose weeks of answers are made up: a fix that worked, one that did not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col

from bot.analysis.refresh import AnswerRow, fold_rows
from bot.analysis.tables import MomentBlock
from bot.core.database import Database
from bot.improvement import effects_looking
from bot.improvement.effects_tables import ActionEffect
from bot.improvement.tables import Action
from bot.surveys.tables import ANONYMOUS, Run, Wave
from gapengine.packing import to_bytes
from gapengine.vantage import Group
from tests.support.actions import ANA, LI, OWNER, SAM, ActionHouse

TREATED, UNITS = 1, 7
ITEMS: Mapping[str, str] = {
    "on_time": "reliability",
    "right_first_time": "reliability",
    "prompt": "responsiveness",
    "willing": "responsiveness",
}
LEVELS = {"E": 6.0, "P": 4.8, "C": 5.6, "D": 5.0, "M": 5.8, "S": 5.6}
POINTS = {Group.CUSTOMER: "EPC", Group.STAFF: "D", Group.MANAGER: "MS"}
PEOPLE = {Group.CUSTOMER: 14, Group.STAFF: 9, Group.MANAGER: 5}
TRIGGER = date(2026, 3, 2)
"""The Monday of the week that gave rise to the actions of these tests."""

Shift = Mapping[str, float]


@dataclass
class EffectHouse(ActionHouse):
    """Seven units alike but for luck; what happens in them is said by ``weeks``."""

    lots: Random = field(default_factory=lambda: Random(7))

    def weeks(
        self,
        unit_id: int,
        weeks: Sequence[int],
        *,
        shift: Shift | None = None,
        only: str = "",
        groups: Sequence[Group] = (Group.CUSTOMER, Group.STAFF),
        people: int | None = None,
    ) -> None:
        """Write the answers of a unit in weeks counted from the trigger week.

        ``shift`` moves vantage points, in the dimension ``only`` or in all.
        """

        def work(session: Session) -> None:
            for week in weeks:
                for group in groups:
                    many = people or PEOPLE[group]
                    made = self.block(unit_id, week, group, shift=shift, only=only, people=many)
                    session.add(made)

        self.database.run(work)

    def looked(self) -> int:
        """Let the clock look at what is due; return how many actions were looked at."""
        return self.database.run(
            lambda session: effects_looking.look_at_due(session, self.now, self.actions)
        )

    def effects(self) -> list[ActionEffect]:
        """Return what was found, oldest first."""
        return sorted(self.rows(ActionEffect), key=lambda one: one.id or 0)

    def asked_in(self, version_id: int, week: date) -> None:
        """Let Riverside have been asked by a version of a questionnaire in a week."""

        def work(session: Session) -> None:
            wave = Wave(
                version_id=version_id,
                unit_id=1,
                due_on=week,
                planned_at=self.now,
                expires_at=self.now,
                seed=1,
                closed=True,
            )
            session.add(wave)
            session.flush()
            session.add(
                Run(
                    key=f"{version_id:032d}",
                    wave_id=wave.id or 0,
                    version_id=version_id,
                    unit_id=1,
                    week=week,
                    anonymous=True,
                    promise=ANONYMOUS,
                    state="finished",
                    form=[],
                )
            )

        self.database.run(work)

    def change(self, action_id: int, **values: Any) -> None:
        """Make an action as a test needs it."""
        statement = update(Action).where(col(Action.id) == action_id).values(**values)
        self.database.run(lambda session: session.execute(statement))

    def block(
        self,
        unit_id: int,
        week: int,
        group: Group,
        *,
        people: int,
        shift: Shift | None = None,
        only: str = "",
    ) -> MomentBlock:
        """Make the answers of one group in one week up."""
        moved = shift or {}
        rows = [
            AnswerRow(f"{unit_id}:{week}:{group}:{person}", item, point, self._level(level), 1)
            for person in range(people)
            for item, dimension in ITEMS.items()
            for point in POINTS[group]
            for level in [LEVELS[point] + (moved.get(point, 0) if only in {"", dimension} else 0)]
        ]
        payload = to_bytes(fold_rows(group, rows, dict(ITEMS)))
        return MomentBlock(
            unit_id=unit_id,
            week=TRIGGER + timedelta(weeks=week),
            audience=group.value,
            payload=payload,
            runs=people,
            largest_wave=people,
            fingerprint=f"{unit_id}:{week}:{group}",
        )

    def _level(self, wanted: float) -> int:
        return min(7, max(1, round(self.lots.gauss(wanted, 0.8))))


def opened(database: Database) -> EffectHouse:
    """Open the house of seven units."""
    house = EffectHouse(database)
    house.open(units=("Riverside", "Two", "Three", "Four", "Five", "Six", "Seven"))
    house.add(ANA, "manager")
    house.add(LI, "manager")
    house.add(SAM, "staff")
    house.add(OWNER, "owner")
    return house
