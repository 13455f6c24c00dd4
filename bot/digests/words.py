"""The names a digest uses for gaps, vantage points, dimensions and causes, as texts to translate.

Each function returns the reader's words; the tables hold the English source text of each.
"""

from collections.abc import Mapping
from datetime import date

from babel.dates import format_date, format_interval

from bot.core.i18n import N_
from bot.core.render import Texts
from bot.digests.measured import Tone
from bot.improvement.words import GAPS, dimension_name, spelled

VANTAGES: Mapping[str, str] = {
    "E": N_("What customers expect"),
    "M": N_("What managers think customers expect"),
    "S": N_("What our rules ask for"),
    "D": N_("What staff say we deliver"),
    "C": N_("What our words promise"),
    "P": N_("What customers experience"),
}

CLASSIC: Mapping[str, str] = {
    "expectation": N_("classic gap 1"),
    "perception": N_("no classic number"),
    "specification": N_("classic gap 3"),
    "delivery": N_("classic gaps 1 to 3 together"),
    "communication": N_("classic gap 4"),
    "G1": N_("classic gap 1"),
    "G2": N_("classic gap 2"),
    "G3": N_("classic gap 3"),
    "G4": N_("classic gap 4"),
    "G5": N_("classic gap 5"),
}

QUESTIONS: Mapping[str, str] = {
    "M-E": N_("Do we know what customers expect?"),
    "P-D": N_("Do customers see what we say we deliver?"),
    "D-S": N_("Do we work as our rules say?"),
    "D-E": N_("Do we deliver what customers expect?"),
    "D-C": N_("Do we keep what our words promise?"),
    "S-M": N_("Do our rules ask for what we think customers expect?"),
    "P-E": N_("Do customers get what they expect?"),
}

SHORTFALLS: Mapping[str, str] = {
    "M-E": N_("We think customers expect less than they really do."),
    "P-D": N_("Customers see less than we say we deliver."),
    "D-S": N_("The daily work stays below our own rules."),
    "D-E": N_("We deliver less than customers expect."),
    "D-C": N_("We promise more than we deliver."),
    "S-M": N_("Our rules ask for less than we think customers expect."),
    "P-E": N_("Customers get less than they expect."),
}

SURPLUSES: Mapping[str, str] = {
    "M-E": N_("We think customers expect more than they really do: some effort may be wasted."),
    "P-D": N_("Customers see more than we say we deliver."),
    "D-S": N_("The daily work goes beyond our rules, or the rules are too low."),
    "D-E": N_("We deliver more than customers expect."),
    "D-C": N_("We deliver more than we promise."),
    "S-M": N_("Our rules ask for more than we think customers expect."),
    "P-E": N_("Customers get more than they expect."),
}

STEPS: Mapping[str, str] = {
    "M-E": N_("Knowing what they expect"),
    "S-M": N_("Putting it into rules"),
    "D-S": N_("Working by the rules"),
    "P-D": N_("Reaching the customer"),
}

LOSSES: Mapping[str, str] = {
    "M-E": N_("Most is lost in knowing what customers expect"),
    "S-M": N_("Most is lost in putting it into rules"),
    "D-S": N_("Most is lost between our rules and the work"),
    "P-D": N_("Most is lost on the way to the customer"),
}

STATES: Mapping[Tone, str] = {
    Tone.SHORT: N_("falls short"),
    Tone.OVER: N_("more than is wanted"),
    Tone.ABOVE: N_("above"),
    Tone.EVEN: N_("even"),
    Tone.OPEN: N_("not established"),
    Tone.HIDDEN: N_("hidden: too few answers"),
    Tone.NOT_ASKED: N_("not asked yet"),
}

SYMBOLS: Mapping[Tone, str] = {
    Tone.SHORT: "▼",
    Tone.OVER: "◆",
    Tone.ABOVE: "▲",
    Tone.EVEN: "■",
    Tone.OPEN: "○",
    Tone.HIDDEN: "✕",
    Tone.NOT_ASKED: "–",
}

CAUSES: Mapping[str, str] = {
    "research_orientation": N_("asking customers what they need"),
    "upward_communication": N_("hearing from the front line"),
    "levels_of_management": N_("short ways between managers and the front line"),
    "management_commitment": N_("leaders who put quality first"),
    "goal_setting": N_("clear goals for service"),
    "task_standardisation": N_("settled ways of doing routine work"),
    "feasibility": N_("confidence that expectations can be met"),
    "teamwork": N_("teamwork"),
    "employee_job_fit": N_("people in jobs that suit them"),
    "technology_job_fit": N_("tools that fit the job"),
    "perceived_control": N_("freedom to act for the customer"),
    "supervisory_control": N_("good service being noticed and rewarded"),
    "role_conflict": N_("freedom from conflicting demands"),
    "role_ambiguity": N_("knowing what is expected at work"),
    "horizontal_communication": N_("teams telling each other"),
    "propensity_to_overpromise": N_("promising only what we can keep"),
}

_PAIRS: Mapping[str, str] = {
    "expectation": "M-E",
    "perception": "P-D",
    "specification": "D-S",
    "delivery": "D-E",
    "communication": "D-C",
    "G1": "M-E",
    "G2": "S-M",
    "G3": "D-S",
    "G4": "D-C",
    "G5": "P-E",
}


class Words:
    """The names of one language."""

    def __init__(self, texts: Texts, language: str) -> None:
        """Keep whose words these are."""
        self.texts = texts
        self.language = language

    def label(self, msgid: str, /, **values: object) -> str:
        """Translate a short text of this feature."""
        return self.texts.label(self.language, msgid, **values)

    def pair(self, name: str) -> tuple[str, str]:
        """Minuend and subtrahend of a gap."""
        minuend, _, subtrahend = _PAIRS.get(name, name).partition("-")
        return minuend, subtrahend

    def gap(self, name: str) -> str:
        """The seed's name of a gap; a joined step such as P-S is named by its two ends."""
        if name not in GAPS:
            return self.label("Several steps together")
        return self.label(GAPS[name])

    def classic(self, name: str) -> str:
        """The classic number of a gap."""
        return self.label(CLASSIC.get(name, "no classic number"))

    def question(self, name: str) -> str:
        """The question a gap answers, in plain words."""
        if name not in _PAIRS:
            minuend, subtrahend = self.pair(name)
            return f"{self.vantage(minuend)} / {self.vantage(subtrahend)}"
        return self.label(QUESTIONS[_PAIRS[name]])

    def finding(self, name: str, tone: Tone) -> str:
        """What was found about a gap, in one plain sentence; the question where it is open."""
        if name not in _PAIRS:
            return self.question(name)
        if tone is Tone.SHORT:
            return self.label(SHORTFALLS[_PAIRS[name]])
        if tone in {Tone.OVER, Tone.ABOVE}:
            return self.label(SURPLUSES[_PAIRS[name]])
        return self.question(name)

    def state(self, tone: Tone) -> str:
        """The verdict on a figure, in a word or two."""
        return self.label(STATES[tone])

    def symbol(self, tone: str) -> str:
        """The sign beside a figure, so that its meaning needs no colour."""
        return SYMBOLS[Tone(tone)]

    def days(self, first: date, last: date) -> str:
        """A span of days as the language writes it, without saying month and year twice."""
        span: str = format_interval(first, last, "yMMMMd", locale=self.language.replace("-", "_"))
        return span

    def day(self, day: date) -> str:
        """A day as short as the language writes it with the month's name."""
        written: str = format_date(day, "medium", locale=self.language.replace("-", "_"))
        return written

    def vantage(self, point: str) -> str:
        """The name of a vantage point."""
        return self.label(VANTAGES[point])

    def dimension(self, key: str | None) -> str:
        """The name of a dimension; one that is not shipped is shown as its key."""
        if key is None:
            return self.label("All of the service")
        return dimension_name(self.texts, self.language, key)

    def cause(self, key: str) -> str:
        """The name of a cause, worded so that more of it is better."""
        return self.label(CAUSES[key]) if key in CAUSES else spelled(key)
