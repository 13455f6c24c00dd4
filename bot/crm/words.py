"""The small closed vocabulary of what is known of a customer, and what it is called."""

from collections.abc import Mapping

from bot.core.i18n import N_

CHANNELS: Mapping[str, str] = {
    "counter": N_("Counter"),
    "phone": N_("Phone"),
    "web": N_("Web"),
    "app": N_("App"),
    "delivery": N_("Delivery"),
    "other": N_("Another way"),
}
"""How a customer came; nothing else is kept of it."""

NEW, RETURNING = "new", "returning"
TENURES: Mapping[str, str] = {
    NEW: N_("New customers"),
    RETURNING: N_("Returning customers"),
}

VISIT, PURCHASE = "visit", "purchase"
KINDS: Mapping[str, str] = {
    VISIT: N_("Visit"),
    PURCHASE: N_("Purchase"),
}

WAITING, ASKED, SKIPPED = "waiting", "asked", "skipped"
ASKING: Mapping[str, str] = {
    WAITING: N_("not asked yet"),
    ASKED: N_("asked"),
    SKIPPED: N_("not asked"),
}
"""What became of asking about a visit."""

NOT_LINKED, NO_RULE, TOO_LATE = "not_linked", "no_rule", "too_late"
REASONS: Mapping[str, str] = {
    NOT_LINKED: N_("this customer does not take part in Telegram"),
    NO_RULE: N_("nothing is asked about this touchpoint"),
    TOO_LATE: N_("it was reported too late to ask about it"),
}
"""Why a visit is not asked about, besides the reasons that hold for every questionnaire."""
