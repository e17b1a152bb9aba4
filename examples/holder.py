"""A holder's view of the demo: log in with a (mock) identity provider, see and download licenses.

``make holder`` runs it after ``make demo``. The provider is a real OpenID Connect provider made
for development (PyPI ``oidc-provider-mock``); the person is the invented one of
``constructor-registration.json``. The address never names the person: the holder's handle does.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import httpx
from oidc_provider_mock import User, run_server_in_thread

from examples.demo import DEMO, EXAMPLES, NODE, DemoFailedError, Node, say

BACK = "http://localhost/back"


def person() -> dict[str, str]:
    """Return the holder of the constructor's certificate."""
    body = json.loads((EXAMPLES / "constructor-registration.json").read_text(encoding="utf-8"))
    holder: dict[str, str] = body["holders"][0]
    return holder


def user(holder: dict[str, str]) -> User:
    """Return the person as the identity provider knows them."""
    claims = {
        "roles": ["license-holder"],
        "document_type": holder["document_type"],
        "document_number": holder["document_number"],
    }
    return User(sub="holder-1", claims=claims)


def log_in(provider: str) -> str:
    """Go through the provider's login; return the token that says who it is."""
    with httpx.Client(base_url=provider) as http:
        asked = {
            "client_id": "license-vault",
            "redirect_uri": BACK,
            "response_type": "code",
            "scope": "openid",
        }
        answer = http.post("/oauth2/authorize", params=asked, data={"sub": "holder-1"})
        form = {
            "grant_type": "authorization_code",
            "code": httpx.URL(answer.headers["location"]).params["code"],
            "redirect_uri": BACK,
        }
        token = http.post("/oauth2/token", data=form, auth=("license-vault", "any"))
        return str(token.json()["id_token"])


def look(node: Node, token: str, folder: Path) -> int:
    """List the holder's licenses, download original and reading form; return how many."""
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=node.url, headers=headers) as http:
        say("> GET /v1/holders/me")
        handle = http.get("/v1/holders/me").raise_for_status().json()["handle"]
        say(f"> GET /v1/holders/{handle}/licenses")
        found = http.get(f"/v1/holders/{handle}/licenses").raise_for_status().json()["items"]
        for license_ in found:
            identifier = license_["identifier"]
            for form in ("ofd", "pdf"):
                path = f"/v1/holders/{handle}/licenses/{identifier}/file?form={form}"
                say(f"> GET {path}")
                file = folder / f"{identifier}.{form}"
                file.write_bytes(http.get(path).raise_for_status().content)
                say(f"  {license_['type']['name_zh']}，{license_['status']['zh']} → {file}")
    return len(found)


def run(port: int, demo: Path = DEMO, home: Path = NODE) -> int:
    """Serve the demo's node, log in as a holder, look; return how many licenses were found."""
    if not (home / "certificates").exists():
        raise DemoFailedError("run `make demo` first")
    folder = demo / "holder"
    folder.mkdir(exist_ok=True)
    with run_server_in_thread(user_claims=[user(person())]) as provider:
        issuer = f"http://localhost:{provider.server_port}"
        node = Node(home, port, {"LICENSE_VAULT_OIDC__ISSUER": issuer})
        with node.serving():
            return look(node, log_in(issuer), folder)


def main() -> int:
    """Read the port and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8000)
    try:
        found = run(parser.parse_args().port)
    except DemoFailedError as error:
        sys.stderr.write(f"\nThe demo stopped: {error}\n")
        return 1
    say(f"\n{found} license(s) of one holder are in {DEMO / 'holder'}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
