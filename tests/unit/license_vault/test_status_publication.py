"""Signed status lists and the trust bundle: what they say, when they are made anew."""

from datetime import timedelta

import pytest
from pki import OWNER_CODE, Pki
from vault_world import CALLER, STATUS_URI, World, example

from keys import sm2
from keys.certificate import read_certificate
from license_vault.license import LicenseStatus
from license_vault.lifecycle.changes import Cancellation
from license_vault.registry.license_record import Basis
from license_vault.registry.live_states import LiveStates
from license_vault.registry.records import LicenseRecord
from license_vault.status.publication import Publication, StatusPublisher
from license_vault.status.shards import StatusShards
from license_vault.trust.errors import TrustMaterialInvalidError
from license_vault.trust.publication import TrustMaterial, TrustMaterialWriter
from signing import status_list
from signing.status_list import read_status_list
from signing.trust_bundle import TrustedAuthority, read_trust_bundle, write_trust_bundle

DAY = timedelta(hours=24)


def publisher(world: World) -> StatusPublisher:
    pki = world.pki
    assert pki is not None
    return StatusPublisher(world.database, world.keys, lambda: pki.status, DAY, world.clock)


def issue(world: World, number: int = 0) -> LicenseRecord:
    body = example(case_number=f"C{number}", number=f"1{number:019d}")
    return world.issuance().issue(body, CALLER, str(number)).license


def cancel(world: World, license_: LicenseRecord) -> None:
    world.lifecycle().cancel(license_.identifier, Cancellation(Basis("依据")), CALLER)


def only(world: World) -> Publication:
    (publication,) = publisher(world).current()
    return publication


def test_without_licenses_there_is_no_list(world: World) -> None:
    assert publisher(world).current() == ()


def test_a_list_says_the_state_of_every_license(either_world: World) -> None:
    valid, cancelled = issue(either_world, 1), issue(either_world, 2)
    cancel(either_world, cancelled)
    found = read_status_list(only(either_world).der)
    assert found.uri == valid.status_uri
    assert valid.status_uri.startswith(f"{STATUS_URI}/")
    assert found.state_code(valid.status_index) == status_list.VALID
    assert found.state_code(cancelled.status_index) == status_list.CANCELLED
    free = next(i for i in range(9) if i not in (valid.status_index, cancelled.status_index))
    assert found.state_code(free) == status_list.UNASSIGNED
    assert (found.issued_at, found.next_update) == (either_world.now, either_world.now + DAY)


def test_a_list_is_signed_by_the_status_key(world: World) -> None:
    issue(world)
    found = read_status_list(only(world).der)
    assert world.pki is not None
    assert found.signer_certificate == world.pki.status
    sm2.verify(read_certificate(world.pki.status).public_point, found.tbs, found.signature)


def test_a_list_is_not_made_anew_without_need(world: World) -> None:
    issue(world)
    first = only(world)
    world.later(hours=11)
    assert only(world) == first


def test_a_list_is_made_anew_when_half_its_time_is_over(world: World) -> None:
    issue(world)
    first = only(world)
    world.later(hours=12)
    assert (first.sequence, only(world).sequence) == (1, 2)


@pytest.mark.parametrize("seconds", [0, 1, 1000])
def test_a_list_is_made_anew_when_a_state_has_changed(world: World, seconds: int) -> None:
    license_ = issue(world)
    first = only(world)
    world.later(seconds=seconds)
    cancel(world, license_)
    second = only(world)
    assert second.sequence == first.sequence + 1
    assert read_status_list(second.der).state_code(license_.status_index) == status_list.CANCELLED


def test_a_change_committed_late_is_not_lost(world: World) -> None:
    """A request that came before the list was made, and was committed after it."""
    license_ = issue(world)
    world.later(minutes=10)
    only(world)
    world.later(minutes=-4)
    cancel(world, license_)
    world.later(minutes=5)
    assert only(world).sequence == 2


def test_lists_are_found_by_their_name(world: World) -> None:
    name = issue(world).status_uri.rpartition("/")[2]
    assert publisher(world).current_of(name) == only(world)
    assert publisher(world).current_of("nothing") is None


def test_the_live_state_knows_its_own_lists_only(world: World) -> None:
    license_ = issue(world)
    own, index = license_.status_uri, license_.status_index
    free = index + 1 if index < 60_000 else index - 1
    other = own.replace("licenses", "elsewhere")
    with world.database.reading() as session:
        states, shards = LiveStates(session), StatusShards(session)
        assert states.as_of(own, index, world.now) is LicenseStatus.VALID
        assert states.as_of(own, free, world.now) is None
        assert states.as_of(other, index, world.now) is None
        assert (shards.has(own), shards.has(other)) == (True, False)


# --- the trust bundle -------------------------------------------------------------------------


@pytest.fixture
def trusted(either_world: World) -> World:
    pki = either_world.pki
    assert pki is not None
    with either_world.database.writing() as session:
        writer = TrustMaterialWriter(session)
        writer.add_anchor(pki.root, ("timestamp", "seal", "status"), pki.now)
        assert writer.add_intermediate(pki.tsa_ca, pki.now)
        for crl in pki.revocation_lists():
            assert writer.add_crl(crl, pki.now)
    return either_world


def test_a_bundle_has_what_a_verifier_needs(trusted: World) -> None:
    issue(trusted)
    pki = trusted.pki
    assert pki is not None
    lists = [one.der for one in publisher(trusted).current()]
    with trusted.database.reading() as session:
        bundle = TrustMaterial(session).bundle("110101", lists, trusted.now)
    assert read_trust_bundle(write_trust_bundle(bundle)) == bundle
    assert [(a.purposes, a.certificate) for a in bundle.anchors] == [
        (("seal", "timestamp", "status"), pki.root)
    ]
    assert set(bundle.intermediates) == {pki.tsa_ca, pki.seal_ca}
    assert len(bundle.crls) == 3
    assert list(bundle.status_lists) == lists
    (authority,) = bundle.authorities
    assert authority == TrustedAuthority(OWNER_CODE, authority.name, "110101", (OWNER_CODE,))


def test_of_the_lists_of_one_issuer_the_newest_counts(trusted: World) -> None:
    pki = trusted.pki
    assert pki is not None
    newer = pki.revocation_lists(this_update=trusted.now + timedelta(hours=1))
    older = pki.revocation_lists(this_update=trusted.now - timedelta(days=30))
    with trusted.database.writing() as session:
        writer = TrustMaterialWriter(session)
        for crl in (*newer, *older):
            assert writer.add_crl(crl, trusted.now)
            assert not writer.add_crl(crl, trusted.now)
        assert set(writer.bundle("110101", (), trusted.now).crls) == set(newer)


def test_an_anchor_can_be_withdrawn_and_taken_in_again(trusted: World) -> None:
    pki = trusted.pki
    assert pki is not None
    with trusted.database.writing() as session:
        writer = TrustMaterialWriter(session)
        assert not writer.add_anchor(pki.root, ("seal", "timestamp", "status"), trusted.now)
        assert writer.withdraw(pki.root, trusted.now)
        assert not writer.withdraw(pki.root, trusted.now)
        assert writer.bundle("110101", (), trusted.now).anchors == ()
        assert writer.add_anchor(pki.root, ("seal",), trusted.now)
        (anchor,) = writer.bundle("110101", (), trusted.now).anchors
    assert anchor.purposes == ("seal",)


def test_what_is_no_ca_or_no_list_is_not_taken_in(world: World) -> None:
    pki = Pki()
    with world.database.writing() as session:
        writer = TrustMaterialWriter(session)
        for bad, purposes in (
            (b"no certificate", ("seal",)),
            (pki.tsa, ("seal",)),
            (pki.seal_ca, ("seal",)),
            (pki.root, ("everything",)),
            (pki.root, ()),
        ):
            with pytest.raises(TrustMaterialInvalidError):
                writer.add_anchor(bad, purposes, world.now)
        with pytest.raises(TrustMaterialInvalidError):
            writer.add_intermediate(pki.tsa, world.now)
        with pytest.raises(TrustMaterialInvalidError):
            writer.add_crl(b"no list", world.now)
