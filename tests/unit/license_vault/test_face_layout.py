"""Layouts are data: every problem is named with its file and line, all at once."""

from pathlib import Path

import pytest

from license_vault.face.errors import FaceLayoutBrokenError
from license_vault.face.layout import check_layout, read_layout
from license_vault.face.placed_face import Box
from license_vault.license_types.catalogue import SHIPPED_TYPES

GOOD = """schema: license-vault/face/1
page: {width: 100, height: 80}
styles:
  value: {font: body, size: 5, minimum: 3}
ornaments:
  - {kind: band, x: 2, y: 2, width: 96, height: 76, band: 6, period: 6, strands: 3, fill: "#aa8833"}
texts:
  - {text: 地址, x: 10, y: 10, width: 20, height: 6, size: 5, align: spread}
values:
  - {claim: fields.address, style: value, x: 32, y: 10, width: 30, height: 12, max_lines: 2}
qr: {x: 65, y: 10, size: 25}
seals:
  - {x: 50, y: 36, size: 42}
"""


def problems(tmp_path: Path, text: str) -> list[tuple[int, str]]:
    path = tmp_path / "face.yaml"
    path.write_text(text, "utf-8")
    return [(problem.line, problem.code) for problem in check_layout(path)[1]]


def test_a_good_layout_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "face.yaml"
    path.write_text(GOOD, "utf-8")
    layout = read_layout(path)
    assert (layout.width_mm, layout.height_mm) == (100, 80)
    assert layout.claims == ("fields.address",)
    assert layout.values[0].frame.box == Box(32, 10, 30, 12)
    assert layout.values[0].frame.style.minimum_mm == 3
    assert layout.seal_boxes == (Box(50, 36, 42, 42),)
    assert layout.paths


@pytest.mark.parametrize("path", sorted(SHIPPED_TYPES.glob("*/*/face*.yaml")), ids=str)
def test_the_shipped_layouts_have_no_problem(path: Path) -> None:
    assert check_layout(path)[1] == ()


@pytest.mark.parametrize("path", sorted(SHIPPED_TYPES.glob("*/*/face*.yaml")), ids=str)
def test_no_text_of_a_shipped_layout_stands_on_another(path: Path) -> None:
    layout = read_layout(path)
    boxes = [(text.text, text.frame.box) for text in layout.texts]
    boxes += [(v.claim, v.frame.box) for v in layout.values if not v.follows]
    boxes += [("notes", layout.notes.box)] if layout.notes else []
    over = [
        (a, b)
        for i, (a, first) in enumerate(boxes)
        for b, second in boxes[i + 1 :]
        if first.meets(second)
    ]
    assert over == []


@pytest.mark.parametrize(
    ("old", "new", "line", "code"),
    [
        ("face/1", "face/9", 1, "schema"),
        ("size: 5, minimum", "size: big, minimum", 4, "not-a-number"),
        ("font: body", "font: comic", 4, "unknown-choice"),
        ("kind: band", "kind: dragon", 6, "unknown-choice"),
        ("period: 6, ", "", 6, "missing"),
        ("#aa8833", "gold", 6, "colour"),
        ("align: spread", "align: everywhere", 8, "unknown-choice"),
        ("claim: fields.address", "claim: ../etc", 10, "claim"),
        ("style: value", "style: wish", 10, "unknown-choice"),
        ("height: 12, max", "hieght: 12, max", 10, "unknown-key"),
        ("max_lines: 2", "max_lines: 2, before: 自", 10, "beside-lines"),
        ("qr: {x: 65", "qr: {y: 65", 11, "unknown-key"),
    ],
)
def test_a_mistake_is_named_with_its_line(
    tmp_path: Path, old: str, new: str, line: int, code: str
) -> None:
    assert (line, code) in problems(tmp_path, GOOD.replace(old, new, 1))


TABLE = """tables:
  - claim: fields.checks
    rows: 3
    pitch: 4
    columns:
      - {item: year, style: value, x: 5, y: 24, width: 10, height: 3.5}
      - {item: result, style: value, x: 16, y: 24, width: 20, height: 3.5}
notes: {style: value, x: 5, y: 40, width: 40, height: 10}
qr:"""


def test_a_table_becomes_its_cells_row_by_row(tmp_path: Path) -> None:
    path = tmp_path / "face.yaml"
    path.write_text(GOOD.replace("qr:", TABLE, 1), "utf-8")
    layout = read_layout(path)
    assert layout.claims[1:] == tuple(
        f"fields.checks.{row}.{item}" for row in range(3) for item in ("year", "result")
    )
    assert [value.frame.box.y for value in layout.values[1:]] == [24, 24, 28, 28, 32, 32]
    assert [(table.claim, table.rows) for table in layout.tables] == [("fields.checks", 3)]
    assert layout.notes is not None
    assert layout.notes.box == Box(5, 40, 40, 10)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("claim: fields.checks", "claim: ../etc", "claim"),
        ("    rows: 3\n", "", "missing"),
        ("item: year", "itme: year", "unknown-key"),
        ("rows: 3", "rows: 30", "outside-page"),
        ("rows: 3", "rows: many", "not-a-number"),
        ("notes: {style: value, x: 5", "notes: {style: value, x: 80", "outside-page"),
        ("notes: {style: value, x: 5, y: 40", "notes: {style: value, x: 30, y: 30", "over-qr"),
    ],
)
def test_a_mistake_in_tables_or_notes_is_named(
    tmp_path: Path, old: str, new: str, code: str
) -> None:
    text = GOOD.replace("qr:", TABLE, 1).replace(old, new, 1)
    assert code in [found for _, found in problems(tmp_path, text)]


def test_all_mistakes_are_named_at_once(tmp_path: Path) -> None:
    text = GOOD.replace("font: body", "font: comic").replace("#aa8833", "gold")
    assert {code for _, code in problems(tmp_path, text)} == {"unknown-choice", "colour"}


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("x: 32, y: 10", "x: 80, y: 70", "outside-page"),
        ("x: 32, y: 10", "x: 60, y: 10", "over-qr"),
        ("{x: 50, y: 36, size: 42}", "{x: 50, y: 20, size: 42}", "over-qr"),
        ("{x: 50, y: 36, size: 42}", "{x: 70, y: 36, size: 42}", "outside-page"),
        ("seals:\n  - {x: 50, y: 36, size: 42}", "seals: []", "no-seal"),
    ],
)
def test_what_leaves_the_page_or_covers_the_qr_code_is_named(
    tmp_path: Path, old: str, new: str, code: str
) -> None:
    assert code in [found for _, found in problems(tmp_path, GOOD.replace(old, new, 1))]


def test_a_claim_placed_twice_is_named(tmp_path: Path) -> None:
    twice = "  - {claim: fields.address, style: value, x: 32, y: 30, width: 10, height: 5}\nqr:"
    assert [code for _, code in problems(tmp_path, GOOD.replace("qr:", twice))] == ["claim-twice"]


@pytest.mark.parametrize("text", ["", "[", "- a", "a: &x 1\nb: *x", "!!python/object:os.system {}"])
def test_what_is_no_layout_is_a_problem_and_nothing_is_executed(tmp_path: Path, text: str) -> None:
    assert problems(tmp_path, text)


def test_anchors_and_tags_are_refused_with_their_line(tmp_path: Path) -> None:
    assert problems(tmp_path, GOOD.replace("qr: {", "qr: &here {")) == [(11, "anchor")]
    assert problems(tmp_path, GOOD.replace("width: 100", "width: !!int 100")) == [(2, "anchor")]


@pytest.mark.parametrize("text", ["- " * 60_000, "[" * 100_000, "{a: " * 30_000])
def test_a_file_nested_too_deep_is_refused_and_not_built(tmp_path: Path, text: str) -> None:
    assert [code for _, code in problems(tmp_path, text)] == ["too-deep"]


def test_reading_a_broken_layout_raises_with_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "face.yaml"
    path.write_text(GOOD.replace("font: body", "font: comic"), "utf-8")
    with pytest.raises(FaceLayoutBrokenError) as refused:
        read_layout(path)
    assert refused.value.problems[0].startswith(f"{path}:4: unknown-choice: ")
