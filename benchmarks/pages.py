"""How long pages take, from the request on its way to the last byte: every page without a name.

One node, one worker, over HTTP on this machine; nobody else asks. Pages of people are asked as a
holder, a clerk and an officer who logged in at a mock provider (PyPI ``oidc-provider-mock``). Every
page whose address needs nothing filled in is measured, found by its route, and besides a file
verified with its pictures, and a receipt as PDF. Nothing is asserted.

``python -m benchmarks.pages [TIMES]`` → ``benchmarks/results/pages-DATE.json``
"""

from __future__ import annotations

import json
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import httpx
from fastapi.routing import APIRoute
from oidc_provider_mock import run_server_in_thread  # type: ignore[import-untyped]

from api.pages.routers import ROUTERS
from examples.local_servers import free_port
from examples.node import EXAMPLES, Node
from examples.setting_up import set_up
from examples.systems import ApprovalSystem

TIMES = 20
RESULTS = Path(__file__).parent / "results"
_HTML = {"Accept": "text/html", "Accept-Language": "zh-CN"}
_RECEIPT = re.compile(r"/verify/receipts/[a-z0-9]+")
_OFFICER = ["license-officer", "approval-officer", "seal-manager", "security-administrator"]


def main() -> int:
    """Measure, print and keep."""
    times = int(sys.argv[1]) if len(sys.argv) > 1 else TIMES
    with tempfile.TemporaryDirectory() as folder, run_server_in_thread() as provider:
        issuer = f"http://localhost:{provider.server_port}"
        environment = {
            "LICENSE_VAULT_OIDC__ISSUER": issuer,
            "LICENSE_VAULT_OIDC__CLIENT_SECRET": "any",
        }
        node = Node(Path(folder), free_port(), environment)
        client = set_up(node)
        with node.serving():
            body = json.loads((EXAMPLES / "public-place-hygiene.json").read_text("utf-8"))
            system = ApprovalSystem(node, *client)
            issued = system.issue(body)
            files = {form: system.download(issued["identifier"], form) for form in ("pdf", "ofd")}
            _introduce(issuer, body["holders"][0])
            found = dict(_measured(node.url, files, times))
    results: dict[str, Any] = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "pages": found,
    }
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"pages-{results['measured_at'][:10]}.json"
    path.write_text(json.dumps(results, indent=2, ensure_ascii=False) + "\n", "utf-8")
    for name, told in found.items():
        sys.stdout.write(f"{name:44} {told['median_ms']:8} ms {told['bytes']:9} bytes\n")
    return 0


def _introduce(issuer: str, holder: Mapping[str, str]) -> None:
    """Make a holder, a clerk and an officer known to the provider."""
    authority = json.loads((EXAMPLES / "authority.json").read_text("utf-8"))["code"]
    people = {
        "bench-holder": {
            "roles": ["license-holder"],
            "document_type": holder["document_type"],
            "document_number": holder["document_number"],
        },
        "bench-officer": {"roles": _OFFICER, "organisation": authority},
    }
    for subject, claims in people.items():
        httpx.put(f"{issuer}/users/{subject}", json=claims).raise_for_status()


def _measured(
    url: str, files: dict[str, bytes], times: int
) -> Iterator[tuple[str, dict[str, float]]]:
    with _browser(url) as anybody:
        for path in _paths("/", "/verify", "/problems", "/docs"):
            yield path, _timed(partial(anybody.get, path), times)
        for form, data in files.items():
            sent = {"file": (f"license.{form}", data)}
            yield (
                f"POST /verify ({form}, pictures)",
                _timed(partial(anybody.post, "/verify", files=sent), times),
            )
        page = anybody.post("/verify", files=sent, data={"receipt": "1"}).text
        receipt = _RECEIPT.findall(page)[0]
        yield "receipt", _timed(partial(anybody.get, receipt), times)
        yield "receipt as PDF", _timed(partial(anybody.get, f"{receipt}/pdf"), times)
    for subject, areas in (("bench-holder", ("/my",)), ("bench-officer", ("/window", "/console"))):
        with _browser(url) as browser:
            _log_in(browser, subject, areas[0])
            for path in _paths(*areas):
                yield path, _timed(partial(browser.get, path), times)


def _browser(url: str) -> httpx.Client:
    return httpx.Client(base_url=url, headers=_HTML, timeout=60, follow_redirects=False)


def _log_in(browser: httpx.Client, subject: str, wanted: str) -> None:
    asked = browser.get("/login", params={"next": wanted})
    provider = browser.post(asked.headers["location"], data={"sub": subject})
    browser.get(provider.headers["location"])


def _paths(*areas: str) -> list[str]:
    """Return the addresses of an area's pages that need nothing filled in."""
    routes = (route for router in ROUTERS for route in router.routes)
    found = {
        route.path
        for route in routes
        if isinstance(route, APIRoute) and "GET" in (route.methods or ()) and "{" not in route.path
    }
    wanted = {
        path for path in found for area in areas if path == area or path.startswith(f"{area}/")
    }
    return sorted(wanted)


def _timed(ask: Callable[[], httpx.Response], times: int) -> dict[str, float]:
    """Ask once to warm up and then some times; milliseconds, size and status of the last."""
    answer, took = ask(), []
    for _ in range(times):
        began = time.perf_counter()
        answer = ask()
        took.append((time.perf_counter() - began) * 1000)
    took.sort()
    return {
        "median_ms": round(statistics.median(took), 1),
        "p95_ms": round(took[min(len(took) - 1, int(len(took) * 0.95))], 1),
        "bytes": len(answer.content),
        "status": answer.status_code,
    }


if __name__ == "__main__":
    sys.exit(main())
