"""A certificate for the node's own keys from a CA outside: request, install, and who accepts it."""

import secrets
import shutil
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from api_node import Node, build_node
from pki import Pki

from api.certificate_folder import CertificateFolder
from api.cli.main import main
from api.errors import StartRefusedError
from api.node_wiring import wire
from api.pem import CERTIFICATE, REQUEST, REVOCATION_LIST, from_pem, to_pem
from api.settings import Settings
from api.wiring import clock
from keys.certificate import read_certificate
from keys.certificate_authority import (
    SEAL,
    STATUS,
    SYSTEM,
    TSA,
    CertificateOrder,
    CertificateProfile,
    build_certificate,
    read_request,
)
from signing.status_file import read_file_head
from signing.trust_bundle import read_trust_bundle
from verification.policy import load_policy
from verification.reading import read_document
from verification.source_bundle import bundle_sources
from verification.verifier import Verifier

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Node:
    return build_node(tmp_path_factory.mktemp("own") / "home")


@pytest.fixture
def folder(made: Node, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the node, to be worked on by commands, and an outside CA that it trusts."""
    shutil.copytree(made.settings.home, tmp_path / "home")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LICENSE_VAULT_HOME", str(tmp_path / "home"))
    return tmp_path


@pytest.fixture
def outside(folder: Path) -> Pki:
    pki = Pki(clock())
    (folder / "root.pem").write_text(to_pem(CERTIFICATE, (pki.root,)))
    (folder / "lists.pem").write_text(to_pem(REVOCATION_LIST, pki.revocation_lists()[:2]))
    (folder / "ca.pem").write_text(to_pem(CERTIFICATE, (pki.seal_ca,)))
    assert main(["trust", "add", "root.pem", "--purpose", "status"]) == 0
    return pki


def issued(
    pki: Pki, csr: Path, profile: CertificateProfile = STATUS, ends: timedelta = 365 * DAY
) -> bytes:
    """What the outside CA answers to a request."""
    subject, point = read_request(from_pem(REQUEST, csr.read_text())[0])
    begins = pki.now - 30 * DAY
    order = CertificateOrder(
        profile, subject, point, secrets.randbits(64) + 1, begins, begins + ends
    )
    return build_certificate(order, pki.ca("ca/seal"), partial(pki.keys.sign, "ca/seal"))


def install(folder: Path, *chain: bytes, label: str = "status") -> int:
    (folder / "chain.pem").write_text(to_pem(CERTIFICATE, chain))
    return main(["key", "install", label, "chain.pem"])


def request(label: str = "status") -> None:
    line = f"key request {label} --common-name 状态签发 --organization 数据局 --out new.csr"
    assert main(line.split()) == 0


def test_a_partner_accepts_lists_signed_under_the_outside_ca(
    made: Node, folder: Path, outside: Pki
) -> None:
    license_ = made.issue().json()
    pdf = made.client.get(
        f"/v1/licenses/{license_['identifier']}/file", headers=made.auth("jiading")
    )
    shutil.copytree(made.settings.home, folder / "home", dirs_exist_ok=True)
    assert main(["trust", "add", "root.pem", "--purpose", "status"]) == 0
    request()
    certificate = issued(outside, folder / "new.csr")
    assert install(folder, certificate, outside.seal_ca, outside.root) == 0
    kept = CertificateFolder(folder / "home" / "certificates").chain("status")
    assert kept == (certificate, outside.seal_ca)
    assert main(["trust", "add", "lists.pem"]) == 0
    assert main(["trust", "export", "bundle.json"]) == 0
    bundle = read_trust_bundle((folder / "bundle.json").read_bytes())
    assert [read_file_head(der).signer_certificate for der in bundle.status_lists] == [
        certificate,
        certificate,
    ]
    sources = bundle_sources(bundle)
    verifier = Verifier(sources, read_document, load_policy("default"), clock)
    assert verifier.verify(pdf.content).verdict == "valid"


def test_a_chain_to_no_anchor_for_the_purpose_is_refused(
    folder: Path, outside: Pki, capsys: pytest.CaptureFixture[str]
) -> None:
    request("tsa")
    certificate = issued(outside, folder / "new.csr", TSA)
    assert install(folder, certificate, outside.seal_ca, label="tsa") == 1
    assert "--purpose timestamp" in capsys.readouterr().err
    assert main(["trust", "add", "root.pem", "--purpose", "timestamp"]) == 0
    assert install(folder, certificate, outside.seal_ca, label="tsa") == 0
    stranger = Pki(clock())
    assert install(folder, issued(stranger, folder / "new.csr", TSA), stranger.seal_ca) == 1


@pytest.mark.parametrize("profile", [SEAL, TSA])
def test_a_certificate_for_something_else_is_refused(
    folder: Path, outside: Pki, capsys: pytest.CaptureFixture[str], profile: CertificateProfile
) -> None:
    request()
    assert install(folder, issued(outside, folder / "new.csr", profile), outside.seal_ca) == 1
    assert "extended key usage" in capsys.readouterr().err


def test_a_certificate_out_of_its_period_is_refused(
    folder: Path, outside: Pki, capsys: pytest.CaptureFixture[str]
) -> None:
    request()
    ended = issued(outside, folder / "new.csr", ends=29 * DAY)
    assert install(folder, ended, outside.seal_ca) == 1
    assert "out of its period" in capsys.readouterr().err


def test_a_certificate_of_another_key_is_refused_and_the_old_one_stays(
    folder: Path, outside: Pki, capsys: pytest.CaptureFixture[str]
) -> None:
    before = CertificateFolder(folder / "home" / "certificates").chain("status")
    assert install(folder, outside.status, outside.seal_ca) == 1
    assert "not of the key status" in capsys.readouterr().err
    assert CertificateFolder(folder / "home" / "certificates").chain("status") == before


def test_a_chain_with_a_link_missing_is_refused(folder: Path, outside: Pki) -> None:
    request()
    assert install(folder, issued(outside, folder / "new.csr")) == 1


def test_a_request_makes_the_key_that_is_missing_once(folder: Path) -> None:
    keys = folder / "home" / "keys"
    (keys / "status.key.json").unlink()
    request()
    first = read_request(from_pem(REQUEST, (folder / "new.csr").read_text())[0])
    assert (first[0].common_name, first[0].organization) == ("状态签发", "数据局")
    (folder / "new.csr").unlink()
    request()
    assert read_request(from_pem(REQUEST, (folder / "new.csr").read_text())[0]) == first
    with pytest.raises(SystemExit, match="64"):
        main(["key", "request", "seal", "--common-name", "x", "--out", "other.csr"])


def test_what_is_installed_is_on_the_audit_chain(folder: Path, outside: Pki) -> None:
    from api import wiring
    from api.settings import load_settings
    from keys.sm3 import sm3
    from license_vault.audit import AuditTrail

    request()
    certificate = issued(outside, folder / "new.csr")
    assert install(folder, certificate, outside.seal_ca) == 0
    with wiring.open_database_of(load_settings()) as database, database.reading() as session:
        (entry,) = AuditTrail(session).of_subject(sm3(certificate).hex())
    assert entry.act.details["label"] == "status"
    assert entry.act.details["subject"] == read_certificate(certificate).subject
    assert main(["audit", "verify"]) == 0


def test_a_seal_maker_from_outside_is_stood_for_by_name(folder: Path, outside: Pki) -> None:
    assert main(["trust", "add", "root.pem", "--purpose", "seal"]) == 0
    request("seal-maker")
    # A CA puts into it what it puts into all: no usage of ours is asked for.
    certificate = issued(outside, folder / "new.csr", SEAL)
    assert install(folder, certificate, outside.seal_ca, label="seal-maker") == 0
    assert main(["trust", "export", "bundle.json"]) == 0
    signers = read_trust_bundle((folder / "bundle.json").read_bytes()).signers
    assert ("seal-maker", certificate) in [(each.role, each.certificate) for each in signers]


def test_a_library_key_needs_its_own_usage(folder: Path, outside: Pki) -> None:
    request("system")
    wrong = issued(outside, folder / "new.csr", STATUS)
    assert install(folder, wrong, outside.seal_ca, label="system") == 1
    right = issued(outside, folder / "new.csr", SYSTEM)
    assert install(folder, right, outside.seal_ca, label="system") == 0


@pytest.mark.parametrize("label", ["status", "system"])
def test_a_node_without_the_certificate_of_what_it_signs_does_not_start(
    folder: Path, label: str
) -> None:
    (folder / "home" / "certificates" / f"{label}.pem").unlink()
    with pytest.raises(StartRefusedError, match=label):
        wire(Settings(home=folder / "home"))


def test_a_node_whose_certificate_is_of_another_key_does_not_start(folder: Path) -> None:
    certificates = folder / "home" / "certificates"
    shutil.copy(certificates / "status.pem", certificates / "system.pem")
    with pytest.raises(StartRefusedError, match="system"):
        wire(Settings(home=folder / "home"))
