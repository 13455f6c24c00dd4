"""Who may do what: one table of roles and actions.

Handlers take their ``roles`` from here, the page docs/reference/rights.md is written from it, and a
test plays every role against every command, button and awaited reply of the bot. A command that is
in no line of the table fails that test.

The table says which roles are let in at all. *Where* a role holds is asked of ``Identity``: an
owner's for all units, a regional manager's for a region and all in it, a manager's for the units
named, an analyst's for a unit, a region or all.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.core.dialogue import (
    ANALYST,
    CUSTOMER,
    MANAGER,
    OWNER,
    PARTNER,
    REGIONAL,
    STAFF,
    Identity,
)

ROLES = (OWNER, REGIONAL, MANAGER, ANALYST, STAFF, CUSTOMER, PARTNER)
"""All roles, in the order in which they are listed."""

EVERYBODY = ()
"""In the place of roles: whoever it is, with a role or without."""

_STEER = (OWNER, REGIONAL, MANAGER)
_WORK = (*_STEER, STAFF)


@dataclass(frozen=True, slots=True)
class Rule:
    """One action: what it is, who may, and by which commands, buttons and replies it is done."""

    what: str
    roles: tuple[str, ...]
    commands: str = ""
    presses: str = ""
    replies: str = ""


RULES: Mapping[str, Rule] = {
    "enter": Rule(
        "come in, read what is open, choose a language, stop messages",
        EVERYBODY,
        commands="start help language cancel stop",
        presses="join nojoin reread again lang reagree",
    ),
    "own_data": Rule(
        "read what is kept, get one's own data, have it erased",
        EVERYBODY,
        commands="privacy mydata forget",
        presses="pv pvp pvf pve",
    ),
    "answer": Rule(
        "answer one's own questionnaires",
        EVERYBODY,
        commands="questions",
        presses="qa qs qb qx qf qc ql qt qv",
    ),
    "ask_for_contact": Rule(
        "ask to be contacted, and write in one's own case",
        EVERYBODY,
        presses="cs csn mycases csm csw css csx",
        replies="cs_say",
    ),
    "own_cases": Rule("list one's own cases", (CUSTOMER, PARTNER), commands="mycases"),
    "suggest": Rule(
        "suggest ideas, read and vote for those of one's places",
        (*_WORK, CUSTOMER, PARTNER),
        commands="idea ideas",
        presses="idu ids idk idq ideas idc idv idt",
        replies="id_words",
    ),
    "report": Rule(
        "report what goes wrong, and read what became of it",
        _WORK,
        commands="myreports",
        presses="ish isd isn isj isw isf isq isz isy isv isu",
        replies="is_words is_say",
    ),
    "begin_report": Rule(
        "begin a report; customers are told where they are heard", EVERYBODY, commands="report"
    ),
    "judge_rules": Rule("say whether a rule is known and can be kept", (STAFF,), presses="stk"),
    "figures": Rule(
        "read the gaps in figures",
        (*_STEER, ANALYST),
        commands="gaps",
        presses="gaps gap dim kinds ptn",
    ),
    "digest": Rule(
        "read the digest; analysts without comments, names and fixes",
        (*_STEER, ANALYST),
        commands="digest",
        presses="digest back",
    ),
    "voices": Rule("listen to recorded comments", _STEER, presses="vce"),
    "fixes": Rule(
        "read fixes, take and decline them",
        _STEER,
        commands="fixes",
        presses="fixes fix take no nr yes whole brief",
    ),
    "cycle": Rule(
        "see improvement as a whole, by unit", _STEER, commands="cycle", presses="cycle cyu"
    ),
    "own_fixes": Rule(
        "write fixes of the organisation's own",
        (OWNER,),
        presses="fx fxn fxc fxe fxv fxk fxr fxu fxx",
        replies="fx_text",
    ),
    "actions": Rule(
        "work on actions; staff and partners on those given to them",
        (*_WORK, PARTNER),
        commands="actions",
        presses="actions ac acx acr acu acd acs acn acy acz",
        replies="ac_drop ac_due ac_note",
    ),
    "assign": Rule("give an action to somebody", _STEER, presses="aca acp"),
    "tell": Rule(
        "tell those who were asked what was done",
        _STEER,
        commands="told",
        presses="told ysd ysdw ysdp ysde ysdl ysda ysds ysdx",
        replies="ysd_new ysd_words",
    ),
    "forecast": Rule(
        "guess what customers will say",
        (REGIONAL, MANAGER),
        commands="forecast",
        presses="forecast fc",
    ),
    "issues": Rule(
        "read and work on what staff report; staff on what was given to them",
        _WORK,
        commands="issues",
        presses="issues iso isk isa isb isr",
        replies="is_back is_out",
    ),
    "steer_issues": Rule(
        "give away and join what staff report", _STEER, presses="isg isp ism isi isx"
    ),
    "customers": Rule(
        "look at the history of a customer who came to one's units, make a link for them",
        _STEER,
        commands="customer",
        presses="culink cuvis",
        replies="cu_visit",
    ),
    "own_number": Rule("take back the tie to one's customer number", EVERYBODY, commands="unlink"),
    "cases": Rule(
        "read and work on customers' cases",
        _STEER,
        commands="cases",
        presses="cases cso cst csr csc cse",
        replies="cs_write cs_outcome",
    ),
    "registers": Rule(
        "keep standards and promises",
        _STEER,
        commands="standards promises",
        presses="standards std sti ste stl stw str sth promises prv pre prl prw prt pro prx pra"
        " prd pri prn prc",
        replies="st_word pr_word pr_new",
    ),
    "steer_ideas": Rule(
        "publish, join, plan and decline ideas", _STEER, presses="idp idd idm ida idl idf ido"
    ),
    "send": Rule("send a questionnaire now", _STEER, commands="send", presses="wq wu wg"),
    "own_time": Rule(
        "say when, how often and in which look one is asked, take a break, be away",
        EVERYBODY,
        commands="settings pause resume away time",
        presses="rh rq rd rf rl rp ra rt",
        replies="pause_day away_day place",
    ),
    "shifts": Rule("say when one works", _WORK, commands="shifts", presses="rs"),
    "reach": Rule(
        "look up who was asked and who was not", _STEER, commands="reach", presses="reach"
    ),
    "closed": Rule(
        "keep holidays and closed days of a unit",
        _STEER,
        commands="closed",
        presses="closed rca rco rcc",
        replies="closed_day closed_country",
    ),
    "invite": Rule(
        "let people in, see and close the links that do",
        _STEER,
        commands="invite",
        presses="inv invp lk lko lkx",
    ),
    "ways": Rule(
        "make, print and close codes by which customers come in; let a group's team in",
        _STEER,
        commands="poster",
        presses="poster wyi wy wyn wyp wyx wyy wyg wygn",
        replies="wy_label",
    ),
    "ask_now": Rule("be asked at once after coming in by a poster", EVERYBODY, presses="wynow"),
    "structure": Rule(
        "make, rename, move, merge, close and open units and regions",
        (OWNER,),
        commands="units",
        presses="un unn una unr unm unmt unj unjt unjy unc uncy uno unt",
        replies="un_new un_name",
    ),
    "people": Rule(
        "see who holds which role, change and take away the roles one may give",
        _STEER,
        commands="people",
        presses="people pe pex pexy pec pem pemt",
    ),
    "hand_over": Rule(
        "see the owners, and offer the ownership to somebody", (OWNER,), presses="peo pof"
    ),
    "leave": Rule(
        "give up one's own roles, accept an ownership that was offered",
        EVERYBODY,
        commands="leave",
        presses="poa lv lvy",
    ),
    "audit": Rule("read who changed what", _STEER, commands="audit", presses="au auu"),
}

INVITES: Mapping[str, tuple[str, ...]] = {
    OWNER: (CUSTOMER, STAFF, PARTNER, MANAGER, REGIONAL, ANALYST, OWNER),
    REGIONAL: (CUSTOMER, STAFF, PARTNER, MANAGER, REGIONAL, ANALYST),
    MANAGER: (CUSTOMER, STAFF, PARTNER),
}
"""Whom each role may let in, and send away again: owners everywhere, others where they hold it."""


def invitable(who: Identity) -> tuple[str, ...]:
    """Return the roles that somebody may invite anywhere, in the order of the owner's list."""
    allowed = {role for kind, _ in who.roles for role in INVITES.get(kind, ())}
    return tuple(role for role in INVITES[OWNER] if role in allowed)


def may_appoint(who: Identity, role: str, unit_id: int | None) -> bool:
    """Tell whether somebody may give a role, or take it away; ``unit_id`` None is all units."""
    if who.has(OWNER):
        return True
    kinds = [kind for kind in (REGIONAL, MANAGER) if role in INVITES[kind]]
    return unit_id is not None and unit_id in who.units(*kinds)


def who_may(right: str) -> tuple[str, ...]:
    """Return the roles that a line of the table lets in; none named lets everybody in."""
    return RULES[right].roles
