"""No attack on a sealed document is ever valid, and each is answered with its reason.

The attacks are made in ``tests/mutants`` from our own sealed file (docs/attacks.md).
"""

import pytest
from mutants import pdf_mutants
from mutants.cms_mutants import CmsMutants
from mutants.world import World

from verification.report import Outcome, Verdict, VerificationReport

MALFORMED, ALGORITHM = "signature-malformed", "algorithm-not-accepted"
ENCODING, RANGE = "seal-encoding-irregular", "byte-range-malformed"
MISMATCH, WRONG_VALUE = "signing-certificate-mismatch", "seal-signature-invalid"
OTHER_STAMP, DIGEST = "timestamp-of-other-seal", "digest-mismatch"
LATER, UNCOVERED = "later-change-not-allowed", "coverage-incomplete"

# One reason that each attack must be answered with; others may stand beside it.
FORGERIES = {
    **dict.fromkeys(
        (
            "contents-missing", "contents-null", "contents-empty-hex", "contents-empty-string",
            "contents-number", "contents-name", "contents-array", "contents-one-byte",
            "contents-literal", "range-missing", "range-null", "range-empty", "range-zeros",
            "range-names", "range-string", "range-three",
        ),
        RANGE,
    ),
    "contents-zeros": MALFORMED,
    "subfilter-missing": "seal-form-unknown",
    "subfilter-null": "seal-form-unknown",
    "subfilter-unknown": "seal-form-unknown",
    "filter-missing": DIGEST,
    "filter-null": DIGEST,
    "time-missing": DIGEST,
    "reference-missing": "certification-missing",
    "reference-null": "certification-missing",
    "type-wrong": DIGEST,
    "field-type-wrong": "no-seal",
    "value-missing": "no-seal",
    "value-null": "no-seal",
}  # fmt: skip
WRAPPINGS = {
    **dict.fromkeys(
        (
            "first-offset-not-zero", "negative", "huge", "huge-first", "overlapping",
            "second-empty", "gap-wider", "gap-wider-behind", "gap-narrower",
            "gap-without-brackets", "swapped", "no-gap", "second-beyond-the-end", "three-pairs",
            "real-numbers", "tail-moved", "tail-copied",
        ),
        RANGE,
    ),
    "second-shorter": UNCOVERED,
}  # fmt: skip
CMS = {
    "no-message-digest": MALFORMED,
    "no-content-type": MALFORMED,
    "no-signing-certificate": MALFORMED,
    "content-type-other": MALFORMED,
    "content-type-twice": MALFORMED,
    "message-digest-twice": MALFORMED,
    "message-digest-two-values": MALFORMED,
    "message-digest-wrong": DIGEST,
    "message-digest-short": MALFORMED,
    "signing-time-added": MALFORMED,
    "nothing-but-kind": MALFORMED,
    "not-sorted": MALFORMED,
    "no-signed-attributes": MALFORMED,
    "no-signed-attributes-signed": MALFORMED,
    "message-digest-moved": MALFORMED,
    "signing-certificate-moved": MALFORMED,
    "same-key-other-name": MISMATCH,
    "same-name-other-key": MISMATCH,
    "same-name-other-key-signed": MISMATCH,
    "certificate-hash-wrong": MISMATCH,
    "certificate-hash-sha256": ALGORITHM,
    "certificate-hash-v1": ALGORITHM,
    "extra-certificate": "unused-certificate",
    "own-certificate-missing": MALFORMED,
    "certificates-missing": MALFORMED,
    "signed-by-another-key": WRONG_VALUE,
    "root-enclosed-and-unneeded": "unused-certificate",
    "digest-sha256": ALGORITHM,
    "digest-md5": ALGORITHM,
    "digests-two": ALGORITHM,
    "digests-none": MALFORMED,
    "digest-null": ALGORITHM,
    "signer-digest-sha256": ALGORITHM,
    "signer-digest-md5": ALGORITHM,
    "signer-digest-null": ALGORITHM,
    "signature-ecdsa": ALGORITHM,
    "signature-sm2-alone": ALGORITHM,
    "signature-null": ALGORITHM,
    "version-3": MALFORMED,
    "signer-version-3": MALFORMED,
    "content-enclosed": MALFORMED,
    "content-type-token": MALFORMED,
    "outer-type-gm": MALFORMED,
    "s-negated": WRONG_VALUE,
    "r-plus-n": WRONG_VALUE,
    "r-zero": WRONG_VALUE,
    "s-zero": WRONG_VALUE,
    "r-s-swapped": WRONG_VALUE,
    "signature-raw": WRONG_VALUE,
    "signature-trailing": WRONG_VALUE,
    "signature-empty": WRONG_VALUE,
    "stamp-of-another": OTHER_STAMP,
    "stamps-two": MALFORMED,
    "stamp-two-values": MALFORMED,
    "stamp-and-another": MALFORMED,
    "stamp-empty": "timestamp-malformed",
    "length-not-shortest": ENCODING,
    "length-indefinite": ENCODING,
    "behind-the-value": ENCODING,
    "cut-short": "timestamp-signature-invalid",
    "no-signer": MALFORMED,
}


@pytest.fixture(scope="module")
def attacks(world: World) -> dict[str, dict[str, bytes]]:
    data = world.sealed()
    return {
        "forgeries": pdf_mutants.forgeries(data),
        "updates": pdf_mutants.updates(data),
        "wrappings": pdf_mutants.wrappings(data),
        "certified": pdf_mutants.certified_changes(data),
        "cms": CmsMutants(world).all(),
    }


def judged(world: World, data: bytes) -> VerificationReport:
    report = world.report(data)
    assert report.verdict in (Verdict.ALTERED, Verdict.UNSEALED)
    assert any(check.outcome is Outcome.FAILED for check in report.checks)
    return report


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_signature_dictionary(world: World, attacks, name: str) -> None:
    assert FORGERIES[name] in judged(world, attacks["forgeries"][name]).codes


@pytest.mark.parametrize("name", WRAPPINGS)
def test_a_wrapped_signature(world: World, attacks, name: str) -> None:
    assert WRAPPINGS[name] in judged(world, attacks["wrappings"][name]).codes


def test_every_appended_update(world: World, attacks) -> None:
    assert len(attacks["updates"]) >= 24
    for name, data in attacks["updates"].items():
        assert LATER in judged(world, data).codes, name


def test_every_change_of_a_certified_document(world: World, attacks) -> None:
    assert len(attacks["certified"]) >= 8
    for name, data in attacks["certified"].items():
        assert LATER in judged(world, data).codes, name


@pytest.mark.parametrize("name", CMS)
def test_a_forged_signature(world: World, attacks, name: str) -> None:
    report = judged(world, attacks["cms"][name])
    assert report.verdict is Verdict.ALTERED
    assert CMS[name] in report.codes


def test_every_attack_has_its_reason(attacks) -> None:
    assert attacks["forgeries"].keys() == FORGERIES.keys()
    assert attacks["wrappings"].keys() == WRAPPINGS.keys()
    assert attacks["cms"].keys() == CMS.keys()


def test_the_document_the_attacks_are_made_of_is_valid(world: World) -> None:
    assert world.report(CmsMutants(world).document).verdict is Verdict.VALID
