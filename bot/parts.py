"""Every feature's part in the bot: what it answers to, sends, does by the clock and tells."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlmodel import Session

from bot.core import asking, inbox, notices
from bot.core.dialogue import Routes
from bot.core.notices import NoticeComposer
from bot.core.outbox import Composer
from bot.core.render import Texts
from bot.digests import chat as digests_chat
from bot.digests.around import SectionMaker
from bot.digests.planning import promise_mondays
from bot.digests.sending import DigestComposer
from bot.improvement import chat as actions_chat
from bot.improvement import section as actions_section
from bot.improvement import ticks as actions_ticks
from bot.improvement.catalogue import Fix, load_fixes
from bot.improvement.desk import ActionDesk, action_desk
from bot.people import chat as people_chat
from bot.settings import Settings
from bot.surveys import chat as surveys_chat
from bot.surveys import ticks as surveys_ticks
from bot.surveys.desk import SurveyDesk, survey_desk
from bot.surveys.sending import CardComposer, ReminderComposer

Work = Callable[[Session, datetime], Any]

HOUR = 3600


@dataclass(frozen=True)
class Tick:
    """Work that the clock starts again and again, in a transaction of its own."""

    work: Work
    seconds: int


class Parts:
    """The features of one bot, built from its settings and joined where they touch."""

    def __init__(self, settings: Settings, texts: Texts, *, username: Callable[[], str]) -> None:
        """``username`` gives the bot's name at Telegram, or nothing while it is unknown."""
        self._settings = settings
        self._texts = texts
        self._username = username
        self.fixes: Callable[[], tuple[Fix, ...]] = cache(load_fixes)
        self.surveys: SurveyDesk = survey_desk(settings)
        self.actions: ActionDesk = action_desk(settings, self.fixes)

    def routes(self) -> list[Routes]:
        """Return what people may write and press; the order is that of the menu."""
        features = [
            surveys_chat.routes(self.surveys),
            digests_chat.routes(self.fixes, self.actions),
            actions_chat.routes(self.actions),
        ]
        people = people_chat.routes(
            others=features,
            cancellers=surveys_chat.cancellers(self.surveys),
            username=self._username,
            invitation_days=self._settings.invitation_days,
        )
        return [people, *features]

    def composers(self) -> dict[str, Composer]:
        """Return what writes each kind of delivery."""
        made: Iterable[Composer] = (
            CardComposer(self._texts, self.surveys),
            ReminderComposer(self._texts, self.surveys),
            DigestComposer(self._texts, self.fixes, self.sections()),
            NoticeComposer(self._texts),
        )
        return {one.kind: one for one in made}

    def sections(self) -> Sequence[SectionMaker]:
        """Return what features add to a digest, in their order."""
        return (actions_section.sections(self.actions),)

    def planning(self) -> Sequence[Tick]:
        """Return what the clock does before figures are brought up to date."""
        surveys = self.surveys
        return (
            Tick(lambda session, now: surveys_ticks.plan_due(session, now, surveys), 10),
            Tick(lambda session, now: surveys_ticks.remind_due(session, now, surveys), 30),
            Tick(surveys_ticks.expire_due, 30),
        )

    def telling(self) -> Sequence[Tick]:
        """Return what the clock does with figures that are up to date."""
        hour, actions = self._settings.digest_hour, self.actions
        return (
            Tick(lambda session, now: promise_mondays(session, now, hour=hour), 30),
            Tick(lambda session, now: actions_ticks.remind_owners(session, now, actions), 60),
            Tick(lambda session, now: actions_ticks.tell_of_late(session, now, actions), 60),
            Tick(_forget, HOUR),
        )


def _forget(session: Session, now: datetime) -> None:
    """Forget what the machinery no longer needs."""
    inbox.purge(session, now.date())
    asking.purge(session, now)
    notices.purge(session, now.date())
