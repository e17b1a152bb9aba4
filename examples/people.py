"""Invented people: an identity provider that says who they are, and an officer's own signature.

The provider is the least that a node asks of one: a key set, and tokens signed with its key. Real
ones (and PyPI ``oidc-provider-mock``, which the tests log in with) hand their tokens out after a
login. The officer has an SM2 key of the officer's own; the node knows the certificate only.
"""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from api.pem import to_pem
from examples.node import say
from keys.certificate import read_certificate
from keys.certificate_authority import (
    ROOT,
    SEAL,
    CertificateOrder,
    CertificateProfile,
    Subject,
    build_certificate,
)
from keys.sm2 import PrivateKey
from license_vault.approvals.approvals import ApprovedCase, approval_bytes
from license_vault.issuing.license_request import request_digest


@dataclass(frozen=True)
class Person:
    """A holder: a natural person, or an organisation by its unified social credit code."""

    name: str
    document_type: str
    document_number: str

    @property
    def document(self) -> dict[str, str]:
        """Return name and document as requests have them."""
        return {
            "name": self.name,
            "document_type": self.document_type,
            "document_number": self.document_number,
        }

    @property
    def as_holder(self) -> dict[str, str]:
        """Return the person as a request to issue has it."""
        kind = "legal_person" if self.document_type == "001" else "natural_person"
        return {"kind": kind, **self.document}


class IdentityProvider:
    """Says who somebody is, by signed tokens."""

    def __init__(self) -> None:
        self._key = rsa.generate_private_key(65537, 2048)
        self.issuer = ""

    def token(self, hours: float = 1 / 6, **claims: object) -> str:
        """Return a token that says this of its bearer, for ten minutes unless said otherwise."""
        now = datetime.now(UTC)
        said = {
            "iss": self.issuer,
            "aud": "license-vault",
            "sub": "demo",
            "iat": now,
            "exp": now + timedelta(hours=hours),
            **claims,
        }
        return jwt.encode(said, self._key, algorithm="RS256", headers={"kid": "demo"})

    def holder(self, person: Person) -> str:
        """Return the token of a holder."""
        return self.token(
            sub="holder",
            roles=["license-holder"],
            document_type=person.document_type,
            document_number=person.document_number,
        )

    def officer(self, organisation: str) -> str:
        """Return the token of an officer."""
        return self.token(sub="officer", roles=["license-officer"], organisation=organisation)

    def key_set(self) -> bytes:
        """Return the public key as a key set."""
        public = jwt.algorithms.RSAAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        return json.dumps({"keys": [{**public, "kid": "demo", "use": "sig"}]}).encode()

    @contextmanager
    def serving(self) -> Iterator[str]:
        """Serve the key set while the block runs; yield the issuer's address."""
        answer = self.key_set()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                return

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.issuer = f"http://127.0.0.1:{server.server_port}"
        try:
            yield self.issuer
        finally:
            server.shutdown()
            server.server_close()


class OfficerKey:
    """An officer who signs what is decided."""

    def __init__(self, officer_id: str) -> None:
        self.officer_id = officer_id
        self._key = PrivateKey.generate()

    def write_certificate(self, file: Path) -> None:
        """Write the certificate that the node is told of."""
        root = PrivateKey.generate()
        order = _order(ROOT, "演示用人员证书机构", root.public_point)
        issuer = read_certificate(build_certificate(order, None, root.sign))
        order = _order(SEAL, self.officer_id, self._key.public_point)
        file.write_text(to_pem("CERTIFICATE", [build_certificate(order, issuer, root.sign)]))

    def write_key(self, file: Path) -> None:
        """Write the key, to sign at the console; a real officer's key is with the officer only."""
        file.write_text(to_pem("PRIVATE KEY", [self._key.to_pkcs8()]))

    def approve(
        self, case_number: str, item_code: str, body: Mapping[str, object]
    ) -> dict[str, object]:
        """Return a body with the officer's approval of it: over case, item and its SM3."""
        at = datetime.now(UTC).replace(microsecond=0)
        case = ApprovedCase(case_number, item_code, request_digest(dict(body)))
        signature = self._key.sign(approval_bytes(case, "decide", self.officer_id, at))
        say(f"  {self.officer_id} signs (SM2): {case_number}, SM3 {case.digest_hex[:16]}…")
        approval = {
            "officer_id": self.officer_id,
            "step": "decide",
            "signed_at": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "signature": base64.b64encode(signature).decode(),
        }
        return {**body, "approvals": [approval]}


def _order(profile: CertificateProfile, name: str, public_point: bytes) -> CertificateOrder:
    now = datetime.now(UTC).replace(microsecond=0)
    begin, end = now - timedelta(days=1), now + timedelta(days=365)
    return CertificateOrder(profile, Subject(name), public_point, 1, begin, end)
