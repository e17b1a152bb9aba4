"""Other tools of the trade find our sealed file in order: qpdf, pdfsig, pdftotext, OpenSSL."""

import shutil
import subprocess
from pathlib import Path

import pytest
from documents import sealed_pdf, thrice_sealed_pdf
from pki import OWNER_CODE, SEAL_CODE, Pki

from keys.certificate import read_certificate
from keys.sm2 import write_spki
from signing.cms.pdf_signature import CmsSignature, read_cms_signature
from signing.pdf.reader import read_pdf

SIGNER_ID = "1234567812345678"


def run(*command: str) -> str:
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    done = subprocess.run(command, capture_output=True, check=False, timeout=60, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(params=[sealed_pdf, thrice_sealed_pdf], ids=["one seal", "three seals"])
def sealed(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / "sealed.pdf"
    path.write_bytes(request.param())
    return path


def test_qpdf_finds_no_errors(sealed: Path) -> None:
    assert "No syntax or stream encoding errors found" in run("qpdf", "--check", str(sealed))


def test_pdfsig_finds_the_whole_document_signed(sealed: Path) -> None:
    out = run("pdfsig", "-nocert", str(sealed))

    assert "ETSI.CAdES.detached" in out
    assert out.count("Total document signed") == 1
    assert f"CN={SEAL_CODE[:-1]}" in out
    assert OWNER_CODE in out


def test_pdftotext_reads_the_text(sealed: Path) -> None:
    assert "LICENSE NO 12345" in run("pdftotext", str(sealed), "-")


def openssl_verifies(signature: CmsSignature, folder: Path, message: bytes) -> str:
    """What ``openssl dgst`` says of the signature over a message under the signer's key."""
    point = read_certificate(signature.signer_certificate).public_point
    for name, content in (
        ("key.der", write_spki(point)), ("message", message), ("sig", signature.signature),
    ):  # fmt: skip
        (folder / name).write_bytes(content)
    run(
        "openssl", "pkey", "-pubin", "-inform", "DER",
        "-in", str(folder / "key.der"), "-out", str(folder / "key.pem"),
    )  # fmt: skip
    done = subprocess.run(
        ["openssl", "dgst", "-sm3", "-verify", str(folder / "key.pem"),
         "-sigopt", f"distid:{SIGNER_ID}", "-signature", str(folder / "sig"),
         str(folder / "message")],
        capture_output=True, check=False, timeout=60, text=True,
    )  # fmt: skip
    return done.stdout.strip()


def test_openssl_verifies_the_signed_attributes(tmp_path: Path) -> None:
    (seal,) = read_pdf(sealed_pdf(Pki())).seals
    signature = read_cms_signature(seal.value)
    attributes = signature.signed_attributes

    assert openssl_verifies(signature, tmp_path, attributes) == "Verified OK"
    changed = attributes[:-1] + bytes([attributes[-1] ^ 1])
    assert openssl_verifies(signature, tmp_path, changed) == "Verification failure"


def test_openssl_computes_the_digest_that_was_signed(tmp_path: Path) -> None:
    data = sealed_pdf()
    (seal,) = read_pdf(data).seals
    _, first, second, length = seal.byte_range
    covered = tmp_path / "covered"
    covered.write_bytes(data[:first] + data[second : second + length])
    out = run("openssl", "dgst", "-sm3", str(covered))

    assert out.strip().endswith(read_cms_signature(seal.value).message_digest.hex())
