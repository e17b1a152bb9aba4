"""What kind of value stands in a seal: by how the document names it, then by its own shape."""

import pytest
from mutants.world import World

from signing import der
from verification.document_form import document_form
from verification.evidence import DocumentForm, ParsedDocument, ValueKind
from verification.reading import read_document
from verification.value_kinds import OTHER_VALUE, ofd_value_kind, pdf_value_kind

PAIR = der.sequence(der.integer(7), der.integer(9))
SIGNED = der.sequence(der.object_identifier("1.2.840.113549.1.7.2"), der.tlv(der.context(0), b""))
ALONE = der.sequence(der.integer(1), der.tlv(der.SET, b""), der.sequence())
SES = der.sequence(der.sequence(der.integer(4)), b"\x04\x00")
NOTHING = (b"", b"\x30", b"\x30\x00", b"\x04\x01x", b"text", PAIR + b"\0" * 3)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (PAIR, ValueKind.BARE),
        (bytes(64), ValueKind.BARE),
        (SIGNED, ValueKind.GM_CMS),
        (ALONE, ValueKind.GM_CMS),
        *((value, ValueKind.UNKNOWN) for value in NOTHING if value != PAIR + b"\0" * 3),
    ],
)
def test_the_value_of_a_plain_signature_is_told_by_its_shape(value: bytes, kind: ValueKind) -> None:
    assert ofd_value_kind("Sign", value) == (kind, ())


def test_a_value_in_the_place_of_another_is_told() -> None:
    assert ofd_value_kind("Sign", SES) == (ValueKind.SES, (OTHER_VALUE,))
    assert ofd_value_kind("Seal", SIGNED) == (ValueKind.GM_CMS, (OTHER_VALUE,))


@pytest.mark.parametrize("value", [SES, PAIR, *NOTHING])
def test_a_seal_is_read_as_a_seal_whatever_stands_there(value: bytes) -> None:
    assert ofd_value_kind("Seal", value) == (ValueKind.SES, ())


@pytest.mark.parametrize(
    ("sub_filter", "value", "is_license", "kind"),
    [
        ("ETSI.CAdES.detached", SIGNED, True, ValueKind.CMS),
        ("ETSI.CAdES.detached", SIGNED, False, ValueKind.GM_CMS),
        ("adbe.pkcs7.detached", SIGNED, True, ValueKind.GM_CMS),
        ("adbe.pkcs7.detached", b"x", False, ValueKind.GM_CMS),
        ("GM.sm2seal", SES, False, ValueKind.SES),
        ("GM.sm2seal", b"x", False, ValueKind.SES),
        ("GM.SM2", SES, False, ValueKind.SES),
        ("GM.SM2", SIGNED, False, ValueKind.GM_CMS),
        ("nobody.knows", SES, False, ValueKind.CMS),
    ],
)
def test_the_value_in_a_pdf_is_told_by_its_form_first(
    sub_filter: str, value: bytes, is_license: bool, kind: ValueKind
) -> None:
    assert pdf_value_kind(sub_filter, value, is_license) is kind


def test_the_form_of_a_document_is_told_by_its_first_bytes(world: World) -> None:
    assert document_form(world.sealed()) is DocumentForm.PDF
    assert document_form(world.sealed_ofd()) is DocumentForm.OFD
    assert document_form(world.sealed_json()) is DocumentForm.JSON
    assert document_form(world.seal.ses) is DocumentForm.ESL
    assert [document_form(data) for data in (b"", b" %PDF-", b"PK", b"[]", b"\x30\x03abc")] == [
        None
    ] * 5


def test_our_own_forms_have_our_own_kinds(world: World) -> None:
    kinds = []
    for data in (world.sealed(), world.sealed_ofd(), world.sealed_json(), world.seal.ses):
        parsed = read_document(data)
        assert isinstance(parsed, ParsedDocument)
        kinds += [seal.kind for seal in parsed.seals]
    assert kinds == [ValueKind.CMS, ValueKind.SES, ValueKind.CMS, ValueKind.SES_SEAL]
