"""The shipped faces, drawn by our own press and sealed: every one valid, nothing uncovered."""

from dataclasses import replace
from datetime import date

import example_faces
import pytest
from mutants.world import World
from pki import OWNER_CODE

from license_vault.face.pdf import FaceDocument
from license_vault.license import MADE_FROM_RECORDS, Condition, LicenseStatus
from license_vault.license_identifier import compose
from signing.seal import SealOrder, SealPlacement
from verification.evidence import AuthorityEvidence
from verification.report import Verdict, VerificationReport


def sealed(world: World, name: str, **changes: object) -> bytes:
    return sealed_document(world, example_faces.document(name, **changes))


def sealed_document(world: World, document: FaceDocument) -> bytes:
    box = document.face.seal_boxes[0]
    placement = SealPlacement(1, box.x, box.y, box.width, box.height)
    drawn = example_faces.press().draw(document)
    return world.sealer().seal_pdf(drawn, world.seal, placement, SealOrder.SOLE)


def judged(world: World, name: str, data: bytes) -> VerificationReport:
    license_ = example_faces.content(name)
    listed = AuthorityEvidence(
        license_.authority.code, license_.authority.name, "310114", (OWNER_CODE,)
    )
    return world.report(
        data,
        trust=world.trust(authority=listed),
        status=world.status(LicenseStatus.VALID, uri=license_.status_uri),
    )


@pytest.mark.parametrize("name", example_faces.ALL_NAMES)
def test_a_shipped_type_is_valid_and_wholly_covered(world: World, name: str) -> None:
    report = judged(world, name, sealed(world, name))
    failed = [(check.code, check.sentence.en) for check in report.checks if check.who_acts]
    assert report.verdict is Verdict.VALID, failed
    assert report.marks == ("cms-without-seal",), failed


NOTES = {
    "making": MADE_FROM_RECORDS,
    "conditions": (Condition("补交消防验收意见书", date(2026, 6, 30)),),
    "predecessor": compose("11310000MBDEM00076008", "11310114MBDEM0015F", "0" * 16).text,
}


def test_notes_and_parts_are_found_on_the_page(world: World) -> None:
    report = judged(world, "integrated-industry", sealed(world, "integrated-industry", **NOTES))
    assert report.verdict is Verdict.VALID
    assert set(report.marks) == {"cms-without-seal", "made-from-records"}
    assert "存量补制" in report.sentence.zh


@pytest.mark.parametrize("path", ["making", "conditions.0", "predecessor", "parts.1.validity"])
def test_another_text_in_notes_or_parts_is_named(world: World, path: str) -> None:
    name = "integrated-industry"
    document = example_faces.document(name, **NOTES)
    runs = [
        replace(run, text="别" * len(run.text)) if run.field == path else run
        for run in document.face.runs
    ]
    forged = replace(document, face=replace(document.face, runs=tuple(runs)))
    report = judged(world, name, sealed_document(world, forged))
    assert report.verdict is Verdict.ALTERED
    named = next(check.sentence.en for check in report.checks if check.code == "face-mismatch")
    assert path in named


def test_a_rare_name_is_read_back_character_by_character(world: World) -> None:
    name = "constructor-registration"
    holder = example_faces.content(name).holders[0]
    holders = (replace(holder, name="\U0002a6d6\u3400玥"),)
    try:
        data = sealed(world, name, holders=holders)
    except Exception as error:
        if type(error).__name__ != "GlyphMissingError":
            raise
        pytest.skip("no font on this machine has the rare characters (fonts-hanazono)")
    assert judged(world, name, data).verdict is Verdict.VALID
