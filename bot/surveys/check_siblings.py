"""Rules about files of one instrument: gaps need the same items on both sides."""

from collections.abc import Iterator
from pathlib import Path

from bot.surveys.check_file import read
from bot.surveys.check_problem import Finding
from bot.surveys.check_shape import fit
from bot.surveys.definition import Questionnaire

_SHOWN = 3


def sibling_findings(form: Questionnaire, path: Path) -> Iterator[Finding]:
    """Compare a questionnaire with the others of its instrument in the same folder.

    A sibling that cannot be read is left to its own check.
    """
    for other in sorted(path.parent.glob("*.yaml")):
        if other.name == path.name:
            continue
        source = read(other)
        sibling = fit(source.tree)[0] if source.tree is not None else None
        if sibling is not None and sibling.instrument == form.instrument:
            yield from _items_apart(form, sibling, other.name)
            yield from _dimensions_apart(form, sibling, other.name)
            yield from _scales_apart(form, sibling, other.name)


def _items_apart(form: Questionnaire, sibling: Questionnaire, name: str) -> Iterator[Finding]:
    if sibling.audience == "partner":  # partners see a part of the service
        return
    missing = [item for item in form.dimensions if item not in sibling.dimensions]
    if missing:
        shown = ", ".join(missing[:_SHOWN]) + (", ..." if len(missing) > _SHOWN else "")
        cause = f"{len(missing)} of them are not in {name}: {shown}."
        cure = "Use the same items in all files of an instrument."
        yield Finding("Q317", ("items",), cause, cure, "warning")


def _dimensions_apart(form: Questionnaire, sibling: Questionnaire, name: str) -> Iterator[Finding]:
    for index, item in enumerate(form.items):
        other = sibling.dimensions.get(item.id, item.dimension)
        if other != item.dimension:
            cause = f"{name} puts '{item.id}' into '{other}'."
            cure = "Give an item the same dimension in all files of an instrument."
            yield Finding("Q318", ("items", index, "dimension"), cause, cure)


def _scales_apart(form: Questionnaire, sibling: Questionnaire, name: str) -> Iterator[Finding]:
    if form.points != sibling.points:
        cause = f"{form.points} levels, but {name} has {sibling.points}: no gap is formed of both."
        cure = "Use the same scale in all files of an instrument."
        yield Finding("Q320", ("scale",), cause, cure, "warning")
