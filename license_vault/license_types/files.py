"""Plain files of the catalogue: YAML read as text with line numbers, problems gathered.

An operator writes these files by hand. So every value is taken as the text that stands there
(``no`` is the text "no", ``001`` keeps its zeros), every problem names file and line, and one
reading names all of them. Anchors, tags and double keys are refused: whoever reads the file
must see what it says. What a file must contain is decided by its reader, not here.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeAlias, TypeVar

import yaml

MAXIMUM_FILE_BYTES: Final = 256 * 1024
_MAXIMUM_DEPTH: Final = 12
# libyaml, where PyYAML was built with it, reads the catalogue ten times faster. It builds trees
# on the stack of the process: what is too deep is found by ``yaml_events`` before.
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class CatalogueProblem:
    """One thing wrong in a file of the catalogue; ``line`` counts from 1."""

    path: Path
    line: int
    code: str
    message_zh: str
    message_en: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.code}: {self.message_zh} / {self.message_en}"


@dataclass(frozen=True, slots=True)
class Scalar:
    """A value: the text as written."""

    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    items: "tuple[Node, ...]"
    line: int


@dataclass(frozen=True, slots=True)
class Table:
    """Keys with values, and the line of each key."""

    entries: "Mapping[str, Node]"
    key_lines: Mapping[str, int]
    line: int


Node: TypeAlias = Scalar | Items | Table

_Kind = TypeVar("_Kind", Scalar, Table)


@dataclass(slots=True)
class Problems:
    """The problems of one file, gathered while it is read."""

    path: Path
    found: list[CatalogueProblem] = field(default_factory=list)

    def add(self, line: int, code: str, message_zh: str, message_en: str) -> None:
        """Note a problem at a line."""
        self.found.append(CatalogueProblem(self.path, line, code, message_zh, message_en))


def read_table(path: Path, problems: Problems) -> "TableReader | None":
    """Read a file whose outermost value is a table; None if it is none, with the problem noted."""
    node = _read_node(path, problems)
    if node is None:
        return None
    if not isinstance(node, Table):
        problems.add(node.line, "not-a-table", "文件应是键值表。", "The file must hold a table.")
        return None
    return TableReader(node, problems)


def _read_node(path: Path, problems: Problems) -> Node | None:
    try:
        data = path.read_bytes()
    except OSError as error:
        reason = error.strerror or "?"
        problems.add(1, "unreadable", f"无法读取文件：{reason}。", f"Cannot be read: {reason}.")
        return None
    if len(data) > MAXIMUM_FILE_BYTES:
        problems.add(1, "too-large", "文件超过 256 KiB。", "The file is over 256 KiB.")
        return None
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        problems.add(line, "not-utf-8", "文件不是 UTF-8 编码。", "The file is not UTF-8.")
        return None
    return _parse(text, problems)


def yaml_events(text: str) -> Iterator[yaml.Event]:
    """Yield what a file is made of, one after another, nothing built yet.

    Raises:
        yaml.YAMLError: it is not YAML.
        RecursionError: it is nested deeper than any file of the catalogue; not to be built.
    """
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > _MAXIMUM_DEPTH:
            raise RecursionError
        yield event


def yaml_tree(text: str) -> yaml.Node | None:
    """Return a file as a tree, after all its ``yaml_events`` were seen; None: it is empty."""
    return yaml.compose(text, Loader=_LOADER)


def _parse(text: str, problems: Problems) -> Node | None:
    try:
        # Anchors are looked for before the tree is built: an alias may stand for very much.
        for event in yaml_events(text):
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                line = event.start_mark.line + 1 if event.start_mark else 1
                problems.add(
                    line, "anchor", "不允许锚点和别名。", "Anchors and aliases are refused."
                )
                return None
        root = yaml_tree(text)
        if root is None:
            problems.add(1, "empty", "文件是空的。", "The file is empty.")
            return None
        return _node(root, problems, 1)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        why = str(getattr(error, "problem", None) or "?")
        line = mark.line + 1 if mark else 1
        problems.add(line, "not-yaml", f"不是正确的 YAML：{why}。", f"Not well-formed YAML: {why}.")
    except RecursionError:
        problems.add(1, "too-deep", "嵌套过深。", "Nested too deep.")
    return None


def _node(node: yaml.Node, problems: Problems, depth: int) -> Node:
    line = node.start_mark.line + 1
    if depth > _MAXIMUM_DEPTH:
        raise RecursionError
    if not _plain(node):
        problems.add(line, "tag", "不允许标签。", "Tags are refused.")
    if isinstance(node, yaml.ScalarNode):
        return Scalar(str(node.value), line)
    if isinstance(node, yaml.SequenceNode):
        return Items(tuple(_node(inner, problems, depth + 1) for inner in node.value), line)
    assert isinstance(node, yaml.MappingNode)
    return _table(node, problems, depth)


def _plain(node: yaml.Node) -> bool:
    """Say whether a node carries no tag of its own; implied ones are all of yaml.org."""
    return str(node.tag).startswith("tag:yaml.org,2002:")


def _table(node: yaml.MappingNode, problems: Problems, depth: int) -> Table:
    entries: dict[str, Node] = {}
    lines: dict[str, int] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        key = str(key_node.value)
        if not isinstance(key_node, yaml.ScalarNode):
            problems.add(line, "key-not-text", "键应是文字。", "A key must be text.")
            continue
        if key in entries:
            problems.add(line, "duplicate-key", f"键 {key} 重复。", f"The key {key} is twice.")
            continue
        entries[key] = _node(value_node, problems, depth + 1)
        lines[key] = line
    return Table(entries, lines, node.start_mark.line + 1)


class TableReader:
    """Takes the values of one table; what is wrong or left over becomes a problem.

    Methods answer with an empty value after noting a problem, so that reading goes on.
    """

    def __init__(self, table: Table, problems: Problems) -> None:
        self._table = table
        self._problems = problems
        self._taken: set[str] = set()

    @property
    def line(self) -> int:
        """The line on which the table begins."""
        return self._table.line

    def line_of(self, key: str) -> int:
        """Return the line of a key, of the table if the key is missing."""
        return self._table.key_lines.get(key, self._table.line)

    def has(self, key: str) -> bool:
        """Say whether the key is there."""
        return key in self._table.entries

    def keys(self) -> tuple[str, ...]:
        """Return the keys in the order of the file."""
        return tuple(self._table.entries)

    def problem(self, key: str, code: str, message_zh: str, message_en: str) -> None:
        """Note a problem at a key's line."""
        self._problems.add(self.line_of(key), code, message_zh, message_en)

    def text(self, key: str) -> str:
        """Return a text that must be there and not be empty."""
        if not self.has(key):
            self._missing(key)
            return ""
        text = self.optional_text(key)
        if not text and isinstance(self._table.entries[key], Scalar):
            self.problem(key, "empty", f"{key} 不能为空。", f"{key} must not be empty.")
        return text

    def optional_text(self, key: str) -> str:
        """Return a text, empty if the key is missing."""
        self._taken.add(key)
        node = self._table.entries.get(key)
        if node is None:
            return ""
        if not isinstance(node, Scalar):
            self.problem(key, "wrong-kind", f"{key} 应是文字。", f"{key} must be a text.")
            return ""
        return node.text.strip()

    def choice(self, key: str, allowed: Sequence[str]) -> str:
        """Return a text that must be one of those allowed, else empty."""
        text = self.text(key)
        if not text or text in allowed:
            return text
        words = "、".join(allowed)
        self.problem(
            key, "unknown-choice", f"{key} 应是：{words}。", f"{key} must be one of: {words}."
        )
        return ""

    def number(self, key: str, lowest: int, highest: int) -> int:
        """Return a whole number in a range; the lowest one after a problem."""
        text = self.text(key)
        if not text:
            return lowest
        if text.isascii() and text.isdigit() and lowest <= int(text[:9]) <= highest:
            return int(text[:9])
        self.problem(
            key,
            "not-a-number",
            f"{key} 应是 {lowest} 到 {highest} 的整数。",
            f"{key} must be a whole number from {lowest} to {highest}.",
        )
        return lowest

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts, which must be there and not be empty."""
        return tuple(node.text.strip() for node in self._list(key, Scalar, ("文字", "texts")))

    def tables(self, key: str) -> "tuple[TableReader, ...]":
        """Return a list of tables, which must be there and not be empty."""
        nodes = self._list(key, Table, ("键值表", "tables"))
        return tuple(TableReader(node, self._problems) for node in nodes)

    def table(self, key: str) -> "TableReader":
        """Return an inner table that must be there; an empty one after a problem."""
        self._taken.add(key)
        node = self._table.entries.get(key)
        if isinstance(node, Table):
            return TableReader(node, self._problems)
        if node is None:
            self._missing(key)
        else:
            self.problem(key, "wrong-kind", f"{key} 应是键值表。", f"{key} must be a table.")
        # Silent: one problem for the missing table, none for each key that it lacks.
        return TableReader(Table({}, {}, self.line), Problems(self._problems.path))

    def finish(self) -> None:
        """Note every key that nobody asked for."""
        for key in self.keys():
            if key not in self._taken:
                self.problem(key, "unknown-key", f"未知的键 {key}。", f"Unknown key {key}.")

    def _list(self, key: str, kind: type[_Kind], words: tuple[str, str]) -> tuple[_Kind, ...]:
        self._taken.add(key)
        node = self._table.entries.get(key)
        if node is None:
            self._missing(key)
            return ()
        zh, en = words
        if not isinstance(node, Items) or not node.items:
            self.problem(key, "wrong-kind", f"{key} 应是{zh}的列表。", f"{key} must list {en}.")
            return ()
        for item in node.items:
            if not isinstance(item, kind):
                message = (f"{key} 的每一项应是{zh}。", f"Each item of {key} must be one of {en}.")
                self._problems.add(item.line, "wrong-kind", *message)
        return tuple(item for item in node.items if isinstance(item, kind))

    def _missing(self, key: str) -> None:
        self._problems.add(
            self.line, "missing-key", f"缺少键 {key}。", f"The key {key} is missing."
        )
