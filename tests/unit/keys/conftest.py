"""A small hierarchy of real certificates, and key folders that open quickly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from keys import certificate_authority as authority
from keys.certificate import Certificate, read_certificate
from keys.certificate_authority import CertificateOrder, Subject
from keys.provider_software import ScryptCost, SoftwareKeys
from keys.sm2 import PrivateKey

START = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Hierarchy:
    root_key: PrivateKey
    ca_key: PrivateKey
    seal_key: PrivateKey
    root: Certificate
    ca: Certificate
    seal: Certificate
    order: CertificateOrder

    def issue(self, **changes: object) -> Certificate:
        """Issue under the CA what the seal's order says, but for the changes."""
        order = replace(self.order, **changes)
        return read_certificate(authority.build_certificate(order, self.ca, self.ca_key.sign))


@pytest.fixture(scope="session")
def hierarchy() -> Hierarchy:
    root_key, ca_key, seal_key = (PrivateKey.generate() for _ in range(3))
    until = START + timedelta(days=3650)
    root_order = CertificateOrder(
        authority.ROOT,
        Subject("演示根证书", "演示信任中心"),
        root_key.public_point,
        1,
        START,
        until,
    )
    root = read_certificate(authority.build_certificate(root_order, None, root_key.sign))
    ca_order = replace(
        root_order,
        profile=authority.SEAL_CA,
        subject=Subject("演示印章CA", "演示信任中心"),
        public_point=ca_key.public_point,
        serial=2,
        crl_url="http://crl.example.cn/root.crl",
    )
    ca = read_certificate(authority.build_certificate(ca_order, root, root_key.sign))
    seal_order = CertificateOrder(
        authority.SEAL,
        Subject("31011500000001", "113100000000000001 演示卫生健康委员会"),
        seal_key.public_point,
        0x7A3F << 100,
        START,
        START + timedelta(days=730),
        "http://crl.example.cn/seal.crl",
    )
    seal = read_certificate(authority.build_certificate(seal_order, ca, ca_key.sign))
    return Hierarchy(root_key, ca_key, seal_key, root, ca, seal, seal_order)


QUICK = ScryptCost(n=2**4)


@pytest.fixture
def open_folder(tmp_path: Path) -> Callable[..., SoftwareKeys]:
    """Open the key folder of this test; scrypt at its cheapest."""

    def open_it(passphrase: bytes = b"correct horse", folder: str = "keys") -> SoftwareKeys:
        return SoftwareKeys(tmp_path / folder, passphrase, QUICK)

    return open_it
