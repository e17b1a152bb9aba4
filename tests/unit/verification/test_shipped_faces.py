"""The four shipped types, drawn by our own press and sealed: every one valid, nothing uncovered."""

from dataclasses import replace

import example_faces
import pytest
from mutants.world import World
from pki import OWNER_CODE

from license_vault.license import LicenseStatus
from signing.seal import SealOrder, SealPlacement
from verification.evidence import AuthorityEvidence
from verification.report import Verdict, VerificationReport


def sealed(world: World, name: str, **changes: object) -> bytes:
    document = example_faces.document(name, **changes)
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


@pytest.mark.parametrize("name", example_faces.NAMES)
def test_a_shipped_type_is_valid_and_wholly_covered(world: World, name: str) -> None:
    report = judged(world, name, sealed(world, name))
    failed = [(check.code, check.sentence.en) for check in report.checks if check.who_acts]
    assert report.verdict is Verdict.VALID, failed
    assert report.marks == ("cms-without-seal",), failed


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
