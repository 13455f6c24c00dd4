"""A house whose customers rate low and are written to: the card, cases, notices and the clock."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select, update
from sqlmodel import Session, col

from bot.cases import chat
from bot.cases.desk import CaseDesk
from bot.cases.offering import offer_after_thanks
from bot.core.clock import monday_of
from bot.core.database import Database
from bot.core.notices import NoticeComposer
from bot.core.router import Router
from bot.core.tables import Delivery
from bot.people import chat as people_chat
from bot.people.door import PeopleDoor
from bot.people.tables import Person
from bot.surveys import chat as surveys_chat
from bot.surveys.desk import SurveyDesk
from bot.surveys.tables import Answer, Invitee, Run, Wave
from tests.support.surveys import House
from tests.support.updates import Chat, User, buttons

ANA, MAX, LI, BOSS, OTHER = 11, 21, 22, 31, 41


@dataclass
class CaseHouse(House):
    """The house; ``cases`` are the rules of cases."""

    cases: CaseDesk = field(default_factory=CaseDesk)

    def chat(self, telegram_id: int) -> Chat:
        """Return a person's chat with the bot."""
        features = [surveys_chat.routes(self.desk), chat.routes(self.cases)]
        people = people_chat.routes(others=features, username=lambda: "")
        router = Router(PeopleDoor(), [people, *features], self.texts)
        return Chat(self.database, router, User(telegram_id), lambda: self.now, secret=self.secret)

    def rated(self, telegram_id: int, level: str) -> Chat:
        """Let a customer answer a whole card with one level, and finish it."""
        talk = self.asked(telegram_id)
        while level in buttons(talk.last):
            talk.press(level)
        talk.press("Finish without a comment")
        return talk

    def contacted(self, telegram_id: int = ANA) -> Chat:
        """Let a customer rate low and wish to be contacted."""
        talk = self.rated(telegram_id, "2")
        talk.press("Yes, contact me")
        return talk

    def rated_again(self, telegram_id: int, level: str) -> None:
        """Send the questionnaire once more; one customer answers it."""
        self.send()
        talk = self.chat(telegram_id)
        talk.last = [call for call in self.deliver() if call["chat_id"] == telegram_id]
        while level in buttons(talk.last):
            talk.press(level)

    def answer_by_name(self, people: Sequence[int], *, level: int) -> None:
        """Write one answered run with a name for each of these customers, this week."""
        wave_id = self.send()

        def work(session: Session) -> None:
            for telegram_id in people:
                person = session.scalars(
                    select(Person).where(col(Person.telegram_id) == telegram_id)
                ).one()
                invitee = session.scalars(
                    select(Invitee).where(
                        col(Invitee.wave_id) == wave_id, col(Invitee.person_id) == person.id
                    )
                ).one()
                wave = session.get_one(Wave, wave_id)
                run = Run(
                    key=f"named{telegram_id}",
                    wave_id=wave_id,
                    version_id=wave.version_id,
                    unit_id=wave.unit_id,
                    week=monday_of(self.now.date()),
                    anonymous=False,
                    promise="named",
                    form=[["a", "P"]],
                )
                session.execute(
                    update(Run).where(col(Run.invitee_id) == invitee.id).values(invitee_id=None)
                )
                run.invitee_id = invitee.id
                session.add(run)
                session.flush()
                session.add(
                    Answer(
                        run_key=run.key,
                        item="a",
                        vantage="P",
                        score=level,
                        unit_id=run.unit_id,
                        week=run.week,
                        version_id=run.version_id,
                        language="en",
                        answered_on=self.now.date(),
                    )
                )

        self.database.run(work)

    def _deliver_one(
        self, session: Session, delivery: Delivery, by_kind: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """Leave notices for ``notices``."""
        if delivery.kind == "notice":
            return []
        return super()._deliver_one(session, delivery, by_kind)

    def notices(self, telegram_id: int) -> Chat:
        """Send the notices that are due to a person; return the chat with the last of them."""
        talk = self.chat(telegram_id)

        def work(session: Session) -> list[dict[str, Any]]:
            composer = NoticeComposer(self.texts)
            made: list[dict[str, Any]] = []
            for one in session.scalars(select(Delivery).order_by(col(Delivery.id))).all():
                to = PeopleDoor().recipient(session, one.person_id)
                if one.state != "queued" or one.kind != "notice" or one.due_at > self.now:
                    continue
                if to is None or to.telegram_id != telegram_id:
                    continue
                made += composer.compose(session, one, to, self.now) or []
                one.state = "sent"
                session.flush()
                composer.sent(session, one, [{}])
            return made

        talk.last = self.database.run(work)
        return talk

    def tick(self, work: Callable[..., int]) -> int:
        """Let the clock do something."""
        return self.database.run(lambda session: work(session, self.now, self.cases))


def opened(database: Database) -> CaseHouse:
    """Riverside with two managers, an owner, and Old Town with a manager of its own."""
    cases = CaseDesk()
    house = CaseHouse(
        database, desk=SurveyDesk(after_thanks=(offer_after_thanks(cases),)), cases=cases
    )
    house.open(units=("Riverside", "Old Town"))
    house.add(MAX, "manager")
    house.add(LI, "manager")
    house.add(BOSS, "owner")
    house.add(OTHER, "manager", unit="Old Town")
    return house
