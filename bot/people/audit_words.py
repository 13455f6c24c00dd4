"""What was done, in words: a text to translate for each name under which changes are recorded."""

from collections.abc import Mapping

from bot.core.i18n import N_

SENTENCES: Mapping[str, str] = {
    "action.taken": N_("An action was taken"),
    "action.accepted": N_("An action was taken over"),
    "action.proposed": N_("Somebody was asked to take an action over"),
    "action.declined": N_("An action was not taken over"),
    "action.dated": N_("An action got a due day"),
    "action.noted": N_("A note was written on an action"),
    "action.snoozed": N_("A reminder was put off"),
    "action.done": N_("An action was done"),
    "action.dropped": N_("An action was given up"),
    "action.reopened": N_("An action was opened again"),
    "action.late": N_("An action stayed undone past its day, and those in charge were told"),
    "action.checked": N_("It was looked at whether an action worked"),
    "fix.not_ours": N_("A fix was said not to be ours"),
    "fix.reason": N_("It was said why a fix is not ours"),
    "fix.undone": N_("A decision on a fix was taken back"),
    "own_fix.made": N_("A fix of our own was added"),
    "own_fix.changed": N_("A fix of our own was changed"),
    "own_fix.retired": N_("A fix of our own was retired"),
    "own_fix.brought_back": N_("A fix of our own was brought back"),
    "told.drafted": N_("A note to those who were asked was begun"),
    "told.dropped": N_("A note to those who were asked was thrown away"),
    "told.sent": N_("Those who were asked were told what was done"),
    "issue.reported": N_("Staff reported something"),
    "issue.acknowledged": N_("A report of staff was seen"),
    "issue.asked": N_("Staff were asked back about a report"),
    "issue.assigned": N_("A report of staff was given to somebody"),
    "issue.resolved": N_("A report of staff was resolved"),
    "issue.merged": N_("Two reports of staff were joined"),
    "issue.action": N_("A report of staff became an action"),
    "issue.late": N_("A report of staff waited too long, and the owners were told"),
    "case.opened": N_("A customer asked to be contacted"),
    "case.taken": N_("Somebody took a customer's case"),
    "case.answered": N_("A customer was written to"),
    "case.written": N_("A customer wrote in a case"),
    "case.closed": N_("A customer's case was closed"),
    "case.outcome": N_("It was noted what came of a case"),
    "case.reopened": N_("A customer's case was opened again"),
    "case.settled": N_("A customer said whether a case is settled"),
    "case.withdrawn": N_("A customer withdrew a case"),
    "case.overdue": N_("A customer waited too long, and the owners were told"),
    "case.forgotten": N_("The texts of an old case were deleted"),
    "standard.written": N_("A rule was written or changed"),
    "standard.retired": N_("A rule was retired"),
    "promise.made": N_("A promise was entered"),
    "promise.changed": N_("A promise was changed"),
    "promise.owned": N_("A promise was given to somebody"),
    "promise.ended": N_("A promise was ended"),
    "measurement.imported": N_("Measurements were read in"),
    "forecast.given": N_("A forecast was given"),
    "idea.sent": N_("An idea came in"),
    "idea.published": N_("An idea was published"),
    "idea.declined": N_("An idea was not taken up"),
    "idea.merged": N_("Two ideas were joined"),
    "idea.planned": N_("An idea was planned"),
    "idea.done": N_("An idea was done"),
    "idea.reopened": N_("An idea was opened again"),
    "wish.changed": N_("Somebody changed when they are asked"),
    "wish.paused": N_("Somebody began a break"),
    "wish.resumed": N_("Somebody ended a break"),
    "unit.calendar": N_("Holidays or closed days were changed"),
    "unit.added": N_("A unit or region was made"),
    "unit.renamed": N_("A unit got another name"),
    "unit.moved": N_("A unit was moved"),
    "unit.merged": N_("Another unit became part of this one"),
    "unit.closed": N_("A unit was closed"),
    "unit.reopened": N_("A unit was opened again"),
    "unit.told": N_("The people of a closed unit were told"),
    "role.ended": N_("A role was taken away"),
    "role.left": N_("Somebody gave up a role"),
    "role.changed": N_("Somebody got another role"),
    "role.moved": N_("Somebody went to another unit"),
    "ownership.offered": N_("The ownership was offered to somebody"),
    "ownership.accepted": N_("Somebody accepted the ownership"),
    "person.seen": N_("Somebody's personal data were looked at"),
}

SUBJECTS: Mapping[str, str] = {
    "action": N_("action %(number)s"),
    "case": N_("case %(number)s"),
    "fix": N_("fix %(number)s"),
    "idea": N_("idea %(number)s"),
    "issue": N_("report %(number)s"),
    "note": N_("note %(number)s"),
    "person": N_("person %(number)s"),
    "promise": N_("promise %(number)s"),
    "standard": N_("rule %(number)s"),
    "unit": N_("unit %(number)s"),
    "forecast card": N_("forecast %(number)s"),
}
"""What a subject such as ``action 12`` is called, by the words before its number."""

BY_THE_CLOCK = frozenset(
    {
        "action.late",
        "action.checked",
        "case.forgotten",
        "case.overdue",
        "idea.done",
        "issue.late",
    }
)
"""What nobody did: without a person these were the clock's work."""

HOURLESS = frozenset(
    {
        "case.opened",
        "case.settled",
        "case.withdrawn",
        "case.written",
        "idea.sent",
        "issue.reported",
    }
)
"""Of these only the day is shown where no person stands: an hour might tell who it was."""
