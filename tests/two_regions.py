"""Two regions in one process: A (310000) issues, B (320000) is its partner; each a whole node.

Each has its own database, store, keys and hierarchy (``api_node``). They reach each other over a
``RegionWeb``: a ``Web`` that hands a call to the other's application, and that can be switched
off, slowed down and made to lie. Background tasks do not run: a test pulls when it wants to.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from api_node import EVERYTHING, SHANGHAI, Node, Place, build_node, uscc
from fastapi.testclient import TestClient

from license_vault.partners.web import LONGEST, Fetched, Unreachable, origin_of

A_REGION, B_REGION = "310000", "320000"
A_URL, B_URL = "http://a.regions.example", "http://b.regions.example"

JIANGSU = uscc("11320000MBDEM0001")
NANJING = uscc("11320100MBDEM0002")
NANJING_PLACE = Place(
    {
        JIANGSU: ("演示省数据局", "320000", None),
        NANJING: ("南京市行政审批局（演示）", "320100", JIANGSU),
    },
    {"32010000000001": NANJING},
    {
        "nanjing": (NANJING, EVERYTHING),
        "jiangsu": (JIANGSU, EVERYTHING),
        "nothing": (NANJING, ""),
    },
)

Lie = Callable[[str, Fetched], Fetched]
"""Makes another answer of the true one to an address."""


@dataclass
class RegionWeb:
    """A ``Web`` between applications; ``calls`` are the addresses in the order they were called."""

    clients: dict[str, TestClient] = field(default_factory=dict)
    off: set[str] = field(default_factory=set)
    seconds: dict[str, float] = field(default_factory=dict)
    lies: dict[str, Lie] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)

    def get(
        self,
        url: str,
        *,
        etag: str | None = None,
        longest: int = LONGEST,
        within: float | None = None,
    ) -> Fetched | Unreachable:
        headers = {} if etag is None else {"If-None-Match": etag}
        return self._call("GET", url, headers, None, (longest, within))

    def post(
        self,
        url: str,
        body: bytes,
        headers: Mapping[str, str],
        *,
        longest: int = LONGEST,
        within: float | None = None,
    ) -> Fetched | Unreachable:
        return self._call("POST", url, headers, body, (longest, within))

    def _call(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None,
        limits: tuple[int, float | None],
    ) -> Fetched | Unreachable:
        longest, within = limits
        host = origin_of(url).host
        self.calls.append(url)
        client = self.clients.get(host)
        if client is None:
            return Unreachable("not-allowed")
        if host in self.off:
            return Unreachable("no-answer")
        wait = self.seconds.get(host, 0.0)
        time.sleep(min(wait, within or wait))
        if within is not None and wait > within:
            return Unreachable("timeout")
        path = url.split(host, 1)[1]
        answer = client.request(method, path, headers=dict(headers), content=body)
        fetched = Fetched(
            answer.status_code,
            answer.content,
            answer.headers.get("ETag"),
            answer.headers.get("Content-Type", ""),
            int(answer.headers.get("Retry-After", "0")) or None,
        )
        if len(fetched.body) > longest:
            return Unreachable("too-long")
        lie = self.lies.get(host)
        return fetched if lie is None else lie(url, fetched)

    @contextmanager
    def without(self, node_url: str) -> Iterator[None]:
        """Switch a region off for a while."""
        host = origin_of(node_url).host
        self.off.add(host)
        try:
            yield
        finally:
            self.off.discard(host)

    @contextmanager
    def slowed(self, node_url: str, seconds: float) -> Iterator[None]:
        """Let a region take so long for every answer."""
        host = origin_of(node_url).host
        self.seconds[host] = seconds
        try:
            yield
        finally:
            del self.seconds[host]

    @contextmanager
    def lying(self, node_url: str, lie: Lie) -> Iterator[None]:
        """Let a region answer something else than it would."""
        host = origin_of(node_url).host
        self.lies[host] = lie
        try:
            yield
        finally:
            del self.lies[host]


@dataclass
class Regions:
    """Both nodes and what is between them."""

    a: Node
    b: Node
    web: RegionWeb

    def close(self) -> None:
        self.a.services.close()
        self.b.services.close()


def build_regions(home: Path, **b_settings: Any) -> Regions:
    """Make two nodes in an empty folder that know nothing of each other yet."""
    web = RegionWeb()
    a = build_node(home / "a", place=SHANGHAI, web=web, region={"code": A_REGION}, public_url=A_URL)
    b = build_node(
        home / "b",
        place=NANJING_PLACE,
        web=web,
        region={"code": B_REGION},
        public_url=B_URL,
        **b_settings,
    )
    web.clients = {origin_of(A_URL).host: a.client, origin_of(B_URL).host: b.client}
    return Regions(a, b, web)
