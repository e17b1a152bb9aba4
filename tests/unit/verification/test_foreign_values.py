"""Documents that others sealed: GB/T 35275 values in OFD and PDF, SES values in PDF."""

import base64
from collections.abc import Callable
from functools import partial

import pytest
from mutants.ofd_signing import Description, gm_attributes, gm_value, signed_entries
from mutants.ofd_world import CLAIMS, DESCRIPTION, PAGE, VALUE, packed, unpacked
from mutants.pdf_signing import signed_pdf
from mutants.world import World, content, draw
from pki import NOW

from keys.sm3 import sm3
from signing.ses.signature import SealUse, make_ses_signature
from verification.report import Verdict, VerificationReport

MakeValue = Callable[[bytes], bytes]
SIGN = Description(kind="Sign", stamped=False)


def drawn(world: World) -> dict[str, bytes]:
    """A document as others have them: without claims."""
    entries = unpacked(
        world.drawn_ofd(
            leave_out=(CLAIMS, "Doc_0/Attachs/Attachments.xml", "Doc_0/Tags/claims.xml")
        )
    )
    changed = entries["Doc_0/Document.xml"]
    for element in (
        b"<ofd:Attachments>Attachs/Attachments.xml</ofd:Attachments>",
        b"<ofd:CustomTags>Tags/CustomTags.xml</ofd:CustomTags>",
    ):
        changed = changed.replace(element, b"")
    del entries["Doc_0/Tags/CustomTags.xml"]
    return entries | {"Doc_0/Document.xml": changed}


def by(world: World) -> Callable[..., bytes]:
    sign = partial(world.pki.keys.sign, world.seal.key_label)
    return partial(gm_value, sign, (world.seal.certificate, world.pki.seal_ca))


SHAPES: dict[str, Callable[[Callable[..., bytes], bytes], bytes]] = {
    "digest-enclosed": lambda make, data: make(sm3(data), content=sm3(data)),
    "digest-enclosed-raw-value": lambda make, data: make(sm3(data), content=sm3(data), raw=True),
    "digest-as-base64": lambda make, data: make(
        base64.b64encode(sm3(data)), content=base64.b64encode(sm3(data))
    ),
    "content-enclosed": lambda make, data: make(data, content=data),
    "detached": lambda make, data: make(data),
    "attributes": lambda make, data: make(None, attributes=gm_attributes(data)),
    "attributes-and-digest": lambda make, data: make(
        None, content=sm3(data), attributes=gm_attributes(sm3(data))
    ),
    "attributes-and-content": lambda make, data: make(
        None, content=data, attributes=gm_attributes(data)
    ),
}


def report_on(world: World, make_value: MakeValue, told: Description = SIGN) -> VerificationReport:
    return world.report(packed(signed_entries(drawn(world), make_value, told)))


@pytest.mark.parametrize("shape", SHAPES)
def test_a_plain_signature_of_any_shape_is_read(world: World, shape: str) -> None:
    report = report_on(world, partial(SHAPES[shape], by(world)))
    assert {"description-unchanged", "seal-signature-valid", "chain-trusted"} <= report.codes
    assert "document-unchanged" in report.codes
    assert report.verdict is Verdict.INDETERMINATE
    assert "claims-missing" in report.codes
    assert report.seals[0].kind == "gm-cms"
    assert report.seals[0].seal is None


def test_the_departures_of_a_plain_signature_are_named(world: World) -> None:
    raw = report_on(world, partial(SHAPES["digest-enclosed-raw-value"], by(world)))
    assert "signature-raw" in raw.deviations
    text = report_on(world, partial(SHAPES["digest-as-base64"], by(world)))
    assert "digest-as-base64" in text.deviations


@pytest.mark.parametrize("shape", SHAPES)
def test_a_plain_signature_of_another_description_is_altered(world: World, shape: str) -> None:
    report = report_on(world, lambda data: SHAPES[shape](by(world), data + b" "))
    assert report.verdict is Verdict.ALTERED
    assert {"description-altered", "seal-signature-invalid"} & report.codes


@pytest.mark.parametrize("shape", SHAPES)
def test_an_entry_changed_under_a_plain_signature_is_altered(world: World, shape: str) -> None:
    entries = signed_entries(drawn(world), partial(SHAPES[shape], by(world)), SIGN)
    report = world.report(packed(entries | {PAGE: entries[PAGE] + b" "}))
    assert report.verdict is Verdict.ALTERED
    assert "reference-altered" in report.codes


def test_certificates_that_others_enclose_besides_are_held_against_nobody(world: World) -> None:
    sign = partial(world.pki.keys.sign, world.seal.key_label)
    enclosed = (world.seal.certificate, world.pki.seal_ca, world.pki.tsa_ca)
    make = partial(gm_value, sign, enclosed)
    report = report_on(world, partial(SHAPES["attributes"], make))
    assert report.verdict is Verdict.INDETERMINATE
    assert "unused-certificate" not in report.codes


def test_a_time_stamp_of_another_form_leaves_it_open(world: World) -> None:
    def value(data: bytes) -> bytes:
        use = SealUse(world.seal.ses, world.seal.certificate, sm3(data), f"/{DESCRIPTION}", NOW)
        sign = partial(world.pki.keys.sign, world.seal.key_label)
        return make_ses_signature(use, sign, lambda _: bytes.fromhex("3003020101"))

    told = Description(seal_file=world.seal.ses)
    report = report_on(world, value, told)
    assert report.verdict is Verdict.INDETERMINATE
    assert "timestamp-form-unknown" in report.codes


def test_a_plain_signature_where_a_seal_should_be_is_named(world: World) -> None:
    report = report_on(world, partial(SHAPES["attributes"], by(world)), Description())
    assert "value-of-another-type" in report.deviations
    assert report.verdict is Verdict.INDETERMINATE


def test_a_value_that_nobody_can_read_leaves_it_open(world: World) -> None:
    for value in (b"\x04\x00", b"", b"text"):
        report = report_on(world, lambda _, value=value: value)  # type: ignore[misc]
        assert report.verdict is Verdict.INDETERMINATE
        assert "seal-form-unknown" in report.codes
        assert "document-unchanged" not in report.codes


def test_r_and_s_joined_name_nobody(world: World) -> None:
    report = report_on(world, lambda data: sm3(data) + sm3(data + b"x"))
    assert report.verdict is Verdict.INDETERMINATE
    assert "signer-unnamed" in report.codes


@pytest.mark.parametrize("left_out", ["OFD.xml", PAGE, "Doc_0/Tpls/Tpl_0/Content.xml"])
def test_what_others_leave_uncovered_is_told_and_never_valid(world: World, left_out: str) -> None:
    entries = drawn(world)
    names = [name for name in entries if name != left_out]
    told = Description(kind="Sign", stamped=False, covered=names)
    report = report_on(world, partial(SHAPES["attributes"], by(world)), told)
    assert report.verdict is Verdict.INDETERMINATE
    assert f"/{left_out}" in report.sentence.en


def test_an_entry_added_to_a_file_of_others_is_told(world: World) -> None:
    entries = signed_entries(drawn(world), partial(SHAPES["attributes"], by(world)), SIGN)
    report = World.report(world, packed(entries | {"Doc_0/Res/added.png": b"x"}))
    assert report.verdict is Verdict.INDETERMINATE
    assert "entry-added" in report.codes


def test_the_worst_comes_first_even_if_something_is_uncovered(world: World) -> None:
    told = Description(kind="Sign", stamped=False, covered=[PAGE])
    entries = signed_entries(drawn(world), partial(SHAPES["attributes"], by(world)), told)
    report = world.report(packed(entries | {PAGE: entries[PAGE] + b" "}))
    assert report.verdict is Verdict.ALTERED


# --- PDF ----------------------------------------------------------------------------------------


def plain_pdf() -> bytes:
    return draw(content(), leave_out=("claims.json", "index.json", "xmp"))


@pytest.mark.parametrize("form", ["GM.sm2cms.detached", "adbe.pkcs7.detached", "GM.SM2"])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_plain_signature_in_a_pdf_is_read(world: World, form: str, shape: str) -> None:
    data = signed_pdf(plain_pdf(), form, partial(SHAPES[shape], by(world)))
    report = world.report(data)
    assert {"seal-signature-valid", "chain-trusted", "document-unchanged"} <= report.codes
    assert report.verdict is Verdict.INDETERMINATE
    assert "cms-without-seal" in report.codes
    assert report.seals[0].kind == "gm-cms"


@pytest.mark.parametrize("shape", SHAPES)
def test_a_pdf_changed_under_a_plain_signature_is_altered(world: World, shape: str) -> None:
    data = signed_pdf(plain_pdf(), "GM.sm2cms.detached", partial(SHAPES[shape], by(world)))
    altered = data.replace(b"595.276", b"595.277")
    assert altered != data
    report = world.report(altered)
    assert report.verdict is Verdict.ALTERED
    assert {"digest-mismatch", "seal-signature-invalid"} & report.codes


def ses_over(world: World, data: bytes) -> bytes:
    use = SealUse(world.seal.ses, world.seal.certificate, sm3(data), "0,100,200,300", NOW)
    sign = partial(world.pki.keys.sign, world.seal.key_label)
    return make_ses_signature(use, sign, world.pki.timestamper().timestamp)


def test_an_electronic_seal_in_a_pdf_is_read(world: World) -> None:
    report = world.report(signed_pdf(plain_pdf(), "GM.sm2seal", partial(ses_over, world)))
    assert {"seal-signature-valid", "maker-trusted", "time-stamped"} <= report.codes
    assert "cms-without-seal" not in report.codes
    assert report.deviations == ("unsealed-revision",)
    assert report.seals[0].kind == "ses"
    assert report.verdict is Verdict.INDETERMINATE
    assert "claims-missing" in report.codes


def test_a_pdf_changed_under_an_electronic_seal_is_altered(world: World) -> None:
    data = signed_pdf(plain_pdf(), "GM.sm2seal", partial(ses_over, world))
    report = world.report(data.replace(b"595.276", b"595.277"))
    assert report.verdict is Verdict.ALTERED
    assert "digest-mismatch" in report.codes


def test_what_follows_a_plain_signature_nobody_signed(world: World) -> None:
    data = signed_pdf(plain_pdf(), "GM.sm2cms.detached", partial(SHAPES["attributes"], by(world)))
    report = world.report(data + b"\n% more\n")
    assert report.verdict in (Verdict.INDETERMINATE, Verdict.ALTERED)
    assert "document-unchanged" not in report.codes


@pytest.mark.parametrize("form", ["GM.sm2cms.detached", "adbe.pkcs7.detached", "GM.sm2seal"])
def test_a_license_in_a_form_that_is_not_ours_is_not_valid(world: World, form: str) -> None:
    make = (
        partial(ses_over, world)
        if form == "GM.sm2seal"
        else partial(SHAPES["attributes"], by(world))
    )
    report = world.report(signed_pdf(draw(content()), form, make))
    assert report.verdict is Verdict.ALTERED
    assert "seal-form-not-ours" in report.codes


def test_an_rsa_signature_of_others_is_of_a_form_we_do_not_verify(world: World) -> None:
    value = bytes.fromhex("3003020101")  # a SEQUENCE, and no SignedData of ours
    report = world.report(signed_pdf(plain_pdf(), "adbe.pkcs7.detached", lambda _: value))
    assert report.verdict is Verdict.INDETERMINATE
    assert "seal-form-unknown" in report.codes


def test_what_stands_behind_a_value_in_an_ofd_is_no_part_of_it(world: World) -> None:
    entries = signed_entries(drawn(world), partial(SHAPES["attributes"], by(world)), SIGN)
    report = world.report(packed(entries | {VALUE: entries[VALUE] + b"\0"}))
    assert report.verdict is Verdict.ALTERED
    assert "signature-malformed" in report.codes
