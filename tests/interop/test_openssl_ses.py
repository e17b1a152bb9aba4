"""The openssl program, from the outside: seals and signatures go both ways."""

import shutil
import subprocess
from pathlib import Path

import pytest
from pki import NOW, Pki
from ses_forge import DATA_HASH, SIGNATURE_PATH, SesForge

from keys import sm2
from keys.certificate import read_certificate
from signing.ses.seal import read_ses_seal
from signing.ses.signature import SealUse, make_ses_signature, read_ses_signature

pytestmark = pytest.mark.skipif(
    shutil.which("openssl") is None, reason="the openssl program is not installed"
)

# Without distid openssl uses an empty id, not the standard's default.
DEFAULT_ID = ("-rawin", "-digest", "sm3", "-pkeyopt", "distid:1234567812345678")


@pytest.fixture(scope="module")
def forge() -> SesForge:
    return SesForge.of(Pki())


def verifies(folder: Path, certificate: bytes, message: bytes, signature: bytes) -> bool:
    point = read_certificate(certificate).public_point
    (folder / "public.der").write_bytes(sm2.write_spki(point))
    (folder / "message").write_bytes(message)
    (folder / "signature").write_bytes(signature)
    done = subprocess.run(
        ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", "public.der",
         "-in", "message", "-sigfile", "signature", *DEFAULT_ID],
        cwd=folder, capture_output=True, check=False,
    )  # fmt: skip
    return done.returncode == 0


def test_openssl_verifies_our_seals_and_signatures(forge: SesForge, tmp_path: Path) -> None:
    use = SealUse(
        forge.pki.ses_seal(forge.certificate), forge.certificate, DATA_HASH, SIGNATURE_PATH, NOW
    )
    made = make_ses_signature(use, forge.signer(), forge.pki.timestamper().timestamp)
    read = read_ses_signature(made)
    seal = read.seal
    assert verifies(tmp_path, forge.certificate, read.signed_bytes, read.signature)
    assert verifies(tmp_path, forge.pki.maker, seal.signed_bytes, seal.signature)
    assert not verifies(tmp_path, forge.certificate, read.signed_bytes + b"\0", read.signature)
    assert not verifies(tmp_path, forge.pki.maker, read.signed_bytes, read.signature)


@pytest.mark.parametrize("version", [1, 4, 5])
def test_openssl_finds_the_same_message_signed_in_every_version(
    forge: SesForge, tmp_path: Path, version: int
) -> None:
    value = SesForge(forge.pki, forge.certificate, forge.label, version).signature()
    read = read_ses_signature(value)
    assert verifies(tmp_path, read.signer_certificate, read.signed_bytes, read.signature)
    seal = read.seal
    assert verifies(tmp_path, seal.maker_certificate, seal.signed_bytes, seal.signature)


def test_openssl_parses_our_seals_as_asn1(forge: SesForge) -> None:
    der = forge.pki.ses_seal(forge.certificate)
    done = subprocess.run(
        ["openssl", "asn1parse", "-inform", "DER"], input=der, capture_output=True, check=True
    )
    assert b"IA5STRING         :ES" in done.stdout
    assert read_ses_seal(der).es_id.encode() in done.stdout


def test_a_seal_signed_by_openssl_holds_here(forge: SesForge, tmp_path: Path) -> None:
    key = sm2.PrivateKey.generate()
    (tmp_path / "private.der").write_bytes(key.to_pkcs8())

    def sign(message: bytes) -> bytes:
        (tmp_path / "message").write_bytes(message)
        return subprocess.run(
            ["openssl", "pkeyutl", "-sign", "-keyform", "DER", "-inkey", "private.der",
             "-in", "message", *DEFAULT_ID],
            cwd=tmp_path, capture_output=True, check=True,
        ).stdout  # fmt: skip

    use = SealUse(
        forge.pki.ses_seal(forge.certificate), forge.certificate, DATA_HASH, SIGNATURE_PATH, NOW
    )
    read = read_ses_signature(make_ses_signature(use, sign, None))
    sm2.verify(key.public_point, read.signed_bytes, read.signature)
