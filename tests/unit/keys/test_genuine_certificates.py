"""Real certificates of the national SM2 root, where they are at hand (../shared/samples)."""

import base64
import os
from pathlib import Path

import pytest

from keys.certificate import (
    Certificate,
    read_certificate,
    read_revocation_list,
    verify_issued_by,
    verify_revocation_list,
)
from keys.errors import InvalidSignatureError


@pytest.fixture(scope="module")
def folder() -> Path:
    samples = os.environ.get("LICENSE_VAULT_SAMPLES")
    if not samples:
        pytest.skip("LICENSE_VAULT_SAMPLES does not say where the genuine files are")
    found = Path(samples) / "certs"
    assert found.is_dir(), f"LICENSE_VAULT_SAMPLES is set, but {found} is missing"
    return found


def read_pem(path: Path) -> Certificate:
    lines = path.read_text().splitlines()
    return read_certificate(base64.b64decode("".join(x for x in lines if not x.startswith("--"))))


@pytest.fixture(scope="module")
def root(folder: Path) -> Certificate:
    return read_pem(folder / "ROOTCA.pem")


def test_the_national_root_is_issued_under_itself(root: Certificate) -> None:
    verify_issued_by(root, root)
    assert root.subject == "CN=ROOTCA,O=NRCAC,C=CN"
    assert root.is_ca


def test_every_operating_ca_chains_to_the_national_root(folder: Path, root: Certificate) -> None:
    authorities = [read_pem(path) for path in sorted(folder.glob("ca-*.crt"))]
    assert len(authorities) >= 3
    for authority in authorities:
        verify_issued_by(authority, root)
        assert authority.is_ca
        assert authority.unknown_critical == ()
        with pytest.raises(InvalidSignatureError):
            verify_issued_by(root, authority)


def test_chinese_names_of_real_certificates_are_read(folder: Path) -> None:
    hunan = read_pem(folder / "ca-15C0DA49.crt")
    assert hunan.organization == "湖南省数字认证服务中心有限公司"


def test_the_list_of_the_national_root_is_signed_by_it(folder: Path, root: Certificate) -> None:
    crl = read_revocation_list((folder / "ROOTCA.crl").read_bytes())
    verify_revocation_list(crl, root)
    assert crl.next_update.year == 2022
    assert crl.revoked[0x17591F6E224B3EB60A35DC48278C3774].reason == "cessationOfOperation"
