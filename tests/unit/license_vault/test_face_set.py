"""A face is its layout filled with claims: nothing leaves its place, nothing is lost."""

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from example_faces import ALL_NAMES, CHECK, content, fonts, layout, placed, qr_text, values

from license_vault.face.errors import FaceOverflowError, GlyphMissingError
from license_vault.face.license_face import CHECK_CODE, data_index, set_face
from license_vault.face.placed_face import Box, PlacedFace
from license_vault.face.typesetting import ASCENT, DESCENT
from license_vault.license import MADE_FROM_RECORDS, Condition
from license_vault.license_identifier import parse


@pytest.mark.parametrize("name", ALL_NAMES)
def test_every_claim_on_the_face_is_drawn_whole(name: str) -> None:
    face, printed = placed(name), values(content(name))
    assert face.values
    for claim, value in face.values.items():
        assert value.text == printed[claim], claim


@pytest.mark.parametrize("name", ALL_NAMES)
def test_every_field_and_the_check_code_stand_on_the_face(name: str) -> None:
    face = placed(name)
    wanted = {f"fields.{key}" for key in content(name).fields}
    shown = {".".join(claim.split(".")[:2]) for claim in face.values}
    assert wanted | {CHECK_CODE, "identifier", "number", "authority.name"} <= shown
    assert face.values[CHECK_CODE].text == CHECK


@pytest.mark.parametrize("name", ALL_NAMES)
def test_no_run_leaves_the_page_or_touches_the_qr_code(name: str) -> None:
    face = placed(name)
    page = Box(0, 0, face.width_mm, face.height_mm)
    for run in face.runs:
        top = run.baseline_mm - ASCENT * run.size_mm
        ink = Box(run.x_mm, top, run.width_mm - run.spacing_mm, run.size_mm)
        assert page.holds(ink)
        assert not ink.meets(face.qr_box), run.text
    assert page.holds(face.seal_box)
    assert not face.seal_box.meets(face.qr_box)


@pytest.mark.parametrize("name", ALL_NAMES)
def test_the_seal_stands_over_the_date_of_issue(name: str) -> None:
    face = placed(name)
    assert face.seal_box.width == face.seal_box.height == 42
    assert face.seal_box.meets(face.boxes["issued_on"])
    if name != "identity-card":  # the card itself stays free of the seal
        assert face.seal_box.meets(face.boxes["authority.name"])


def test_the_same_input_gives_the_same_face() -> None:
    assert placed("business-license") == placed("business-license")


def test_dates_stand_in_their_chinese_form_and_no_end_is_said_in_words() -> None:
    drawn = placed("business-license").values
    assert drawn["issued_on"].text == "2026年03月20日"
    assert drawn["valid_until"].text == "长期"


def test_the_end_of_the_term_follows_its_beginning_without_a_gap() -> None:
    drawn = placed("medical-institution").boxes
    gap = drawn["valid_until"].x - drawn["valid_from"].right
    assert gap == pytest.approx(6.2, abs=0.5)  # the width of 至


def test_items_set_line_by_line_have_a_box_each() -> None:
    drawn = placed("constructor-registration").values
    first, second = (drawn[f"fields.registered_professions.{n}"] for n in (0, 1))
    assert first.text.startswith("建筑工程")
    assert second.box.y > first.box.y
    assert not first.box.meets(second.box)
    assert "fields.registered_professions" not in drawn


NOTES = {
    "making": MADE_FROM_RECORDS,
    "conditions": (
        Condition("补交消防验收意见书和房屋产权证明", date(2026, 6, 30)),
        Condition("完成隔油池改造并通过复查", date(2026, 9, 30)),
    ),
}


def noted(name: str) -> PlacedFace:
    first = content(name).identifier
    second = parse(first).next_version().text
    return placed(name, identifier=second, predecessor=first, **NOTES)


@pytest.mark.parametrize("name", ALL_NAMES)
def test_notes_stand_one_under_the_other_away_from_all_else(name: str) -> None:
    face = noted(name)
    paths = ("making", "conditions.0", "conditions.1", "predecessor")
    tops = [face.boxes[path].y for path in paths]
    assert tops == sorted(tops)
    assert face.values["predecessor"].text.endswith(content(name).identifier)
    for path in paths:
        box = face.boxes[path]
        others = (other for claim, other in face.boxes.items() if claim not in paths)
        assert not any(box.meets(other) for other in others), path
        assert not box.meets(face.seal_box), path
        assert not box.meets(face.qr_box), path


def test_a_license_without_notes_leaves_their_place_empty() -> None:
    assert not {"making", "predecessor"} & placed("food-business").values.keys()


def test_notes_without_a_place_are_refused() -> None:
    license_ = content("food-business", **NOTES)
    without = replace(layout("food-business"), notes=None)
    with pytest.raises(FaceOverflowError) as refused:
        set_face(without, values(license_), fonts(), qr_text(license_))
    assert refused.value.field == "making"


def test_more_conditions_than_there_is_room_for_are_refused_by_name() -> None:
    many = tuple(Condition("补" * 200, date(2026, 6, 30)) for _ in range(5))
    with pytest.raises(FaceOverflowError) as refused:
        placed("business-license", conditions=many)
    assert refused.value.field == "conditions"


def test_rows_of_a_table_stand_under_each_other_cell_by_cell() -> None:
    boxes = placed("medical-institution-duplicate").boxes
    rows = [boxes[f"fields.revalidations.{row}.on"].y for row in range(3)]
    assert rows[1] - rows[0] == pytest.approx(rows[2] - rows[1])
    assert "fields.revalidations.3.on" not in boxes
    assert placed("integrated-industry").values["parts.3.validity"].text.endswith("至长期")


def with_field(name: str, key: str, value: Any) -> None:
    license_ = content(name)
    changed = {**license_.fields, key: value}
    placed(name, fields=changed)


def test_a_value_that_cannot_fit_is_refused_by_its_claim_path() -> None:
    with pytest.raises(FaceOverflowError) as refused:
        with_field("business-license", "legal_representative", "长" * 400)
    assert refused.value.field == "fields.legal_representative"


def test_a_character_in_no_font_is_refused_by_its_claim_path() -> None:
    with pytest.raises(GlyphMissingError) as refused:
        with_field("business-license", "legal_representative", "王𰻞")
    assert refused.value.field == "fields.legal_representative"
    assert refused.value.character == "𰻞"


def test_the_longest_business_scope_the_type_allows_fits() -> None:
    with_field("business-license", "business_scope", "技术服务、" * 240)


def test_a_claim_without_a_value_leaves_its_place_empty() -> None:
    name = "medical-institution"
    printed = {k: v for k, v in values(content(name)).items() if "legal" not in k}
    face = set_face(layout(name), printed, fonts(), qr_text(content(name)))
    assert "fields.legal_representative" not in face.values


def test_the_data_index_names_page_box_and_text_of_each_claim() -> None:
    face = placed("public-place-hygiene")
    index = json.loads(data_index(face))
    assert index["schema"] == "license-vault/index/1"
    assert set(index["fields"]) == set(face.values) - {CHECK_CODE}
    entry = index["fields"]["fields.legal_representative"]
    assert entry["page"] == 1
    assert entry["text"] == "王𬱖"
    box = face.boxes["fields.legal_representative"]
    assert entry["box_mm"] == pytest.approx([box.x, box.y, box.width, box.height], abs=0.006)


def test_boxes_of_different_claims_do_not_overlap() -> None:
    for name in ALL_NAMES:
        boxes = sorted(placed(name).boxes.items())
        for i, (claim, box) in enumerate(boxes):
            for other, second in boxes[i + 1 :]:
                assert not box.meets(second), (name, claim, other)


def test_a_box_is_as_high_as_the_em_square() -> None:
    face = placed("public-place-hygiene")
    run = next(run for run in face.runs if run.field == "number")
    assert face.boxes["number"].height == pytest.approx((ASCENT + DESCENT) * run.size_mm)
