"""What is undecided when its last day is over: told over HTTP, and offline by the signed list."""

import secrets
import shutil
from collections.abc import Iterator
from copy import copy
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from api_node import Node, build_node
from fastapi.testclient import TestClient

from api.app import create_app
from api.certificate_folder import CertificateFolder
from api.development_authority import DevelopmentAuthority
from api.own_node import LiveStatus, OwnTrust
from signing.trust_bundle import read_trust_bundle
from verification.evidence import TrustEvidence
from verification.report import VerificationReport
from verification.source_bundle import bundle_sources
from verification.sources import Sources, Unreachable

SENTENCE = "到期，延续审批中（行政许可法 50）"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A node that nobody else asks: its lists and settlements are of a day to come."""
    node = build_node(tmp_path_factory.mktemp("later") / "home")
    with node.client:
        yield node


def post(node: Node, identifier: str, verb: str, **order: Any) -> Any:
    headers = {**node.auth("jiading"), "Idempotency-Key": secrets.token_hex(8)}
    path = f"/v1/licenses/{identifier}/{verb}"
    return node.client.post(path, json={"basis": "行政许可法第五十条", **order}, headers=headers)


class Later:
    """The same node as it is some days from now, with revocation lists of that day."""

    def __init__(self, node: Node, days: int, folder: Path) -> None:
        self.services, database = node.services, node.services.database

        def clock() -> datetime:
            return node.services.clock() + timedelta(days=days)

        lists = DevelopmentAuthority(
            self.services.keys,
            CertificateFolder(
                Path(shutil.copytree(node.settings.certificate_directory, folder / "ca"))
            ),
            clock,
            secrets.token_bytes,
            timedelta(days=7),
        )
        self.lists = lists.sign_revocation_lists()
        verifier, status = copy(self.services.verifier), copy(self.services.status)
        self.trust = OwnTrust(database, node.settings.region.code, clock)
        verifier._clock = status._clock = clock
        verifier._sources = Sources(self, LiveStatus(database, clock))
        self.verifier = verifier
        told = replace(self.services, clock=clock, verifier=verifier, status=status)
        self.client = TestClient(create_app(told))

    def trust_for(self, authority_code: str | None) -> TrustEvidence | Unreachable:
        """What the node trusts that day."""
        found = self.trust.trust_for(authority_code)
        assert isinstance(found, TrustEvidence)
        return replace(found, revocation_lists=self.lists)

    def offline(self, file: bytes) -> VerificationReport:
        """What somebody finds who has the bundle of that day, and nothing else."""
        bundle = read_trust_bundle(self.client.get("/v1/trust-bundle").content)
        verifier = copy(self.verifier)
        verifier._sources = bundle_sources(replace(bundle, crls=self.lists))
        return verifier.verify(file)


def test_a_renewal_applied_for_in_time_keeps_a_license_in_force_past_its_last_day(
    own: Node, tmp_path: Path
) -> None:
    node = own
    last_day = date.today() + timedelta(days=32)
    identifier = node.issue(body=node.body(valid_until=str(last_day))).json()["identifier"]
    applied = post(node, identifier, "renewal-application")
    assert applied.status_code == 200, applied.text
    assert [mark["code"] for mark in applied.json()["marks"]] == ["renewal-pending"]
    file = node.client.get(f"/v1/licenses/{identifier}/file", headers=node.auth("jiading")).content

    later = Later(node, 34, tmp_path)
    report = later.client.post("/v1/verifications", files={"file": file}).json()
    assert (report["verdict"], SENTENCE in report["sentence"]["zh"]) == ("valid", True), report
    assert SENTENCE in later.client.post("/verify", files={"file": file}).text
    told = later.offline(file)
    assert (told.verdict.value, SENTENCE in told.sentence.zh) == ("valid", True), told

    refused = post(node, identifier, "renewal-refusal")
    assert refused.status_code == 200, refused.text
    ended = later.client.post("/v1/verifications", files={"file": file}).json()
    assert (ended["verdict"], later.offline(file).verdict.value) == ("not_in_force",) * 2
