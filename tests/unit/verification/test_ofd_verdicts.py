"""A license as OFD: the good one, and each thing that may be wrong with its reason."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from mutants.ofd_signing import Description, SesSigner, signed_entries
from mutants.ofd_world import (
    CLAIMS,
    DESCRIPTION,
    PAGE,
    SEAL_FILE,
    SIGNATURES,
    VALUE,
    packed,
    unpacked,
    with_entry,
)
from mutants.world import World, content
from pki import NOW, Pki

from keys.second_opinion import agrees_valid
from keys.sm3 import sm3
from license_vault.license import LicenseStatus
from signing.seal import Seal, SealOrder
from signing.ses.signature import SealUse
from verification.evidence import ParsedDocument, SignerEvidence
from verification.reading import read_document
from verification.report import Outcome, Verdict, VerificationReport

DAY = timedelta(days=1)
PATH = f"/{DESCRIPTION}"


def detail_of(report: VerificationReport, code: str) -> str:
    return next(check.sentence.en for check in report.checks if check.code == code)


def test_a_sealed_license_in_force_is_valid_and_needs_no_mark(world: World) -> None:
    report = world.report(world.sealed_ofd())
    assert report.verdict is Verdict.VALID
    assert report.marks == ()
    assert report.deviations == ()
    assert all(check.outcome is Outcome.PASSED for check in report.checks)
    assert report.document.form == "ofd"
    assert report.sentence.zh == "有效。"


def test_every_step_of_the_standard_has_a_line(world: World) -> None:
    assert world.report(world.sealed_ofd()).codes == {
        "references-hold", "coverage-complete", "description-unchanged", "property-path-agrees",
        "document-unchanged", "seal-signature-valid", "seal-file-agrees", "maker-signature-valid",
        "maker-trusted", "signer-listed", "seal-in-period", "certificate-suits", "chain-trusted",
        "time-stamped", "not-revoked", "owner-entitled", "in-force", "content-agrees",
    }  # fmt: skip


def test_the_report_names_the_seal_and_what_it_signed(world: World) -> None:
    (seal,) = world.report(world.sealed_ofd()).seals
    assert seal.kind == "ses"
    assert seal.time == "stamped"
    assert len(seal.signed_sm3) == 64
    assert seal.seal is not None
    assert seal.seal.es_id == seal.code
    assert seal.seal.maker == "Test seal maker"
    assert seal.to_json()["seal"]["version"] == 4


def test_the_other_state_is_told_of_an_ofd_too(world: World) -> None:
    report = world.report(world.sealed_ofd(), state=LicenseStatus.CANCELLED)
    assert (report.verdict, report.state) == (Verdict.NOT_IN_FORCE, "cancelled")


def test_a_second_implementation_is_asked_about_value_and_maker(world: World) -> None:
    report = world.report(world.sealed_ofd(), second_opinion=agrees_valid)
    assert report.verdict is Verdict.VALID
    assert "second-opinion" not in report.not_checked
    disagreeing = world.report(world.sealed_ofd(), second_opinion=lambda *_: False)
    assert disagreeing.verdict is Verdict.INDETERMINATE
    lines = [check for check in disagreeing.checks if check.code == "second-opinion-disagrees"]
    assert lines


# --- entries ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "code"),
    [
        (PAGE, "reference-altered"),
        ("Doc_0/Document.xml", "reference-altered"),
        ("OFD.xml", "reference-altered"),
        (CLAIMS, "reference-altered"),
        (SIGNATURES, "reference-altered"),
        (SEAL_FILE, "reference-altered"),
        (DESCRIPTION, "description-altered"),
    ],
)
def test_a_changed_entry_is_altered(world: World, name: str, code: str) -> None:
    entries = unpacked(world.sealed_ofd())
    report = world.report(packed(entries | {name: entries[name] + b" "}))
    assert report.verdict is Verdict.ALTERED
    assert code in report.codes
    assert report.license is None


def test_an_entry_that_nothing_refers_to_is_never_passed_over(world: World) -> None:
    report = world.report(with_entry(world.sealed_ofd(), "Doc_0/Res/more.bin", b"more"))
    assert report.verdict is Verdict.ALTERED
    assert {"entry-unreferenced", "entry-uncovered"} <= report.codes
    assert "/Doc_0/Res/more.bin" in detail_of(report, "entry-unreferenced")


def test_an_entry_that_is_taken_away_is_missed(world: World) -> None:
    entries = unpacked(world.sealed_ofd())
    del entries["Doc_0/Tags/claims.xml"]
    report = world.report(packed(entries))
    assert report.verdict is Verdict.ALTERED
    assert "reference-missing" in report.codes


# --- signed wrongly, by the key of the seal ------------------------------------------------------


class Forge:
    """Signs a drawn license with the world's own seal, one thing otherwise."""

    def __init__(self, world: World) -> None:
        self.world, self.seal = world, world.seal

    def signed(
        self,
        description: Description | None = None,
        entries: dict[str, bytes] | None = None,
        seal: Seal | None = None,
        **use: object,
    ) -> bytes:
        by = seal or self.seal
        usual = SealUse(by.ses, by.certificate, b"", PATH, NOW)
        pki = self.world.pki
        signer = SesSigner(
            pki.keys,
            by,
            replace(usual, **use),
            pki.timestamper(),
            by.key_label,  # type: ignore[arg-type]
        )
        told = description or Description()
        if told.seal_file is None:
            told = replace(told, seal_file=by.ses)
        drawn = entries or unpacked(self.world.drawn_ofd())
        return packed(signed_entries(drawn, signer.value, told))


@pytest.fixture
def forge(world: World) -> Forge:
    return Forge(world)


def all_but(world: World, *left_out: str) -> list[str]:
    names = [*unpacked(world.drawn_ofd()), SIGNATURES, SEAL_FILE]
    return [name for name in names if name not in left_out]


def test_the_forge_makes_a_good_license_when_nothing_is_wrong(world: World, forge: Forge) -> None:
    report = world.report(forge.signed())
    assert report.verdict is Verdict.VALID, report.sentence


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("OFD.xml", "entry-uncovered"),
        (PAGE, "entry-uncovered"),
        ("Doc_0/Tpls/Tpl_0/Content.xml", "entry-uncovered"),
        (CLAIMS, "entry-uncovered"),
        (SEAL_FILE, "entry-uncovered"),
        (SIGNATURES, "last-seal-does-not-lock"),
    ],
)
def test_a_seal_must_cover_everything(world: World, forge: Forge, name: str, code: str) -> None:
    report = world.report(forge.signed(Description(covered=all_but(world, name))))
    assert report.verdict is Verdict.ALTERED
    assert code in report.codes


@pytest.mark.parametrize(
    ("use", "verdict", "code"),
    [
        ({"data_hash": bytes(32)}, Verdict.ALTERED, "description-altered"),
        ({"property_info": "/Doc_0/Signs/Sign_1/Signature.xml"}, Verdict.ALTERED,
         "property-path-differs"),
        ({"property_info": "Signature.xml"}, Verdict.ALTERED, "property-path-differs"),
        ({"property_info": ""}, Verdict.ALTERED, "property-path-differs"),
        ({"signed_at": NOW + DAY}, Verdict.INDETERMINATE, "claimed-time-after-stamp"),
    ],
)  # fmt: skip
def test_a_value_about_something_else(
    world: World, forge: Forge, use: dict[str, object], verdict: Verdict, code: str
) -> None:
    report = world.report(forge.signed(**use))
    assert report.verdict is verdict
    assert code in report.codes


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"check_method": "MD5"}, "check-method-not-accepted"),
        ({"check_method": "SHA1"}, "check-method-not-accepted"),
        ({"check_method": "SM9"}, "check-method-not-accepted"),
        ({"covered": ()}, "references-none"),
        ({"stamped": False}, "seal-encoding-irregular"),
        ({"kind": "Sign"}, "seal-form-not-ours"),
        ({"extra": "<ofd:Other/>"}, "seal-encoding-irregular"),
    ],
)
def test_a_description_that_is_not_ours(
    world: World, forge: Forge, change: dict[str, object], code: str
) -> None:
    report = world.report(forge.signed(Description(**change)))  # type: ignore[arg-type]
    assert report.verdict is Verdict.ALTERED
    assert code in report.codes


def test_another_seal_file_than_the_seal_inside(world: World, forge: Forge) -> None:
    other = world.pki.ses_seal(world.seal.certificate, name="另一枚")
    report = world.report(forge.signed(Description(seal_file=other)))
    assert report.verdict is Verdict.ALTERED
    assert "seal-file-differs" in report.codes


def test_a_value_of_another_kind_is_not_the_seal_of_a_license(world: World) -> None:
    cms = read_document(world.sealed_json())
    assert isinstance(cms, ParsedDocument)
    made = signed_entries(
        unpacked(world.drawn_ofd()),
        lambda _: cms.seals[0].value,
        Description(seal_file=world.seal.ses),
    )
    report = world.report(packed(made))
    assert report.verdict is Verdict.ALTERED
    assert "seal-form-not-ours" in report.codes


def test_a_value_that_is_nothing_is_malformed(world: World) -> None:
    report = world.report(with_entry(world.sealed_ofd(), VALUE, b"\x30\x00"))
    assert report.verdict is Verdict.ALTERED
    assert "signature-malformed" in report.codes


# --- the seal and its maker ---------------------------------------------------------------------


def sealed_by(world: World, **making: object) -> VerificationReport:
    ses = world.pki.ses_seal(world.seal.certificate, **making)
    return world.report(Forge(world).signed(seal=replace(world.seal, ses=ses)))


@pytest.mark.parametrize(
    ("making", "verdict", "code"),
    [
        ({"es_id": "99999999999999"}, Verdict.UNTRUSTED, "seal-number-differs"),
        ({"valid_until": NOW - DAY}, Verdict.UNTRUSTED, "seal-expired-at-sealing"),
        ({"valid_from": NOW + DAY}, Verdict.UNTRUSTED, "seal-not-yet-valid"),
        ({"created_at": NOW - timedelta(days=9000)}, Verdict.UNTRUSTED, "maker-outside-period"),
        ({"created_at": NOW + DAY}, Verdict.INDETERMINATE, "seal-made-after-use"),
    ],
)
def test_a_seal_that_may_not_be_used(
    world: World, making: dict[str, object], verdict: Verdict, code: str
) -> None:
    report = sealed_by(world, **making)
    assert report.verdict is verdict
    assert code in report.codes


def test_a_seal_that_lists_somebody_else(world: World) -> None:
    report = sealed_by(world, certificates=(world.pki.tsa,))
    assert report.verdict is Verdict.UNTRUSTED
    assert "signer-not-listed" in report.codes


def test_a_seal_that_expired_since_still_stands(world: World) -> None:
    ses = world.pki.ses_seal(world.seal.certificate, valid_until=NOW + DAY)
    data = Forge(world).signed(seal=replace(world.seal, ses=ses))
    now = NOW + 2 * DAY
    report = world.report(
        data,
        now=now,
        trust=world.trust(revocation_lists=world.pki.revocation_lists(now, now + DAY)),
        status=world.status(issued_at=now, next_update=now + DAY),
    )
    assert report.verdict is Verdict.VALID
    assert "seal-expired-since" in report.codes


def test_a_maker_that_the_region_does_not_name_is_not_trusted(world: World) -> None:
    system = (SignerEvidence("system", world.pki.maker),)
    for signers in ((), system):
        report = world.report(world.sealed_ofd(), trust=world.trust(signers=signers))
        assert report.verdict is Verdict.UNTRUSTED
        assert "maker-not-named" in report.codes
        assert "maker-no-trusted-chain" not in report.codes


def test_a_maker_that_is_named_must_lead_to_an_anchor_all_the_same(world: World) -> None:
    other = Pki()
    ses = other.ses_seal(world.seal.certificate)
    data = Forge(world).signed(seal=replace(world.seal, ses=ses))
    named = (SignerEvidence("seal-maker", other.maker),)
    report = world.report(data, trust=world.trust(signers=named))
    assert report.verdict is Verdict.UNTRUSTED
    assert "maker-no-trusted-chain" in report.codes
    assert "maker-not-named" not in report.codes


def test_the_signer_is_not_the_maker() -> None:
    world = World()
    own = replace(world.seal, certificate=world.pki.maker, key_label="seal-maker")
    ses = world.pki.ses_seal(world.pki.maker)
    report = world.report(Forge(world).signed(seal=replace(own, ses=ses)))
    assert report.verdict is Verdict.UNTRUSTED
    assert "maker-is-signer" in report.codes


@pytest.mark.parametrize(
    ("reason", "at", "verdict"),
    [
        ("superseded", NOW + DAY, Verdict.VALID),
        ("superseded", NOW - DAY, Verdict.UNTRUSTED),
        ("keyCompromise", NOW + DAY, Verdict.UNTRUSTED),
    ],
)
def test_a_maker_that_was_withdrawn(reason: str, at: object, verdict: Verdict) -> None:
    world = World()
    data = world.sealed_ofd()
    world.pki.revoke(world.pki.maker, at, reason)  # type: ignore[arg-type]
    report = world.report(data)
    assert report.verdict is verdict
    assert ("maker-revoked" in report.codes) is (verdict is Verdict.UNTRUSTED)


def test_without_a_fresh_list_the_maker_is_not_known(world: World) -> None:
    stale = world.pki.revocation_lists(NOW - 9 * DAY, NOW - 2 * DAY)
    report = world.report(world.sealed_ofd(), trust=world.trust(revocation_lists=stale))
    assert report.verdict is Verdict.INDETERMINATE
    assert {"maker-revocation-unknown", "revocation-stale"} <= report.codes


def test_a_forged_seal_is_altered(world: World) -> None:
    at = world.seal.ses.index(b"TESTVAULT")
    forged = world.seal.ses[:at] + b"TESTVAULU" + world.seal.ses[at + 9 :]
    report = world.report(Forge(world).signed(seal=replace(world.seal, ses=forged)))
    assert report.verdict is Verdict.ALTERED
    assert "maker-signature-invalid" in report.codes


# --- time ---------------------------------------------------------------------------------------


def claimed(world: World, **use: object) -> bytes:
    usual = SealUse(world.seal.ses, world.seal.certificate, b"", PATH, NOW)
    signer = SesSigner(
        world.pki.keys,
        world.seal,
        replace(usual, **use),
        None,
        world.seal.key_label,  # type: ignore[arg-type]
    )
    told = Description(seal_file=world.seal.ses)
    return packed(signed_entries(unpacked(world.drawn_ofd()), signer.value, told))


def test_without_a_time_stamp_the_time_is_only_claimed(world: World) -> None:
    report = world.report(claimed(world))
    assert "time-claimed-only" in report.codes
    assert report.seals[0].time == "claimed"
    assert report.seals[0].sealed_at == NOW


@pytest.mark.parametrize("years", [-20, 20])
def test_a_claimed_time_outside_the_periods_is_not_believed(world: World, years: int) -> None:
    report = world.report(claimed(world, signed_at=NOW + timedelta(days=365 * years)))
    assert report.verdict is Verdict.UNTRUSTED
    assert {"claimed-outside-certificate", "claimed-outside-seal"} <= report.codes


# --- several seals -------------------------------------------------------------------------------


def two_seals(world: World, *orders: SealOrder, seals: int = 2) -> bytes:
    data = world.drawn_ofd(content(seals=seals))
    for seal, order in zip(world.seals, orders, strict=False):
        data = world.put_seal_ofd(data, seal, order=order)
    return data


def test_two_seals_in_order_are_valid(world: World) -> None:
    report = world.report(two_seals(world, SealOrder.FIRST, SealOrder.LAST))
    assert report.verdict is Verdict.VALID, report.sentence
    assert len({seal.field for seal in report.seals}) == 2


def test_one_seal_twice_does_not_count_as_two(world: World) -> None:
    data = world.drawn_ofd(content(seals=2))
    for order in (SealOrder.FIRST, SealOrder.LAST):
        data = world.put_seal_ofd(data, order=order)
    report = world.report(data)
    assert report.verdict is Verdict.ALTERED
    assert "seal-twice" in report.codes


def test_one_seal_in_several_places_is_one_seal(world: World) -> None:
    report = world.report(world.put_seal_ofd(world.drawn_ofd(), places=3))
    assert report.verdict is Verdict.VALID, report.sentence
    assert len(report.seals) == 1


@pytest.mark.parametrize(
    ("orders", "claimed_seals", "code"),
    [
        ((SealOrder.FIRST,), 2, "seals-missing"),
        ((SealOrder.SOLE,), 2, "seals-missing"),
        ((SealOrder.FIRST, SealOrder.LAST), 1, "seals-too-many"),
        ((SealOrder.FIRST, SealOrder.MIDDLE), 2, "last-seal-does-not-lock"),
        ((SealOrder.FIRST,), 1, "last-seal-does-not-lock"),
    ],
)
def test_other_numbers_and_orders_are_never_valid(
    world: World, orders: tuple[SealOrder, ...], claimed_seals: int, code: str
) -> None:
    report = world.report(two_seals(world, *orders, seals=claimed_seals))
    assert report.verdict is Verdict.ALTERED
    assert code in report.codes


def test_a_last_seal_that_is_taken_away_is_missed(world: World) -> None:
    entries = unpacked(two_seals(world, SealOrder.FIRST, SealOrder.LAST))
    first = unpacked(two_seals(world, SealOrder.FIRST))
    kept = {name: data for name, data in entries.items() if "Sign_1" not in name}
    report = world.report(packed(kept | {SIGNATURES: first[SIGNATURES]}))
    assert report.verdict is Verdict.ALTERED
    assert {"seals-missing", "last-seal-does-not-lock"} <= report.codes


def test_seals_may_not_change_places(world: World) -> None:
    entries = unpacked(two_seals(world, SealOrder.FIRST, SealOrder.LAST))
    listed = entries[SIGNATURES].decode()
    swapped = listed.replace("Sign_0", "Sign_x").replace("Sign_1", "Sign_0").replace("_x", "_1")
    assert swapped != listed
    report = world.report(packed(entries | {SIGNATURES: swapped.encode()}))
    assert report.verdict is Verdict.ALTERED


# --- content ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("deviation", "code"),
    [
        ({"drawn": {"number": "沪0000000000000000"}}, "face-mismatch"),
        ({"drawn": {"fields.invented": "x"}}, "index-malformed"),
        ({"metadata": {"ZZBH": "x"}}, "metadata-mismatch"),
        ({"metadata": {"contentId": "0" * 64}}, "content-id-mismatch"),
    ],
)
def test_a_page_that_says_something_else(
    world: World, deviation: dict[str, object], code: str
) -> None:
    report = world.report(world.put_seal_ofd(world.drawn_ofd(**deviation)))
    assert report.verdict is Verdict.ALTERED
    assert code in report.codes


def test_a_claim_without_a_place_is_told(world: World) -> None:
    report = world.report(world.put_seal_ofd(world.drawn_ofd(placed=("identifier",))))
    assert report.verdict is Verdict.VALID
    assert report.marks == ("content-partly-uncovered",)


def test_without_claims_it_is_not_known_which_license_it_is(world: World) -> None:
    left_out = (CLAIMS, "Doc_0/Attachs/Attachments.xml")
    entries = unpacked(world.drawn_ofd(leave_out=left_out))
    entries["Doc_0/Document.xml"] = entries["Doc_0/Document.xml"].replace(
        b"<ofd:Attachments>Attachs/Attachments.xml</ofd:Attachments>", b""
    )
    report = world.report(world.put_seal_ofd(packed(entries)))
    assert report.verdict is Verdict.INDETERMINATE
    assert "claims-missing" in report.codes


# --- a parser process in an attacker's hands ------------------------------------------------------


def lying(world: World, change: Callable[[ParsedDocument], ParsedDocument]) -> ParsedDocument:
    genuine = read_document(world.sealed_ofd())
    assert isinstance(genuine, ParsedDocument)
    return change(genuine)


def test_it_cannot_pass_off_an_altered_entry_as_the_genuine_one(world: World) -> None:
    genuine = lying(world, lambda parsed: parsed)
    entries = unpacked(world.sealed_ofd())
    altered = packed(entries | {PAGE: entries[PAGE] + b" "})
    report = world.report(altered, parse=lambda _: genuine)
    assert report.verdict is Verdict.ALTERED
    assert "reference-altered" in report.codes


def test_it_cannot_invent_the_references_that_an_altered_entry_needs(world: World) -> None:
    entries = unpacked(world.sealed_ofd())
    changed = entries[PAGE] + b" "

    def invent(parsed: ParsedDocument) -> ParsedDocument:
        place = parsed.seals[0].ofd
        assert place is not None
        references = tuple(
            replace(entry, check_value=sm3(changed)) if entry.path == f"/{PAGE}" else entry
            for entry in place.references
        )
        seal = replace(parsed.seals[0], ofd=replace(place, references=references))
        return replace(parsed, seals=(seal,))

    answer = lying(world, invent)
    report = world.report(packed(entries | {PAGE: changed}), parse=lambda _: answer)
    assert report.verdict is Verdict.ALTERED
    assert "references-not-as-written" in detail_of(report, "seal-not-in-document")


def test_it_cannot_leave_out_an_entry_that_was_added(world: World) -> None:
    genuine = lying(world, lambda parsed: parsed)
    report = world.report(
        with_entry(world.sealed_ofd(), "Doc_0/more.xml", b"<x/>"), parse=lambda _: genuine
    )
    assert report.verdict is Verdict.ALTERED
    assert "entry-uncovered" in report.codes


def test_it_cannot_put_in_another_value(world: World) -> None:
    other = World()

    def put_in(parsed: ParsedDocument) -> ParsedDocument:
        theirs = read_document(other.sealed_ofd())
        assert isinstance(theirs, ParsedDocument)
        seal = replace(parsed.seals[0], value=theirs.seals[0].value)
        return replace(parsed, seals=(seal,))

    answer = lying(world, put_in)
    report = world.report(world.sealed_ofd(), parse=lambda _: answer)
    assert report.verdict is Verdict.ALTERED
    assert "seal-not-in-document" in report.codes


def test_it_cannot_pass_off_claims_that_are_in_no_entry(world: World) -> None:
    other = lying(world, lambda parsed: parsed)
    data = world.sealed_ofd(number="沪0000000000000000")
    theirs = read_document(data)
    assert isinstance(theirs, ParsedDocument)
    told = replace(theirs, claims=other.claims, metadata=other.metadata, texts=other.texts)
    report = world.report(data, parse=lambda _: told)
    assert report.verdict is Verdict.ALTERED
    assert "claims-not-in-package" in detail_of(report, "seal-not-in-document")
