"""Every feature's part in the bot: what it answers to, sends, does by the clock and tells."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlmodel import Session

from bot.analysis import sources
from bot.analysis.command import windows_of
from bot.analysis.standings import standings
from bot.cases import chat as cases_chat
from bot.cases import section as cases_section
from bot.cases import talking as cases_talking
from bot.cases import ticks as cases_ticks
from bot.cases.desk import CaseDesk, case_desk
from bot.cases.of_person import cases_of
from bot.cases.offering import offer_after_thanks
from bot.core import asking, inbox, notices
from bot.core.dialogue import Routes
from bot.core.notices import NoticeComposer
from bot.core.outbox import Composer
from bot.core.render import Texts
from bot.crm import chat as crm_chat
from bot.crm import visit_link_chat
from bot.crm.asking import ask_due as ask_about_visits
from bot.crm.desk import CustomerDesk
from bot.crm.keeping import kinds_of_people
from bot.crm.linking import CustomerLink
from bot.cycle import chat as cycle_chat
from bot.cycle.section import CycleSection
from bot.digests import chat as digests_chat
from bot.digests import other_scales as digests_other_scales
from bot.digests import partners as digests_partners
from bot.digests import regions
from bot.digests import voices as digests_voices
from bot.digests.around import Beside, SectionMaker
from bot.digests.around_chat import BesideHandlers
from bot.digests.planning import promise_mondays
from bot.digests.sending import DigestComposer
from bot.forecasts import chat as forecasts_chat
from bot.forecasts import section as forecasts_section
from bot.forecasts import ticks as forecasts_ticks
from bot.forecasts.forecasts import ForecastDesk, forecast_desk, forget_seen
from bot.ideas import chat as ideas_chat
from bot.ideas import section as ideas_section
from bot.ideas import thanks as ideas_thanks
from bot.ideas import ticks as ideas_ticks
from bot.ideas import tracing as ideas_tracing
from bot.ideas.desk import IdeaDesk, idea_desk
from bot.improvement import chat as actions_chat
from bot.improvement import own_fixes_chat, told_chat
from bot.improvement import section as actions_section
from bot.improvement import ticks as actions_ticks
from bot.improvement.actions import ISSUE, create_action
from bot.improvement.desk import ActionDesk, action_desk
from bot.improvement.effects_section import EffectSection, effect_beside
from bot.improvement.shelf import Shelf, shelf_of
from bot.improvement.told_sending import ToldComposer
from bot.improvement.told_words import thanks, told_desk
from bot.issues import chat as issues_chat
from bot.issues import section as issues_section
from bot.issues import talking as issues_talking
from bot.issues import ticks as issues_ticks
from bot.issues.desk import IssueDesk, issue_desk
from bot.organisation import people_chat as organisation_people_chat
from bot.organisation import units_chat
from bot.people import audit_chat
from bot.people import chat as people_chat
from bot.privacy import chat as privacy_chat
from bot.privacy.desk import PrivacyDesk, privacy_desk
from bot.privacy.retention import forget_old
from bot.reach import chat as reach_chat
from bot.reach import time_chat
from bot.reach.contact import forget_old as forget_contacts
from bot.reach.desk import ReachDesk, reach_desk
from bot.reach.settings_chat import SettingsChat
from bot.reach.waiting import Waiting
from bot.registers import chat as registers_chat
from bot.registers import ticks as registers_ticks
from bot.registers.desk import RegisterDesk
from bot.registers.promises import promised_items
from bot.registers.section import RegisterSection
from bot.settings import Settings
from bot.surveys import chat as surveys_chat
from bot.surveys import ticks as surveys_ticks
from bot.surveys import voice_chat, waiting_chat
from bot.surveys.desk import SurveyDesk, survey_desk
from bot.surveys.runs import begun_elsewhere
from bot.surveys.sending import CardComposer, ReminderComposer
from bot.ways import chat as ways_chat
from bot.ways.coming import PosterEntrance
from bot.ways.desk import WayDesk
from bot.ways.keeping import forget_weeks, kinds_by_way
from bot.ways.orders import PosterComposer, forget_orders

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
        self.fixes: Shelf = shelf_of(settings)
        self.reach: ReachDesk = reach_desk(
            settings, talks=(begun_elsewhere, cases_talking.is_talking, issues_talking.is_talking)
        )
        self.waits = Waiting(self.reach)
        self.cases: CaseDesk = case_desk(settings, self.reach)
        self.forecasts: ForecastDesk = forecast_desk(settings, self.reach)
        self.privacy: PrivacyDesk = privacy_desk(settings)
        self.issues: IssueDesk = issue_desk(settings, _action_of_issue)
        self.ideas: IdeaDesk = idea_desk(settings)
        self.actions: ActionDesk = action_desk(
            settings, self.fixes, beside=(effect_beside, ideas_tracing.beside)
        )
        self.told = told_desk(settings, self.actions, self.reach)
        self.surveys: SurveyDesk = survey_desk(
            settings,
            reach=self.reach,
            after_thanks=(
                thanks(self.told),
                offer_after_thanks(self.cases),
                ideas_thanks.after_thanks,
            ),
            promised=promised_items,
            standing_of=standings(windows_of(settings)),
            kinds=kinds_by_way(kinds_of_people),
        )
        self.ways = WayDesk(
            surveys=self.surveys,
            username=self._username,
            delay=timedelta(minutes=settings.scan_delay_minutes),
        )
        self.customers = CustomerDesk(
            surveys=self.surveys,
            cases_of=cases_of,
            username=self._username,
            invitation_days=settings.invitation_days,
        )
        self.registers = RegisterDesk(
            library=self.surveys.library,
            reach=self.reach,
            delivered=sources.delivered,
            disagreements=sources.disagreements,
        )

    def routes(self) -> list[Routes]:
        """Return what people may write and press; the order is that of the menu."""
        features = [
            surveys_chat.routes(self.surveys),
            voice_chat.routes(self.surveys),
            waiting_chat.routes(),
            reach_chat.routes(self.reach),
            digests_chat.routes(self.fixes, self.actions),
            digests_partners.routes(),
            BesideHandlers(self.beside()).routes(),
            digests_voices.routes(),
            cycle_chat.routes(self.actions),
            actions_chat.routes(self.actions),
            told_chat.routes(self.told),
            own_fixes_chat.routes(self.fixes.refresh),
            forecasts_chat.routes(self.forecasts),
            issues_chat.routes(self.issues),
            cases_chat.routes(self.cases),
            crm_chat.routes(self.customers),
            registers_chat.routes(self.registers),
            ideas_chat.routes(self.ideas),
            units_chat.routes(),
            organisation_people_chat.routes(),
            audit_chat.routes(),
            ways_chat.routes(self.ways),
            privacy_chat.routes(self.privacy),
        ]
        people = people_chat.routes(
            others=features,
            cancellers=(
                *surveys_chat.cancellers(self.surveys),
                own_fixes_chat.cancel_draft,
            ),
            promise=SettingsChat(self.reach).promise,
            newcomers=(time_chat.ask_newcomer,),
            username=self._username,
            invitation_days=self._settings.invitation_days,
            companions=(CustomerLink(), PosterEntrance(self.ways)),
            more_invitations=(ways_chat.offered, visit_link_chat.offered),
        )
        return [people, *features]

    def composers(self) -> dict[str, Composer]:
        """Return what writes each kind of delivery."""
        made: Iterable[Composer] = (
            CardComposer(self._texts, self.surveys),
            ReminderComposer(self._texts, self.surveys),
            DigestComposer(self._texts, self.fixes, self.beside()),
            NoticeComposer(self._texts),
            ToldComposer(self._texts),
            PosterComposer(self._texts),
        )
        return {one.kind: one for one in made}

    def beside(self) -> Beside:
        """Return what stands beside the figures of a digest."""
        personal = (forecasts_section.section, regions.section)
        return Beside(self._texts, self.sections(), personal)

    def sections(self) -> Sequence[SectionMaker]:
        """Return what features add to a digest, in their order."""
        return (
            actions_section.sections(self.actions),
            EffectSection(self.told),
            partial(issues_section.section, desk=self.issues),
            cases_section.section,
            RegisterSection(self.registers),
            digests_partners.section,
            digests_other_scales.section,
            digests_voices.section,
            ideas_section.section,
            CycleSection(self.actions),
        )

    def planning(self) -> Sequence[Tick]:
        """Return what the clock does before figures are brought up to date."""
        surveys = self.surveys
        return (
            Tick(lambda session, now: surveys_ticks.plan_due(session, now, surveys), 10),
            Tick(lambda session, now: surveys_ticks.remind_due(session, now, surveys), 30),
            Tick(lambda session, now: ask_about_visits(session, now, surveys), 20),
            Tick(surveys_ticks.expire_due, 30),
            Tick(self.fixes.refresh, 30),
        )

    def telling(self) -> Sequence[Tick]:
        """Return what the clock does with figures that are up to date."""
        hour, forecasts = self._settings.digest_hour, self.forecasts
        return (
            Tick(lambda session, now: forecasts_ticks.ask_due(session, now, forecasts), 60),
            Tick(lambda session, now: promise_mondays(session, now, hour=hour), 30),
            *self._reminding(),
            Tick(lambda session, now: cases_ticks.forget_old(session, now, self.cases), HOUR),
            Tick(forget_seen, HOUR),
            Tick(forget_contacts, HOUR),
            Tick(ideas_ticks.forget_old, HOUR),
            Tick(forget_weeks, HOUR),
            Tick(forget_orders, HOUR),
            Tick(lambda session, now: forget_old(session, now, self.privacy), HOUR),
            Tick(_forget, HOUR),
        )

    def _reminding(self) -> Sequence[Tick]:
        """Return what watches dates and deadlines."""
        actions, issues, cases, registers = self.actions, self.issues, self.cases, self.registers
        return (
            Tick(lambda session, now: actions_ticks.remind_owners(session, now, actions), 60),
            Tick(lambda session, now: actions_ticks.tell_of_late(session, now, actions), 60),
            Tick(lambda session, now: issues_ticks.escalate(session, now, issues), 60),
            Tick(lambda session, now: issues_ticks.tell_daily(session, now, issues), 60),
            Tick(lambda session, now: cases_ticks.escalate(session, now, cases), 60),
            Tick(lambda session, now: cases_ticks.ask_whether_settled(session, now, cases), 60),
            Tick(
                lambda session, now: registers_ticks.ask_about_rules(session, now, registers), 600
            ),
        )


def _action_of_issue(
    session: Session, *, unit_id: int, title: str, source: str, person_id: int, now: datetime
) -> int | None:
    """Make an action that stays tied to the issue it came of."""
    made = create_action(
        session,
        unit_id=unit_id,
        source=ISSUE,
        title=title,
        note=source,
        taken_by=person_id,
        now=now,
    )
    return made.id if made else None


def _forget(session: Session, now: datetime) -> None:
    """Forget what the machinery no longer needs."""
    inbox.purge(session, now.date())
    asking.purge(session, now)
    notices.purge(session, now.date())
