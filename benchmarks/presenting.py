"""Presenting (亮证) under load: 200 scans a second, from the request on its way to its answer.

A node of two workers over PostgreSQL; the windows are one asyncio program on the same machine, so
what it costs is in the figures. The load is open: a scan leaves when its time has come, whether
earlier ones are answered or not, and its time counts from then. Each scan resolves a code of its
own: five elements checked, consent applied, journal, audit and outbox written, receipt signed.

``python -m benchmarks.presenting [RATE] [SECONDS]``
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from api.node_wiring import wire
from api.services import Services
from api.settings import Settings
from api.use_header import written_use
from examples.local_servers import PostgresServer, free_port
from examples.node import EXAMPLES, Node
from examples.setting_up import set_up
from license_vault.access.use import Use
from license_vault.api_clients import Caller, Scope
from license_vault.presenting.order import PresentingOrder
from license_vault.presenting.presenter import presenter_of
from license_vault.registry.writing import RequestMark

RATE, SECONDS, LICENSES, CONNECTIONS = 200, 20, 20, 64
FIELDS = ("number", "holders.name")


@dataclass(frozen=True)
class Scans:
    """How long scans took, in milliseconds, sorted, and how many were refused."""

    took: Sequence[float]
    refused: int
    spent: float

    def at(self, share: float) -> float:
        """Return the time that a share of the scans stayed within."""
        return round(self.took[min(len(self.took) - 1, int(len(self.took) * share))], 1)


def codes_of(services: Services, authority: str, count: int) -> list[str]:
    """Issue some licenses and make one-use codes for them, as their holders do."""
    caller = Caller("client:bench", authority, frozenset({Scope("licenses:issue")}))
    body = json.loads((EXAMPLES / "business-license.json").read_text(encoding="utf-8"))
    issued = []
    for i in range(LICENSES):
        one = {**body, "case_number": f"bench-{i}", "number": f"310114{i:014d}"}
        issued.append(services.issuance.issue(one, caller, f"bench-{i}").license.identifier)
    holder = body["holders"][0]
    mac = services.macs.holder(holder["document_type"], holder["document_number"])
    with services.database.reading() as session:
        presenter = presenter_of(session, mac, services.clock())
    made = []
    for i in range(count):
        identifier = issued[i % LICENSES]
        order = PresentingOrder((identifier,), {identifier: FIELDS}, 10)
        key = i.to_bytes(32, "big")
        mark = RequestMark(presenter.actor, key, key)
        made.append(services.presenting.presentations.make(order, presenter, mark).code)
    return made


class Windows:
    """Scans at a rate, over connections that stay open."""

    def __init__(self, port: int, token: str, use: Use) -> None:
        self._port = port
        self._head = (
            f"POST /v1/presentations/resolution HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
            f"Authorization: Bearer {token}\r\nLicense-Use: {written_use(use)}\r\n"
            "Content-Type: application/json\r\n"
        )
        self._took: list[float] = []
        self._refused = 0

    async def scan(self, codes: Sequence[str], rate: float) -> Scans:
        """Scan each code once, so many a second."""
        free: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
        for _ in range(CONNECTIONS):
            free.put_nowait(await asyncio.open_connection("127.0.0.1", self._port))
        begun = time.perf_counter()
        tasks = []
        for i, code in enumerate(codes):
            due = begun + i / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            tasks.append(asyncio.create_task(self._one(free, code, due)))
        await asyncio.gather(*tasks)
        return Scans(sorted(self._took), self._refused, time.perf_counter() - begun)

    async def _one(
        self,
        free: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]],
        code: str,
        due: float,
    ) -> None:
        reader, writer = await free.get()
        body = json.dumps({"code": code}).encode()
        key = f"Idempotency-Key: {code}\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(self._head.encode() + key.encode() + body)
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        await reader.readexactly(int(head.partition("content-length:")[2].split("\r\n")[0]))
        self._took.append((time.perf_counter() - due) * 1000)
        self._refused += not head.startswith("http/1.1 200")
        free.put_nowait((reader, writer))


def measure(rate: float = RATE, seconds: float = SECONDS) -> dict[str, object]:
    """Set a node up, make the codes, scan them; return milliseconds."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="license-vault-")))
        server = PostgresServer(folder / "postgres")
        stack.callback(server.stop)
        url, port = server.new_database(), free_port()
        home = folder / "node"
        home.mkdir()
        node = Node(home, port, {"LICENSE_VAULT_DATABASE__URL": url})
        client_id, secret = set_up(node)
        authority = json.loads((EXAMPLES / "authority.json").read_text())["code"]
        settings = Settings.model_validate(
            {"home": home, "public_url": node.url, "database": {"url": url}}
        )
        services = wire(settings)
        codes = codes_of(services, authority, int(rate * seconds))
        services.close()
        with node.serving(workers=2):
            use = Use(authority, "window-1", "演示事项", "demo-item", "case-1", "免交纸质证照")
            windows = Windows(port, _token(node.url, client_id, secret), use)
            scans = asyncio.run(windows.scan(codes, rate))
    return {
        "presenting": {
            "asked_per_second": rate,
            "answered_per_second": round(len(scans.took) / scans.spent, 1),
            "refused": scans.refused,
            "p50_ms": scans.at(0.50),
            "p99_ms": scans.at(0.99),
        }
    }


def _token(url: str, client_id: str, secret: str) -> str:
    form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
    data = urllib.parse.urlencode(form).encode()
    with urllib.request.urlopen(f"{url}/v1/oauth2/token", data, timeout=30) as answer:
        return str(json.loads(answer.read())["access_token"])


if __name__ == "__main__":
    asked = [float(argument) for argument in sys.argv[1:3]]
    sys.stdout.write(json.dumps(measure(*asked), indent=2) + "\n")
