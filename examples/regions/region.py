"""One of the four regions: its codes, its node, its authority, and the systems around it.

Set up by commands and spoken with over HTTP, as real regions would; nothing of a region is read
behind its back but where a step says that it plays somebody who does.
"""

from __future__ import annotations

import contextlib
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from examples.http_caller import HttpCaller
from examples.node import DemoFailedError, Node
from examples.people import IdentityProvider, Person
from examples.requests_to_issue import example
from examples.setting_up import SCOPES
from examples.systems import ApprovalSystem, Holder
from license_vault.check_digits import uscc_check_character

NAMES = {"310000": "上海市", "320000": "江苏省", "330000": "浙江省", "340000": "安徽省"}
_SHORT = {"310000": "沪", "320000": "苏", "330000": "浙", "340000": "皖"}

# Whose keys stand behind a region's trust list, and which of them sign it: two of three.
ROOT_KEYS = ("zhao", "qian", "sun")
SIGNERS = ("zhao", "qian")
PATIENCE_SECONDS = 120
# How long the regions have been there, in seconds: since a month.
AGE = 30 * 24 * 3600
A_MONTH_AGO = (sys.executable, "-m", "examples.regions.turned_clock", str(-AGE))


@dataclass
class Region:
    """A region; ``letter`` is the fingerprint of its first trust list, as its letter has it."""

    code: str
    node: Node
    provider: IdentityProvider
    client: tuple[str, str] = ("", "")
    kiosk: dict[str, str] = field(default_factory=dict)
    letter: str = ""
    _serving: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def name(self) -> str:
        """Return the name of the region."""
        return NAMES[self.code]

    @property
    def authority(self) -> str:
        """Return the code of its one authority, of the demo's making."""
        body = f"11{self.code}MBDEM0{self.code[:3]}"
        return body + uscc_check_character(body)

    @property
    def authority_name(self) -> str:
        """Return the name of its authority."""
        return f"{self.name}行政审批局（演示）"

    @property
    def seal(self) -> str:
        """Return the number of its seal."""
        return f"{self.code}00000001"

    def set_up(self) -> None:
        """Make its keys, its hierarchy, its authority with a seal, a kiosk, a client; long ago."""
        own = ("organisation", "add", self.authority, self.authority_name, "--region", self.code)
        asked = ("client", "add", "approval-system", "--organisation", self.authority, "--json")
        scopes = (part for scope in SCOPES for part in ("--scope", scope))
        device = ("device", "add", "1 号机", "--organisation", self.authority, "--json")
        commands = (("migrate",), ("ca", "init"), own, *self._seal_into_use())
        listed = (("trust", "build"), *(("trust", "sign", "--key", key) for key in SIGNERS))
        root = ("trust", "root", "init", "--threshold", str(len(SIGNERS)))
        keys = (part for key in ROOT_KEYS for part in ("--key", key))
        commands = (*commands, (*root, *keys), *listed, device, (*asked, *scopes))
        *_, draft, _, _, kiosk, made = self.node.scripted(*commands, program=A_MONTH_AGO)
        self.letter = fingerprint_in(draft)
        self.kiosk, client = json.loads(kiosk), json.loads(made)
        self.client = (client["client_id"], client["client_secret"])

    def remake_seal(self) -> None:
        """Make the authority's seal anew, with another key and certificate, while it serves."""
        request, chain = self._new_files("seal-remade")
        first, second = ("--by", "anna"), ("--by", "bert")
        self.node.scripted(
            ("seal", "remake", self.seal, "--basis", "换发证书", *first),
            ("seal", "request", self.seal, "--new-key", "--out", request, *first),
            ("ca", "issue-seal", request, chain),
            ("seal", "make", self.seal, chain, *second),
            ("seal", "file", self.seal, "--number", f"BA-{self.code}-000002", *first),
        )

    def start(self) -> None:
        """Serve; the region answers when this returns."""
        self._serving.enter_context(self.node.serving())

    def stop(self) -> None:
        """Switch the region off: whoever asks it gets no answer."""
        self._serving.close()

    def system(self) -> ApprovalSystem:
        """Return its authority's approval system, with a fresh token."""
        return ApprovalSystem(self.node, *self.client, quiet=True)

    def officer(self) -> HttpCaller:
        """Return an officer of its authority, logged in."""
        return self._bearer(self.provider.officer(self.authority))

    def holder(self, person: Person) -> Holder:
        """Return a person who is logged in here."""
        return Holder(self.node, self.provider.holder(person))

    def anybody(self) -> HttpCaller:
        """Return somebody without a login."""
        return HttpCaller(self.node.url)

    def request(self, name: str, **changes: object) -> dict[str, Any]:
        """Return a request to issue of this region's authority, its number and case its own."""
        number = next(self._numbers)
        numbers = {
            "business-license": f"{self.code}00202603{number:06d}",
            "medical-institution": f"MBDEM0023{self.code}12A{number:03d}1",
            "public-place-hygiene": f"{_SHORT[self.code]}卫公证字〔2026〕第{number:06d}号",
        }
        body = example(
            name,
            authority_code=self.authority,
            case_number=f"{self.code}-2026-{number:06d}",
            **({"number": numbers[name]} if name in numbers else {}),
        )
        body.pop("item_code", None)
        return {**body, **changes}

    def verdict(self, file: Path, **form: str) -> dict[str, Any]:
        """Return this region's report about a file, asked without a login."""
        return self.anybody().upload("/v1/verifications", file, **form).json()

    def says(self, file: Path, **form: str) -> str:
        """Return the sentence of this region's verdict about a file."""
        return str(self.verdict(file, **form)["sentence"]["zh"])

    def seconds_until(self, file: Path, verdict: str) -> float:
        """Return after how many seconds this region says a verdict of a file.

        Raises:
            DemoFailedError: not within two minutes.
        """
        begun, anybody = time.monotonic(), self.anybody().silent()
        while time.monotonic() < begun + PATIENCE_SECONDS:
            report = anybody.upload("/v1/verifications", file).json()
            if report["verdict"] == verdict:
                return time.monotonic() - begun
            time.sleep(1)
        told = f"{self.name} says {report['sentence']['zh']} of {file.name}"
        raise DemoFailedError(f"{told}, not {verdict}, for {PATIENCE_SECONDS} s")

    def _bearer(self, token: str) -> HttpCaller:
        return HttpCaller(self.node.url, {"Authorization": f"Bearer {token}"})

    def _new_files(self, name: str) -> tuple[str, str]:
        """Return where a request for a certificate and its chain are written."""
        request, chain = (self.node.home / f"{name}-{part}.pem" for part in ("request", "chain"))
        return str(request), str(chain)

    def _seal_into_use(self) -> list[tuple[str, ...]]:
        request, chain = self._new_files("seal")
        first, second = ("--by", "anna"), ("--by", "bert")
        asked = ("--owner", self.authority, "--kind", "special", "--lower", "电子证照专用章")
        return [
            ("role", "add", "anna", "manage"),
            ("role", "add", "bert", "manage"),
            ("seal", "apply", self.seal, *asked, "--basis", "启用电子印章", *first),
            ("seal", "approve", self.seal, "--basis", "同意", *second),
            ("seal", "request", self.seal, "--out", request, *first),
            ("ca", "issue-seal", request, chain),
            ("seal", "make", self.seal, chain, *first),
            ("seal", "file", self.seal, "--number", f"BA-{self.code}-000001", *first),
            ("seal", "grant", self.seal, "--authority", self.authority, "--type", "*", *first),
        ]


def fingerprint_in(table: str) -> str:
    """Return the fingerprint of a list from the table that a command printed."""
    head, row = (line.split("\t") for line in table.splitlines() if "\t" in line)
    return dict(zip(head, row, strict=True))["fingerprint"]
