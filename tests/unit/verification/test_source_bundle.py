from datetime import timedelta

from mutants.world import AUTHORITY_CODE, STATUS_INDEX, STATUS_URI, World
from pki import NOW, OWNER_CODE

from license_vault.license import LicenseStatus
from signing.trust_bundle import (
    TrustAnchor,
    TrustBundle,
    TrustedAuthority,
    read_trust_bundle,
    write_trust_bundle,
)
from verification.evidence import StatusKind, TrustEvidence
from verification.policy import load_policy
from verification.reading import read_document
from verification.report import Verdict
from verification.source_bundle import BundleSource, bundle_sources
from verification.verifier import Verifier


def bundle(world: World, *lists: bytes) -> TrustBundle:
    made = TrustBundle(
        region="310000",
        issued_at=NOW - timedelta(hours=1),
        anchors=(TrustAnchor(("seal", "timestamp", "status"), world.pki.root),),
        intermediates=(world.pki.seal_ca, world.pki.tsa_ca),
        crls=world.crls(),
        authorities=(
            TrustedAuthority(AUTHORITY_CODE, "演示市建设委员会", "310114", (OWNER_CODE,)),
        ),
        status_lists=lists or (world.status_list(),),
    )
    return read_trust_bundle(write_trust_bundle(made))


def test_a_bundle_alone_verifies_everything(world: World) -> None:
    verifier = Verifier(
        bundle_sources(bundle(world)), read_document, load_policy("default"), lambda: NOW
    )
    report = verifier.verify(world.sealed())
    assert report.verdict is Verdict.VALID
    assert report.trust is not None
    assert report.trust.region == "310000"


def test_of_two_lists_of_one_address_the_newer_counts(world: World) -> None:
    from signing.status_list import StatusListContent, build_status_list

    states = bytearray(32)
    states[STATUS_INDEX] = 5
    newer = build_status_list(
        StatusListContent(STATUS_URI, 6, NOW, NOW + timedelta(days=1), bytes(states)),
        world.pki.status,
        lambda message: world.pki.keys.sign("status", message),
    )
    for lists in ((newer, world.status_list()), (world.status_list(), newer)):
        source = BundleSource(bundle(world, *lists))
        assert source.status_of(STATUS_URI, STATUS_INDEX, NOW).signed_list == newer


def test_a_list_that_is_not_there_is_unavailable(world: World) -> None:
    source = BundleSource(bundle(world))
    assert source.status_of("https://x.example", 1, NOW).kind is StatusKind.UNAVAILABLE


def test_an_authority_that_is_not_there_has_no_entry(world: World) -> None:
    trust = BundleSource(bundle(world)).trust_for("91310000MA1K000002")
    assert isinstance(trust, TrustEvidence)
    assert trust.authority is None


def test_an_unreadable_list_is_left_out(world: World) -> None:
    source = BundleSource(bundle(world, b"\x30\x00", world.status_list(LicenseStatus.VALID)))
    assert source.status_of(STATUS_URI, STATUS_INDEX, NOW).kind is StatusKind.SIGNED_LIST
