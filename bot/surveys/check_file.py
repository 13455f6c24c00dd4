"""Read a YAML file into plain values, and remember on which line each of them stands.

Only the plain part of YAML 1.2 is read: mappings with text keys, lists, text, numbers, true and
false, null. A key that stands twice, a tag, a loop of references and a second document are
problems, not surprises.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode

from bot.surveys.check_problem import Finding, Path, Problem, written

MAX_BYTES = 1_000_000
MAX_NODES = 50_000
_CORE = "tag:yaml.org,2002:"
_KNOWN_TAGS = {"str", "int", "float", "bool", "null", "timestamp", "map", "seq", "value", "merge"}


@dataclass(slots=True)
class Source:
    """A file that was read: its values, the line of each, and what was wrong with its form."""

    name: str
    tree: Any = None
    lines: dict[Path, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def line_of(self, path: Path) -> int | None:
        """Return the line of a value, or of the nearest thing around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path)

    def problem(self, finding: Finding) -> Problem:
        """Say where in this file a finding is."""
        place = f"{self.name}: {written(finding.path)}" if finding.path else self.name
        return Problem(
            code=finding.code,
            place=place,
            cause=finding.cause,
            cure=finding.cure,
            severity=finding.severity,
            line=self.line_of(finding.path),
        )


def read(path: FilePath) -> Source:
    """Read a file; what is wrong with its form is in ``findings``, never raised."""
    source = Source(path.name)
    content = _content(path, source)
    node = _composed(content, source) if content is not None else None
    if node is None:
        return source
    if not isinstance(node, MappingNode):
        _note(source, "Q106", (), "holds no keys.", "Start with 'id:', as in the shipped files.")
        return source
    source.tree = _Plain(source).value(node, ())
    return source


def _content(path: FilePath, source: Source) -> str | None:
    try:
        raw = path.read_bytes()
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        _note(source, "Q101", (), f"cannot be read: {reason}.", "Check the name and its rights.")
        return None
    if len(raw) > MAX_BYTES:
        _note(source, "Q105", (), f"is larger than {MAX_BYTES:,} bytes.", "Split the file.")
        return None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        source.lines[()] = line
        _note(source, "Q102", (), "is not UTF-8 text.", "Save it with the encoding UTF-8.")
        return None


def _composed(content: str, source: Source) -> Node | None:
    try:
        node = YAML(typ="safe", pure=True).compose(content)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        if mark is not None:
            source.lines[()] = mark.line + 1
        cause = f"is not YAML: {error.problem or 'it cannot be understood'}."
        cure = "Look at the indentation, the colons and the quotes there."
        _note(source, "Q103", (), cause, cure)
        return None
    except (YAMLError, ValueError, RecursionError):
        _note(source, "Q103", (), "is not YAML.", "Look for control characters or deep nesting.")
        return None
    if node is None:
        _note(source, "Q106", (), "is empty.", "Start with 'id:', as in the shipped files.")
    return node  # type: ignore[no-any-return]


def _note(source: Source, code: str, path: Path, cause: str, cure: str) -> None:  # noqa: PLR0917
    source.findings.append(Finding(code, path, cause, cure))


class _Plain:
    """Turns nodes into plain values, lists into tuples, and notes what is not plain."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._open: set[int] = set()
        self._count = 0

    def value(self, node: Node, path: Path) -> Any:
        """Return the plain value of a node; None where it has none."""
        self._source.lines.setdefault(path, node.start_mark.line + 1)
        self._count += 1
        kind = str(node.tag).removeprefix(_CORE)
        if kind not in _KNOWN_TAGS:
            cause = f"has the tag '{node.tag}'."
            _note(self._source, "Q105", path, cause, "Remove it: plain values only.")
            return None
        if id(node) in self._open:
            _note(self._source, "Q105", path, "refers to itself.", "Write the value out.")
            return None
        if self._count >= MAX_NODES:
            self._too_large()
            return None
        if isinstance(node, ScalarNode):
            return self._scalar(node, kind)
        self._open.add(id(node))
        value = (
            self._mapping(node, path) if isinstance(node, MappingNode) else self._list(node, path)
        )
        self._open.remove(id(node))
        return value

    @staticmethod
    def _scalar(node: ScalarNode, kind: str) -> Any:
        readers: dict[str, Callable[[str], Any]] = {
            "int": lambda text: int(text.replace("_", ""), 0),
            "float": lambda text: float(text.replace("_", "")),
            "bool": lambda text: text.lower() == "true",
            "null": lambda _: None,
        }
        try:
            return readers.get(kind, str)(node.value)
        except ValueError:
            return str(node.value)

    def _too_large(self) -> None:
        if self._count == MAX_NODES:
            cause = f"holds more than {MAX_NODES:,} values, references counted."
            _note(self._source, "Q105", (), cause, "Split the file.")

    def _list(self, node: Node, path: Path) -> tuple[Any, ...]:
        return tuple(self.value(child, (*path, index)) for index, child in enumerate(node.value))

    def _mapping(self, node: MappingNode, path: Path) -> dict[str, Any]:
        plain: dict[str, Any] = {}
        for key_node, child in node.value:
            key = str(key_node.value) if isinstance(key_node, ScalarNode) else "?"
            here = (*path, key)
            if key in plain:
                first = self._source.lines[here]
                cause = f"stands twice, on line {first} too."
                self._source.lines[here] = key_node.start_mark.line + 1
                _note(self._source, "Q104", here, cause, "Keep one of the two.")
                continue
            self._source.lines[here] = key_node.start_mark.line + 1
            plain[key] = self.value(child, here)
        return plain
