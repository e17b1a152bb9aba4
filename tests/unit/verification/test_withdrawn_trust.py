"""Whom a region stood for once: judged at the proven time, never saved by a claimed one."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from mutants.world import AUTHORITY_CODE, World
from pki import NOW, OWNER_CODE
from trust_lists import root_of

from signing.trust_bundle import (
    TrustAnchor,
    TrustBundle,
    read_trust_bundle,
    write_trust_bundle,
)
from signing.trust_list import (
    ANCHOR,
    AUTHORITY,
    INTERMEDIATE,
    SEAL_MAKER,
    SYSTEM,
    TRUSTED,
    WITHDRAWN,
    Standing,
    TrustedEntry,
    TrustListContent,
    read_trust_list,
)
from verification.evidence import TrustEvidence
from verification.policy import load_policy
from verification.reading import read_document
from verification.report import Verdict, VerificationReport
from verification.source_bundle import bundle_sources
from verification.source_trust_list import trust_evidence_of, with_what_is_known_since
from verification.verifier import Verifier

HOUR = timedelta(hours=1)
HOLDERS = root_of("310000", holders=1, threshold=1)
SINCE = NOW - timedelta(days=400)
ALL = ("seal", "timestamp", "status")


def entry(world: World, kind: str, **changes: object) -> TrustedEntry:
    certificate = {
        ANCHOR: world.pki.root,
        SEAL_MAKER: world.pki.maker,
        SYSTEM: world.pki.system,
    }.get(kind, b"")
    is_authority = kind == AUTHORITY
    usual = TrustedEntry(
        kind=kind,
        name=kind,
        code=AUTHORITY_CODE if is_authority else "",
        certificate=certificate,
        purposes=ALL if kind == ANCHOR else (),
        region="310114",
        seal_owners=(OWNER_CODE,) if is_authority else (),
        history=(Standing(TRUSTED, SINCE),),
    )
    return replace(usual, **changes)  # type: ignore[arg-type]


def gone(at: datetime, why: str = "key-replaced") -> dict[str, object]:
    return {"history": (Standing(TRUSTED, SINCE), Standing(WITHDRAWN, at, why))}


def trust(
    world: World, changes: dict[str, dict[str, object]], *more: TrustedEntry
) -> TrustEvidence:
    """What a signed list says: everything as usual, but for these kinds."""
    kinds = (ANCHOR, SEAL_MAKER, SYSTEM, AUTHORITY)
    entries = (
        *(entry(world, kind, **changes.get(kind, {})) for kind in kinds),
        *(entry(world, INTERMEDIATE, certificate=der) for der in (world.pki.seal_ca,)),
        entry(world, INTERMEDIATE, certificate=world.pki.tsa_ca),
        *more,
    )
    content = TrustListContent(
        "310000", 7, NOW - HOUR, NOW + timedelta(days=30), 1, bytes(32), entries
    )
    found = read_trust_list(HOLDERS.list_der(content))
    return trust_evidence_of(found, (), world.crls(), AUTHORITY_CODE)


def report(world: World, found: TrustEvidence, data: bytes | None = None) -> VerificationReport:
    return world.report(world.sealed_ofd() if data is None else data, trust=found)


def test_a_list_alone_verifies_a_license(world: World) -> None:
    found = trust(world, {})
    assert (found.list_sequence, found.next_update) == (7, NOW + timedelta(days=30))
    assert report(world, found).verdict is Verdict.VALID


@pytest.mark.parametrize("why", ["key-replaced", "key-compromised", "ceased"])
@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (SEAL_MAKER, "maker-withdrawn"),
        (AUTHORITY, "owner-withdrawn"),
        (ANCHOR, "anchor-withdrawn"),
    ],
)
def test_what_was_withdrawn_leaves_the_proven_past_be(
    world: World, kind: str, code: str, why: str
) -> None:
    for_time = entry(world, ANCHOR, purposes=("timestamp", "status"))
    later = report(world, trust(world, {kind: gone(NOW + HOUR, why)}, for_time))
    assert later.verdict is Verdict.VALID
    assert code not in later.codes
    earlier = report(world, trust(world, {kind: gone(NOW - HOUR, why)}, for_time))
    assert earlier.verdict is Verdict.UNTRUSTED
    assert code in earlier.codes


@pytest.mark.parametrize("kind", [SEAL_MAKER, AUTHORITY])
def test_a_claimed_time_saves_nothing(world: World, kind: str) -> None:
    """Without a time-stamp that is trusted, what was withdrawn is withdrawn."""
    stolen = trust(
        world,
        {kind: gone(NOW + HOUR), ANCHOR: {"purposes": ("seal", "status")}},
    )
    found = report(world, stolen)
    assert found.verdict is Verdict.UNTRUSTED
    assert {"maker-withdrawn", "owner-withdrawn"} & set(found.codes)


def test_under_a_stolen_key_of_time_stamps_no_time_is_proven(world: World) -> None:
    seals = entry(world, ANCHOR, purposes=("seal", "status"))
    for why, verdict in (
        ("key-replaced", Verdict.VALID),
        ("key-compromised", Verdict.UNTRUSTED),
    ):
        changes = {ANCHOR: {"purposes": ("timestamp",), **gone(NOW + HOUR, why)}}
        assert report(world, trust(world, changes, seals)).verdict is verdict


def test_a_ca_whose_key_was_stolen_is_no_link(world: World) -> None:
    found = trust(world, {})
    content = (world.pki.seal_ca, world.pki.tsa_ca)
    assert found.intermediates == content
    stolen = entry(world, INTERMEDIATE, certificate=b"0", **gone(NOW, "key-compromised"))
    assert trust(world, {}, stolen).intermediates == content


def test_trusted_again_is_trusted(world: World) -> None:
    again = (
        Standing(TRUSTED, SINCE),
        Standing(WITHDRAWN, NOW - 2 * HOUR, "ceased"),
        Standing(TRUSTED, NOW - HOUR),
    )
    found = trust(world, {SEAL_MAKER: {"history": again}, AUTHORITY: {"history": again}})
    assert report(world, found).verdict is Verdict.VALID


def test_a_list_that_has_run_out_leaves_it_open_with_its_age(world: World) -> None:
    expired = replace(trust(world, {}), issued_at=NOW - timedelta(days=31), next_update=NOW - HOUR)
    found = report(world, expired)
    assert found.verdict is Verdict.INDETERMINATE
    told = next(check for check in found.checks if check.code == "trust-list-expired")
    assert "31" in told.sentence.en
    # Of a time that the list reaches it still speaks, where its age today is not asked.
    for name, at, told_again in (
        ("default", NOW - 2 * HOUR, True),
        ("historical", NOW - 2 * HOUR, False),
        ("historical", NOW, True),
    ):
        past = world.report(world.sealed_ofd(), at=at, trust=expired, policy=load_policy(name))
        assert ("trust-list-expired" in past.codes) is told_again


def test_a_list_of_then_knows_what_was_said_since(world: World) -> None:
    """Its entries are the newest list's; what that names no more stands as it stood."""
    usual = tuple(entry(world, kind) for kind in (ANCHOR, SEAL_MAKER, AUTHORITY))
    dropped = entry(world, INTERMEDIATE, certificate=world.pki.seal_ca)
    stolen = entry(world, SEAL_MAKER, **gone(NOW, "key-compromised"))
    other = entry(world, AUTHORITY, seal_owners=(), **gone(NOW, "ceased"))
    then, newest = (
        read_trust_list(
            HOLDERS.list_der(
                TrustListContent("310000", number, at, at + HOUR, 1, bytes(32), entries)
            )
        )
        for number, at, entries in (
            (7, NOW - HOUR, (*usual, dropped)),
            (8, NOW, (usual[0], stolen, other)),
        )
    )
    merged = with_what_is_known_since(then, newest).content
    assert merged.entries == (usual[0], stolen, other, dropped)
    assert (merged.sequence, merged.next_update) == (7, NOW)


def test_a_bundle_with_the_signed_list_knows_the_past_offline(world: World) -> None:
    """The maker was replaced: the bundle names it no more, the list in it says since when."""
    for at, verdict in ((NOW + HOUR, Verdict.VALID), (NOW - HOUR, Verdict.UNTRUSTED)):
        entries = tuple(entry(world, kind, **gone(at)) for kind in (SEAL_MAKER, SYSTEM, AUTHORITY))
        content = TrustListContent(
            "310000", 7, NOW - HOUR, NOW + timedelta(days=30), 1, bytes(32), entries
        )
        plane, reasons = world.status_files()
        bundle = TrustBundle(
            region="310000",
            issued_at=NOW,
            anchors=(TrustAnchor(ALL, world.pki.root),),
            intermediates=(world.pki.seal_ca, world.pki.tsa_ca),
            crls=world.crls(),
            authorities=(),
            status_lists=(plane, reasons),
            trust_list=HOLDERS.list_der(content),
        )
        sources = bundle_sources(read_trust_bundle(write_trust_bundle(bundle)))
        verifier = Verifier(sources, read_document, load_policy("default"), lambda: NOW)
        assert verifier.verify(world.sealed_ofd()).verdict is verdict
    unreadable = replace(bundle, trust_list=b"0")
    assert (
        Verifier(bundle_sources(unreadable), read_document, load_policy("default"), lambda: NOW)
        .verify(world.sealed_ofd())
        .verdict
        is Verdict.UNTRUSTED
    )


def test_a_library_key_that_was_replaced_leaves_its_statements(world: World) -> None:
    files = {"pdf": world.sealed()}
    manifest = world.manifest(files)
    for at, verdict in ((NOW + HOUR, Verdict.VALID), (NOW - HOUR, Verdict.UNTRUSTED)):
        verifier = world.verifier(trust=trust(world, {SYSTEM: gone(at)}))
        together = verifier.verify_together((world.sealed(), manifest))
        assert together.manifests[0].verdict is verdict
