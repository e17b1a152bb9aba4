"""The openssl program reads and verifies our certificates, one link at a time, and we its own.

One link at a time, because -vfyopt distid reaches only the leaf; and no revocation lists, because
openssl has no way to set the id for them.
"""

import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from keys import certificate_authority as authority
from keys import sm2
from keys.certificate import RevokedEntry, read_certificate, verify_issued_by
from keys.certificate_authority import CertificateOrder, Subject, build_certificate

pytestmark = pytest.mark.skipif(
    shutil.which("openssl") is None, reason="the openssl program is not installed"
)

START = datetime(2026, 1, 1, tzinfo=UTC)
AT = str(int((START + timedelta(days=30)).timestamp()))
DISTID = "distid:1234567812345678"
PROFILES = {"seal": authority.SEAL, "tsa": authority.TSA, "status": authority.STATUS}


def openssl(*arguments: str | Path, fails: int = 0) -> str:
    done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, check=False)
    assert bool(done.returncode) == bool(fails), done.stdout.decode() + done.stderr.decode()
    return done.stdout.decode() + done.stderr.decode()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """root.pem, ca.pem and under it seal.pem, tsa.pem, status.pem; ca.crl; request.der."""
    made = tmp_path_factory.mktemp("hierarchy")
    keys = {name: sm2.PrivateKey.generate() for name in ("root", "ca", *PROFILES)}
    until = START + timedelta(days=3650)
    order = CertificateOrder(
        authority.ROOT, Subject("演示根", "演示"), keys["root"].public_point, 1, START, until
    )
    root = read_certificate(build_certificate(order, None, keys["root"].sign))
    order = replace(
        order,
        profile=authority.SEAL_CA,
        subject=Subject("演示CA", "演示"),
        public_point=keys["ca"].public_point,
        serial=1 << 150,
        crl_url="http://crl.example.cn/root.crl",
    )
    ca = read_certificate(build_certificate(order, root, keys["root"].sign))
    ders = {"root": root.der, "ca": ca.der}
    for number, (name, profile) in enumerate(PROFILES.items(), 10):
        each = replace(
            order,
            profile=profile,
            subject=Subject(name, "演示局"),
            public_point=keys[name].public_point,
            serial=number,
        )
        ders[name] = build_certificate(each, ca, keys["ca"].sign)
    for name, der in ders.items():
        (made / f"{name}.der").write_bytes(der)
        openssl("x509", "-inform", "DER", "-in", made / f"{name}.der", "-out", made / f"{name}.pem")
    crl = authority.build_revocation_list(
        ca, keys["ca"].sign, 3, START, until, [RevokedEntry(10, START, "keyCompromise")]
    )
    (made / "ca.crl").write_bytes(crl)
    request = authority.build_request(
        Subject("31011500000001", "演示局"), keys["seal"].public_point, keys["seal"].sign
    )
    (made / "request.der").write_bytes(request)
    return made


def link(folder: Path, upper: str, lower: str, *options: str, fails: int = 0) -> str:
    return openssl(
        "verify", "-partial_chain", "-x509_strict", "-attime", AT, *options,
        "-trusted", folder / f"{upper}.pem", folder / f"{lower}.pem", fails=fails,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("upper", "lower"),
    [("root", "ca"), ("ca", "seal"), ("ca", "tsa"), ("ca", "status")],
)
def test_openssl_verifies_every_link(folder: Path, upper: str, lower: str) -> None:
    assert "OK" in link(folder, upper, lower, "-vfyopt", DISTID)
    # The same link without the id fails: so it was the signature that was checked.
    link(folder, upper, lower, fails=1)


def test_openssl_takes_the_tsa_certificate_for_time_stamps_and_no_other(folder: Path) -> None:
    purpose = ("-purpose", "timestampsign", "-vfyopt", DISTID)
    link(folder, "ca", "tsa", *purpose)
    link(folder, "ca", "seal", *purpose, fails=1)
    link(folder, "ca", "status", *purpose, fails=1)


def test_openssl_does_not_link_what_does_not_belong_together(folder: Path) -> None:
    link(folder, "root", "seal", "-vfyopt", DISTID, fails=1)
    link(folder, "seal", "tsa", "-vfyopt", DISTID, fails=1)


def test_openssl_reads_our_request_and_its_own_signature(folder: Path) -> None:
    request = ("req", "-inform", "DER", "-in", folder / "request.der", "-noout", "-verify")
    assert "verify OK" in openssl(*request, "-vfyopt", DISTID)
    # OpenSSL 3.0 says "failure" and exits 0; later ones exit 1.
    done = subprocess.run(["openssl", *map(str, request)], capture_output=True, check=False)
    assert b"verify OK" not in done.stderr + done.stdout


def test_openssl_reads_our_revocation_list(folder: Path) -> None:
    text = openssl("crl", "-inform", "DER", "-in", folder / "ca.crl", "-noout", "-text")
    assert "Serial Number: 0A" in text
    assert "Key Compromise" in text
    assert "SM2-with-SM3" in text


def made_by_openssl(tmp_path: Path, *options: str) -> bytes:
    key = tmp_path / "key.pem"
    openssl("genpkey", "-algorithm", "SM2", "-out", key)
    openssl(
        "req", "-x509", "-new", "-key", key, "-sm3", "-sigopt", DISTID, "-days", "30",
        "-subj", "/C=CN/O=Demo/CN=OpenSSL root", "-out", tmp_path / "made.der", "-outform", "DER",
        "-addext", "keyUsage=critical,keyCertSign,cRLSign", *options,
    )  # fmt: skip
    return (tmp_path / "made.der").read_bytes()


def test_a_certificate_made_by_openssl_is_read_and_verified(tmp_path: Path) -> None:
    made = read_certificate(made_by_openssl(tmp_path))
    verify_issued_by(made, made)
    assert made.subject == "CN=OpenSSL root,O=Demo,C=CN"
    assert made.is_ca
    assert made.key_usages == {"keyCertSign", "cRLSign"}


def test_a_request_made_by_openssl_is_read_and_its_signature_checked(tmp_path: Path) -> None:
    key, request = tmp_path / "key.pem", tmp_path / "request.der"
    openssl("genpkey", "-algorithm", "SM2", "-out", key)
    openssl(
        "req", "-new", "-key", key, "-sm3", "-sigopt", DISTID, "-utf8", "-outform", "DER",
        "-subj", "/C=CN/O=演示局/CN=31011500000001", "-out", request,
        "-addext", "keyUsage=critical,digitalSignature",
    )  # fmt: skip
    subject, point = authority.read_request(request.read_bytes())
    assert subject == Subject("31011500000001", "演示局", "CN")
    sm2.check_public_point(point)
