"""What stands of effects on the card of an action, and in a manager's digest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from bot.core.dialogue import Button, Section
from bot.core.i18n import N_
from bot.core.render import Texts
from bot.core.schedule import local_day
from bot.improvement import told
from bot.improvement.actions import DONE, DROPPED
from bot.improvement.desk import zone_for
from bot.improvement.effects_tables import ActionEffect
from bot.improvement.effects_view import view_of_effect
from bot.improvement.tables import Action
from bot.improvement.told_people import AUDIENCES, listeners
from bot.improvement.told_words import ToldDesk

MOST_UNTOLD = 3
PASS_ON = N_("Tell those who were asked")


def effect_beside(
    session: Session,
    texts: Texts,
    *,
    action: Action,
    language: str,
    now: datetime,  # noqa: ARG001 - the common shape of what stands on a card
    steers: bool,
) -> Section | None:
    """Return the newest effect of an action and who was told, with the button to tell them."""
    effect = newest_effect(session, action.id or 0)
    note = told.told_of(session, action.id or 0)
    zone = zone_for(session, None, action.unit_id)
    offers = steers and note is None and action.state == DONE
    if effect is None and note is None and not offers:
        return None
    text = texts.render(
        "improvement/effect_beside.html",
        language,
        effect=view_of_effect(effect) if effect else None,
        looked_on=local_day(effect.computed_at, zone) if effect else None,
        told_on=local_day(note.sent_at, zone) if note and note.sent_at else None,
    )
    button = Button(texts.label(language, PASS_ON), f"ysd:{action.id}")
    return Section(text, [[button]] if offers else [])


def newest_effect(session: Session, action_id: int) -> ActionEffect | None:
    """Return what was found when one looked at an action last."""
    return session.scalars(
        select(ActionEffect)
        .where(col(ActionEffect.action_id) == action_id)
        .order_by(col(ActionEffect.computed_at).desc(), col(ActionEffect.id).desc())
        .limit(1)
    ).first()


@dataclass(frozen=True, slots=True)
class EffectSection:
    """Writes the section of a digest: what was found since the last, what nobody was told yet."""

    desk: ToldDesk

    def __call__(
        self,
        session: Session,
        texts: Texts,
        *,
        unit_id: int,
        language: str,
        since: datetime,
        now: datetime,
    ) -> Section | None:
        """Write the lines in this language; None where there is nothing to say."""
        title_of = self.desk.actions.title_of
        found = [
            (title_of(action, language), view_of_effect(effect))
            for action, effect in found_since(session, unit_id, since)
        ]
        untold = self._untold(session, unit_id, now)
        if not found and not untold:
            return None
        text = texts.render(
            "improvement/effect_section.html",
            language,
            found=found,
            untold=[title_of(one, language) for one in untold],
        )
        label = texts.label(language, PASS_ON)
        names = (
            [label] if len(untold) == 1 else [f"{k}. {label}" for k in range(1, 1 + MOST_UNTOLD)]
        )
        return Section(
            text,
            [[Button(name, f"ysd:{one.id}")] for name, one in zip(names, untold, strict=False)],
        )

    def _untold(self, session: Session, unit_id: int, now: datetime) -> Sequence[Action]:
        """Return what was done and may be told now, to anybody at all."""
        if told.may_be_sent_from(session, unit_id, now=now, apart=self.desk.apart) > now:
            return []
        return [
            one
            for one in told.untold(session, unit_id, now=now)[:MOST_UNTOLD]
            if any(
                listeners(session, unit_id, audience, asked_from=one.before_first, now=now)
                for audience in AUDIENCES
            )
        ]


def found_since(
    session: Session, unit_id: int, since: datetime
) -> Sequence[tuple[Action, ActionEffect]]:
    """Return what was found about the actions of a unit since then, the newest first."""
    rows = session.execute(
        select(Action, ActionEffect)
        .join(ActionEffect, col(ActionEffect.action_id) == col(Action.id))
        .where(
            col(Action.unit_id) == unit_id,
            col(Action.state) != DROPPED,
            col(ActionEffect.computed_at) >= since,
        )
        .order_by(col(ActionEffect.computed_at).desc(), col(ActionEffect.id).desc())
    )
    return [(action, effect) for action, effect in rows]
