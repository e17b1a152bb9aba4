"""The nodes of a layout file: texts, numbers, colours and tables, with every problem noted.

What the values mean is ``face.layout``'s; nothing is executed, a value is the text that stands
there.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from license_vault.license_types.files import CatalogueProblem, yaml_events

_COLOUR = re.compile(r"#[0-9a-f]{6}")


@dataclass
class NodeReader:
    """Reads the nodes of one file, gathers problems instead of stopping at the first."""

    path: Path
    problems: list[CatalogueProblem] = field(default_factory=list)

    def problem(self, line: int, code: str, zh: str, en: str) -> CatalogueProblem:
        """Note a problem at a line."""
        found = CatalogueProblem(self.path, line, code, zh, en)
        self.problems.append(found)
        return found

    def mapping(
        self,
        node: yaml.Node | None,
        required: tuple[str, ...] = (),
        optional: tuple[str, ...] | None = (),
    ) -> dict[str, yaml.Node]:
        """Return a mapping's nodes by key; ``optional`` None: any key is allowed."""
        if not isinstance(node, yaml.MappingNode):
            self.problem(line_of(node), "not-a-mapping", "应为键值表", "a mapping is expected")
            return {}
        found: dict[str, yaml.Node] = {}
        for key_node, value in node.value:
            key = self.text(key_node)
            if key in found or (optional is not None and key not in (*required, *optional)):
                zh, en = f"不认识或重复的键 {key}", f"unknown or repeated key {key}"
                self.problem(line_of(key_node), "unknown-key", zh, en)
            found[key] = value
        for key in required:
            if key not in found:
                self.problem(line_of(node), "missing", f"缺少 {key}", f"{key} is missing")
        return found

    def items(self, node: yaml.Node | None) -> tuple[yaml.Node, ...]:
        """Return the nodes of a list; none if there is no node."""
        if node is None:
            return ()
        if not isinstance(node, yaml.SequenceNode):
            self.problem(line_of(node), "not-a-list", "应为列表", "a list is expected")
            return ()
        return tuple(node.value)

    def numbers(self, node: yaml.Node | None, keys: tuple[str, ...]) -> dict[str, float]:
        """Return the numbers of a mapping that has just these keys."""
        parts = self.mapping(node, required=keys)
        return {key: self.number(parts.get(key), 1.0) for key in keys}

    def peek(self, node: yaml.Node, key: str) -> yaml.Node | None:
        """Return the value of a key without noting anything."""
        pairs = node.value if isinstance(node, yaml.MappingNode) else ()
        return next((value for name, value in pairs if name.value == key), None)

    def text(self, node: yaml.Node | None) -> str:
        """Return a text, empty if there is no node."""
        if node is None:
            return ""
        if not isinstance(node, yaml.ScalarNode):
            self.problem(line_of(node), "not-a-text", "应为文字", "a text is expected")
            return ""
        return str(node.value)

    def number(self, node: yaml.Node | None, absent: float = 0.0) -> float:
        """Return a number, ``absent`` if there is no node."""
        if node is None:
            return absent
        text = self.text(node)
        if not re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,3})?", text):
            self.problem(line_of(node), "not-a-number", "应为数字", "a number is expected")
            return absent or 1.0
        return float(text)

    def colour(self, node: yaml.Node | None) -> str:
        """Return a colour, black if there is no node."""
        if node is None:
            return "#000000"
        text = self.text(node)
        if not _COLOUR.fullmatch(text):
            self.problem(line_of(node), "colour", "颜色应为 #rrggbb", "a colour is #rrggbb")
        return text

    def choice(
        self, node: yaml.Node | None, choices: tuple[str, ...], absent: str | None = None
    ) -> str:
        """Return one of the choices, the first one if there is no node and no ``absent``."""
        if node is None:
            return absent or choices[0]
        text = self.text(node)
        if text not in choices:
            self.unknown(node, text, choices)
            return choices[0]
        return text

    def unknown(self, node: yaml.Node, text: str, choices: tuple[str, ...]) -> None:
        """Note a text that is none of the choices."""
        allowed = ", ".join(choices)
        zh, en = f"{text} 不在 {allowed} 之中", f"{text} is not one of {allowed}"
        self.problem(line_of(node), "unknown-choice", zh, en)


def disguises(text: str) -> Iterator[int]:
    """Yield the lines on which a file is not what it looks like: anchors, aliases, tags."""
    for event in yaml_events(text):
        if getattr(event, "anchor", None) or getattr(event, "tag", None):
            yield event.start_mark.line + 1 if event.start_mark else 1


def line_of(node: yaml.Node | None) -> int:
    """Return the line on which a node begins."""
    return node.start_mark.line + 1 if node is not None else 1
