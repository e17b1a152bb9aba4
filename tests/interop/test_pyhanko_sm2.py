"""Stock pyHanko and we agree: it validates our seals, we read what it appends."""

from datetime import timedelta
from io import BytesIO

import pytest
from asn1crypto import crl, x509
from documents import drawn_pdf, sealed_pdf, thrice_sealed_pdf
from pki import SEAL_CODE, Pki
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, PdfTimeStamper
from pyhanko.sign.validation import DocumentSecurityStore, validate_pdf_signature
from pyhanko.sign.validation.status import PdfSignatureStatus
from pyhanko_certvalidator import ValidationContext

from signing.pdf.pyhanko_sm2 import (
    SM2AlgorithmPolicy,
    SM2SignatureValidator,
    SM2Signer,
    SM2TimeStamper,
)
from signing.pdf.reader import read_pdf


def context(pki: Pki) -> ValidationContext:
    return ValidationContext(
        trust_roots=[x509.Certificate.load(pki.root)],
        other_certs=[x509.Certificate.load(der) for der in (pki.seal_ca, pki.tsa_ca)],
        crls=[crl.CertificateList.load(der) for der in pki.revocation_lists()],
        allow_fetching=False,
        # "hard-fail" passes over the list of a certificate that names none (docs/attacks.md F8).
        revocation_mode="require",
        moment=pki.now,
        signature_validator=SM2SignatureValidator(),
        algorithm_usage_policy=SM2AlgorithmPolicy(),
    )


def validate(pki: Pki, data: bytes) -> list[PdfSignatureStatus]:
    reader = PdfFileReader(BytesIO(data))
    return [
        validate_pdf_signature(
            found, signer_validation_context=context(pki), ts_validation_context=context(pki)
        )
        for found in reader.embedded_regular_signatures
    ]


def test_pyhanko_finds_our_seal_intact_valid_and_trusted() -> None:
    pki = Pki()
    (status,) = validate(pki, sealed_pdf(pki))

    assert (status.intact, status.valid, status.trusted) == (True, True, True)
    assert status.bottom_line
    assert status.coverage.name == "ENTIRE_FILE"
    assert status.docmdp_ok
    assert status.timestamp_validity is not None
    assert status.timestamp_validity.valid
    assert status.timestamp_validity.trusted
    assert status.timestamp_validity.timestamp == pki.now


def test_pyhanko_finds_three_seals_valid_and_locked() -> None:
    pki = Pki()
    statuses = validate(pki, thrice_sealed_pdf(pki))

    assert [status.bottom_line for status in statuses] == [True, True, True]


def test_pyhanko_finds_a_revoked_certificate() -> None:
    pki = Pki()
    data = sealed_pdf(pki)
    certificate = PdfFileReader(BytesIO(data)).embedded_signatures[0].signer_cert.dump()
    pki.revoke(certificate, at=pki.now - timedelta(days=1))

    assert not validate(pki, data)[0].bottom_line


def test_pyhanko_finds_one_changed_digit() -> None:
    pki = Pki()
    data = sealed_pdf(pki).replace(b"LICENSE NO 12345", b"LICENSE NO 12346")

    assert not validate(pki, data)[0].intact


def signed_by_pyhanko(pki: Pki) -> bytes:
    """What stock pyHanko writes with our key, certificate and time-stamper."""
    certificate = pki.seal_certificate()
    signer = SM2Signer(pki.keys, f"seal/{SEAL_CODE}", certificate, (pki.seal_ca,))
    metadata = PdfSignatureMetadata(
        field_name="Seal1",
        md_algorithm="sm3",
        subfilter=SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
    )
    timestamper = SM2TimeStamper(pki.timestamper())
    output = PdfSigner(metadata, signer=signer, timestamper=timestamper).sign_pdf(
        IncrementalPdfFileWriter(BytesIO(drawn_pdf()))
    )
    return bytes(output.getvalue())


def test_what_pyhanko_signs_with_our_signer_both_accept() -> None:
    pki = Pki()
    data = signed_by_pyhanko(pki)

    assert validate(pki, data)[0].bottom_line
    (seal,) = read_pdf(data).seals
    assert (seal.problems, seal.certification) == ((), 1)


def archived(pki: Pki, data: bytes) -> bytes:
    """The document with validation data and a document time-stamp, as for long keeping."""
    output = BytesIO(data)
    DocumentSecurityStore.add_dss(
        output,
        sig_contents=PdfFileReader(BytesIO(data)).embedded_signatures[0].pkcs7_content,
        certs=[x509.Certificate.load(pki.seal_ca)],
        crls=[crl.CertificateList.load(der) for der in pki.revocation_lists()],
    )
    writer = IncrementalPdfFileWriter(BytesIO(output.getvalue()))
    stamped = PdfTimeStamper(SM2TimeStamper(pki.timestamper())).timestamp_pdf(writer, "sm3", None)
    return bytes(stamped.getvalue())


@pytest.mark.parametrize("make", [sealed_pdf, thrice_sealed_pdf])
def test_validation_data_under_a_document_time_stamp_are_harmless(make: object) -> None:
    pki = Pki()
    data = archived(pki, make(pki))  # type: ignore[operator]
    content = read_pdf(data)

    assert content.problems == ()
    assert content.later_changes == ("dss", "doc-timestamp")
    assert [seal.problems for seal in content.seals] == [()] * len(content.seals)
    (stamp,) = content.document_timestamps
    assert stamp.covers_whole_file
    assert all(status.bottom_line for status in validate(pki, data))


def test_validation_data_without_a_document_time_stamp_are_not() -> None:
    pki = Pki()
    data = archived(pki, sealed_pdf(pki))
    only_data = data[: read_pdf(data).document_timestamps[0].byte_range[1]]
    end = only_data.rindex(b"%%EOF") + len(b"%%EOF\n")

    assert read_pdf(data[:end]).later_changes == ("other",)


def test_a_page_changed_under_a_document_time_stamp_is_not_harmless() -> None:
    pki = Pki()
    data = sealed_pdf(pki)
    writer = IncrementalPdfFileWriter(BytesIO(data))
    page = writer.find_page_for_modification(0)[0].get_object()
    page["/Rotate"] = page["/MediaBox"][0]
    page["/Contents"] = page["/Annots"][0]["/AP"].raw_get("/N")
    writer.update_container(page)
    changed = BytesIO()
    writer.write(changed)
    stamped = PdfTimeStamper(SM2TimeStamper(pki.timestamper())).timestamp_pdf(
        IncrementalPdfFileWriter(changed), "sm3", None
    )
    content = read_pdf(stamped.getvalue())

    assert set(content.later_changes) == {"other"}


def test_an_object_hidden_under_a_document_time_stamp_is_not_harmless() -> None:
    """What pyHanko does not see, since no cross reference names it, other readers may show."""
    pki = Pki()
    data = sealed_pdf(pki)
    start = data[data.rindex(b"startxref") :]
    hidden = data + b"4 0 obj\n<< /Length 0 >>\nstream\n\nendstream\nendobj\n" + start
    stamped = PdfTimeStamper(SM2TimeStamper(pki.timestamper())).timestamp_pdf(
        IncrementalPdfFileWriter(BytesIO(hidden)), "sm3", None
    )

    assert set(read_pdf(stamped.getvalue()).later_changes) == {"other"}
