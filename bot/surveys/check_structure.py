"""Rules about how the parts of a questionnaire fit together."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from bot.surveys.check_problem import Finding, Path, Severity
from bot.surveys.definition import NOT_EVERY_ITEM, VANTAGES_OF, Questionnaire
from gapengine.vantage import Vantage

_MAX_FRIENDLY_TAPS = 7


def structure_findings(form: Questionnaire) -> Iterator[Finding]:
    """Find what cannot be asked, cannot be compared, or would never arrive."""
    yield from _duplicate_ids(form)
    yield from _vantage_points(form)
    yield from _mirrors(form)
    yield from _no_rule(form)
    yield from _causes(form)
    yield from _taps(form)
    yield from _times(form)


def _duplicate_ids(form: Questionnaire) -> Iterator[Finding]:
    yield from _twice([item.id for item in form.items], ("items",))
    if form.causes is not None:
        yield from _twice([s.id for s in form.causes.statements], ("causes", "statements"))


def _twice(ids: Sequence[str], path: Path) -> Iterator[Finding]:
    for index, identity in enumerate(ids):
        first = ids.index(identity)
        if first < index:
            cause = f"'{identity}' is the id of entry {first} too."
            yield Finding("Q308", (*path, index, "id"), cause, "Give each an id of its own.")


def _vantage_points(form: Questionnaire) -> Iterator[Finding]:
    fitting = VANTAGES_OF[form.audience]
    used = {vantage for item in form.items for vantage in item.text}
    for vantage in form.vantage_points:
        path: Path = ("vantage_points", str(vantage))
        if vantage not in fitting:
            cause = f"{vantage} cannot be asked of the audience '{form.audience}'."
            yield Finding("Q304", path, cause, f"Use {' or '.join(fitting)}.")
        elif vantage not in used:
            cause = f"no item is asked from {vantage}."
            yield Finding("Q306", path, cause, "Add texts to the items, or remove it.", "warning")
    for index, item in enumerate(form.items):
        for vantage in item.text:
            if vantage not in form.vantage_points:
                cause = f"{vantage} has no line of context and no anchors."
                cure = f"Add vantage_points.{vantage}, or remove the text."
                yield Finding("Q305", ("items", index, "text", str(vantage)), cause, cure)


def _mirrors(form: Questionnaire) -> Iterator[Finding]:
    """Items are compared between vantage points, so all must be asked from the same ones."""
    everywhere = [
        vantage
        for vantage in form.vantage_points
        if vantage not in NOT_EVERY_ITEM and any(vantage in item.text for item in form.items)
    ]
    for index, item in enumerate(form.items):
        missing = [v for v in everywhere if v not in item.text]
        if missing:
            cause = f"has {_listed(item.text)} but no {_listed(missing)}, which other items have."
            cure = "Ask every item from the same vantage points (C may be left out)."
            yield Finding("Q307", ("items", index, "text"), cause, cure)
    if Vantage.EXPECTED in everywhere and Vantage.PERCEIVED not in everywhere:
        yield _lonely(Vantage.EXPECTED, Vantage.PERCEIVED)
    if Vantage.BELIEVED in everywhere and Vantage.SPECIFIED not in everywhere:
        yield _lonely(Vantage.BELIEVED, Vantage.SPECIFIED)


def _lonely(asked: Vantage, partner: Vantage) -> Finding:
    cause = f"{asked} is asked, but its counterpart {partner} is not."
    cure = f"Add {partner} to vantage_points and items: a gap needs both."
    severity: Severity = "error" if asked is Vantage.EXPECTED else "warning"
    return Finding("Q307", ("vantage_points", str(asked)), cause, cure, severity)


def _no_rule(form: Questionnaire) -> Iterator[Finding]:
    for vantage, scale in form.vantage_points.items():
        path: Path = ("vantage_points", str(vantage))
        if vantage is Vantage.SPECIFIED and scale.no_rule is None:
            cause = "has no 'no_rule' label, but where no rule exists no level is true."
            yield Finding("Q315", path, cause, "Add no_rule with its label.")
        elif vantage is not Vantage.SPECIFIED and scale.no_rule is not None:
            cause = f"'no rule' is no answer to {vantage}."
            yield Finding("Q315", (*path, "no_rule"), cause, "Remove it; only S has it.")


def _causes(form: Questionnaire) -> Iterator[Finding]:
    if form.causes is None:
        return
    if form.audience == "customer":
        cause = "customers cannot know what stands behind a gap."
        yield Finding("Q316", ("causes",), cause, "Move them to staff's or managers' file.")
    if form.causes.per_run > len(form.causes.statements):
        cause = f"{form.causes.per_run} per run, but only {len(form.causes.statements)} are there."
        yield Finding("Q309", ("causes", "per_run"), cause, "Lower it, or add statements.")


def _taps(form: Questionnaire) -> Iterator[Finding]:
    per_item = sum(1 for v in form.asked if v not in NOT_EVERY_ITEM) or 1
    for_causes = form.causes.per_run if form.causes is not None else 0
    needed = per_item + for_causes
    if form.taps < needed:
        cause = f"{form.taps} is too few: one item takes {per_item}, causes take {for_causes}."
        yield Finding("Q309", ("taps",), cause, f"Use at least {needed}.")
    most = sum(len(item.text) for item in form.items) + for_causes
    if form.taps > most:
        cause = f"{form.taps} can never be filled: there are {most} things to ask."
        yield Finding("Q310", ("taps",), cause, f"Use at most {most}, or add items.", "warning")
    elif form.taps > _MAX_FRIENDLY_TAPS:
        cause = f"{form.taps} taps are many; people stop answering."
        yield Finding("Q310", ("taps",), cause, "Five is a good number.", "warning")


def _times(form: Questionnaire) -> Iterator[Finding]:
    yield from _cadence(form)
    if form.window.opens >= form.window.closes:
        cause = f"opens at {form.window.opens} and closes at {form.window.closes}."
        yield Finding("Q312", ("window",), cause, "Let it close later on the same day.")
    yield from _reminders(form)


def _reminders(form: Questionnaire) -> Iterator[Finding]:
    path: Path = ("reminder_after_days",)
    days = form.reminders
    if any(later <= earlier for earlier, later in pairwise(days)):
        yield Finding("Q313", path, "the second is not after the first.", "List the earlier first.")
    elif days and days[-1] >= form.expires_days:
        cause = f"{days[-1]} days are too late: the run expires after {form.expires_days}."
        yield Finding("Q313", path, cause, "Remind earlier, let it expire later, or write null.")


def _cadence(form: Questionnaire) -> Iterator[Finding]:
    every, weekdays = form.cadence.every_days, form.cadence.weekdays
    given = [
        name
        for name in ("every_days", "weekdays", "after")
        if getattr(form.cadence, name) is not None
    ]
    if len(given) != 1:
        found = f"has {' and '.join(given)} together" if given else "says nothing"
        cure = "Use one of every_days, weekdays and after."
        yield Finding("Q311", ("cadence",), f"{found}.", cure)
    elif weekdays is not None and len(set(weekdays)) < len(weekdays):
        path: Path = ("cadence", "weekdays")
        yield Finding("Q311", path, "a day is listed twice.", "List each day once.")
    elif every is not None and form.expires_days > every:
        cause = f"{form.expires_days} days, but the next one is due after {every}."
        cure = "Let it expire before the next one is due."
        yield Finding("Q314", ("expires_days",), cause, cure, "warning")


def _listed(vantages: Iterable[Vantage]) -> str:
    return ", ".join(str(vantage) for vantage in vantages)
