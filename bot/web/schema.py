"""The events that other systems may report: strict models, and words for what does not fit."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
)
from pydantic_core import ErrorDetails

from bot.core.schedule import EARLIEST
from bot.crm.checks import plain_name, plain_reference, plain_touchpoint
from bot.crm.keeping import NAME_LENGTH, REFERENCE_LENGTH, TOUCHPOINT_LENGTH
from bot.web.problems import Fault, Problem, not_json, unfit


def _written(value: object) -> object:
    """Take a moment as text alone: a bare number may mean seconds or milliseconds."""
    if not isinstance(value, str) or "-" not in value[1:]:
        raise ValueError("wanted a date with time and zone, as in 2026-03-02T10:15:00+01:00")
    return value


def _not_long_ago(at: datetime) -> datetime:
    if at < EARLIEST:
        raise ValueError(f"it is before the year {EARLIEST.year}")
    return at


Moment = Annotated[AwareDatetime, BeforeValidator(_written), AfterValidator(_not_long_ago)]
Reference = Annotated[
    str,
    Field(
        min_length=1, max_length=REFERENCE_LENGTH, description="Your own number of it; kept sealed."
    ),
    AfterValidator(plain_reference),
]
Channel = Literal["counter", "phone", "web", "app", "delivery", "other"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class CustomerData(_Part):
    """A customer. What is left out stays as it was; nothing else about them is kept."""

    reference: Reference
    name: Annotated[str, AfterValidator(plain_name)] | None = Field(
        default=None, max_length=NAME_LENGTH, description="Kept sealed; shown to those in charge."
    )
    channel: Channel | None = Field(default=None, description="How they usually come.")
    tenure: Literal["new", "returning"] | None = Field(
        default=None, description="Left out, the visits tell."
    )
    invite_to: str | None = Field(
        default=None,
        max_length=80,
        description="A unit: answer with a link by which the customer joins in Telegram, once.",
    )


class VisitData(_Part):
    """One visit or purchase."""

    reference: Reference
    customer: Reference
    unit: str = Field(max_length=80, description="The unit's name as gapbot knows it.")
    at: Moment = Field(description="When it was, with its zone.")
    kind: Literal["visit", "purchase"] = "visit"
    touchpoint: Annotated[str, AfterValidator(plain_touchpoint)] = Field(
        default="", max_length=TOUCHPOINT_LENGTH, description="A key of your own, such as check-in."
    )
    channel: Channel | None = None
    invite: bool = Field(
        default=False,
        description="Answer with a link by which the customer joins in Telegram, once.",
    )


class MeasurementData(_Part):
    """What was measured of an item of the questionnaire: one value, or the mean of n."""

    unit: str = Field(max_length=80)
    item: str = Field(max_length=60, description="The item's id in the questionnaire.")
    at: Moment
    value: Annotated[float, Field(allow_inf_nan=False, strict=True)]
    n: Annotated[int, Field(ge=1, le=1_000_000, strict=True)] = 1


class ErasedData(_Part):
    """A customer who is to be erased, with all visits."""

    reference: Reference


class CustomerUpserted(_Part):
    """A customer is new, or something known of them changed."""

    type: Literal["customer.upserted"]
    data: CustomerData


class VisitRecorded(_Part):
    """A customer came, or bought something."""

    type: Literal["visit.recorded"]
    data: VisitData


class MeasurementRecorded(_Part):
    """Something was measured."""

    type: Literal["measurement.recorded"]
    data: MeasurementData


class CustomerErased(_Part):
    """A customer wants to be forgotten."""

    type: Literal["customer.erased"]
    data: ErasedData


Event = CustomerUpserted | VisitRecorded | MeasurementRecorded | CustomerErased
EVENT: TypeAdapter[Event] = TypeAdapter(Annotated[Event, Field(discriminator="type")])

_MOST_FAULTS = 20
_CURES = {
    "missing": "Add it.",
    "extra_forbidden": "Leave it out: nothing else is kept.",
    "union_tag_invalid": "Name one of the events that are known.",
    "union_tag_not_found": "Say which event it is.",
    "timezone_aware": "Write the zone too, as in 2026-03-02T10:15:00+01:00.",
}


def read_event(body: bytes) -> Event:
    """Read an event.

    Raises
    ------
    Problem
        E104 when it is no JSON, E105 when it does not have the form of an event.
    """
    try:
        return EVENT.validate_json(body)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
    raise _problem(details)


def _problem(details: list[ErrorDetails]) -> Problem:
    first = details[0]
    if first["type"] == "json_invalid":
        return not_json(_sentence(first["msg"]))
    return unfit(list(_faults(details)))


def _faults(details: Iterable[ErrorDetails]) -> Iterable[Fault]:
    """Name place, cause and cure; what was sent is not repeated: it may be somebody's name."""
    for one in list(details)[:_MOST_FAULTS]:
        place = _place(one["loc"])
        cause = _sentence(one["msg"].removeprefix("Value error, "))
        yield Fault(place, cause, _CURES.get(one["type"], "Correct it."))


def _place(loc: tuple[int | str, ...]) -> str:
    """Write where it is as the sender sees it: without the name of the event's model."""
    parts = [str(one) for one in loc if one not in _TYPES]
    return ".".join(parts) or "body"


_TYPES = frozenset(
    {"customer.upserted", "visit.recorded", "measurement.recorded", "customer.erased"}
)


def _sentence(words: str) -> str:
    return f"{words[:1].lower()}{words[1:].rstrip('.')}."


def event_schema() -> dict[str, Any]:
    """Return the JSON Schema of an event, for the document of the API."""
    return EVENT.json_schema(ref_template="#/components/schemas/{model}")
