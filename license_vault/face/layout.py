"""The layout of a face as data: reading ``face.yaml`` and telling what is wrong with it.

An operator writes these files, so every problem is named with its file and line, all of them
at once. Read with PyYAML's ``compose``: every scalar is a string, nothing is ever executed.
What a layout may say is described in docs/license-types.md. Nothing is drawn here.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import yaml

from license_vault.face.errors import FaceLayoutBrokenError
from license_vault.face.fonts import FAMILIES
from license_vault.face.ornaments import ORNAMENTS, Ink, Ornament, draw_ornament
from license_vault.face.placed_face import Box, PlacedPath
from license_vault.face.typesetting import TextFrame, TextStyle
from license_vault.license_types.files import MAXIMUM_FILE_BYTES, CatalogueProblem

SCHEMA = "license-vault/face/1"
FORMS = ("text", "lines")
ALIGNS = ("left", "centre", "right", "justify", "spread")
VERTICALS = ("top", "middle", "bottom")

_COLOUR = re.compile(r"#[0-9a-f]{6}")
_CLAIM = re.compile(r"[a-z_]+(\.[a-z0-9_]+)*")
_BOX_KEYS = frozenset(("x", "y", "width", "height"))
_STYLE_KEYS = frozenset(
    ("font", "size", "minimum", "align", "vertical", "leading", "colour", "weight", "max_lines")
)


@dataclass(frozen=True, slots=True)
class FixedText:
    """Words that stand on every license of the type."""

    text: str
    frame: TextFrame


@dataclass(frozen=True, slots=True)
class ValueText:
    """A claim's place: its path, the form it takes, and the words drawn around it.

    Form "lines" sets each item of a list on lines of its own; "text" is all else.
    ``follows`` names another claim of the face: this one then begins where that one ended.
    """

    claim: str
    form: str
    before: str
    after: str
    follows: str
    frame: TextFrame
    line: int


@dataclass(frozen=True, eq=False)
class FaceLayout:
    """A whole layout. ``paths`` are its ornaments, drawn once.

    Equal only to itself, so that what is worked out of a layout can be kept for it.
    """

    width_mm: float
    height_mm: float
    ornaments: tuple[Ornament, ...]
    texts: tuple[FixedText, ...]
    values: tuple[ValueText, ...]
    qr_box: Box
    seal_boxes: tuple[Box, ...]

    @property
    def claims(self) -> tuple[str, ...]:
        """Return the claim paths the face shows, in the order of the file."""
        return tuple(value.claim for value in self.values)

    @cached_property
    def paths(self) -> tuple[PlacedPath, ...]:
        """Return the ornaments' outlines."""
        return tuple(path for each in self.ornaments for path in draw_ornament(each))


def read_layout(path: Path) -> FaceLayout:
    """Return the layout in a file.

    Raises:
        FaceLayoutBrokenError: with every problem found.
    """
    layout, problems = check_layout(path)
    if layout is None or problems:
        raise FaceLayoutBrokenError(tuple(str(problem) for problem in problems))
    return layout


def check_layout(path: Path) -> tuple[FaceLayout | None, tuple[CatalogueProblem, ...]]:
    """Return the layout if it can be used, and all problems of the file."""
    reader = _Reader(path)
    try:
        data = path.read_bytes()
        if len(data) > MAXIMUM_FILE_BYTES:
            return None, (reader.problem(1, "too-long", "文件过大", "the file is too long"),)
        text = data.decode("utf-8")
        for line in _disguises(text):
            reader.problem(line, "anchor", "不允许锚点、别名和标签", "no anchors, aliases, tags")
        if reader.problems:
            return None, tuple(reader.problems)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except (OSError, UnicodeDecodeError) as error:
        return None, (reader.problem(1, "unreadable", "文件无法读取", f"cannot be read: {error}"),)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        return None, (reader.problem(line, "not-yaml", "不是合法的 YAML", "not YAML"),)
    layout = reader.layout(node) if node else None
    if node is None:
        reader.problem(1, "empty", "文件为空", "the file is empty")
    return (None if reader.problems else layout), tuple(reader.problems)


@dataclass
class _Reader:
    """Walks one file, gathers problems instead of stopping at the first."""

    path: Path
    problems: list[CatalogueProblem] = field(default_factory=list)

    def problem(self, line: int, code: str, zh: str, en: str) -> CatalogueProblem:
        found = CatalogueProblem(self.path, line, code, zh, en)
        self.problems.append(found)
        return found

    def layout(self, node: yaml.Node) -> FaceLayout:
        parts = self._mapping(
            node,
            required=("schema", "page", "values", "qr", "seals"),
            optional=("styles", "ornaments", "texts"),
        )
        if parts and self._text(parts.get("schema")) != SCHEMA:
            self.problem(1, "schema", f"schema 应为 {SCHEMA}", f"schema must be {SCHEMA}")
        page = self._numbers(parts.get("page"), ("width", "height"))
        styles = self._styles(parts.get("styles"))
        layout = FaceLayout(
            width_mm=page["width"],
            height_mm=page["height"],
            ornaments=tuple(map(self._ornament, self._items(parts.get("ornaments")))),
            texts=tuple(self._fixed(item, styles) for item in self._items(parts.get("texts"))),
            values=tuple(self._value(item, styles) for item in self._items(parts.get("values"))),
            qr_box=self._square(parts.get("qr")),
            seal_boxes=tuple(map(self._square, self._items(parts.get("seals")))),
        )
        self._check_places(node, layout)
        return layout

    # --- the parts of a layout

    def _styles(self, node: yaml.Node | None) -> Mapping[str, Mapping[str, yaml.Node]]:
        if node is None:
            return {}
        return {
            key: self._mapping(style, optional=tuple(_STYLE_KEYS))
            for key, style in self._mapping(node, optional=None).items()
        }

    def _ornament(self, node: yaml.Node) -> Ornament:
        kind = self._text(self._peek(node, "kind"))
        wanted = ORNAMENTS[kind][0] if kind in ORNAMENTS else ()
        parts = self._mapping(
            node,
            required=("kind", *sorted(_BOX_KEYS), *wanted),
            optional=("colour", "line", "fill"),
        )
        if kind not in ORNAMENTS:
            self._unknown(node, kind, tuple(ORNAMENTS))
            kind = "rectangle"
        fill = self._colour(parts["fill"]) if "fill" in parts else None
        line = self._number(parts["line"]) if "line" in parts else 0.0
        ink = Ink(self._colour(parts.get("colour")), line, fill)
        numbers = {key: self._number(parts.get(key)) for key in wanted}
        return Ornament(kind, self._box(parts), ink, numbers)

    def _fixed(self, node: yaml.Node, styles: Mapping[str, Mapping[str, yaml.Node]]) -> FixedText:
        parts = self._mapping(
            node,
            required=("text", *sorted(_BOX_KEYS)),
            optional=("style", *sorted(_STYLE_KEYS)),
        )
        return FixedText(self._text(parts.get("text")), self._frame(node, parts, styles))

    def _value(self, node: yaml.Node, styles: Mapping[str, Mapping[str, yaml.Node]]) -> ValueText:
        parts = self._mapping(
            node,
            required=("claim", *sorted(_BOX_KEYS)),
            optional=("form", "before", "after", "follows", "style", *sorted(_STYLE_KEYS)),
        )
        claim = self._text(parts.get("claim"))
        if not _CLAIM.fullmatch(claim):
            self.problem(_line(node), "claim", "claim 不是声明路径", "claim is not a claim path")
        frame = self._frame(node, parts, styles)
        beside = tuple(key for key in ("before", "after", "follows") if key in parts)
        if beside and frame.max_lines > 1:
            # A box around several lines would hold the words beside the value as well.
            zh, en = f"{beside[0]} 只用于单行", f"{beside[0]} goes with one line only"
            self.problem(_line(node), "beside-lines", zh, en)
        return ValueText(
            claim=claim,
            form=self._choice(parts.get("form"), FORMS),
            before=self._text(parts.get("before")),
            after=self._text(parts.get("after")),
            follows=self._text(parts.get("follows")),
            frame=frame,
            line=_line(node),
        )

    def _frame(
        self,
        node: yaml.Node,
        parts: Mapping[str, yaml.Node],
        styles: Mapping[str, Mapping[str, yaml.Node]],
    ) -> TextFrame:
        named = self._text(parts.get("style"))
        if named and named not in styles:
            self._unknown(node, named, tuple(styles))
        merged = {**styles.get(named, {}), **{k: v for k, v in parts.items() if k in _STYLE_KEYS}}
        if "size" not in merged:
            self.problem(_line(node), "missing", "缺少 size", "size is missing")
        size = self._number(merged.get("size"), 4.0)
        style = TextStyle(
            family=self._choice(merged.get("font"), FAMILIES),
            size_mm=size,
            minimum_mm=min(size, self._number(merged.get("minimum"), size)),
            align=self._choice(merged.get("align"), ALIGNS),
            vertical=self._choice(merged.get("vertical"), VERTICALS, "middle"),
            leading=self._number(merged.get("leading"), 1.4),
            colour=self._colour(merged.get("colour")),
            weight_mm=self._number(merged.get("weight"), 0.0),
        )
        lines = int(self._number(merged.get("max_lines"), 1.0))
        return TextFrame(self._box(parts), style, max(1, lines))

    def _square(self, node: yaml.Node | None) -> Box:
        numbers = self._numbers(node, ("x", "y", "size"))
        return Box(numbers["x"], numbers["y"], numbers["size"], numbers["size"])

    def _box(self, parts: Mapping[str, yaml.Node]) -> Box:
        return Box(*(self._number(parts.get(key), 0.0) for key in ("x", "y", "width", "height")))

    def _check_places(self, node: yaml.Node, layout: FaceLayout) -> None:
        """Tell what lies outside the page, or on the QR code."""
        page = Box(0, 0, layout.width_mm, layout.height_mm)
        named = [(text.text, text.frame.box) for text in layout.texts]
        named += [(value.claim, value.frame.box) for value in layout.values]
        for name, box in (*named, ("qr", layout.qr_box), *_seals(layout)):
            if not page.holds(box):
                zh, en = f"{name} 超出页面", f"{name} lies outside the page"
                self.problem(_line(node), "outside-page", zh, en)
        for name, box in (*named, *_seals(layout)):
            if box.meets(layout.qr_box):
                zh, en = f"{name} 与二维码重叠", f"{name} lies over the QR code"
                self.problem(_line(node), "over-qr", zh, en)
        if not layout.seal_boxes:
            self.problem(_line(node), "no-seal", "至少一个印章位置", "at least one seal is needed")
        twice = {claim for claim in layout.claims if layout.claims.count(claim) > 1}
        for claim in sorted(twice):
            zh, en = f"{claim} 出现两次", f"{claim} stands twice on the face"
            self.problem(_line(node), "claim-twice", zh, en)

    # --- nodes

    def _mapping(
        self,
        node: yaml.Node | None,
        required: tuple[str, ...] = (),
        optional: tuple[str, ...] | None = (),
    ) -> dict[str, yaml.Node]:
        """Return a mapping's nodes by key; ``optional`` None: any key is allowed."""
        if not isinstance(node, yaml.MappingNode):
            self.problem(_line(node), "not-a-mapping", "应为键值表", "a mapping is expected")
            return {}
        found: dict[str, yaml.Node] = {}
        for key_node, value in node.value:
            key = self._text(key_node)
            if key in found or (optional is not None and key not in (*required, *optional)):
                zh, en = f"不认识或重复的键 {key}", f"unknown or repeated key {key}"
                self.problem(_line(key_node), "unknown-key", zh, en)
            found[key] = value
        for key in required:
            if key not in found:
                self.problem(_line(node), "missing", f"缺少 {key}", f"{key} is missing")
        return found

    def _items(self, node: yaml.Node | None) -> tuple[yaml.Node, ...]:
        if node is None:
            return ()
        if not isinstance(node, yaml.SequenceNode):
            self.problem(_line(node), "not-a-list", "应为列表", "a list is expected")
            return ()
        return tuple(node.value)

    def _numbers(self, node: yaml.Node | None, keys: tuple[str, ...]) -> dict[str, float]:
        parts = self._mapping(node, required=keys)
        return {key: self._number(parts.get(key), 1.0) for key in keys}

    def _peek(self, node: yaml.Node, key: str) -> yaml.Node | None:
        pairs = node.value if isinstance(node, yaml.MappingNode) else ()
        return next((value for name, value in pairs if name.value == key), None)

    def _text(self, node: yaml.Node | None) -> str:
        if node is None:
            return ""
        if not isinstance(node, yaml.ScalarNode):
            self.problem(_line(node), "not-a-text", "应为文字", "a text is expected")
            return ""
        return str(node.value)

    def _number(self, node: yaml.Node | None, absent: float = 0.0) -> float:
        if node is None:
            return absent
        text = self._text(node)
        if not re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,3})?", text):
            self.problem(_line(node), "not-a-number", "应为数字", "a number is expected")
            return absent or 1.0
        return float(text)

    def _colour(self, node: yaml.Node | None) -> str:
        if node is None:
            return "#000000"
        text = self._text(node)
        if not _COLOUR.fullmatch(text):
            self.problem(_line(node), "colour", "颜色应为 #rrggbb", "a colour is #rrggbb")
        return text

    def _choice(
        self, node: yaml.Node | None, choices: tuple[str, ...], absent: str | None = None
    ) -> str:
        if node is None:
            return absent or choices[0]
        text = self._text(node)
        if text not in choices:
            self._unknown(node, text, choices)
            return choices[0]
        return text

    def _unknown(self, node: yaml.Node, text: str, choices: tuple[str, ...]) -> None:
        allowed = ", ".join(choices)
        zh, en = f"{text} 不在 {allowed} 之中", f"{text} is not one of {allowed}"
        self.problem(_line(node), "unknown-choice", zh, en)


def _disguises(text: str) -> Iterator[int]:
    """Yield the lines on which a file is not what it looks like: anchors, aliases, tags."""
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if getattr(event, "anchor", None) or getattr(event, "tag", None):
            yield event.start_mark.line + 1 if event.start_mark else 1


def _seals(layout: FaceLayout) -> Iterator[tuple[str, Box]]:
    for number, box in enumerate(layout.seal_boxes):
        yield f"seals.{number}", box


def _line(node: yaml.Node | None) -> int:
    return node.start_mark.line + 1 if node is not None else 1
