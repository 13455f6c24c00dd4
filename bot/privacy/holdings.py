"""Which tables hold something about a person: the one list that files and erasing go by.

Every column that leads to a person stands here; a test compares the list with the tables, so that
a new one cannot be forgotten. What has no such column (anonymous answers, anonymous reports) is
not in it, for nobody could find it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.core.i18n import N_

GOES, UNNAMED, CLEARED = "goes", "unnamed", "cleared"
"""What erasing does to a row: it goes; it stays and leads to nobody; its texts go as well."""


@dataclass(frozen=True, slots=True)
class Holding:
    """One table: what it is called in the file, the columns that lead to the person, its end.

    ``where`` finds the rows by ``:person``, in place of a comparison of the columns: for tables
    that lead to the person by way of another one. ``run_key`` is the column that names a run, in
    tables that do: which runs lead to somebody is known to ``bot.surveys.tickets`` alone.
    """

    table: str
    title: str
    links: tuple[str, ...] = ()
    end: str = GOES
    where: str = ""
    run_key: str = ""

    def condition(self) -> str:
        """Return the condition, in SQL, that a row is about ``:person``."""
        return self.where or " OR ".join(f"{self.table}.{one} = :person" for one in self.links)


_REPORTS = "SELECT p.key FROM issue_report p WHERE p.person_id = :person"
_CASES = "SELECT c.id FROM customer_case c WHERE c.person_id = :person"
_CUSTOMER = "SELECT u.id FROM customer u WHERE u.person_id = :person"
_CARDS = "SELECT f.id FROM forecast_card f WHERE f.person_id = :person"
_NOTICES = "SELECT d.subject FROM delivery d WHERE d.kind = 'notice' AND d.person_id = :person"
_SENDER = "SELECT p.telegram_id FROM person p WHERE p.id = :person"
_LOOKED_AT = """
    audit_entry.person_id = :person
    OR audit_entry.subject = 'person ' || CAST(:person AS VARCHAR(20))
    OR audit_entry.subject IN (
        SELECT 'customer ' || u.id FROM customer u WHERE u.person_id = :person
        UNION SELECT 'case ' || c.id FROM customer_case c WHERE c.person_id = :person
        UNION SELECT 'idea ' || i.id FROM idea i WHERE i.person_id = :person AND i.by_name
    )
"""

HOLDINGS: Sequence[Holding] = (
    Holding("person", N_("You"), ("id", "telegram_id"), where="person.id = :person"),
    Holding("role", N_("What you are, and where"), ("person_id",)),
    Holding("came_by", N_("By which code you came in last"), ("person_id",)),
    Holding("poster_order", N_("Posters you ordered and did not get yet"), ("person_id",)),
    Holding("wish", N_("When you wish to be asked"), ("person_id",)),
    Holding("contact", N_("On which days you were asked something"), ("person_id",)),
    Holding("contact_skipped", N_("When you were not asked, and why"), ("person_id",)),
    Holding("invitee", N_("Questionnaires you were asked to fill in"), ("person_id",)),
    Holding("run", N_("Questionnaires that lead to you"), run_key="key"),
    Holding(
        "run_segment",
        N_("What kind of customer your questionnaires count you as"),
        run_key="run_key",
    ),
    Holding("answer", N_("Answers under your name"), run_key="run_key"),
    Holding("comment", N_("Comments under your name"), run_key="run_key"),
    Holding("forecast_card", N_("Forecasts you were asked for"), ("person_id",)),
    Holding("forecast", N_("Your forecasts"), where=f"forecast.card_id IN ({_CARDS})"),
    Holding("figures_seen", N_("Which weeks' figures you have seen"), ("person_id",)),
    Holding("standard_asked", N_("Months in which you were asked about a rule"), ("person_id",)),
    Holding("issue_report", N_("What you reported by name"), ("person_id",)),
    Holding(
        "issue_post",
        N_("What you wrote in reports"),
        ("person_id",),
        end=UNNAMED,
        where=f"issue_post.person_id = :person OR issue_post.report_key IN ({_REPORTS})",
    ),
    Holding("issue", N_("Reports given to you"), ("assignee_id",), end=UNNAMED),
    Holding(
        "customer_case",
        N_("Cases you opened or look after"),
        ("person_id", "owner_id"),
        end=CLEARED,
    ),
    Holding(
        "case_note",
        N_("What was written in your cases"),
        ("author_id",),
        end=UNNAMED,
        where=f"case_note.author_id = :person OR case_note.case_id IN ({_CASES})",
    ),
    Holding("customer", N_("What another system says of you"), ("person_id",)),
    Holding("visit", N_("Your visits and purchases"), where=f"visit.customer_id IN ({_CUSTOMER})"),
    Holding(
        "customer_invitation",
        N_("Links that were made for you"),
        where=f"customer_invitation.customer_id IN ({_CUSTOMER})",
    ),
    Holding("idea", N_("Your ideas"), ("person_id",), end=UNNAMED),
    Holding("idea_vote", N_("What you said to ideas"), ("person_id",)),
    Holding(
        "action",
        N_("Actions you took, own or were asked to take over"),
        ("taken_by", "owner_id", "asked_id", "asked_by"),
        end=UNNAMED,
    ),
    Holding("fix_decision", N_("Fixes you decided about"), ("person_id",), end=UNNAMED),
    Holding("own_fix", N_("Fixes you wrote"), ("written_by",), end=UNNAMED),
    Holding("told_note", N_("Notes you wrote to those who were asked"), ("written_by",), UNNAMED),
    Holding("standard_version", N_("Rules you wrote"), ("author_id",), end=UNNAMED),
    Holding("promise", N_("Promises you answer for"), ("owner_id",), end=UNNAMED),
    Holding("promise_version", N_("Promises you wrote"), ("author_id",), end=UNNAMED),
    Holding("schedule", N_("Questionnaires you started"), ("started_by",), end=UNNAMED),
    Holding("invitation", N_("Invitations you made"), ("created_by",), end=UNNAMED),
    Holding("digest", N_("Digests you were sent"), ("person_id",)),
    Holding("delivery", N_("Messages that were sent to you"), ("person_id",)),
    Holding(
        "notice",
        N_("Messages that wait to be sent to you"),
        where=f"CAST(notice.id AS VARCHAR(20)) IN ({_NOTICES})",
    ),
    Holding("awaited_reply", N_("What you were asked in chat just now"), ("person_id",)),
    Holding(
        "inbox_update",
        N_("Messages of yours that were not handled yet"),
        ("sender",),
        where=f"inbox_update.state = 'failed' AND inbox_update.sender IN ({_SENDER})",
    ),
    Holding(
        "audit_entry",
        N_("What you changed or looked at, and when your data were looked at"),
        ("person_id",),
        end=UNNAMED,
        where=_LOOKED_AT,
    ),
)


def holding_of(table: str) -> Holding | None:
    """Return what is said of a table; None where it holds nothing about a person."""
    return next((one for one in HOLDINGS if one.table == table), None)
