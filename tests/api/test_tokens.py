"""Tokens: what is refused, however it is wrong (docs/attacks.md A5)."""

import base64
import json
import time

import jwt
import pytest
from api_node import FOR_A_USE, JIADING, Node, bearer_tokens
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from api.errors import NotReadyError, UnauthenticatedError
from api.oidc import IssuerKeys, fetch_with_limits, read_keys
from license_vault.clock import system_clock

ROLE = {"roles": ["license-officer"], "organisation": JIADING}


def test_a_client_gets_a_token_by_either_method(node: Node) -> None:
    name, secret = node.credentials["jiading"]
    form = {"grant_type": "client_credentials"}
    by_header = node.client.post("/v1/oauth2/token", data=form, auth=(name, secret))
    by_form = node.client.post(
        "/v1/oauth2/token", data={**form, "client_id": name, "client_secret": secret}
    )
    for answer in (by_header, by_form):
        assert answer.status_code == 200, answer.text
        assert answer.json()["token_type"] == "Bearer"
        assert answer.json()["expires_in"] == 3600
        assert answer.headers["cache-control"] == "no-store"
        assert "licenses:issue:*" in answer.json()["scope"]
    assert by_header.json()["access_token"] != by_form.json()["access_token"]


def test_neither_token_nor_secret_lies_in_the_database(node: Node) -> None:
    token = node.token("jiading")
    files = b"".join(
        path.read_bytes()
        for path in node.settings.home.iterdir()
        if "sqlite" in path.name and path.is_file()
    )
    assert token.encode() not in files
    assert node.credentials["jiading"][1].encode() not in files
    assert b"access_token" in files


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({}, 400, "invalid_request"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": "client_credentials", "scope": "admin"}, 400, "invalid_scope"),
        (
            {"grant_type": "client_credentials", "client_secret": "x"},
            400,
            "invalid_request",
        ),
    ],
)
def test_another_token_request_is_refused(node: Node, form: dict, status: int, error: str) -> None:
    auth = node.credentials["jiading"]
    answer = node.client.post("/v1/oauth2/token", data=form, auth=auth)
    assert (answer.status_code, answer.json()["error"]) == (status, error)


def test_a_scope_that_was_not_given_is_refused(node: Node) -> None:
    form = {"grant_type": "client_credentials", "scope": "licenses:issue:*"}
    answer = node.client.post("/v1/oauth2/token", data=form, auth=node.credentials["reader"])
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")


def test_wrong_secret_and_unknown_client_are_refused_alike(node: Node) -> None:
    name, _ = node.credentials["jiading"]
    form = {"grant_type": "client_credentials"}
    answers = [
        node.client.post("/v1/oauth2/token", data=form, auth=auth)
        for auth in ((name, "wrong"), ("unknown", "wrong"))
    ]
    bodies = [{k: v for k, v in a.json().items() if k != "request_id"} for a in answers]
    assert bodies[0] == bodies[1]
    assert [a.status_code for a in answers] == [401, 401]
    assert answers[0].headers["www-authenticate"].startswith("Basic")


@pytest.mark.parametrize(
    "header",
    ["Basic", "Basic !!!", "Basic " + base64.b64encode(b"\xff\xfe").decode(), "Bearer x", "é"],
)
def test_an_unreadable_header_is_refused(node: Node, header: str) -> None:
    answer = node.client.post(
        "/v1/oauth2/token",
        data={"grant_type": "client_credentials"},
        headers={"Authorization": header.encode()},
    )
    assert answer.status_code == 401


def ask(node: Node, token: str) -> int:
    use = {name: value.encode() for name, value in FOR_A_USE.items()}
    headers = {"Authorization": b"Bearer " + token.encode(), **use}
    return node.client.get("/v1/licenses", headers=headers).status_code


def test_an_officers_token_counts(node: Node) -> None:
    assert ask(node, node.jwt(**ROLE)) == 200


def encoded(part: dict) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


def with_header(node: Node, **header: object) -> str:
    """A token rightly signed over a header of the attacker's choice."""
    signing_input = f"{encoded(header)}.{encoded(node.claims(**ROLE))}"
    algorithm = jwt.algorithms.RSAAlgorithm(jwt.algorithms.RSAAlgorithm.SHA256)
    signature = algorithm.sign(signing_input.encode(), node.people_key)
    return f"{signing_input}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"


def public_pem(node: Node) -> bytes:
    return node.people_key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def hmac_with_the_public_key(node: Node) -> str:
    import hashlib
    import hmac

    signing_input = f"{encoded({'alg': 'HS256', 'kid': 'k1'})}.{encoded(node.claims(**ROLE))}"
    code = hmac.new(public_pem(node), signing_input.encode(), hashlib.sha256).digest()
    return f"{signing_input}.{base64.urlsafe_b64encode(code).decode().rstrip('=')}"


def by_another_key(node: Node, algorithm: str = "RS256") -> str:
    key = (
        rsa.generate_private_key(65537, 2048)
        if algorithm == "RS256"
        else ec.generate_private_key(ec.SECP256R1())
    )
    return jwt.encode(node.claims(**ROLE), key, algorithm=algorithm, headers={"kid": "k1"})


NOW = int(time.time())
ATTACKS = {
    "alg none": lambda n: f"{encoded({'alg': 'none'})}.{encoded(n.claims(**ROLE))}.",
    "alg None": lambda n: f"{encoded({'alg': 'None'})}.{encoded(n.claims(**ROLE))}.",
    "alg missing": lambda n: f"{encoded({'kid': 'k1'})}.{encoded(n.claims(**ROLE))}.AA",
    "alg a list": lambda n: with_header(n, alg=["RS256"], kid="k1"),
    "HMAC with the public key": hmac_with_the_public_key,
    "another RSA key": by_another_key,
    "an EC key": lambda n: by_another_key(n, "ES256"),
    "jku": lambda n: with_header(n, alg="RS256", kid="k1", jku="https://evil.example/jwks"),
    "x5u": lambda n: with_header(n, alg="RS256", kid="k1", x5u="https://evil.example/c"),
    "jwk": lambda n: with_header(n, alg="RS256", kid="k1", jwk={"kty": "oct", "k": "AA"}),
    "crit": lambda n: with_header(n, alg="RS256", kid="k1", crit=["exp"]),
    "kid a path": lambda n: with_header(n, alg="RS256", kid="../../../dev/null"),
    "kid an object": lambda n: with_header(n, alg="RS256", kid={"a": 1}),
    "kid unknown": lambda n: with_header(n, alg="RS256", kid="k2"),
    "typ of another use": lambda n: with_header(n, alg="RS256", kid="k1", typ="logout+jwt"),
    "expired": lambda n: n.jwt(**ROLE, exp=NOW - 100, iat=NOW - 200),
    "not yet": lambda n: n.jwt(**ROLE, nbf=NOW + 3000),
    "made in the future": lambda n: n.jwt(**ROLE, iat=NOW + 3000, exp=NOW + 3600),
    "lives too long": lambda n: n.jwt(**ROLE, exp=NOW + 10 * 86400),
    "exp a text": lambda n: n.jwt(**ROLE, exp="never"),
    "exp huge": lambda n: n.jwt(**ROLE, exp=10**30),
    "another audience": lambda n: n.jwt(**ROLE, aud="another"),
    "no audience": lambda n: n.jwt(**ROLE, aud=None),
    "another issuer": lambda n: n.jwt(**ROLE, iss="https://login.example.com"),
    "no role": lambda n: n.jwt(organisation=JIADING),
    "both roles": lambda n: n.jwt(
        roles=["license-officer", "license-holder"], organisation=JIADING
    ),
    "role an object": lambda n: n.jwt(roles={"license-officer": True}, organisation=JIADING),
    "no organisation": lambda n: n.jwt(roles="license-officer"),
    "organisation a list": lambda n: n.jwt(roles="license-officer", organisation=[JIADING]),
    "subject of control characters": lambda n: n.jwt(**ROLE, sub="a\nb"),
    "a megabyte": lambda n: n.jwt(**ROLE, padding="x" * 1_000_000),
    "three parts of nothing": lambda _: "..",
    "no base64": lambda _: "a.!.c",
    "a token we never gave": lambda _: "A" * 43,
    "the empty token": lambda _: "",
    "a very long opaque token": lambda _: "A" * 100_000,
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_forged_or_unfit_token_is_refused(node: Node, attack: str) -> None:
    assert ask(node, ATTACKS[attack](node)) == 401


def test_without_a_token_nothing_is_told(node: Node) -> None:
    for path in ("/v1/licenses", "/v1/licenses/x", "/v1/holders/me", "/v1/holders/x/licenses"):
        answer = node.client.get(path)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert answer.json()["code"] == "unauthenticated"


def test_a_disabled_client_is_shut_out_with_its_token(node: Node) -> None:
    from api_node import ApiClientWriter, read_scopes, secrets

    with node.services.database.writing() as session:
        writer = ApiClientWriter(session, node.services.keys, secrets.token_bytes)
        made = writer.add(JIADING, "gone", read_scopes("licenses:read"), system_clock())
    node.credentials["gone"] = (made.client_id, made.secret)
    token = node.token("gone")
    assert ask(node, token) == 200
    with node.services.database.writing() as session:
        writer = ApiClientWriter(session, node.services.keys, secrets.token_bytes)
        writer.disable(made.client_id, system_clock())
    assert ask(node, token) == 401


def test_secret_and_private_keys_of_a_key_set_are_left_out() -> None:
    private = jwt.algorithms.RSAAlgorithm.to_jwk(rsa.generate_private_key(65537, 2048), True)
    served = {"keys": [{"kty": "oct", "k": "AAAA", "kid": "k1"}, private, {"kty": "RSA"}, 5]}
    assert read_keys(json.dumps(served).encode()) == ()


def test_an_unknown_key_id_makes_us_ask_the_issuer_once_a_pause() -> None:
    asked = []
    keys = IssuerKeys(
        "https://x", lambda _: asked.append(1) or b'{"keys": []}', system_clock, 300, 30
    )
    for kid in ("a", "b", "c"):
        with pytest.raises(NotReadyError):
            keys.find(kid, "RSA")
    assert len(asked) == 1


def test_a_silent_issuer_does_not_end_the_keys_we_have(node: Node) -> None:
    tokens = bearer_tokens(node.people_key)
    tokens.claims(node.jwt(**ROLE))

    def fails(_: str) -> bytes:
        raise OSError

    tokens._keys._fetch = fails
    tokens._keys._cache_seconds = tokens._keys._pause_seconds = 0
    assert tokens.claims(node.jwt(**ROLE))["sub"] == "u-1"


def test_only_http_addresses_are_fetched() -> None:
    with pytest.raises(ValueError, match="http"):
        fetch_with_limits(1.0)("file:///etc/passwd")


def test_tokens_of_a_real_provider_are_taken(node: Node) -> None:
    """The provider that development uses, over HTTP, its key set fetched."""
    from oidc_provider_mock import User, run_server_in_thread

    from api.oidc import BearerTokens, TokenRules

    claims = {"roles": ["license-officer"], "organisation": JIADING}
    with run_server_in_thread(user_claims=[User(sub="officer-7", claims=claims)]) as server:
        base = f"http://localhost:{server.server_port}"
        token = login(base, "officer-7")
        keys = IssuerKeys(f"{base}/jwks", fetch_with_limits(3.0), system_clock, 300, 30)
        rules = TokenRules(base, "license-vault", ("RS256",), 30, 86400)
        found = BearerTokens(rules, keys, system_clock).claims(token)
        assert found["sub"] == "officer-7"
        with pytest.raises(UnauthenticatedError):
            BearerTokens(
                TokenRules(base, "another", ("RS256",), 30, 86400), keys, system_clock
            ).claims(token)


def login(base: str, subject: str) -> str:
    import httpx

    with httpx.Client(base_url=base) as http:
        query = {
            "client_id": "license-vault",
            "redirect_uri": "http://localhost/back",
            "response_type": "code",
            "scope": "openid",
        }
        answer = http.post("/oauth2/authorize", params=query, data={"sub": subject})
        code = httpx.URL(answer.headers["location"]).params["code"]
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": query["redirect_uri"],
        }
        token = http.post("/oauth2/token", data=form, auth=("license-vault", "any"))
        return token.json()["id_token"]
