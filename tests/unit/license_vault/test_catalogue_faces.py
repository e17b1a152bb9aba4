"""Whether a face fits its type: shipped faces do, and a face that was tampered with does not."""

import shutil
from pathlib import Path

import pytest

from license_vault.license_types.catalogue import SHIPPED_TYPES, Catalogue

CODE = "11310000MBDEM00076001"
SEWAGE = "11310000MBDEM00076005"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A catalogue with a copy of one shipped type; its version's folder."""
    shutil.copytree(SHIPPED_TYPES / CODE / "v1", tmp_path / CODE / "v1")
    return tmp_path / CODE / "v1"


def codes(folder: Path) -> list[str]:
    return [problem.code for problem in Catalogue([folder.parents[1]]).check()]


def test_the_shipped_types_and_faces_have_no_problem() -> None:
    assert Catalogue([SHIPPED_TYPES]).check() == ()


def test_a_type_without_a_face_is_named(folder: Path) -> None:
    (folder / "face.yaml").unlink()
    assert codes(folder) == ["face-missing"]


def test_a_broken_type_does_not_hide_what_is_wrong_with_its_face(folder: Path) -> None:
    for name, good, bad in (("type.yaml", "kind: text", "kind: txet"),
                            ("face.yaml", "style: value", "style: nix")):  # fmt: skip
        file = folder / name
        file.write_text(file.read_text("utf-8").replace(good, bad, 1), "utf-8")
    found = Catalogue([folder.parents[1]]).check()
    assert {problem.path.name for problem in found} == {"type.yaml", "face.yaml"}


def test_a_face_that_places_an_unknown_field_is_named_with_its_line(folder: Path) -> None:
    face = folder / "face.yaml"
    text = face.read_text("utf-8").replace("fields.legal_representative", "fields.fax", 1)
    face.write_text(text, "utf-8")
    problem = Catalogue([folder.parents[1]]).check()[0]
    assert (problem.code, problem.path) == ("face-unknown-field", face)
    assert "fields.fax" in text.splitlines()[problem.line - 1]


@pytest.mark.parametrize(
    "claim",
    ["fields.address", "fields.medical_subjects", "number", "issued_on", "valid_until",
     "identifier", "check_code", "authority.name", "holders.0.name"],
)  # fmt: skip
def test_a_face_that_omits_what_must_be_shown_is_named(folder: Path, claim: str) -> None:
    face = folder / "face.yaml"
    lines = face.read_text("utf-8").splitlines(keepends=True)
    face.write_text("".join(x for x in lines if f"claim: {claim}," not in x), "utf-8")
    problems = [p for p in Catalogue([folder.parents[1]]).check() if p.code == "face-omits-field"]
    assert [claim in problem.message_en for problem in problems] == [True]


def test_a_face_without_a_place_for_notes_is_named(folder: Path) -> None:
    face = folder / "face.yaml"
    lines = face.read_text("utf-8").splitlines(keepends=True)
    face.write_text("".join(x for x in lines if not x.startswith("notes:")), "utf-8")
    assert codes(folder) == ["face-omits-notes"]


@pytest.fixture
def sewage(tmp_path: Path) -> Path:
    """A catalogue with a copy of the type that has a table of its own; its version's folder."""
    shutil.copytree(SHIPPED_TYPES / SEWAGE, tmp_path / SEWAGE)
    return tmp_path / SEWAGE / "v1"


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("rows: 6\n", "rows: 5\n", {"face-rows"}),
        (
            "claim: fields.outlets",
            "claim: fields.inlets",
            {"face-unknown-field", "face-omits-field"},
        ),
        ("item: volume", "item: weight", {"face-unknown-field", "face-omits-field"}),
        ("claim: fields.outlets", "claim: parts", {"face-unknown-field", "face-omits-field"}),
    ],
)
def test_a_table_must_be_of_the_type_and_hold_its_rows(
    sewage: Path, old: str, new: str, found: set[str]
) -> None:
    face = sewage / "face.yaml"
    face.write_text(face.read_text("utf-8").replace(old, new), "utf-8")
    assert set(codes(sewage)) == found


def test_the_face_of_duplicates_is_judged_as_well(tmp_path: Path) -> None:
    shutil.copytree(SHIPPED_TYPES / CODE, tmp_path / CODE)
    face = tmp_path / CODE / "v2" / "face-duplicate.yaml"
    face.write_text(face.read_text("utf-8").replace("rows: 6\n", "rows: 2\n"), "utf-8")
    problem = Catalogue([tmp_path]).check()[0]
    assert (problem.code, problem.path) == ("face-rows", face)


def test_an_optional_field_may_be_left_out(folder: Path) -> None:
    face = folder / "face.yaml"
    lines = face.read_text("utf-8").splitlines(keepends=True)
    face.write_text("".join(x for x in lines if "fields.legal_rep" not in x), "utf-8")
    assert codes(folder) == []


@pytest.mark.parametrize(
    "claim", ["holders.1.name", "fields.address.0", "fields", "salt", "fields.medical_subjects.x"]
)
def test_claims_that_the_type_does_not_have_are_unknown(folder: Path, claim: str) -> None:
    face = folder / "face.yaml"
    text = face.read_text("utf-8")
    face.write_text(text.replace("fields.legal_representative", claim, 1), "utf-8")
    assert codes(folder) == ["face-unknown-field"]


def test_a_face_must_have_as_many_seals_as_the_type(folder: Path) -> None:
    definition = folder / "type.yaml"
    text = definition.read_text("utf-8").replace("seals: 1", "seals: 2")
    definition.write_text(text, "utf-8")
    assert codes(folder) == ["face-seals"]


def test_a_broken_layout_is_named_by_file_and_line(folder: Path) -> None:
    face = folder / "face.yaml"
    text = face.read_text("utf-8") + "colour: red\n"
    face.write_text(text, "utf-8")
    problem = Catalogue([folder.parents[1]]).check()[0]
    assert (problem.path, problem.line) == (face, len(text.splitlines()))


@pytest.mark.parametrize("claim", ["issued_on", "fields.address", "holders.0.name"])
def test_what_is_no_list_has_no_lines_of_items(folder: Path, claim: str) -> None:
    face = folder / "face.yaml"
    text = face.read_text("utf-8")
    face.write_text(text.replace(f"claim: {claim},", f"claim: {claim}, form: lines,", 1), "utf-8")
    problem = Catalogue([folder.parents[1]]).check()[0]
    assert problem.code == "face-form"
    assert claim in text.splitlines()[problem.line - 1]


def test_an_item_of_a_list_may_have_a_place_of_its_own(folder: Path) -> None:
    face = folder / "face.yaml"
    text = face.read_text("utf-8")
    face.write_text(
        text.replace("fields.legal_representative", "fields.medical_subjects.0", 1), "utf-8"
    )
    assert codes(folder) == []
