"""Trust lists, roots, sightings, approvals over HTTP: an application of these routes alone."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from memory_keys import MemoryKeys
from mutants.world import World
from pki import NOW
from trust_lists import content_of, root_of

from api import trust_lists, trust_regions
from api.authentication import ClaimNames, person_of
from api.dependencies import caller_of, services_of
from api.errors import UnauthenticatedError
from api.problems import answers
from license_vault.database.schema import migrate
from license_vault.database.sessions import Database, open_database
from license_vault.library_signature import LibrarySigner
from license_vault.registry.lookup_macs import LookupMacs
from license_vault.trust.partner_lists import PartnerLists
from license_vault.trust.publication import TrustMaterialWriter
from signing.sealed_json.trust_sightings import read_sightings
from signing.trust_list import read_trust_list
from verification.exchange_judgement import signer_refusal

A, B = "310000", "320000"
HOLDERS = root_of(A)
ROOT, LIST = HOLDERS.root_der(), HOLDERS.list_der(content_of(A, 90))
FINGERPRINT = read_trust_list(LIST).sm3.hex()
NAMES = ClaimNames("roles", "org", "type", "number")


class Node:
    """The routes over a database of their own; ``roles`` are those of who calls next."""

    def __init__(self, folder: Path, world: World) -> None:
        self.database: Database = open_database(f"sqlite:///{folder / 'node.db'}")
        migrate(self.database)
        pki = world.pki
        keys, chain = pki.keys, (pki.system, pki.seal_ca)
        self.system = pki.system
        self.person, self.roles = "wang", ["security-administrator"]
        services = SimpleNamespace(
            database=self.database,
            clock=lambda: NOW,
            region_code=B,
            signer=LibrarySigner(keys, lambda: chain, pki.timestamper()),
            macs=LookupMacs(MemoryKeys()),
        )
        app = FastAPI()
        app.include_router(trust_lists.router)
        answers.install(app, answers.respond)
        app.dependency_overrides[services_of] = lambda: services
        app.dependency_overrides[caller_of] = self.caller
        app.state.services = services
        self.client = TestClient(app)
        with self.database.writing() as session:
            PartnerLists(session).propose(A, (LIST, ROOT), "http://a.example", NOW)
            for crl in world.crls():
                TrustMaterialWriter(session).add_crl(crl, NOW)

    def caller(self) -> object:
        claims = {"sub": self.person, "roles": self.roles, "org": "11320000MBDEM0001X"}
        return person_of(claims, NAMES)

    def approve(self, person: str, fingerprint: str = FINGERPRINT, key: str | None = None):
        self.person = person
        return self.client.post(
            f"/v1/trust-lists/{A}/approvals",
            json={"fingerprint": fingerprint},
            headers={"Idempotency-Key": key or person},
        )


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    made = Node(tmp_path_factory.mktemp("trust"), World())
    yield made
    made.database.close()


def test_a_candidate_is_published_when_two_administrators_approved_it(node: Node) -> None:
    where = f"/v1/trust-lists/{A}"
    assert node.client.get(where).status_code == 404
    wrong = node.approve("wang", "0" * 64, "wrong")
    assert (wrong.status_code, wrong.json()["code"]) == (409, "trust-list-refused")
    first = node.approve("wang").json()
    assert (first["approved_by"], first["done"]) == (["wang"], False)
    assert node.approve("wang", f"{FINGERPRINT} ", "wang").json()["code"] == (
        "idempotency-key-reused"
    )
    assert node.client.get(where).status_code == 404
    done = node.approve("zhou")
    assert done.json() == {
        "region": A,
        "fingerprint": FINGERPRINT,
        "approved_by": ["wang", "zhou"],
        "done": True,
    }
    assert node.approve("zhou").json() == done.json()
    found = node.client.get(where)
    assert found.content == LIST
    assert node.client.get(f"{where}/90").content == LIST
    assert node.client.get(f"{where}/89").status_code == 404
    again = node.client.get(where, headers={"If-None-Match": found.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert node.client.get(f"/v1/trust-roots/{A}/1").content == ROOT
    assert node.client.get(f"/v1/trust-roots/{A}/2").status_code == 404
    assert node.client.get(f"/v1/trust-lists/{A}/0").status_code == 422


@pytest.mark.parametrize(
    "roles",
    [["license-officer"], ["seal-manager"], ["security-administrator", "seal-auditor"]],
)
def test_only_who_administers_security_and_nothing_else_approves(
    node: Node, roles: list[str]
) -> None:
    node.roles = roles
    answer = node.approve("sun", key="sun")
    node.roles = ["security-administrator"]
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    with pytest.raises(UnauthenticatedError):
        person_of({"sub": "x", "roles": ["security-administrator", "license-holder"]}, NAMES)


def test_sightings_are_signed_by_the_library(node: Node) -> None:
    answer = node.client.get("/v1/trust-sightings")
    found = read_sightings(answer.content)
    told = {(each.region, each.sequence, each.sm3.hex()) for each in found.observed.sightings}
    assert told <= {(A, 90, FINGERPRINT)}
    assert found.observed.region == B
    assert signer_refusal(found.statement, (node.system,), (), NOW) is None
    assert node.client.get("/v1/trust-sightings").content == answer.content


def test_revocation_lists_are_one_sequence(node: Node) -> None:
    found = node.client.get("/v1/revocation-lists")
    assert found.status_code == 200
    assert found.content[0] == 0x30
    tagged = {"If-None-Match": found.headers["ETag"]}
    assert node.client.get("/v1/revocation-lists", headers=tagged).status_code == 304


def test_officers_see_how_it_stands_but_never_the_fingerprint_that_they_are_to_type(
    tmp_path: Path,
) -> None:
    fresh = Node(tmp_path, World())
    fresh.client.app.include_router(trust_regions.router)
    waits = fresh.client.get(f"/v1/trust-regions/{A}")
    assert FINGERPRINT not in waits.text
    told = waits.json()
    assert (told["in_use"], told["candidate"]["approved_by"]) == (None, [])
    assert {change["what"] for change in told["difference"]["changes"]} == {"added"}
    fresh.approve("wang")
    assert fresh.client.get("/v1/trust-regions").json()["items"][0]["candidate"]["approved_by"] == [
        "wang"
    ]
    fresh.approve("zhou")
    accepted = fresh.client.get(f"/v1/trust-regions/{A}").json()
    assert (accepted["candidate"], accepted["approved_by"]) == (None, ["wang", "zhou"])
    assert accepted["in_use"]["sequence"] == accepted["history"][0]["sequence"] == 90
    assert fresh.client.get("/v1/trust-regions/330000").status_code == 404
    fresh.database.close()
