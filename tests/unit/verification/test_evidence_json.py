import json

import pytest
from mutants.world import World

from verification.errors import MalformedEvidenceError
from verification.evidence import Evidence, ParsedDocument, ReadFailure, StatusKind
from verification.evidence_json import from_json_text, to_json_text


def test_evidence_comes_back_as_it_was(world: World) -> None:
    evidence = world.evidence()
    assert from_json_text(Evidence, to_json_text(evidence)) == evidence


@pytest.mark.parametrize("form", ["ofd", "json", "esl"])
def test_evidence_of_every_form_comes_back_as_it_was(world: World, form: str) -> None:
    files = {"ofd": world.sealed_ofd(), "json": world.sealed_json(), "esl": world.seal.ses}
    evidence = world.evidence(files[form])
    assert evidence.document.form == form
    assert from_json_text(Evidence, to_json_text(evidence)) == evidence


def test_evidence_of_an_unreadable_document_comes_back(world: World) -> None:
    evidence = world.evidence(parse=lambda _: ReadFailure("reader-timeout", ""))
    assert from_json_text(Evidence, to_json_text(evidence)) == evidence


def test_the_kind_of_a_status_comes_back_as_a_kind(world: World) -> None:
    evidence = from_json_text(Evidence, to_json_text(world.evidence()))
    assert evidence.status is not None
    assert evidence.status.kind is StatusKind.SIGNED_LIST


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"\xff",
        b"[" * 100_000,
        json.dumps({"code": "x"}),
        json.dumps({"code": "x", "detail": 1}),
        json.dumps({"code": "x", "detail": "", "more": ""}),
    ],
)
def test_what_we_do_not_write_we_do_not_read(text: bytes | str) -> None:
    with pytest.raises(MalformedEvidenceError):
        from_json_text(ReadFailure, text)


@pytest.mark.parametrize(
    "change",
    [
        {"seals": {}},
        {"seals": [1]},
        {"later_changes": "dss"},
        {"later_changes": [1]},
        {"claims": "not base64!"},
        {"claims": 7},
        {"metadata": {"a": 1}},
        {"metadata": []},
    ],
)
def test_a_member_of_another_form_is_named(change: dict[str, object]) -> None:
    good = json.loads(to_json_text(ParsedDocument(seals=())))
    with pytest.raises(MalformedEvidenceError) as caught:
        from_json_text(ParsedDocument, json.dumps(good | change))
    assert caught.value.path.startswith(f"/{next(iter(change))}")
