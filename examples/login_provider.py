"""An identity provider with a page of buttons: log in as one of the demo's people.

Authorization code with PKCE (S256), as real providers do it, and nothing else: no passwords, for
there is nothing to protect. A ``login_hint`` that names somebody needs no click. It listens on this
machine only, and lives as long as ``make serve``.

Source: OpenID Connect Core 1.0, 3.1; RFC 7636.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import secrets
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

from examples.demo_people import DemoPerson
from examples.people import IdentityProvider

_HOURS = 8
_LONGEST_FORM = 16384
_PAGE = """<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>演示登录 · Demo log-in</title><style>
body {{ font: 16px/1.6 system-ui, sans-serif; margin: 0; background: #f4f6f8; color: #1d2129; }}
main {{ max-width: 46rem; margin: 0 auto; padding: 1rem; }}
a {{ display: block; background: #fff; border: 1px solid #d9dde3; border-radius: 6px;
  color: #0b57a4; padding: 0.7rem 1rem; margin: 0.6rem 0; text-decoration: none; }}
a:focus-visible {{ outline: 3px solid #d98a00; }} span {{ color: #56606e; display: block; }}
</style></head><body><main><h1>演示登录 · Demo log-in</h1>
<p>没有口令：这里的人都是虚构的。 No passwords: everybody here is invented.</p>{buttons}</main>
</body></html>"""


@dataclass(frozen=True)
class _Granted:
    """A code that was given out: for whom, to which client and address, against which proof."""

    person: DemoPerson
    client_id: str
    redirect_uri: str
    nonce: str
    challenge: str


@dataclass
class LoginProvider:
    """The provider: who is there, which codes are out, and one address to send people back to."""

    people: Sequence[DemoPerson]
    callback: str
    keys: IdentityProvider = field(default_factory=IdentityProvider)
    _granted: dict[str, _Granted] = field(default_factory=dict)

    def answer(self, path: str, query: dict[str, str]) -> tuple[int, str, bytes]:
        """Answer a GET: return the status, the media type or the address to go to, the body."""
        if path == "/.well-known/openid-configuration":
            return 200, "application/json", json.dumps(self._discovery()).encode()
        if path == "/jwks":
            return 200, "application/json", self.keys.key_set()
        if path == "/authorize":
            return self._authorize(query)
        return 404, "text/plain", b"not found"

    def redeem(self, form: dict[str, str]) -> tuple[int, str, bytes]:
        """Trade a code for an ID token, once."""
        granted = self._granted.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        proof = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if (
            granted is None
            or proof != granted.challenge
            or form.get("redirect_uri") != granted.redirect_uri
            or form.get("client_id") != granted.client_id
        ):
            return 400, "application/json", b'{"error": "invalid_grant"}'
        person = granted.person
        token = self.keys.token(
            hours=_HOURS, sub=person.login, nonce=granted.nonce, **person.claims
        )
        told = {"access_token": secrets.token_urlsafe(18), "token_type": "Bearer"}
        return 200, "application/json", json.dumps({**told, "id_token": token}).encode()

    def _authorize(self, query: dict[str, str]) -> tuple[int, str, bytes]:
        fits = query.get("response_type") == "code" and query.get("code_challenge_method") == "S256"
        if not fits or query.get("redirect_uri") != self.callback:
            return 400, "text/plain", b"not a request that this provider answers"
        hinted = query.get("login_hint")
        person = next((one for one in self.people if one.login == hinted), None)
        if person is None:
            return 200, "text/html; charset=utf-8", self._buttons(query)
        code = secrets.token_urlsafe(24)
        self._granted[code] = _Granted(
            person,
            query.get("client_id", ""),
            query["redirect_uri"],
            query.get("nonce", ""),
            query.get("code_challenge", ""),
        )
        back = urlencode({"code": code, "state": query.get("state", "")})
        return 303, f"{self.callback}?{back}", b""

    def _buttons(self, query: dict[str, str]) -> bytes:
        lines = (
            f'<a href="/authorize?{html.escape(urlencode({**query, "login_hint": one.login}))}">'
            f"{' · '.join(map(html.escape, one.name))}"
            f"<span>{' '.join(map(html.escape, one.about))}</span></a>"
            for one in self.people
        )
        return _PAGE.format(buttons="".join(lines)).encode()

    def _discovery(self) -> dict[str, object]:
        issuer = self.keys.issuer
        return {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/authorize",
            "token_endpoint": f"{issuer}/token",
            "jwks_uri": f"{issuer}/jwks",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
        }

    @contextmanager
    def serving(self, port: int = 0) -> Iterator[str]:
        """Serve while the block runs; yield the issuer's address."""
        server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.keys.issuer = f"http://127.0.0.1:{server.server_port}"
        try:
            yield self.keys.issuer
        finally:
            server.shutdown()
            server.server_close()


def _handler(provider: LoginProvider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = urlsplit(self.path)
            self._tell(*provider.answer(asked.path, _single(asked.query)))

        def do_POST(self) -> None:
            length = min(int(self.headers.get("Content-Length") or 0), _LONGEST_FORM)
            self._tell(*provider.redeem(_single(self.rfile.read(length).decode())))

        def _tell(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Location" if status == 303 else "Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    return Handler


def _single(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query).items()}
