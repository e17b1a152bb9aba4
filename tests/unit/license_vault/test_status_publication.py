"""Signed status lists and the trust bundle: what they say, when they are made anew."""

from datetime import timedelta

import pytest
from license_rows import holder_rows, license_row
from pki import OWNER_CODE, Pki
from sqlalchemy import update
from vault_world import CALLER, STATUS_URI, World, example

from keys import sm2
from keys.certificate import read_certificate
from license_vault.database.tables import LicenseRow, StatusPublicationRow, table_of
from license_vault.license import LicenseMark, LicenseStatus
from license_vault.lifecycle.changes import Cancellation
from license_vault.registry.license_record import Basis
from license_vault.registry.live_states import LiveStates
from license_vault.registry.marks import MarkWriter
from license_vault.registry.records import LicenseRecord
from license_vault.status import publications
from license_vault.status.errors import StatusChangesGoneError
from license_vault.status.publication import PublishingRules, StatusPublisher
from license_vault.status.publications import Publication
from license_vault.status.shards import StatusShards
from license_vault.trust.errors import TrustMaterialInvalidError
from license_vault.trust.publication import TrustMaterial, TrustMaterialWriter
from signing import status_list
from signing.status_changes import read_status_changes
from signing.status_file import read_file_head
from signing.status_list import read_status_list
from signing.status_mirror import apply, held_from
from signing.status_reasons import read_status_reasons, states_of
from signing.trust_bundle import TrustedAuthority, read_trust_bundle, write_trust_bundle

DAY = timedelta(hours=24)
_LICENSE, _PUBLICATION = table_of(LicenseRow), table_of(StatusPublicationRow)


def publisher(world: World) -> StatusPublisher:
    pki = world.pki
    assert pki is not None
    return StatusPublisher(
        world.database, world.keys, lambda: pki.status, PublishingRules(DAY), world.clock
    )


def issue(world: World, number: int = 0) -> LicenseRecord:
    body = example(case_number=f"C{number}", number=f"1{number:019d}")
    return world.issuance().issue(body, CALLER, str(number)).license


def cancel(world: World, license_: LicenseRecord) -> None:
    world.lifecycle().cancel(license_.identifier, Cancellation(Basis("依据")), CALLER)


def only(world: World) -> Publication:
    (found,) = publisher(world).current()
    return found.publication


def codes(world: World) -> bytes:
    """All states that the two files of the one list say now."""
    plane, reasons = publisher(world).whole_files()
    return states_of(read_status_list(plane), read_status_reasons(reasons))


def test_without_licenses_there_is_no_list(world: World) -> None:
    assert publisher(world).current() == ()


def test_a_list_says_the_state_of_every_license(either_world: World) -> None:
    valid, cancelled = issue(either_world, 1), issue(either_world, 2)
    cancel(either_world, cancelled)
    found = read_status_list(publisher(either_world).whole_files()[0])
    assert found.uri == valid.status_uri
    assert valid.status_uri.startswith(f"{STATUS_URI}/")
    states = codes(either_world)
    assert states[valid.status_index] == status_list.VALID
    assert states[cancelled.status_index] == status_list.CANCELLED
    assert sum(map(bool, states)) == 2
    assert (found.issued_at, found.next_update) == (either_world.now, either_world.now + DAY)


def test_a_list_is_signed_by_the_status_key(world: World) -> None:
    issue(world)
    assert world.pki is not None
    point = read_certificate(world.pki.status).public_point
    for file in publisher(world).whole_files():
        head = read_file_head(file)
        assert head.signer_certificate == world.pki.status
        sm2.verify(point, head.tbs, head.signature)


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
    assert codes(world)[license_.status_index] == status_list.CANCELLED


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
    found = publisher(world).files(name)
    assert found is not None
    assert read_status_list(found.plane).sequence == only(world).sequence
    assert publisher(world).files("nothing") is None


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


# --- changes, and what was published before -----------------------------------------------------


def rows(world: World, count: int) -> str:
    """So many licenses in force, as rows; return the name of their list."""
    holder_rows(world, ("h",), world.now)
    for row_id in range(1, count + 1):
        license_row(world, row_id, ("h",), world.now)
    return "n"


def end(world: World, row_id: int, state: LicenseStatus = LicenseStatus.REVOKED) -> None:
    with world.database.writing() as session:
        ended = update(_LICENSE).where(_LICENSE.c.id == row_id)
        session.change_rows(ended.values(status=state.value, changed_at=world.now))


def test_changes_lead_from_any_publication_to_the_newest(either_world: World) -> None:
    world = either_world
    ours, name = publisher(world), rows(world, 3)
    published = []
    for row_id in (1, 2, 3):
        files = ours.files(name)
        assert files is not None
        plane, reasons = read_status_list(files.plane), read_status_reasons(files.reasons)
        published.append(held_from(plane, reasons))
        world.later(minutes=1)
        end(world, row_id)
    # Another node, which has nothing in memory, tells the same.
    other = publisher(world)
    newest = other.files(name)
    assert newest is not None
    for held in published:
        for node in (ours, other):
            changes = node.changes(name, held.head.sequence)
            assert changes is not None
            after = apply(held, read_status_changes(changes))
            assert after.states == codes(world)
            assert after.head.sequence == 4
    assert other.changes(name, 4) is None
    assert [other.states_at(name, n) for n in (1, 2, 3)] == [held.states for held in published]
    assert other.states_at(name, 4) == codes(world)
    assert other.states_at(name, 5) is None
    for since in (0, 5):
        with pytest.raises(StatusChangesGoneError):
            other.changes(name, since)


def test_whole_files_are_let_go_and_what_they_said_is_not(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publications, "WHOLE_KEPT", 1)
    monkeypatch.setattr(publications, "WHOLE_EVERY", 3)
    name, said = rows(world, 1), []
    for turn in range(6):
        world.later(hours=12)
        if turn == 2:
            end(world, 1)
        said.append(codes(world))
    ours = publisher(world)
    kept = [number for number in range(1, 7) if ours.files(name, number) is not None]
    assert kept == [1, 4, 6]
    assert [ours.states_at(name, number) for number in range(1, 7)] == said


def test_marks_and_their_end_are_published(world: World) -> None:
    rows(world, 1)
    only(world)
    with world.database.writing() as session:
        MarkWriter(session).set(1, LicenseMark.DISPUTED, world.now, "D-1")
    assert codes(world)[1] == 12
    world.later(minutes=10)
    with world.database.writing() as session:
        MarkWriter(session).clear(1, LicenseMark.DISPUTED, world.now)
    assert codes(world)[1] == status_list.VALID
    assert only(world).sequence == 3


def test_a_young_list_stands_for_as_long_as_the_rules_say(world: World) -> None:
    rows(world, 1)
    rules = PublishingRules(DAY, timedelta(seconds=10))
    pki = world.pki
    assert pki is not None
    spaced = StatusPublisher(world.database, world.keys, lambda: pki.status, rules, world.clock)
    assert spaced.publish() == 1
    end(world, 1)
    assert spaced.publish() == 0
    world.later(seconds=10)
    assert spaced.publish() == 1
    assert spaced.publish() == 0


def test_after_a_publication_of_the_first_form_comes_one_in_two_files(world: World) -> None:
    rows(world, 1)
    with world.database.writing() as session:
        (shard,) = StatusShards(session).all()
        session.add_row(
            _PUBLICATION,
            shard_id=shard.row_id,
            sequence=7,
            issued_at=world.now,
            next_update=world.now + DAY,
            states_sm3=bytes(32),
            der=b"of the first form",
        )
    assert only(world).sequence == 8
    assert codes(world)[1] == status_list.VALID
    ours = publisher(world)
    assert (ours.files(shard.name, 7), ours.states_at(shard.name, 7)) == (None, None)
    with pytest.raises(StatusChangesGoneError):
        ours.changes(shard.name, 7)


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
    lists = publisher(trusted).whole_files()
    with trusted.database.reading() as session:
        bundle = TrustMaterial(session).bundle("110101", lists, trusted.now)
    assert read_trust_bundle(write_trust_bundle(bundle)) == bundle
    assert [(a.purposes, a.certificate) for a in bundle.anchors] == [
        (("seal", "timestamp", "status"), pki.root)
    ]
    assert set(bundle.intermediates) == {pki.tsa_ca, pki.seal_ca}
    assert len(bundle.crls) == 3
    assert bundle.status_lists == lists
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
        assert writer.withdraw(pki.root, trusted.now, "ceased")
        assert not writer.withdraw(pki.root, trusted.now, "ceased")
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
