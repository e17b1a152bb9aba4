"""One text in one box: broken by the rules, shrunk when it must, refused when it cannot fit."""

from collections.abc import Sequence

import pytest
from example_faces import fonts

from license_vault.face.errors import (
    CharacterNotSettableError,
    FaceOverflowError,
    GlyphMissingError,
)
from license_vault.face.fonts import SERIF
from license_vault.face.placed_face import Box, PlacedRun
from license_vault.face.typesetting import (
    NO_LINE_END,
    NO_LINE_START,
    Span,
    TextFrame,
    TextStyle,
    Words,
    set_text,
)


def frame(
    width: float = 50, height: float = 100, max_lines: int = 20, **style: object
) -> TextFrame:
    options: dict[str, object] = {"size_mm": 5.0, "minimum_mm": 2.5, "vertical": "top", **style}
    return TextFrame(Box(10, 20, width, height), TextStyle(SERIF, **options), max_lines)  # type: ignore[arg-type]


def runs_of(text: str, where: TextFrame) -> tuple[PlacedRun, ...]:
    return set_text(Words(text, "field"), where, fonts())


def lines_of(runs: Sequence[PlacedRun]) -> list[str]:
    lines: dict[float, str] = {}
    for run in runs:
        lines[run.baseline_mm] = lines.get(run.baseline_mm, "") + run.text
    return [lines[baseline] for baseline in sorted(lines)]


def test_ten_characters_of_five_millimetres_fill_fifty() -> None:
    assert lines_of(runs_of("一" * 20, frame())) == ["一" * 10, "一" * 10]


def test_a_closing_mark_never_starts_a_line() -> None:
    lines = lines_of(runs_of("一二三四五六七八九十，一二三", frame()))
    assert lines == ["一二三四五六七八九", "十，一二三"]


def test_an_opening_mark_never_ends_a_line() -> None:
    lines = lines_of(runs_of("一二三四五六七八九（一二三）", frame()))
    assert lines == ["一二三四五六七八九", "（一二三）"]


def test_a_number_stays_whole_when_it_fits_a_line() -> None:
    lines = lines_of(runs_of("一二三四五六七八2025-11-20年", frame()))
    assert lines == ["一二三四五六七八", "2025-11-20年"]


def test_a_word_wider_than_a_line_is_broken_after_a_point_if_it_has_one() -> None:
    lines = lines_of(runs_of("ABCDEFGHIJ.ABCDEFGHIJKLMNOP", frame(minimum_mm=5.0)))
    assert lines[0] == "ABCDEFGHIJ."


def test_a_text_too_long_for_its_lines_is_made_smaller() -> None:
    runs = runs_of("一" * 15, frame(max_lines=1))
    assert lines_of(runs) == ["一" * 15]
    assert runs[0].size_mm == pytest.approx(50 / 15, abs=0.05)
    assert runs[0].width_mm <= 50


def test_the_size_is_the_largest_that_fits() -> None:
    runs = runs_of("一" * 12, frame(max_lines=1))
    assert 50 / 12 - 0.05 <= runs[0].size_mm <= 50 / 12


def test_what_does_not_fit_at_the_smallest_size_is_refused_by_name() -> None:
    with pytest.raises(FaceOverflowError) as refused:
        runs_of("一" * 21, frame(max_lines=1))
    assert refused.value.field == "field"


def test_too_many_lines_for_the_height_are_refused() -> None:
    with pytest.raises(FaceOverflowError):
        runs_of("一" * 60, frame(height=6, max_lines=9))


def test_a_line_feed_forces_a_break_and_is_not_drawn() -> None:
    runs = runs_of("一二\n三四", frame())
    assert lines_of(runs) == ["一二", "三四"]
    assert "\n" not in "".join(run.text for run in runs)


def test_spaces_at_the_end_of_a_line_do_not_count_but_are_kept() -> None:
    text = "一二三四五六七八九十 一二"
    runs = runs_of(text, frame())
    assert lines_of(runs) == ["一二三四五六七八九十 ", "一二"]
    assert "".join(run.text for run in runs) == text


def test_a_single_line_stands_in_the_middle_of_its_box() -> None:
    run = runs_of("一二", frame(height=15, vertical="middle"))[0]
    assert run.baseline_mm == pytest.approx(20 + 5 + 0.88 * 5)


@pytest.mark.parametrize(("align", "x"), [("left", 10), ("centre", 30), ("right", 50)])
def test_alignment_moves_the_start_of_the_line(align: str, x: float) -> None:
    assert runs_of("一二", frame(align=align))[0].x_mm == pytest.approx(x)


def test_a_spread_label_fills_its_width() -> None:
    run = runs_of("地址", frame(align="spread"))[0]
    assert run.x_mm == 10
    assert run.x_mm + run.width_mm - run.spacing_mm == pytest.approx(60)


def test_justified_lines_end_at_the_edge_and_the_last_does_not() -> None:
    runs = runs_of(
        "一二三四五六七八九十一ab二三四五六七八九，一二", frame(width=52, align="justify")
    )
    first, last = runs[0], runs[-1]
    assert first.x_mm + first.width_mm - first.spacing_mm == pytest.approx(62)
    assert last.spacing_mm == 0


def test_runs_are_cut_where_the_font_changes() -> None:
    runs = runs_of("张𠀀三", frame())
    assert [run.text for run in runs] == ["张", "𠀀", "三"]
    assert runs[1].x_mm == pytest.approx(15)
    assert runs[1].font != runs[0].font == runs[2].font


def test_fixed_words_around_a_claim_are_runs_of_their_own() -> None:
    words = Words("（正本）", "copy.kind", (Span("copy.kind", 1, 3),))
    runs = set_text(words, frame(), fonts())
    assert [(run.text, run.field) for run in runs] == [
        ("（", None),
        ("正本", "copy.kind"),
        ("）", None),
    ]


def test_a_character_in_no_font_is_refused_with_its_code_and_package() -> None:
    with pytest.raises(GlyphMissingError) as refused:
        runs_of("张𰻞", frame())
    assert (refused.value.field, refused.value.character) == ("field", "𰻞")
    assert "U+30EDE" in str(refused.value)
    assert refused.value.package == "fonts-babelstone-han (Debian)"


# Ligatures and fillers too: readers of the page find other letters, or none.
@pytest.mark.parametrize(
    "character",
    ["\u202e", "\u200b", "\t", "א", "\u0301", "\U000e0100", "\ufb01", "\ufb06", "\u3164", "\u115f"],
)
def test_controls_marks_and_right_to_left_are_refused(character: str) -> None:
    with pytest.raises(CharacterNotSettableError):
        runs_of(f"张{character}三", frame())


def test_no_mark_is_kept_from_both_ends_of_a_line() -> None:
    assert not NO_LINE_START & NO_LINE_END
