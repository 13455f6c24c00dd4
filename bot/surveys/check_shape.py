"""Fit what a file holds to the models, and say in plain words where it does not fit."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from bot.surveys.check_problem import Finding, Path
from bot.surveys.definition import Questionnaire

_KEY = "[key]"
_NAMED = {"audience": "Q301", "dimension": "Q303", "every_days": "Q311", "weekdays": "Q311"}
_WINDOW = {"from", "to"}
_KINDS = {
    "string_type": ("text", "Put the value in quotes."),
    "int_type": ("a whole number", "Write it without quotes or a point."),
    "bool_type": ("true or false", "Write true or false, without quotes."),
    "tuple_type": ("a list", "Write it as [one, two], or one entry per line after '- '."),
    "dict_type": ("texts by language", "Write one line per language, such as 'en: ...'."),
    "model_type": ("keys with values", "Write one key per line, indented."),
}


def fit(tree: Mapping[str, Any]) -> tuple[Questionnaire | None, list[Finding]]:
    """Build the questionnaire, or say what does not fit.

    Unknown keys and vantage points are reported and set aside, so that the rest is checked too.
    """
    findings: list[Finding] = []
    for _ in range(2):
        try:
            return Questionnaire.model_validate(tree), findings
        except ValidationError as error:
            errors = error.errors(include_url=False, include_context=True)
        errors = [e for e in errors if e["type"] != "too_short" or not e["input"]]
        strange = {_path(e) for e in errors if _is_strange_key(e)}
        findings += [_finding(e) for e in errors if not _lies_within(e, strange)]
        if not all(_lies_within(e, strange) or _path(e) in strange for e in errors):
            return None, findings
        tree = _without(tree, strange)
    return None, findings


def _path(error: ErrorDetails) -> Path:
    return tuple(part for part in error["loc"] if part != _KEY)


def _is_strange_key(error: ErrorDetails) -> bool:
    return error["type"] == "extra_forbidden" or error["loc"][-1] == _KEY


def _lies_within(error: ErrorDetails, strange: set[Path]) -> bool:
    """Tell whether an error is only about what stands under a key that is set aside anyway."""
    path = _path(error)
    below = any(path[:length] in strange for length in range(1, len(path)))
    return below or (path in strange and not _is_strange_key(error))


def _without(value: Any, strange: set[Path], path: Path = ()) -> Any:
    if isinstance(value, Mapping):
        kept = {key: child for key, child in value.items() if (*path, key) not in strange}
        return {key: _without(child, strange, (*path, key)) for key, child in kept.items()}
    if isinstance(value, tuple):
        return tuple(_without(child, strange, (*path, i)) for i, child in enumerate(value))
    return value


def _finding(error: ErrorDetails) -> Finding:
    path, kind = _path(error), error["type"]
    if kind == "extra_forbidden":
        return Finding("Q107", path, "is an unknown key.", _nearest(path))
    if kind == "missing":
        return Finding("Q108", path, "is missing.", _how_to_add(path))
    if error["loc"][-1] == _KEY:
        return Finding("Q302", path, "is no vantage point.", "Use one of E, M, S, D, C, P.")
    if kind in _KINDS:
        wanted, cure = _KINDS[kind]
        found = type(error["input"]).__name__
        names = {"str": "text", "int": "a number", "float": "a number", "bool": "true or false"}
        names |= {"dict": "keys with values", "tuple": "a list", "NoneType": "nothing"}
        return Finding("Q109", path, f"is {names.get(found, found)}, not {wanted}.", cure)
    return _value_finding(error, path)


def _value_finding(error: ErrorDetails, path: Path) -> Finding:
    name = next((str(part) for part in reversed(path) if isinstance(part, str)), "")
    code = "Q312" if name in _WINDOW and "window" in path else _NAMED.get(name, "Q111")
    context = error.get("ctx", {})
    value = error["input"]
    shown = f"'{value}'" if isinstance(value, str | int | float) else "the value"
    if "expected" in context:
        close = get_close_matches(str(value), _quoted(str(context["expected"])), n=1)
        hint = f"Did you mean '{close[0]}'?" if close else f"Use {context['expected']}."
        return Finding(code, path, f"{shown} is not one of the choices.", hint)
    if "pattern" in context:
        return Finding(code, path, f"{shown} is not written as it must be.", _form_of(name))
    limit = next((context[key] for key in ("ge", "le", "max_length") if key in context), None)
    if limit is None:
        return Finding(code, path, "is empty.", "Give it at least one entry.")
    bound = {"greater_than_equal": "at least", "less_than_equal": "at most"}
    words = bound.get(error["type"], "a length of at most")
    return Finding(code, path, f"{shown} is out of range.", f"Use {words} {limit}.")


def _quoted(expected: str) -> list[str]:
    return expected.replace(" or ", ", ").replace("'", "").split(", ")


def _form_of(name: str) -> str:
    if name in _WINDOW:
        return 'Write the local time as "HH:MM", from "00:00" to "23:59".'
    if name == "languages":
        return "Write a language code such as en, zh-Hans or pt-BR."
    return "Use a-z, 0-9 and '_' and begin with a letter; a dot may separate an item's parts."


def _how_to_add(path: Path) -> str:
    if path[-1] in {"low", "high"}:
        return "Add the words that stand at this end of the row 1 to 7."
    return f"Add '{path[-1]}:' here."


def _nearest(path: Path) -> str:
    known = sorted(_known_keys(path[:-1]))
    close = get_close_matches(str(path[-1]), known, n=1)
    return f"Did you mean '{close[0]}'?" if close else f"Remove it, or use: {', '.join(known)}."


def _known_keys(path: Path) -> set[str]:
    model: type[BaseModel] = Questionnaire
    for part in path:
        found = _field(model, part)
        model = next(_models(found), model) if found is not None else model
    return {field.alias or name for name, field in model.model_fields.items()}


def _field(model: type[BaseModel], part: str | int) -> Any:
    for name, field in model.model_fields.items():
        if part in {name, field.alias}:
            return field.annotation
    return None


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)
