"""Claims, metadata and page must say the same; the first difference is named by its field."""

import json

import pytest
from mutants.world import PLACED, World, content, draw

from license_vault.license_metadata import canonical, claims_of
from verification.content import read_index
from verification.errors import MalformedEvidenceError
from verification.report import Verdict


def sealed(world: World, **deviation: object) -> bytes:
    return world.put_seal(draw(content(), **deviation))


def sentence_of(report, code: str) -> str:
    return next(check.sentence.en for check in report.checks if check.code == code)


@pytest.mark.parametrize("path", ["number", "holders.0.name", "validity", "fields.employer"])
def test_another_text_on_the_page_is_named_by_its_field(world: World, path: str) -> None:
    report = world.report(sealed(world, drawn={path: "别的文字"}))
    assert report.verdict is Verdict.ALTERED
    assert path in sentence_of(report, "face-mismatch")


def test_one_digit_is_enough(world: World) -> None:
    report = world.report(sealed(world, drawn={"number": "沪2312023202601025"}))
    assert "number" in sentence_of(report, "face-mismatch")


def test_a_compatibility_ideograph_is_another_character(world: World) -> None:
    other = world.put_seal(draw(content(number="沪女2601"), drawn={"number": "沪\uf981" + "2601"}))
    assert "face-mismatch" in world.report(other).codes


def test_spaces_between_characters_are_the_setters_business(world: World) -> None:
    report = world.report(sealed(world, drawn={"holders.0.name": "欧阳 明玥"}))
    assert report.verdict is Verdict.VALID


def test_the_sentence_never_repeats_what_the_page_says(world: World) -> None:
    report = world.report(sealed(world, drawn={"holders.0.name": "王小明"}))
    text = json.dumps(report.to_json(), ensure_ascii=False)
    assert "王小明" not in text
    assert "欧阳明玥" not in text


@pytest.mark.parametrize("name", ["ZZBH", "CZZT", "KZ_employer", "ZZYXQJZRQ", "KZ_invented"])
def test_another_element_of_the_metadata_is_named(world: World, name: str) -> None:
    report = world.report(sealed(world, xmp={name: "x"}))
    assert report.verdict is Verdict.ALTERED
    assert name in sentence_of(report, "metadata-mismatch")


def test_another_content_id_is_noticed(world: World) -> None:
    report = world.report(sealed(world, xmp={"contentId": "0" * 64}))
    assert report.verdict is Verdict.ALTERED
    assert "content-id-mismatch" in report.codes


def test_metadata_without_a_content_id_is_noticed(world: World) -> None:
    report = world.report(sealed(world, leave_out=["xmp"]))
    assert "content-id-missing" in report.codes
    assert report.verdict is Verdict.ALTERED


def test_a_sealed_document_without_claims_is_no_license_we_can_judge(world: World) -> None:
    report = world.report(sealed(world, leave_out=["claims.json"]))
    assert report.verdict is Verdict.INDETERMINATE
    assert {"claims-missing", "status-not-judged", "authority-not-judged"} <= report.codes
    assert report.license is None


@pytest.mark.parametrize(
    "claims",
    [
        b"",
        b"{}",
        b"[" * 20000,
        b'{"schema":"license-vault/claims/2"}',
        canonical(claims_of(content())) + b" ",
        canonical(claims_of(content())).replace(b'"1"', b"1", 1),
    ],
)
def test_claims_that_are_not_claims_v1_leave_it_open(world: World, claims: bytes) -> None:
    report = world.report(sealed(world, claims=claims))
    assert report.verdict is Verdict.INDETERMINATE
    assert report.codes & {"claims-malformed", "claims-missing"}


def test_claims_that_no_box_shows_are_marked_in_the_first_sentence(world: World) -> None:
    placed = [path for path in PLACED if path != "fields.employer"]
    report = world.report(sealed(world, placed=placed))
    assert report.verdict is Verdict.VALID
    assert "content-partly-uncovered" in report.marks
    assert "内容部分未覆盖" in report.sentence.zh
    assert "fields.employer" in sentence_of(report, "content-partly-uncovered")


def test_without_an_index_everything_is_uncovered(world: World) -> None:
    report = world.report(sealed(world, leave_out=["index.json"]))
    assert report.verdict is Verdict.VALID
    assert "content-partly-uncovered" in report.marks


def test_items_of_a_list_may_stand_alone(world: World) -> None:
    placed = [path for path in PLACED if path != "fields.registered_professions"]
    both = ["fields.registered_professions.0", "fields.registered_professions.1"]
    report = world.report(sealed(world, placed=[*placed, *both]))
    assert report.marks == ("cms-without-seal",)
    half = world.report(sealed(world, placed=[*placed, both[0]]))
    assert "content-partly-uncovered" in half.marks


GOOD = {"page": 1, "box_mm": [1, 2, 3, 4], "text": "x"}


@pytest.mark.parametrize(
    "index",
    [
        b"",
        b"[]",
        b"[" * 20000,
        b'{"schema":"other","fields":{}}',
        json.dumps({"schema": "license-vault/index/1", "fields": []}).encode(),
        *(
            json.dumps(
                {"schema": "license-vault/index/1", "fields": {"number": {**GOOD, **bad}}}
            ).encode()
            for bad in (
                {"page": 0},
                {"page": "1"},
                {"page": 10**9},
                {"page": True},
                {"box_mm": [1, 2, 3]},
                {"box_mm": "1234"},
                {"box_mm": [1, 2, 3, 1e400]},
                {"box_mm": [1, 2, 3, "4"]},
                {"box_mm": [1, 2, 3, -1e9]},
            )
        ),
    ],
)
def test_an_index_that_is_none_is_named(world: World, index: bytes) -> None:
    with pytest.raises(MalformedEvidenceError):
        read_index(index)
    report = world.report(sealed(world, index=index or b" "))
    assert report.verdict is Verdict.ALTERED
    assert "index-malformed" in report.codes


def test_an_index_of_claims_that_are_not_there_is_named(world: World) -> None:
    index = {"schema": "license-vault/index/1", "fields": {"fields.invented": GOOD}}
    report = world.report(sealed(world, index=json.dumps(index).encode()))
    assert report.verdict is Verdict.ALTERED
    assert "index-malformed" in report.codes
