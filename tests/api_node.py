"""A whole node over HTTP, in a folder: real SQLite, store, keys, hierarchy, seals, parser.

Two districts below one city, each with its authority, seal and client; two holders.
People's tokens are signed with a key of our own, served as the issuer's key set.
"""

from __future__ import annotations

import json
import secrets
import time
from dataclasses import dataclass, field, replace
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from fastapi.testclient import TestClient
from schemas import provide_schema

from api import node_wiring, wiring
from api.app import create_app
from api.authentication import read_scopes
from api.cli.passphrase import passphrase
from api.development_authority import SIGNERS
from api.oidc import BearerTokens, IssuerKeys, TokenRules
from api.publishing import publish_authorities, publish_revocation_lists, publish_signers
from api.services import Services
from api.settings import OidcSettings, PublicationSettings, Settings
from api.use_header import written_use
from keys.provider_software import ScryptCost, SoftwareKeys
from license_vault.access.use import Use
from license_vault.api_clients import ApiClientWriter
from license_vault.check_digits import uscc_check_character
from license_vault.license import IssuingAuthority
from license_vault.partners.web import Web
from license_vault.registry.authorities import AuthorityWriter
from license_vault.seals.applications import SealApplication, SealOwner
from license_vault.seals.life import SealKind
from license_vault.seals.office import SealOffice
from license_vault.seals.registry import Grant
from license_vault.seals.roles import SealPerson, SealRole, SealRoleWriter
from license_vault.seals.workshop import SealWorkshop
from signing.picture.seal_picture import SealPicture

EXAMPLES = Path(__file__).parents[1] / "examples"
ISSUER = "https://login.example.cn"
EVERYTHING = "licenses:issue licenses:read licenses:suspend licenses:cancel"


def uscc(body: str) -> str:
    return body + uscc_check_character(body)


CITY = uscc("11310000MBDEM0001")
JIADING = json.loads((EXAMPLES / "authority.json").read_text())["code"]
FENGXIAN = uscc("11310120MBDEM0002")
STREET = uscc("11310114MBDEM0003")
NAMES = {
    CITY: ("演示市数据局", "310000", None),
    JIADING: ("上海市嘉定区行政审批局（演示）", "310114", CITY),
    FENGXIAN: ("演示区行政审批局", "310120", CITY),
    STREET: ("演示街道办事处", "310114", JIADING),
}

EVERY_CLIENT = {
    "jiading": (JIADING, EVERYTHING),
    "fengxian": (FENGXIAN, EVERYTHING),
    "city": (CITY, EVERYTHING),
    "street": (STREET, EVERYTHING),
    "reader": (JIADING, "licenses:read"),
    "other-type": (
        JIADING,
        "licenses:issue:11310000MBDEM00076003 licenses:read:11310000MBDEM00076003",
    ),
    "nothing": (JIADING, ""),
}
MANAGERS = (SealPerson("anna"), SealPerson("bert"))
USE = Use("", "window-3", "公共场所卫生许可", "T-0001", "C-2026-1", "核对已有证照")
FOR_A_USE = {"License-Use": written_use(USE)}


@dataclass(frozen=True)
class Place:
    """Who is at a node: organisations, seals (code → owner), clients (name → whose, scopes)."""

    organisations: dict[str, tuple[str, str, str | None]]
    seals: dict[str, str]
    clients: dict[str, tuple[str, str]]


SHANGHAI = Place(NAMES, {"31011400000001": JIADING, "31011400000002": FENGXIAN}, EVERY_CLIENT)


@dataclass
class Node:
    """The node, and how tests speak with it."""

    settings: Settings
    services: Services
    client: TestClient
    people_key: rsa.RSAPrivateKey
    credentials: dict[str, tuple[str, str]] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    count: int = 0

    def token(self, name: str) -> str:
        if name not in self.tokens:
            answer = self.client.post(
                "/v1/oauth2/token",
                data={"grant_type": "client_credentials"},
                auth=self.credentials[name],
            )
            self.tokens[name] = answer.json()["access_token"]
        return self.tokens[name]

    def auth(self, name: str) -> dict[str, str]:
        """A program's headers: its token, and what it reads for."""
        return {"Authorization": f"Bearer {self.token(name)}", **FOR_A_USE}

    def claims(self, **changes: Any) -> dict[str, Any]:
        now = int(time.time())
        base = {"iss": ISSUER, "aud": "license-vault", "sub": "u-1", "iat": now, "exp": now + 600}
        return {**base, **changes}

    def jwt(self, **changes: Any) -> str:
        return jwt.encode(
            self.claims(**changes), self.people_key, algorithm="RS256", headers={"kid": "k1"}
        )

    def officer(self, organisation: str) -> dict[str, str]:
        token = self.jwt(roles=["license-officer"], organisation=organisation)
        return {"Authorization": f"Bearer {token}", **FOR_A_USE}

    def seal_person(self, role: str, organisation: str, name: str) -> dict[str, str]:
        """A person with a role for seals: seal-manager, seal-user, seal-auditor."""
        token = self.jwt(roles=[role], organisation=organisation, sub=name)
        return {"Authorization": f"Bearer {token}"}

    def holder(self, document_type: str, number: str) -> dict[str, str]:
        token = self.jwt(
            roles="license-holder", document_type=document_type, document_number=number
        )
        return {"Authorization": f"Bearer {token}"}

    def body(self, name: str = "public-place-hygiene", **changes: Any) -> dict[str, Any]:
        """An example body whose number and case are its own."""
        self.count += 1
        body = json.loads((EXAMPLES / f"{name}.json").read_text(encoding="utf-8"))
        body["case_number"] = f"T-{self.count:06d}"
        # Tests of cases register the example's item, which then demands signatures.
        body["item_code"] = "演示事项-未登记"
        if name == "public-place-hygiene":
            body["number"] = f"沪嘉卫公证字〔2026〕第{self.count:06d}号"
        return {**body, **changes}

    def issue(
        self, who: str = "jiading", body: Any = None, key: str | None = None, **headers: str
    ) -> Any:
        return self.client.post(
            "/v1/licenses",
            json=self.body() if body is None else body,
            headers={
                **self.auth(who),
                "Idempotency-Key": key or secrets.token_hex(8),
                **headers,
            },
        )


def build_node(
    home: Path, *, place: Place = SHANGHAI, web: Web | None = None, **settings: Any
) -> Node:
    """Make a node in an empty folder; ``web`` reaches partner regions instead of the network.

    People's tokens are signed by the node's own ``people_key``, unless ``oidc`` names an issuer.
    """
    own_people = "oidc" not in settings
    settings.setdefault("oidc", OidcSettings(issuer=ISSUER))
    settings.setdefault("publication", PublicationSettings(status_list_spacing_seconds=0))
    chosen = Settings(home=home, **settings)
    # A cheap passphrase derivation: the folder keeps its own cost.
    SoftwareKeys(home / "keys", passphrase(chosen), ScryptCost(n=2**10)).create_secret_key(
        "vault-kek"
    )
    keys = wiring.keys_of(chosen)
    database = wiring.database_of(chosen)
    provide_schema(database)
    authority = wiring.development_authority_of(chosen, keys)
    authority.create()
    between = [authority.certificate(name).der for name in ("seal-ca", "service-ca")]
    root = authority.certificate("root").der
    publish_authorities(database, root, between, wiring.clock())
    publish_revocation_lists(database, authority.revocation_lists(), wiring.clock())
    signers = {role: authority.certificate(role).der for role in SIGNERS}
    publish_signers(database, signers, wiring.clock())
    with database.writing() as session:
        for code, (name, region, above) in place.organisations.items():
            AuthorityWriter(session).add(
                IssuingAuthority(code, name, region), above, wiring.clock()
            )
        for person in MANAGERS:
            SealRoleWriter(session).give(
                person.person, SealRole.MANAGE, "operator:test", wiring.clock()
            )
    for seal, owner in place.seals.items():
        name = place.organisations[owner][0]
        _provide_seal(chosen, database, keys, authority, (seal, owner, name))
    people_key = rsa.generate_private_key(65537, 2048)
    services = node_wiring.wire(chosen, web)
    if own_people:
        services = replace(services, people=bearer_tokens(people_key))
    client = TestClient(create_app(services))
    # Tests share the client, and no cookie of one (a language) shall reach another.
    client.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    node = Node(chosen, services, client, people_key)
    _add_clients(node, place, database)
    database.close()
    return node


def bearer_tokens(key: rsa.RSAPrivateKey) -> BearerTokens:
    """Bearer tokens judged as in the settings, the issuer's keys at hand."""
    public = jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    served = json.dumps({"keys": [{**public, "kid": "k1", "use": "sig"}]}).encode()
    keys = IssuerKeys("https://login.example.cn/jwks", lambda _: served, wiring.clock, 300, 30)
    return BearerTokens(
        TokenRules(ISSUER, "license-vault", ("RS256",), 30, 86400), keys, wiring.clock
    )


def _provide_seal(settings, database, keys, authority, seal) -> None:
    """Take a seal through its life into use: two managers, the development CA."""
    services = wiring.seal_services_of(settings, database, keys, wiring.vault_of(settings, keys))
    office, workshop = SealOffice(services), SealWorkshop(services)
    (code, owner, name), (anna, bert) = seal, MANAGERS
    picture = SealPicture("round", name, "", code)
    owned = SealOwner(owner)
    asked = SealApplication(code, SealKind.SPECIAL, owned, f"{name}专用章", picture, "启用电子印章")
    office.apply(asked, anna)
    office.approve(code, "同意", bert)
    chain = authority.issue_seal(workshop.request(code, anna))
    workshop.make(code, chain, anna)
    office.file(code, f"BA-{code}", anna)
    office.grant(Grant(code, owner), anna)


def _add_clients(node: Node, place: Place, database) -> None:
    with database.writing() as session:
        writer = ApiClientWriter(session, node.services.keys, secrets.token_bytes)
        for name, (organisation, scopes) in place.clients.items():
            made = writer.add(organisation, name, read_scopes(scopes), wiring.clock())
            node.credentials[name] = (made.client_id, made.secret)
