"""The names a digest uses for gaps, vantage points, dimensions and causes, as texts to translate.

Each function returns the reader's words; the tables hold the English source text of each.
"""

from collections.abc import Mapping
from datetime import date

from babel.dates import format_interval

from bot.core.render import Texts
from bot.digests.measured import Tone

VANTAGES: Mapping[str, str] = {
    "E": "What customers expect",
    "M": "What managers think customers expect",
    "S": "What our rules ask for",
    "D": "What staff say we deliver",
    "C": "What our words promise",
    "P": "What customers experience",
}

GAPS: Mapping[str, str] = {
    "expectation": "Expectation gap",
    "perception": "Perception gap",
    "specification": "Specification gap",
    "delivery": "Delivery gap",
    "communication": "Communication gap",
    "G1": "Expectation gap",
    "G2": "Standards gap",
    "G3": "Specification gap",
    "G4": "Communication gap",
    "G5": "Customer gap",
}

CLASSIC: Mapping[str, str] = {
    "expectation": "classic gap 1",
    "perception": "no classic number",
    "specification": "classic gap 3",
    "delivery": "classic gaps 1 to 3 together",
    "communication": "classic gap 4",
    "G1": "classic gap 1",
    "G2": "classic gap 2",
    "G3": "classic gap 3",
    "G4": "classic gap 4",
    "G5": "classic gap 5",
}

QUESTIONS: Mapping[str, str] = {
    "M-E": "Do we know what customers expect?",
    "P-D": "Do customers see what we say we deliver?",
    "D-S": "Do we work as our rules say?",
    "D-E": "Do we deliver what customers expect?",
    "D-C": "Do we keep what our words promise?",
    "S-M": "Do our rules ask for what we think customers expect?",
    "P-E": "Do customers get what they expect?",
}

SHORTFALLS: Mapping[str, str] = {
    "M-E": "We think customers expect less than they really do.",
    "P-D": "Customers see less than we say we deliver.",
    "D-S": "The daily work stays below our own rules.",
    "D-E": "We deliver less than customers expect.",
    "D-C": "We promise more than we deliver.",
    "S-M": "Our rules ask for less than we think customers expect.",
    "P-E": "Customers get less than they expect.",
}

SURPLUSES: Mapping[str, str] = {
    "M-E": "We think customers expect more than they really do: some effort may be wasted.",
    "P-D": "Customers see more than we say we deliver.",
    "D-S": "The daily work goes beyond our rules, or the rules are too low.",
    "D-E": "We deliver more than customers expect.",
    "D-C": "We deliver more than we promise.",
    "S-M": "Our rules ask for more than we think customers expect.",
    "P-E": "Customers get more than they expect.",
}

STEPS: Mapping[str, str] = {
    "M-E": "Knowing what they expect",
    "S-M": "Putting it into rules",
    "D-S": "Working by the rules",
    "P-D": "Reaching the customer",
}

LOSSES: Mapping[str, str] = {
    "M-E": "Most is lost in knowing what customers expect",
    "S-M": "Most is lost in putting it into rules",
    "D-S": "Most is lost in working by the rules",
    "P-D": "Most is lost on the way to the customer",
}

STATES: Mapping[Tone, str] = {
    Tone.SHORT: "falls short",
    Tone.OVER: "more than is wanted",
    Tone.ABOVE: "above",
    Tone.EVEN: "even",
    Tone.OPEN: "not established",
    Tone.HIDDEN: "hidden: too few people",
    Tone.NOT_ASKED: "not asked yet",
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

DIMENSIONS: Mapping[str, str] = {
    "tangibles": "Rooms and appearance",
    "reliability": "Reliability",
    "responsiveness": "Quick help",
    "assurance": "Trust",
    "empathy": "Personal care",
    "social_responsibility": "Social responsibility",
}

CAUSES: Mapping[str, str] = {
    "research_orientation": "asking customers what they need",
    "upward_communication": "hearing from the front line",
    "levels_of_management": "short ways between managers and the front line",
    "management_commitment": "leaders who put quality first",
    "goal_setting": "clear goals for service",
    "task_standardisation": "settled ways of doing routine work",
    "feasibility": "confidence that expectations can be met",
    "teamwork": "teamwork",
    "employee_job_fit": "people in jobs that suit them",
    "technology_job_fit": "tools that fit the job",
    "perceived_control": "freedom to act for the customer",
    "supervisory_control": "good service being noticed and rewarded",
    "role_conflict": "freedom from conflicting demands",
    "role_ambiguity": "knowing what is expected at work",
    "horizontal_communication": "teams telling each other",
    "propensity_to_overpromise": "promising only what we can keep",
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

    def say(self, msgid: str, /, **values: object) -> str:
        """Translate a short text of this feature."""
        return self.texts.label(self.language, msgid, **values)

    def pair(self, name: str) -> tuple[str, str]:
        """Minuend and subtrahend of a gap."""
        minuend, _, subtrahend = _PAIRS.get(name, name).partition("-")
        return minuend, subtrahend

    def gap(self, name: str) -> str:
        """The seed's name of a gap; a joined step such as P-S is named by its two ends."""
        if name not in GAPS:
            return self.say("Several steps together")
        return self.say(GAPS[name])

    def classic(self, name: str) -> str:
        """The classic number of a gap."""
        return self.say(CLASSIC.get(name, "no classic number"))

    def question(self, name: str) -> str:
        """The question a gap answers, in plain words."""
        if name not in _PAIRS:
            minuend, subtrahend = self.pair(name)
            return f"{self.vantage(minuend)} / {self.vantage(subtrahend)}"
        return self.say(QUESTIONS[_PAIRS[name]])

    def finding(self, name: str, tone: Tone) -> str:
        """What was found about a gap, in one plain sentence; the question where it is open."""
        if name not in _PAIRS:
            return self.question(name)
        if tone is Tone.SHORT:
            return self.say(SHORTFALLS[_PAIRS[name]])
        if tone in {Tone.OVER, Tone.ABOVE}:
            return self.say(SURPLUSES[_PAIRS[name]])
        return self.question(name)

    def state(self, tone: Tone) -> str:
        """The verdict on a figure, in a word or two."""
        return self.say(STATES[tone])

    def symbol(self, tone: str) -> str:
        """The sign beside a figure, so that its meaning needs no colour."""
        return SYMBOLS[Tone(tone)]

    def days(self, first: date, last: date) -> str:
        """A span of days as the language writes it, without saying month and year twice."""
        span: str = format_interval(first, last, "yMMMMd", locale=self.language.replace("-", "_"))
        return span

    def vantage(self, point: str) -> str:
        """The name of a vantage point."""
        return self.say(VANTAGES[point])

    def dimension(self, key: str | None) -> str:
        """The name of a dimension; one that is not shipped is shown as its key."""
        if key is None:
            return self.say("All of the service")
        return self.say(DIMENSIONS[key]) if key in DIMENSIONS else _spelled(key)

    def cause(self, key: str) -> str:
        """The name of a cause, worded so that more of it is better."""
        return self.say(CAUSES[key]) if key in CAUSES else _spelled(key)


def _spelled(key: str) -> str:
    return key.rsplit(".", 1)[-1].replace("_", " ").replace("-", " ").capitalize()
