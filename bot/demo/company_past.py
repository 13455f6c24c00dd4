"""The whole past of the demo's company, in the order in which one thing came of another."""

from datetime import datetime

from sqlmodel import Session

from bot.analysis.reports import Windows
from bot.core.render import Texts
from bot.demo.company_answers import seed_company
from bot.demo.company_chats import Heard, deliver, put_away, receipt_of
from bot.demo.company_further import hang_posters, let_further_in, make_region
from bot.demo.company_registers import write_registers
from bot.demo.company_story import Days, Stage, act_on_answers
from bot.demo.company_talks import let_a_customer_write, let_people_suggest, let_staff_report
from bot.parts import Parts


def write_past(
    session: Session,
    parts: Parts,
    texts: Texts,
    *,
    language: str,
    now: datetime,
    windows: Windows,
    with_played: bool = True,
) -> list[Heard]:
    """Write the company, its answers and what was done; return what the played were told."""
    company = seed_company(
        session, parts.surveys, language=language, now=now, with_played=with_played
    )
    stage = Stage(session, parts, texts, company, Days(now))
    region_id = make_region(stage)
    write_registers(stage)
    put_away(session)  # staff's questions about rules, answered then
    act_on_answers(stage, windows)
    receipt = let_staff_report(stage)
    let_a_customer_write(stage)
    let_people_suggest(stage)
    hang_posters(stage)
    if with_played:
        let_further_in(stage, region_id)
    heard = deliver(session, parts.composers(), now=now)
    return [*heard, *receipt_of(stage, receipt)]
