"""Reaching partners: only who is on the allow-list, cut in time and size, one circuit each."""

import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from typing import ClassVar

import pytest

from license_vault.events.addresses import AddressRules
from license_vault.events.errors import AddressRefusedError
from license_vault.events.pinned import CallLimits
from license_vault.partners.circuits import CircuitRules, Circuits
from license_vault.partners.network_web import NetworkWeb
from license_vault.partners.web import Fetched, Origin, Unreachable, origin_of
from tests.trickling import TRICKLES, trickling

LOOPBACK = AddressRules(frozenset({"http"}), (ip_network("127.0.0.0/8"),))
LIMITS = CallLimits(read_seconds=0.5, call_seconds=1.0)


class _Partner(BaseHTTPRequestHandler):
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        _Partner.asked.append(self.path)
        if self.path == "/moved":
            self._answer(302, b"", Location="/list")
        elif self.path == "/packed":
            self._answer(200, b"x", **{"Content-Encoding": "gzip"})
        elif self.headers.get("If-None-Match") == '"one"':
            self._answer(304, b"")
        else:
            self._answer(200, b"a list", ETag='"one"', **{"Retry-After": "7"})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(201, self.headers["Content-Type"].encode() + b":" + body)

    def _answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def partner() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Partner)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def _web(*urls: str, limits: CallLimits = LIMITS) -> NetworkWeb:
    return NetworkWeb(LOOPBACK, lambda: {origin_of(url) for url in urls}, limits)


def test_what_an_accepted_partner_has_is_fetched_with_its_tag(partner: str) -> None:
    web = _web(partner)
    found = web.get(f"{partner}/list")
    assert isinstance(found, Fetched)
    assert (found.status, found.body, found.etag, found.retry_after) == (200, b"a list", '"one"', 7)
    again = web.get(f"{partner}/list", etag=found.etag)
    assert isinstance(again, Fetched)
    assert again.is_unchanged
    sent = web.post(f"{partner}/in", b"{}", {"Content-Type": "application/json"})
    assert isinstance(sent, Fetched)
    assert sent.body == b"application/json:{}"
    assert web.connections == 3


def test_nobody_else_is_called(partner: str) -> None:
    _Partner.asked.clear()
    web = _web()
    assert web.get(f"{partner}/list") == Unreachable("not-allowed")
    assert web.post(f"{partner}/list", b"", {}) == Unreachable("not-allowed")
    other_port = _web("http://127.0.0.1:1")
    assert other_port.get(f"{partner}/list") == Unreachable("not-allowed")
    assert (web.connections, other_port.connections, _Partner.asked) == (0, 0, [])


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ftp://partner.example/", "address-form"),
        ("file:///etc/passwd", "address-form"),
        ("http://user@partner.example/", "address-form"),
        ("http://partner.example:99999/", "address-form"),
        ("http://[::1/", "address-form"),
    ],
)
def test_what_is_no_address_is_not_called(url: str, reason: str) -> None:
    assert _web("http://partner.example").get(url) == Unreachable(reason)


def test_an_allowed_name_that_leads_inside_is_not_called() -> None:
    rules = AddressRules(frozenset({"http"}))
    url = "http://partner.example"
    web = NetworkWeb(rules, lambda: {origin_of(url)}, LIMITS, lambda *_: ("169.254.169.254",))
    assert web.get(url) == Unreachable("address-not-open")
    https = NetworkWeb(AddressRules(frozenset({"https"})), lambda: {origin_of(url)}, LIMITS)
    assert https.get(url) == Unreachable("address-scheme")
    assert web.connections == https.connections == 0


def test_no_redirect_is_followed_and_nothing_is_unpacked(partner: str) -> None:
    web = _web(partner)
    assert web.get(f"{partner}/moved") == Unreachable("redirect")
    assert web.get(f"{partner}/packed") == Unreachable("encoded")


def test_a_long_answer_is_left(partner: str) -> None:
    assert _web(partner).get(f"{partner}/list", longest=5) == Unreachable("too-long")
    assert isinstance(_web(partner).get(f"{partner}/list", longest=6), Fetched)


@pytest.mark.parametrize("first", TRICKLES.values(), ids=TRICKLES)
def test_a_partner_that_trickles_is_cut(first: bytes) -> None:
    with trickling(first) as url:
        began = time.monotonic()
        assert _web(url).get(f"{url}/list", within=0.4) == Unreachable("timeout")
        assert time.monotonic() - began < 5  # it would go on for ever


def test_a_partner_that_is_gone_is_a_value() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
    assert _web(url).get(url) == Unreachable("no-answer")


def test_origins_are_told_apart() -> None:
    assert origin_of("https://A.example/x") == Origin("https", "a.example", 443)
    assert origin_of("http://a.example:8080") == Origin("http", "a.example", 8080)
    for url in ("a.example", "https://", "https://a.example:x/"):
        with pytest.raises(AddressRefusedError):
            origin_of(url)


class _Counted:
    """A web whose answer a test sets."""

    def __init__(self) -> None:
        self.answer: Fetched | Unreachable = Unreachable("timeout")
        self.calls = 0

    def get(self, url: str, **_: object) -> Fetched | Unreachable:
        self.calls += 1
        return self.answer

    def post(self, url: str, body: bytes, headers: object, **_: object) -> Fetched | Unreachable:
        return self.get(url)


def test_a_partner_that_fails_is_not_called_for_a_while_and_then_tried_once() -> None:
    now = [0.0]
    under = _Counted()
    web = Circuits(under, CircuitRules(failures=3, open_seconds=30), lambda: now[0])
    a, b = "http://a.example/x", "http://b.example/x"
    for _ in range(3):
        assert web.get(a) == Unreachable("timeout")
    assert web.get(a) == web.post(a, b"", {}) == Unreachable("circuit-open")
    assert (under.calls, web.is_open(a), web.is_open(b)) == (3, True, False)
    assert web.get(b) == Unreachable("timeout")
    now[0] = 30.0
    assert web.get(a) == Unreachable("timeout")  # one try, and open again
    assert web.get(a) == Unreachable("circuit-open")
    now[0] = 60.0
    under.answer = Fetched(200, b"")
    assert web.get(a) == web.get(a) == Fetched(200, b"")


def test_only_what_the_partner_does_opens_its_circuit() -> None:
    under = _Counted()
    web = Circuits(under, CircuitRules(failures=1, open_seconds=30), lambda: 0.0)
    for answer in (Unreachable("not-allowed"), Fetched(404, b""), Fetched(429, b"")):
        under.answer = answer
        assert web.get("http://a.example") == answer
    under.answer = Fetched(503, b"")
    web.get("http://a.example")
    assert web.get("http://a.example") == Unreachable("circuit-open")
    assert web.get("no address") == Unreachable("address-form")
