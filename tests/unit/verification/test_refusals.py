import pytest
from mutants.world import World

from verification.errors import (
    DocumentTooLargeError,
    EmptyDocumentError,
    NotALicenseFileError,
    VerificationRefusedError,
)
from verification.gathering import MAX_DOCUMENT_BYTES
from verification.report import Verdict


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", EmptyDocumentError),
        (b"GIF89a", NotALicenseFileError),
        (b"PK\x05\x06", NotALicenseFileError),
        (b"\xef\xbb\xbf{}", NotALicenseFileError),
        (b" %PDF-1.7", NotALicenseFileError),
        (b"%PDF-" + bytes(MAX_DOCUMENT_BYTES), DocumentTooLargeError),
    ],
)
def test_what_is_no_document_is_refused_by_name(
    world: World, data: bytes, error: type[VerificationRefusedError]
) -> None:
    with pytest.raises(error):
        world.report(data)


@pytest.mark.parametrize(
    "data",
    [
        b"%PDF-",
        b"%PDF-1.7\n%%EOF\n",
        b"%PDF-1.7\n" + bytes(5000),
        b"PK\x03\x04",
        b"PK\x03\x04" + bytes(5000),
        b"{}",
        b'{"schema":"other"}',
        b"\x30\x82\x00\x00",
        b"\x30\x81\x80" + bytes(128),
    ],
)
def test_a_broken_document_is_a_report_and_no_error(world: World, data: bytes) -> None:
    report = world.report(data)
    assert report.verdict is Verdict.UNSEALED
    assert "document-unreadable" in report.codes


def test_an_encrypted_document_is_told_as_such(world: World) -> None:
    from io import BytesIO

    import pikepdf
    from mutants.world import content, draw

    output = BytesIO()
    with pikepdf.open(BytesIO(draw(content()))) as pdf:
        pdf.save(output, encryption=pikepdf.Encryption(user="secret", owner="other"))
    report = world.report(output.getvalue())
    assert report.verdict is Verdict.UNSEALED
    assert "document-encrypted" in report.codes
