"""What a questionnaire is: strict, frozen models that a file is read into and never changed.

The models hold what each part looks like; what must hold between the parts (every language there,
mirrored vantage points in step, a window that opens before it closes) is checked by
``bot.surveys.check``, which can say where in the file and how to put it right.
"""

import hashlib
import json
from collections.abc import Collection, Mapping
from math import ceil
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from bot.core.i18n import NEAR
from gapengine.allocation import Blueprint
from gapengine.levels import OPTIONAL
from gapengine.vantage import Vantage

Audience = Literal["customer", "staff", "manager", "partner"]
Dimension = Literal[
    "tangibles",
    "reliability",
    "responsiveness",
    "assurance",
    "empathy",
    "social_responsibility",
]
VANTAGES_OF: Mapping[str, tuple[Vantage, ...]] = {
    "customer": (Vantage.EXPECTED, Vantage.PERCEIVED, Vantage.COMMUNICATED),
    "manager": (Vantage.BELIEVED, Vantage.SPECIFIED),
    "staff": (Vantage.DELIVERED,),
    "partner": (Vantage.EXPECTED, Vantage.PERCEIVED, Vantage.DELIVERED),
}
"""Which vantage points an audience can speak for, in the order a card asks them."""

NOT_EVERY_ITEM = (Vantage.COMMUNICATED,)
"""Asked only of the items where promises are made; every other point of every item."""

_OF_ANY_PLACE = "EPMSD"
"""Whose words an item without a text of its own for C is put in: the first of these."""

SCHEMA_ADDRESS = "questionnaire.schema.json"

POINTS = 7
"""Levels of a question, where a file says nothing else."""

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$", max_length=32)]
ItemId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$", max_length=40)]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?$")]
WallTime = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
ReminderDay = Annotated[int, Field(ge=1, le=89)]
Reminders = Annotated[tuple[ReminderDay, ...], Field(min_length=1, max_length=2)]
Point = Annotated[Vantage, Field(strict=False)]
Text = Annotated[
    dict[str, str],
    Field(min_length=1, description="One text per language, keyed by the language's code."),
]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Cadence(_Part):
    """When the questionnaire is due: every so many days, on weekdays, or after a visit; one.

    ``starts_after_days`` lets two questionnaires of one audience take turns.
    """

    every_days: Annotated[int, Field(ge=1, le=366)] | None = None
    weekdays: Annotated[tuple[Weekday, ...], Field(min_length=1, max_length=7)] | None = None
    after: Literal["visit"] | None = Field(
        default=None, description="Never by the calendar: it follows a visit or a purchase."
    )
    starts_after_days: Annotated[int, Field(ge=1, le=366)] | None = None


class Window(_Part):
    """Local wall-clock times between which a card may arrive, as HH:MM, and on which weekdays."""

    opens: WallTime = Field(alias="from")
    closes: WallTime = Field(alias="to")
    weekdays: Annotated[tuple[Weekday, ...], Field(min_length=1, max_length=7)] | None = None


class Contact(_Part):
    """A tighter budget for this questionnaire: what a person was promised is never loosened."""

    days_apart: Annotated[int, Field(ge=1, le=366)]
    most_in_30_days: Annotated[int, Field(ge=1, le=30)] | None = None


class Scale(_Part):
    """The line above an item, and the words at the ends of the row 1..7."""

    stem: Text
    low: Text
    high: Text
    middle: Text | None = None
    no_rule: Text | None = Field(
        default=None, description="Label of the answer 'no rule'; for vantage point S only."
    )


class Item(_Part):
    """One feature of the service, as a statement for each vantage point it is asked from."""

    id: ItemId
    dimension: Dimension
    text: Annotated[dict[Point, Text], Field(min_length=1)]

    def worded(self, vantage: Vantage) -> Mapping[str, str]:
        """Return the words for a vantage point; C has always some, for any item may be promised."""
        own = self.text.get(vantage)
        if own is not None or vantage not in NOT_EVERY_ITEM:
            return own or {}
        points = {point.value: text for point, text in self.text.items()}
        return next((points[point] for point in _OF_ANY_PLACE if point in points), {})


class Statement(_Part):
    """A statement about a cause behind a gap; ``reverse`` when agreeing is bad news (8 - x)."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
    gap: Literal["G1", "G2", "G3", "G4"]
    reverse: bool = False
    text: Text


class Causes(_Part):
    """Statements about causes, on one scale of agreement; ``per_run`` of them at a time."""

    per_run: Annotated[int, Field(ge=1, le=12)] = 1
    stem: Text
    low: Text
    high: Text
    statements: Annotated[tuple[Statement, ...], Field(min_length=1)]


class Questionnaire(_Part):
    """A questionnaire for one audience. Immutable: what was once asked is never reworded."""

    id: Name = Field(description="The file's name without .yaml.")
    instrument: Name = Field(
        description="Files of one instrument share their items, so that gaps can be formed."
    )
    version: Annotated[int, Field(ge=1, le=1_000_000)] = Field(
        description="Raise it at every change once the questionnaire has been used."
    )
    audience: Audience
    anonymous: bool
    languages: Annotated[tuple[Language, ...], Field(min_length=1)] = Field(
        description="BCP 47 codes. The first one is shown to people who read none of them."
    )
    fallback: Language | None = Field(
        default=None,
        description="With it, texts may lack some of the languages: they are shown in this one.",
    )
    title: Text
    note: Text | None = Field(default=None, description="A line shown once, on the first card.")
    cadence: Cadence
    window: Window
    expires_days: Annotated[int, Field(ge=1, le=90)]
    reminder_after_days: ReminderDay | Reminders | None = Field(
        default=None, description="One day after which a reminder follows, or a list of two."
    )
    contact: Contact | None = None
    scale: Literal[5, 7] | None = Field(
        default=None, description="How many levels each question has; 7 where nothing is said."
    )
    taps: Annotated[int, Field(ge=1, le=20)] = 5
    open_question: Text | None = None
    vantage_points: Annotated[dict[Point, Scale], Field(min_length=1)]
    items: Annotated[tuple[Item, ...], Field(min_length=1)]
    causes: Causes | None = None

    @field_validator("scale")
    @classmethod
    def _usual_scale_goes_without_saying(cls, scale: int | None) -> int | None:
        """Keep the fingerprint of a file that says what holds anyway."""
        return None if scale == POINTS else scale

    @property
    def points(self) -> int:
        """How many levels each question has."""
        return self.scale or POINTS

    def as_of_seven(self, score: int | None) -> int | None:
        """Return the level of seven nearest to one of this scale, for thresholds alone.

        It goes up where it lies between two, so that nobody counts as dissatisfied who may not be.
        Figures are never made of it: the two scales are not interchangeable.
        """
        if score is None or self.points == POINTS:
            return score
        return ceil(1 + (score - 1) * (POINTS - 1) / (self.points - 1))

    def canonical(self) -> str:
        """Write the content as JSON in one way only; comments and layout of the file are gone.

        What is absent is left out, so that a later optional key changes no fingerprint.
        """
        plain = self.model_dump(mode="json", by_alias=True, exclude_none=True)
        return json.dumps(plain, sort_keys=True, ensure_ascii=False, separators=(",", ":"))

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the canonical content, in hexadecimal."""
        return hashlib.sha256(self.canonical().encode()).hexdigest()

    @classmethod
    def from_canonical(cls, content: str) -> "Questionnaire":
        """Read what ``canonical`` wrote, in milliseconds; for versions kept in the database."""
        return cls.model_validate_json(content)

    @property
    def is_triggered(self) -> bool:
        """Tell whether it follows what somebody did, and no calendar."""
        return self.cadence.after is not None

    def spoken(self, language: str) -> str:
        """Return the language to ask in: the person's, one they read as well, the stated fallback,
        or the first one of the file."""
        near = (one for one in (language, *NEAR.get(language, ())) if one in self.languages)
        return next(near, self.fallback or self.languages[0])

    def shown_in(self, text: Mapping[str, str], language: str) -> str:
        """Return in which language a reader of ``language`` sees this text."""
        spoken = self.spoken(language)
        return spoken if spoken in text else self.fallback or self.languages[0]

    def say(self, text: Mapping[str, str], language: str) -> str:
        """Return a text of this questionnaire as a reader of ``language`` sees it."""
        return text[self.shown_in(text, language)]

    @property
    def reminders(self) -> tuple[int, ...]:
        """After how many days reminders follow: none, one or two."""
        days = self.reminder_after_days
        if days is None:
            return ()
        return (days,) if isinstance(days, int) else days

    @property
    def asked(self) -> tuple[Vantage, ...]:
        """The vantage points that are asked, in the order a card asks them."""
        return tuple(v for v in VANTAGES_OF[self.audience] if v in self.vantage_points)

    @property
    def dimensions(self) -> dict[str, str]:
        """The dimension of each item id."""
        return {item.id: item.dimension for item in self.items}

    def blueprint(
        self, *, promised: Collection[str] = (), left_out: Collection[str] = OPTIONAL
    ) -> Blueprint:
        """Say what may be asked, in the engine's terms: ``gapengine.allocation.form_for``.

        Of ``promised`` items C is asked too, under the stem of C, where the questionnaire asks it
        at all. Nothing is asked about the dimensions that are ``left_out``, unless there is
        nothing else.
        """
        items = [item for item in self.items if item.dimension not in left_out] or self.items
        present = dict.fromkeys(item.dimension for item in items)
        return Blueprint(
            items_by_dimension=tuple(
                (name, tuple(item.id for item in items if item.dimension == name))
                for name in present
            ),
            together=tuple(v for v in self.asked if v not in NOT_EVERY_ITEM) or self.asked,
            extra=tuple(
                (item.id, vantage)
                for item in items
                for vantage in NOT_EVERY_ITEM
                if vantage in self.asked and self.asked != NOT_EVERY_ITEM
                if vantage in item.text or item.id in promised
            ),
            causes=tuple(s.id for s in self.causes.statements) if self.causes else (),
            taps=self.taps,
            causes_per_form=self.causes.per_run if self.causes else 0,
        )


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of the file format, for editors."""
    schema = Questionnaire.model_json_schema(by_alias=True)
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SCHEMA_ADDRESS}
    return head | schema | {"title": "gapbot questionnaire"}
