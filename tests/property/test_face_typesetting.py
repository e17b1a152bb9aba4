"""Whatever the value, typesetting keeps it whole and inside its box, or refuses it by name."""

from collections.abc import Mapping
from itertools import pairwise

from effort import examples
from example_faces import NAMES, content, fonts, layout, qr_text, values
from hypothesis import given, settings
from hypothesis import strategies as st

from license_vault.face.errors import FaceError
from license_vault.face.fonts import BODY
from license_vault.face.license_face import set_face
from license_vault.face.placed_face import Box, PlacedFace, PlacedRun
from license_vault.face.typesetting import (
    ASCENT,
    NO_LINE_END,
    NO_LINE_START,
    TextFrame,
    TextStyle,
    Words,
    set_text,
)

CHARACTERS = "一二三证照机关𬱖㛃䶮𠅤𫖯𠀀，。、；：（）《》“”…—·ABCxyz0123456789 .-/&%"
TEXTS = st.text(st.sampled_from(CHARACTERS), min_size=1, max_size=200)
ANY_TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=60)
STYLES = st.builds(
    TextStyle,
    family=st.just(BODY),
    size_mm=st.sampled_from((5.0, 6.2)),
    minimum_mm=st.sampled_from((2.0, 3.1)),
    align=st.sampled_from(("left", "centre", "right", "justify", "spread")),
    vertical=st.sampled_from(("top", "middle", "bottom")),
    leading=st.sampled_from((1.2, 1.45)),
)
FRAMES = st.builds(
    TextFrame,
    box=st.builds(
        Box,
        x=st.floats(0, 50),
        y=st.floats(0, 50),
        width=st.floats(10, 150),
        height=st.floats(6, 90),
    ),
    style=STYLES,
    max_lines=st.integers(1, 20),
)


def runs_or_refusal(text: str, frame: TextFrame) -> tuple[tuple[PlacedRun, ...], FaceError | None]:
    try:
        return set_text(Words(text, "field"), frame, fonts()), None
    except FaceError as error:
        return (), error


@settings(max_examples=examples(300), deadline=None)
@given(text=TEXTS, frame=FRAMES)
def test_a_text_is_whole_and_inside_its_box_or_refused_by_name(text: str, frame: TextFrame) -> None:
    runs, refused = runs_or_refusal(text, frame)
    if refused is not None:
        assert refused.field == "field"
        return
    assert "".join(run.text for run in runs) == text
    for run in runs:
        hanging = (
            sum(glyph.advance for glyph in (fonts().choose(BODY, " "),) if glyph)
            * run.size_mm
            * (len(run.text) - len(run.text.rstrip(" ")))
        )
        ink = Box(
            run.x_mm,
            run.baseline_mm - ASCENT * run.size_mm,
            max(0.0, run.width_mm - run.spacing_mm * len(run.text) - hanging),
            run.size_mm,
        )
        assert frame.box.holds(ink, 0.001) or not run.text.strip(" ")
        assert frame.style.minimum_mm <= run.size_mm <= frame.style.size_mm


@settings(max_examples=examples(200), deadline=None)
@given(text=st.text(st.sampled_from("一二三四五，。；（）《》12a"), min_size=1, max_size=80))
def test_no_line_breaks_the_rules_unless_it_must(text: str) -> None:
    style = TextStyle(BODY, 5.0, 5.0, vertical="top")
    runs = set_text(Words(text, "field"), TextFrame(Box(0, 0, 60, 2000), style, 90), fonts())
    lines: dict[float, str] = {}
    for run in runs:
        lines[run.baseline_mm] = lines.get(run.baseline_mm, "") + run.text
    ordered = [lines[key] for key in sorted(lines)]
    for before, after in pairwise(ordered):
        forced = all(each in NO_LINE_START | NO_LINE_END for each in before[1:-1] + after[:1])
        ruled = before[-1] not in NO_LINE_END and after[0] not in NO_LINE_START
        assert ruled or forced or _one_cluster_wider_than_a_line(before)


def _one_cluster_wider_than_a_line(line: str) -> bool:
    """Whether a line has no place where it may break (marks and words glued together)."""
    return not any(
        a not in NO_LINE_END and b not in NO_LINE_START and not (a.isascii() and b.isascii())
        for a, b in pairwise(line)
    )


def face_or_refusal(
    name: str, printed: Mapping[str, str]
) -> tuple[PlacedFace | None, FaceError | None]:
    try:
        return set_face(layout(name), printed, fonts(), qr_text(content(name))), None
    except FaceError as error:
        return None, error


@settings(max_examples=examples(60), deadline=None)
@given(name=st.sampled_from(NAMES), claim=st.integers(0, 30), value=ANY_TEXTS)
def test_any_value_in_any_place_is_drawn_whole_or_refused_by_its_claim(
    name: str, claim: int, value: str
) -> None:
    license_, where = content(name), layout(name)
    path = where.claims[claim % len(where.claims)]
    printed = {k: v for k, v in values(license_).items() if not k.startswith(f"{path}.")}
    printed[path] = value.replace("\n", "")
    face, refused = face_or_refusal(name, printed)
    if face is None:
        assert refused is not None
        assert refused.field == path
        return
    if printed[path]:
        assert face.values[path].text == printed[path]
        item = next(each for each in where.values if each.claim == path)
        if not item.follows and printed[path].strip(" "):
            assert face.boxes[path].y >= item.frame.box.y - 0.001
            assert face.boxes[path].bottom <= item.frame.box.bottom + 0.001
