"""The openssl program, from the outside: keys and signatures go both ways."""

import shutil
import subprocess
from pathlib import Path

import pytest

from keys import sm2
from keys.errors import InvalidKeyError, InvalidSignatureError

pytestmark = pytest.mark.skipif(
    shutil.which("openssl") is None, reason="the openssl program is not installed"
)

# Without distid openssl uses an empty id, not the standard's default.
DEFAULT_ID = ("-rawin", "-digest", "sm3", "-pkeyopt", "distid:1234567812345678")
MESSAGES = (b"", b"message digest", "电子证照".encode(), bytes(100_000))


def openssl(*arguments: str | Path, fails: int = 0) -> bytes:
    done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, check=False)
    assert bool(done.returncode) == bool(fails), done.stderr.decode()
    return done.stdout


@pytest.fixture
def key(tmp_path: Path) -> sm2.PrivateKey:
    """Our key, its public half in public.der and the private one in private.der."""
    made = sm2.PrivateKey.generate()
    (tmp_path / "public.der").write_bytes(sm2.write_spki(made.public_point))
    (tmp_path / "private.der").write_bytes(made.to_pkcs8())
    return made


def verify(folder: Path, signature: bytes, message: bytes, *options: str, fails: int = 0) -> None:
    (folder / "message").write_bytes(message)
    (folder / "signature").write_bytes(signature)
    openssl(
        "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", folder / "public.der",
        "-in", folder / "message", "-sigfile", folder / "signature", *options, fails=fails,
    )  # fmt: skip


@pytest.mark.parametrize("message", MESSAGES, ids=len)
def test_openssl_verifies_our_signatures(
    key: sm2.PrivateKey, tmp_path: Path, message: bytes
) -> None:
    signature = key.sign(message)
    verify(tmp_path, signature, message, *DEFAULT_ID)
    verify(tmp_path, signature, message + b"x", *DEFAULT_ID, fails=1)


def test_our_signatures_do_not_hold_under_an_empty_id(key: sm2.PrivateKey, tmp_path: Path) -> None:
    verify(tmp_path, key.sign(b"m"), b"m", "-rawin", "-digest", "sm3", fails=1)


def sign(folder: Path, message: bytes, *options: str) -> bytes:
    (folder / "message").write_bytes(message)
    return openssl(
        "pkeyutl", "-sign", "-keyform", "DER", "-inkey", folder / "private.der",
        "-in", folder / "message", *options,
    )  # fmt: skip


@pytest.mark.parametrize("message", MESSAGES, ids=len)
def test_we_verify_what_openssl_signs_with_our_key(
    key: sm2.PrivateKey, tmp_path: Path, message: bytes
) -> None:
    sm2.verify(key.public_point, message, sign(tmp_path, message, *DEFAULT_ID))


def test_what_openssl_signs_under_an_empty_id_is_refused(
    key: sm2.PrivateKey, tmp_path: Path
) -> None:
    with pytest.raises(InvalidSignatureError):
        sm2.verify(key.public_point, b"m", sign(tmp_path, b"m", "-rawin", "-digest", "sm3"))


def test_a_key_made_by_openssl_is_read_and_signs(tmp_path: Path) -> None:
    private = tmp_path / "made.der"
    openssl("genpkey", "-algorithm", "SM2", "-outform", "DER", "-out", private)
    pkcs8 = openssl("pkcs8", "-topk8", "-nocrypt", "-inform", "DER", "-in", private,
                    "-outform", "DER")  # fmt: skip
    key = sm2.PrivateKey.from_pkcs8(pkcs8)
    spki = openssl("pkey", "-inform", "DER", "-in", private, "-pubout", "-outform", "DER")
    assert spki == sm2.write_spki(key.public_point)
    (tmp_path / "public.der").write_bytes(spki)
    verify(tmp_path, key.sign(b"m"), b"m", *DEFAULT_ID)


def test_openssl_reads_the_private_key_we_write(key: sm2.PrivateKey, tmp_path: Path) -> None:
    found = openssl("pkey", "-inform", "DER", "-in", tmp_path / "private.der", "-check", "-noout",
                    "-text")  # fmt: skip
    assert b"Key is valid" in found
    assert b"SM2" in found


@pytest.mark.parametrize("curve", ["P-256", "P-384", "secp256k1"])
def test_a_key_on_another_curve_is_refused(tmp_path: Path, curve: str) -> None:
    made = openssl("genpkey", "-algorithm", "EC", "-pkeyopt", f"ec_paramgen_curve:{curve}",
                   "-outform", "DER")  # fmt: skip
    (tmp_path / "made.der").write_bytes(made)
    pkcs8 = openssl("pkcs8", "-topk8", "-nocrypt", "-inform", "DER", "-in", tmp_path / "made.der",
                    "-outform", "DER")  # fmt: skip
    with pytest.raises(InvalidKeyError):
        sm2.PrivateKey.from_pkcs8(pkcs8)
