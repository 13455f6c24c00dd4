"""Check questionnaire files, and load those that can be used."""

from collections.abc import Iterator
from pathlib import Path

from bot.surveys.check_file import Source, read
from bot.surveys.check_problem import Finding, Problem, QuestionnaireError
from bot.surveys.check_shape import fit
from bot.surveys.check_siblings import sibling_findings
from bot.surveys.check_structure import structure_findings
from bot.surveys.check_texts import language_findings
from bot.surveys.check_wording import wording_findings
from bot.surveys.definition import Questionnaire

__all__ = ["Problem", "QuestionnaireError", "check", "load"]


def load(path: Path) -> Questionnaire:
    """Read a questionnaire that can be used.

    Raises
    ------
    QuestionnaireError
        With every error of the file in ``problems``. Warnings stop nothing.
    """
    source = read(path)
    form, findings = _examined(source, path)
    errors = [source.problem(found) for found in findings if found.severity == "error"]
    if form is None or errors:
        raise QuestionnaireError(errors)
    return form


def check(path: Path) -> list[Problem]:
    """Find everything wrong or doubtful in a file, by line; siblings in its folder count too."""
    source = read(path)
    form, findings = _examined(source, path)
    if form is not None:
        findings += sibling_findings(form, path)
    problems = [source.problem(found) for found in findings]
    return sorted(problems, key=lambda problem: (problem.line or 0, problem.code))


def _examined(source: Source, path: Path) -> tuple[Questionnaire | None, list[Finding]]:
    if source.tree is None:
        return None, source.findings
    form, misfits = fit(source.tree)
    findings = [*source.findings, *misfits]
    findings += language_findings(source.tree)
    findings += wording_findings(source.tree)
    if form is not None:
        findings += _own_findings(form, path)
    return form, findings


def _own_findings(form: Questionnaire, path: Path) -> Iterator[Finding]:
    if form.id != path.stem:
        cause = f"'{form.id}' is not the file's name."
        yield Finding("Q110", ("id",), cause, f"Write 'id: {path.stem}', or rename the file.")
    yield from structure_findings(form)
