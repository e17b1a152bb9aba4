"""What is taken into the trust bundle, and what is refused by name."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from pki import NOW, Pki

from keys.certificate import read_certificate
from license_vault.audit import AuditTrail
from license_vault.database.sessions import Database
from license_vault.fsck.fsck import check_audit
from license_vault.trust.errors import TrustMaterialRefusedError
from license_vault.trust.intake import Taken, TrustIntake, TrustItem
from license_vault.trust.publication import TrustMaterial
from license_vault.trust.review import TrustState, review
from signing.trust_bundle import TrustBundle, TrustedSigner

DAY = timedelta(days=1)
Take = Callable[..., tuple[Taken, ...]]


@pytest.fixture(scope="module")
def pki() -> Pki:
    return Pki.kept()


@pytest.fixture
def database(either_database: Database) -> Database:
    return either_database


@pytest.fixture
def take(database: Database) -> Take:
    def take_all(*ders: bytes, purposes: tuple[str, ...] = ()) -> tuple[Taken, ...]:
        items = [TrustItem(f"file {at}", der) for at, der in enumerate(ders)]
        with database.writing() as session:
            return TrustIntake(session, "operator:test", NOW).take(items, purposes)

    return take_all


def bundle(database: Database) -> TrustBundle:
    with database.reading() as session:
        return TrustMaterial(session).bundle("310120", (), NOW)


def refused(take: Take, *ders: bytes, purposes: tuple[str, ...] = ()) -> tuple[str, str]:
    with pytest.raises(TrustMaterialRefusedError) as caught:
        take(*ders, purposes=purposes)
    return caught.value.name, caught.value.reason


def test_a_whole_hierarchy_is_taken_in_whatever_the_order(
    database: Database, take: Take, pki: Pki
) -> None:
    lists = pki.revocation_lists()
    taken = take(*lists, pki.seal_ca, pki.root, pki.tsa_ca, purposes=("seal", "timestamp"))
    assert sorted(t.kind for t in taken) == ["anchor", *["crl"] * 3, *["intermediate"] * 2]
    found = bundle(database)
    assert [(a.purposes, a.certificate) for a in found.anchors] == [
        (("seal", "timestamp"), pki.root)
    ]
    assert set(found.intermediates) == {pki.seal_ca, pki.tsa_ca}
    assert set(found.crls) == set(lists)


def test_each_new_item_has_its_audit_entry_and_a_repeated_one_none(
    database: Database, take: Take, pki: Pki
) -> None:
    take(pki.root, pki.seal_ca, purposes=("seal",))
    assert not any(t.new for t in take(pki.root, pki.seal_ca, purposes=("seal",)))
    with database.reading() as session:
        acts = [entry.act for entry in AuditTrail(session).entries()]
    assert [(act.actor, act.action, act.details["kind"]) for act in acts] == [
        ("operator:test", "trust.added", "anchor"),
        ("operator:test", "trust.added", "intermediate"),
    ]
    assert list(check_audit(database)) == []


def test_a_purpose_is_added_to_those_there_are(database: Database, take: Take, pki: Pki) -> None:
    take(pki.root, purposes=("seal",))
    take(pki.root, purposes=("status",))
    assert bundle(database).anchors[0].purposes == ("seal", "status")
    assert refused(take, Pki().root) == ("file 0", "purpose-missing")


def test_what_is_withdrawn_is_in_no_bundle_and_comes_back_with_its_new_purposes(
    database: Database, take: Take, pki: Pki
) -> None:
    take(pki.root, purposes=("seal", "status"))
    serial = read_certificate(pki.root).serial
    with database.writing() as session:
        TrustIntake(session, "operator:test", NOW).withdraw(serial)
    assert bundle(database).anchors == ()
    with database.writing() as session, pytest.raises(TrustMaterialRefusedError):
        TrustIntake(session, "operator:test", NOW).withdraw(serial)
    take(pki.root, purposes=("timestamp",))
    assert bundle(database).anchors[0].purposes == ("timestamp",)


def take_signer(database: Database, der: bytes, role: str = "seal-maker") -> Taken:
    with database.writing() as session:
        return TrustIntake(session, "operator:test", NOW).take_signer(TrustItem("m", der), role)


def test_a_seal_maker_is_stood_for_by_name_until_it_is_withdrawn(
    database: Database, take: Take, pki: Pki
) -> None:
    take(pki.root, pki.seal_ca, purposes=("seal",))
    assert take_signer(database, pki.status).new
    assert not take_signer(database, pki.status).new
    assert bundle(database).signers == (TrustedSigner("seal-maker", pki.status),)
    assert "signer" in {line.kind for line in review(bundle(database), NOW)}
    with database.writing() as session:
        TrustIntake(session, "operator:test", NOW).withdraw(read_certificate(pki.status).serial)
    assert bundle(database).signers == ()
    assert take_signer(database, pki.status).new


@pytest.mark.parametrize(
    ("certificate", "reason"),
    [("root", "a-ca"), ("tsa", "issuer-unknown"), (b"\x30\x00", "unreadable")],
)
def test_a_signer_must_be_an_end_certificate_of_a_ca_we_know(
    database: Database, take: Take, pki: Pki, certificate: str | bytes, reason: str
) -> None:
    take(pki.root, purposes=("seal",))
    der = getattr(pki, certificate) if isinstance(certificate, str) else certificate
    with pytest.raises(TrustMaterialRefusedError) as caught:
        take_signer(database, der)
    assert caught.value.reason == reason
    assert bundle(database).signers == ()


def test_a_ca_of_nobody_we_know_is_refused_and_nothing_is_taken_in(
    database: Database, take: Take, pki: Pki
) -> None:
    stranger = Pki()
    ders = (pki.root, stranger.seal_ca)
    # Of the same name as our root, but of another key.
    assert refused(take, *ders, purposes=("seal",)) == ("file 1", "key-identifier-differs")
    assert bundle(database).anchors == ()
    assert refused(take, stranger.seal_ca) == ("file 0", "issuer-unknown")
    with database.reading() as session:
        assert AuditTrail(session).head()[0] == 0


def test_of_two_cas_of_one_name_the_one_that_signed_counts(
    database: Database, take: Take, pki: Pki
) -> None:
    other = Pki()
    take(pki.root, other.root, pki.seal_ca, other.seal_ca, purposes=("seal",))
    assert set(bundle(database).intermediates) == {pki.seal_ca, other.seal_ca}


def test_an_altered_root_is_refused(take: Take, pki: Pki) -> None:
    altered = bytearray(pki.root)
    altered[-1] ^= 1
    assert refused(take, bytes(altered), purposes=("seal",)) == ("file 0", "signature-invalid")


def test_an_end_certificate_and_noise_are_refused(take: Take, pki: Pki) -> None:
    assert refused(take, pki.tsa) == ("file 0", "not-a-ca")
    assert refused(take, b"no DER") == ("file 0", "unreadable")


def test_a_list_of_no_ca_we_know_is_refused(take: Take, pki: Pki) -> None:
    assert refused(take, pki.revocation_lists()[0])[1] == "issuer-unknown"
    take(pki.root, purposes=("seal",))
    assert refused(take, Pki().revocation_lists()[0])[1] == "key-identifier-differs"


def test_a_list_older_than_the_one_held_is_refused(
    database: Database, take: Take, pki: Pki
) -> None:
    old, newer = (pki.revocation_lists(NOW - age, NOW + DAY)[0] for age in (2 * DAY, DAY))
    (early,) = {pki.revocation_lists(NOW - 3 * DAY, NOW + DAY)[0]}
    take(pki.root, newer, old, purposes=("seal",))
    assert bundle(database).crls == (newer,)
    assert not take(newer)[0].new
    assert refused(take, old)[1] == "older-than-held"
    # Numbered later, but issued earlier.
    assert refused(take, early)[1] == "older-than-held"


def test_a_list_from_the_future_is_refused(take: Take, pki: Pki) -> None:
    later = pki.revocation_lists(NOW + DAY, NOW + 2 * DAY)[0]
    assert refused(take, pki.root, later, purposes=("seal",))[1] == "from-the-future"


def test_two_implementations_that_disagree_take_nothing_in(
    database: Database, take: Take, pki: Pki, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("license_vault.trust.intake.agrees_valid", lambda *_: False)
    assert refused(take, pki.root, purposes=("seal",)) == ("file 0", "opinions-differ")
    assert bundle(database).anchors == ()


def test_a_review_says_what_runs_out_and_what_is_missing(
    database: Database, take: Take, pki: Pki
) -> None:
    take(pki.root, pki.seal_ca, pki.revocation_lists(NOW, NOW + 8 * DAY)[0], purposes=("seal",))
    found = bundle(database)

    def states(at_days: float) -> list[TrustState]:
        return [line.state for line in review(found, NOW + at_days * DAY)]

    force, missing = TrustState.IN_FORCE, TrustState.MISSING
    assert states(0) == [force, force, force, missing]
    assert states(5.9) == [force, force, force, missing]
    assert states(6) == [force, force, TrustState.ENDING, missing]
    assert states(8.1) == [force, force, TrustState.ENDED, missing]
    ends = read_certificate(pki.root).not_after
    ending = {line.state for line in review(found, ends - 60 * DAY) if line.kind != "crl"}
    assert ending == {TrustState.ENDING}
    early = {line.state for line in review(found, NOW - 3650 * DAY)}
    assert early == {TrustState.NOT_YET, missing}
