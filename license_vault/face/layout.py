"""The layout of a face as data: reading ``face.yaml`` and telling what is wrong with it.

An operator writes these files, so every problem is named with its file and line, all of them
at once. Read with PyYAML's ``compose``: every scalar is a string, nothing is ever executed.
What a layout may say is described in docs/license-types.md. Nothing is drawn here.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import yaml

from license_vault.face.errors import FaceLayoutBrokenError
from license_vault.face.fonts import FAMILIES
from license_vault.face.layout_nodes import NodeReader, disguises, line_of
from license_vault.face.ornaments import ORNAMENTS, Ink, Ornament, draw_ornament
from license_vault.face.placed_face import Box, PlacedPath
from license_vault.face.typesetting import TextFrame, TextStyle
from license_vault.license_types.files import MAXIMUM_FILE_BYTES, CatalogueProblem, yaml_tree

SCHEMA = "license-vault/face/1"
MAXIMUM_ROWS = 50
FORMS = ("text", "lines")
ALIGNS = ("left", "centre", "right", "justify", "spread")
VERTICALS = ("top", "middle", "bottom")

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


@dataclass(frozen=True, slots=True)
class ClaimTable:
    """A list of objects set row by row: its claim, and how many rows there is room for.

    Its cells are among the values of the layout: ``<claim>.<row>.<item>``.
    """

    claim: str
    rows: int
    line: int


@dataclass(frozen=True, eq=False)
class FaceLayout:
    """A whole layout. ``paths`` are its ornaments, drawn once; ``notes`` is where notes stand.

    Equal only to itself, so that what is worked out of a layout can be kept for it.
    """

    width_mm: float
    height_mm: float
    ornaments: tuple[Ornament, ...]
    texts: tuple[FixedText, ...]
    values: tuple[ValueText, ...]
    qr_box: Box
    seal_boxes: tuple[Box, ...]
    tables: tuple[ClaimTable, ...] = ()
    notes: TextFrame | None = None

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
        for line in disguises(text):
            reader.problem(line, "anchor", "不允许锚点、别名和标签", "no anchors, aliases, tags")
        if reader.problems:
            return None, tuple(reader.problems)
        node = yaml_tree(text)
    except (OSError, UnicodeDecodeError) as error:
        return None, (reader.problem(1, "unreadable", "文件无法读取", f"cannot be read: {error}"),)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        return None, (reader.problem(line, "not-yaml", "不是合法的 YAML", "not YAML"),)
    except RecursionError:
        return None, (reader.problem(1, "too-deep", "嵌套过深", "nested too deep"),)
    layout = reader.layout(node) if node else None
    if node is None:
        reader.problem(1, "empty", "文件为空", "the file is empty")
    return (None if reader.problems else layout), tuple(reader.problems)


class _Reader(NodeReader):
    """Reads one layout."""

    def layout(self, node: yaml.Node) -> FaceLayout:
        parts = self.mapping(
            node,
            required=("schema", "page", "values", "qr", "seals"),
            optional=("styles", "ornaments", "texts", "tables", "notes"),
        )
        if parts and self.text(parts.get("schema")) != SCHEMA:
            self.problem(1, "schema", f"schema 应为 {SCHEMA}", f"schema must be {SCHEMA}")
        page = self.numbers(parts.get("page"), ("width", "height"))
        styles = self._styles(parts.get("styles"))
        values = [self._value(item, styles) for item in self.items(parts.get("values"))]
        tables = [self._table(item, styles) for item in self.items(parts.get("tables"))]
        layout = FaceLayout(
            width_mm=page["width"],
            height_mm=page["height"],
            ornaments=tuple(map(self._ornament, self.items(parts.get("ornaments")))),
            texts=tuple(self._fixed(item, styles) for item in self.items(parts.get("texts"))),
            values=(*values, *(cell for _, cells in tables for cell in cells)),
            qr_box=self._square(parts.get("qr")),
            seal_boxes=tuple(map(self._square, self.items(parts.get("seals")))),
            tables=tuple(table for table, _ in tables),
            notes=self._notes(parts.get("notes"), styles),
        )
        self._check_places(node, layout)
        return layout

    # --- the parts of a layout

    def _styles(self, node: yaml.Node | None) -> Mapping[str, Mapping[str, yaml.Node]]:
        if node is None:
            return {}
        return {
            key: self.mapping(style, optional=tuple(_STYLE_KEYS))
            for key, style in self.mapping(node, optional=None).items()
        }

    def _ornament(self, node: yaml.Node) -> Ornament:
        kind = self.text(self.peek(node, "kind"))
        wanted = ORNAMENTS[kind][0] if kind in ORNAMENTS else ()
        parts = self.mapping(
            node,
            required=("kind", *sorted(_BOX_KEYS), *wanted),
            optional=("colour", "line", "fill"),
        )
        if kind not in ORNAMENTS:
            self.unknown(node, kind, tuple(ORNAMENTS))
            kind = "rectangle"
        fill = self.colour(parts["fill"]) if "fill" in parts else None
        line = self.number(parts["line"]) if "line" in parts else 0.0
        ink = Ink(self.colour(parts.get("colour")), line, fill)
        numbers = {key: self.number(parts.get(key)) for key in wanted}
        return Ornament(kind, self._box(parts), ink, numbers)

    def _fixed(self, node: yaml.Node, styles: Mapping[str, Mapping[str, yaml.Node]]) -> FixedText:
        parts = self.mapping(
            node,
            required=("text", *sorted(_BOX_KEYS)),
            optional=("style", *sorted(_STYLE_KEYS)),
        )
        return FixedText(self.text(parts.get("text")), self._frame(node, parts, styles))

    def _value(self, node: yaml.Node, styles: Mapping[str, Mapping[str, yaml.Node]]) -> ValueText:
        parts = self.mapping(
            node,
            required=("claim", *sorted(_BOX_KEYS)),
            optional=("form", "before", "after", "follows", "style", *sorted(_STYLE_KEYS)),
        )
        claim = self.text(parts.get("claim"))
        if not _CLAIM.fullmatch(claim):
            self.problem(line_of(node), "claim", "claim 不是声明路径", "claim is not a claim path")
        frame = self._frame(node, parts, styles)
        beside = tuple(key for key in ("before", "after", "follows") if key in parts)
        if beside and frame.max_lines > 1:
            # A box around several lines would hold the words beside the value as well.
            zh, en = f"{beside[0]} 只用于单行", f"{beside[0]} goes with one line only"
            self.problem(line_of(node), "beside-lines", zh, en)
        return ValueText(
            claim=claim,
            form=self.choice(parts.get("form"), FORMS),
            before=self.text(parts.get("before")),
            after=self.text(parts.get("after")),
            follows=self.text(parts.get("follows")),
            frame=frame,
            line=line_of(node),
        )

    def _table(
        self, node: yaml.Node, styles: Mapping[str, Mapping[str, yaml.Node]]
    ) -> tuple[ClaimTable, tuple[ValueText, ...]]:
        """Return a table and its cells: each column's frame, moved down row by row."""
        parts = self.mapping(node, required=("claim", "rows", "pitch", "columns"))
        claim = self.text(parts.get("claim"))
        if not _CLAIM.fullmatch(claim):
            self.problem(line_of(node), "claim", "claim 不是声明路径", "claim is not a claim path")
        rows, pitch = int(self.number(parts.get("rows"), 1.0)), self.number(parts.get("pitch"))
        table = ClaimTable(claim, min(rows, MAXIMUM_ROWS), line_of(node))
        columns = [self._column(item, styles) for item in self.items(parts.get("columns"))]
        return table, tuple(
            ValueText(f"{claim}.{row}.{key}", "text", "", "", "", _lowered(frame, row * pitch), at)
            for row in range(table.rows)
            for key, frame, at in columns
        )

    def _column(
        self, node: yaml.Node, styles: Mapping[str, Mapping[str, yaml.Node]]
    ) -> tuple[str, TextFrame, int]:
        parts = self.mapping(
            node,
            required=("item", *sorted(_BOX_KEYS)),
            optional=("style", *sorted(_STYLE_KEYS)),
        )
        return self.text(parts.get("item")), self._frame(node, parts, styles), line_of(node)

    def _notes(
        self, node: yaml.Node | None, styles: Mapping[str, Mapping[str, yaml.Node]]
    ) -> TextFrame | None:
        if node is None:
            return None
        parts = self.mapping(
            node, required=tuple(sorted(_BOX_KEYS)), optional=("style", *sorted(_STYLE_KEYS))
        )
        return self._frame(node, parts, styles)

    def _frame(
        self,
        node: yaml.Node,
        parts: Mapping[str, yaml.Node],
        styles: Mapping[str, Mapping[str, yaml.Node]],
    ) -> TextFrame:
        named = self.text(parts.get("style"))
        if named and named not in styles:
            self.unknown(node, named, tuple(styles))
        merged = {**styles.get(named, {}), **{k: v for k, v in parts.items() if k in _STYLE_KEYS}}
        if "size" not in merged:
            self.problem(line_of(node), "missing", "缺少 size", "size is missing")
        size = self.number(merged.get("size"), 4.0)
        style = TextStyle(
            family=self.choice(merged.get("font"), FAMILIES),
            size_mm=size,
            minimum_mm=min(size, self.number(merged.get("minimum"), size)),
            align=self.choice(merged.get("align"), ALIGNS),
            vertical=self.choice(merged.get("vertical"), VERTICALS, "middle"),
            leading=self.number(merged.get("leading"), 1.4),
            colour=self.colour(merged.get("colour")),
            weight_mm=self.number(merged.get("weight"), 0.0),
        )
        lines = int(self.number(merged.get("max_lines"), 1.0))
        return TextFrame(self._box(parts), style, max(1, lines))

    def _square(self, node: yaml.Node | None) -> Box:
        numbers = self.numbers(node, ("x", "y", "size"))
        return Box(numbers["x"], numbers["y"], numbers["size"], numbers["size"])

    def _box(self, parts: Mapping[str, yaml.Node]) -> Box:
        return Box(*(self.number(parts.get(key), 0.0) for key in ("x", "y", "width", "height")))

    def _check_places(self, node: yaml.Node, layout: FaceLayout) -> None:
        """Tell what lies outside the page, or on the QR code."""
        page = Box(0, 0, layout.width_mm, layout.height_mm)
        named = [(text.text, text.frame.box) for text in layout.texts]
        named += [(value.claim, value.frame.box) for value in layout.values]
        named += [("notes", layout.notes.box)] if layout.notes else []
        for name, box in (*named, ("qr", layout.qr_box), *_seals(layout)):
            if not page.holds(box):
                zh, en = f"{name} 超出页面", f"{name} lies outside the page"
                self.problem(line_of(node), "outside-page", zh, en)
        for name, box in (*named, *_seals(layout)):
            if box.meets(layout.qr_box):
                zh, en = f"{name} 与二维码重叠", f"{name} lies over the QR code"
                self.problem(line_of(node), "over-qr", zh, en)
        if not layout.seal_boxes:
            self.problem(
                line_of(node), "no-seal", "至少一个印章位置", "at least one seal is needed"
            )
        twice = {claim for claim in layout.claims if layout.claims.count(claim) > 1}
        for claim in sorted(twice):
            zh, en = f"{claim} 出现两次", f"{claim} stands twice on the face"
            self.problem(line_of(node), "claim-twice", zh, en)


def _lowered(frame: TextFrame, by_mm: float) -> TextFrame:
    return replace(frame, box=replace(frame.box, y=frame.box.y + by_mm))


def _seals(layout: FaceLayout) -> Iterator[tuple[str, Box]]:
    for number, box in enumerate(layout.seal_boxes):
        yield f"seals.{number}", box
