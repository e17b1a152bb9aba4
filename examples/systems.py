"""The systems and people around a node: an approval system, a window, a holder, a partner."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from examples.http_caller import HttpCaller
from examples.node import PROGRAM, DemoFailedError, Node, say

# What licenses are read for: the five elements, the organisation's code being known, and why.
USE = {
    "operator": "window-01",
    "item_name": "公共场所卫生许可",
    "item_code": "DEMO-0001",
    "case_number": "DEMO-2026-0001",
    "purpose": "核对本机关制发的证照",
}


def client_token(node: Node, client_id: str, secret: str) -> str:
    """Return the token of an API client."""
    form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
    request = urllib.request.Request(
        f"{node.url}/v1/oauth2/token", data=urllib.parse.urlencode(form).encode()
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return str(json.load(answer)["access_token"])


class ApprovalSystem:
    """An authority's case system: it has a client id, a secret, and cases to decide."""

    def __init__(self, node: Node, client_id: str, secret: str, *, quiet: bool = False) -> None:
        token = client_token(node, client_id, secret)
        self.http = HttpCaller(node.url, {"Authorization": f"Bearer {token}"}, quiet)

    def issue(self, request: Mapping[str, object]) -> dict[str, Any]:
        """Issue a license: one call, safe to repeat with the same Idempotency-Key."""
        return self.http.post("/v1/licenses", request, f"case-{request['case_number']}").json()

    def verb(self, identifier: str, verb: str, body: Mapping[str, object]) -> dict[str, Any]:
        """Change, renew, suspend, cancel …: one call a verb; return the license it is about."""
        return self.http.post(f"/v1/licenses/{identifier}/{verb}", body).json()

    def download(self, identifier: str, form: str) -> bytes:
        """Fetch a sealed file: the original as OFD, the reading form as PDF, the data as JSON."""
        return self.http.get(f"/v1/licenses/{identifier}/file?form={form}", USE).body

    def manifest(self, identifier: str) -> bytes:
        """Fetch the signed list of a license's files."""
        return self.http.get(f"/v1/licenses/{identifier}/manifest", USE).body

    def look(self, identifier: str, as_of: str | None = None) -> dict[str, Any]:
        """Return a license as it is, or what was true and known of it as of a day."""
        query = f"?as_of={as_of}" if as_of else ""
        return self.http.get(f"/v1/licenses/{identifier}{query}", USE).json()


class Holder:
    """A person who is logged in, with the handle that stands for them in addresses."""

    def __init__(self, node: Node, token: str) -> None:
        self.http = HttpCaller(node.url, {"Authorization": f"Bearer {token}"})
        self.handle: str = self.http.get("/v1/holders/me").json()["handle"]


class Partner:
    """Another region's office: a folder with a trust bundle, no database, no key, no settings."""

    def __init__(self, node: Node, folder: Path) -> None:
        self._node = node
        self._folder = folder
        folder.mkdir(parents=True)

    def fetch_bundle(self) -> None:
        """Fetch the anchors, CRLs and the signed status list."""
        say(f"> GET /v1/trust-bundle > {self._folder}/trust-bundle.json")
        with urllib.request.urlopen(f"{self._node.url}/v1/trust-bundle", timeout=30) as answer:
            (self._folder / "trust-bundle.json").write_bytes(answer.read())

    def verify(self, expected: int, *files: Path) -> dict[str, str]:
        """Verify files offline; return the sentence about each by its name, and ``together``.

        Args:
            expected: the exit status that the worst of them must have.
        """
        for file in files:
            shutil.copy(file, self._folder / file.name)
        names = [file.name for file in files]
        arguments = ["verify", *names, "--trust", "trust-bundle.json"]
        say(f"$ cd {self._folder} && license-vault {shlex.join(arguments)}")
        done = subprocess.run(
            [PROGRAM, *arguments, "--json"],
            cwd=self._folder,
            env={"PATH": os.environ["PATH"], "HOME": str(self._folder.resolve())},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != expected:
            raise DemoFailedError(
                f"{' '.join(names)}: exit {done.returncode}, expected {expected}\n"
                f"{done.stdout}{done.stderr}"
            )
        return _sentences(json.loads(done.stdout))


def _sentences(report: dict[str, Any]) -> dict[str, str]:
    if "reports" not in report:
        return {report["file"]: report["sentence"]["zh"]}
    about = (*report["reports"], *report["manifests"])
    each = {one["file"]: one["sentence"]["zh"] for one in about}
    return {**each, "together": report["sentence"]["zh"]}


def ask_the_node(node: Node, file: Path) -> str:
    """Verify a file at the issuer's node, without a login; return the sentence."""
    report = HttpCaller(node.url).upload("/v1/verifications", file).json()
    return str(report["sentence"]["zh"])
