"""Further people to play: a customer with a visit, somebody with two roles, a partner, who steers.

They come in after the company's past is written, and have no past of their own but one visit.
"""

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlmodel import Session, col

from bot.core.dialogue import CUSTOMER, OWNER, PARTNER, REGIONAL, STAFF
from bot.core.tables import Delivery
from bot.crm.asking import ask_due
from bot.crm.keeping import CustomerFacts, VisitFacts, record_visit, upsert
from bot.crm.linking import link
from bot.demo.company import PLAYED
from bot.demo.company_story import RIVERSIDE, STATION, Stage
from bot.demo.model import Persona
from bot.demo.words import FurtherWords, PersonWords, words_in
from bot.organisation import structure
from bot.organisation.appointments import give_role
from bot.people.registry import create_unit
from bot.people.tables import REGION, Person
from bot.surveys.desk import SurveyDesk
from bot.ways.keeping import Spot, came_in, open_way
from bot.ways.words import COUNTER

VISITOR, TWO_ROLES, SUPPLIER, REGIONAL_MANAGER, CHIEF = FURTHER = (
    9_004,
    9_005,
    9_006,
    9_007,
    9_008,
)
"""Their Telegram ids, in the order of the page."""
EVERYBODY = (*PLAYED, *FURTHER)
VISITOR_LANGUAGE = "ar"
"""The visitor reads Arabic, whatever the company speaks."""
IN_THE_REGION = 3
"""The first so many units lie in a region."""
_SINCE = timedelta(days=120)
_VISITED_DAYS_AGO, _VISITED_HOUR = 1, 17
_CAME_BY_CODE = 12


def further(language: str) -> list[Persona]:
    """Return the further people to play, in the language's names."""
    words = words_in(language).further
    return [
        Persona(
            user_id,
            one.name,
            VISITOR_LANGUAGE if user_id == VISITOR else language,
            one.role,
            one.name[:1],
        )
        for user_id, one in zip(FURTHER, _in_order(words), strict=True)
    ]


def make_region(stage: Stage) -> int:
    """Lay the first units into a region in one over all, before anybody is asked; return its id."""
    region = create_unit(stage.session, stage.company.words.region, kind=REGION)
    since = (stage.days.now - _SINCE).date()
    for unit_id in stage.company.units[:IN_THE_REGION]:
        structure.move(stage.session, unit_id, region.id, today=since)
    structure.gather(stage.session, stage.company.words.name)
    return region.id or 0


def let_further_in(stage: Stage, region_id: int) -> None:
    """Let the further people in with their roles, and write the visitor's visit down."""
    station = stage.company.units[STATION]
    roles: dict[int, list[tuple[str, int | None]]] = {
        VISITOR: [(CUSTOMER, stage.riverside)],
        TWO_ROLES: [(STAFF, station), (CUSTOMER, stage.riverside)],
        SUPPLIER: [(PARTNER, stage.riverside)],
        REGIONAL_MANAGER: [(REGIONAL, region_id)],
        CHIEF: [(OWNER, None)],
    }
    since = stage.days.now - _SINCE
    for persona in further(stage.company.language):
        person = Person(
            telegram_id=persona.user_id,
            name=persona.first_name,
            language=persona.language_code or stage.company.language,
            consented_at=since,
        )
        stage.session.add(person)
        stage.session.flush()
        for kind, unit_id in roles[persona.user_id]:
            give_role(stage.session, person.id or 0, kind=kind, unit_id=unit_id, now=since)
        if persona.user_id == VISITOR:
            _visit(stage, person)


def hang_posters(stage: Stage) -> None:
    """Hang a code at the counter of the first unit, by which some of its customers came lately."""
    session, places = stage.session, stage.company.words.places
    since = stage.days.now - _SINCE
    spot = Spot(COUNTER, places.counter)
    way = open_way(session, stage.riverside, spot, now=since, created_by=stage.manager)
    for number, person_id in enumerate(stage.company.crowd[RIVERSIDE, CUSTOMER][:_CAME_BY_CODE]):
        came_in(session, way, person_id, stage.days.ago(2 * number + 1))


def ask_about_the_visit(session: Session, desk: SurveyDesk, now: datetime) -> None:
    """Ask the visitor about the visit, and let the card come now: nobody waits for a demo."""
    ask_due(session, now, desk)
    visitor = select(col(Person.id)).where(col(Person.telegram_id) == VISITOR).scalar_subquery()
    session.execute(
        update(Delivery)
        .where(col(Delivery.person_id) == visitor, col(Delivery.state) == "queued")
        .values(due_at=now)
        .execution_options(synchronize_session=False)
    )


def _visit(stage: Stage, person: Person) -> None:
    """Let the till's system tell of a customer, who tied themselves to it, and of their visit."""
    session, now = stage.session, stage.days.now
    customer, _ = upsert(session, CustomerFacts("C-1001", name=person.name), now=now)
    link(session, customer, person_id=person.id or 0, now=now)
    at = stage.days.ago(_VISITED_DAYS_AGO, _VISITED_HOUR)
    unit_id = stage.company.units[RIVERSIDE]
    record_visit(session, VisitFacts("V-5001", "C-1001", unit_id=unit_id, at=at), now=now)


def _in_order(words: FurtherWords) -> tuple[PersonWords, ...]:
    return (words.visitor, words.two_roles, words.partner, words.regional, words.owner)
