"""Which addresses a webhook goes to, what an answer means, and what the signature is."""

import base64
import json
import socket
import threading
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_network

import pytest
from standardwebhooks import Webhook as ReceiversWebhook
from standardwebhooks import WebhookVerificationError

from license_vault.events.addresses import AddressRules, resolved
from license_vault.events.errors import AddressRefusedError
from license_vault.events.posting import post_with_limits
from license_vault.events.retrying import PAUSES, Answer, Meaning, meaning_of, next_try
from license_vault.events.signatures import new_secret, signed_headers
from tests.trickling import TRICKLES, trickling

OPEN = AddressRules(frozenset({"https"}))
HOME = AddressRules(frozenset({"http"}), (ip_network("127.0.0.0/8"),))
NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


def as_written(host: str, _port: int) -> list[str]:
    """Resolve as the C library does: it takes shortened and numeric addresses too."""
    try:
        return [socket.inet_ntoa(socket.inet_aton(host))]
    except OSError:
        return [host]


INSIDE = (
    "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0", "0.0.0.0",
    "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "192.0.0.8",
    "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "[::1]", "[::]",
    "[::ffff:127.0.0.1]", "[::ffff:10.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b::a9fe:a9fe]",
    "[2002:7f00:1::]", "[fe80::1]", "[fe80::1%25eth0]", "[fc00::1]", "[fd00:ec2::254]", "[ff02::1]",
    "[2001:db8::1]",
)  # fmt: skip


@pytest.mark.parametrize("host", INSIDE)
def test_an_address_inside_is_never_called(host: str) -> None:
    with pytest.raises(AddressRefusedError):
        resolved(f"https://{host}/hook", OPEN, as_written)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://example.com/", "scheme"),
        ("file:///etc/passwd", "scheme"),
        ("gopher://example.com/", "scheme"),
        ("//example.com/", "scheme"),
        ("https://", "form"),
        ("https://user:secret@example.com/", "form"),
        ("https://user@example.com/", "form"),
        ("https://example.com/#x", "form"),
        ("https://example.com:99999/", "form"),
        ("https://example.com:0/", "form"),
        ("https://[::1/", "form"),
        ("https://例子.测试/", "form"),
        ("https://example.com/a b", "form"),
        ("https://example.com/\r\nX: y", "form"),
        (f"https://example.com/{'a' * 2000}", "form"),
    ],
)
def test_an_address_must_look_as_it_should(url: str, reason: str) -> None:
    with pytest.raises(AddressRefusedError) as caught:
        resolved(url, OPEN, as_written)
    assert caught.value.reason == reason


def test_a_name_with_one_address_inside_is_refused_and_the_one_looked_at_is_called() -> None:
    with pytest.raises(AddressRefusedError, match="not-open"):
        resolved("https://two.example/", OPEN, lambda *_: ["93.184.216.34", "10.0.0.1"])
    with pytest.raises(AddressRefusedError, match="not-open"):
        resolved("https://none.example/", OPEN, lambda *_: [])
    target = resolved("https://one.example/a?b=c", OPEN, lambda *_: ["93.184.216.34"])
    assert (target.ip, target.port, target.path) == ("93.184.216.34", 443, "/a?b=c")


def test_a_network_of_the_settings_is_called_and_its_neighbour_is_not() -> None:
    rules = AddressRules(frozenset({"https"}), (ip_network("10.2.0.0/16"),))
    assert resolved("https://10.2.3.4/", rules, as_written).ip == "10.2.3.4"
    with pytest.raises(AddressRefusedError):
        resolved("https://10.3.0.1/", rules, as_written)


@pytest.mark.parametrize(
    ("status", "meaning"),
    [
        (200, Meaning.DELIVERED), (204, Meaning.DELIVERED), (410, Meaning.GONE),
        (301, Meaning.DEAD), (302, Meaning.DEAD), (400, Meaning.DEAD), (404, Meaning.DEAD),
        (408, Meaning.AGAIN), (425, Meaning.AGAIN), (429, Meaning.AGAIN), (500, Meaning.AGAIN),
        (503, Meaning.AGAIN), (None, Meaning.AGAIN),
    ],
)  # fmt: skip
def test_what_an_answer_means(status: int | None, meaning: Meaning) -> None:
    assert meaning_of(Answer(status), 1) is meaning


def test_the_schedule_ends_after_ten_tries_and_a_receiver_may_ask_for_more_time() -> None:
    failed = Answer(500)
    assert [meaning_of(failed, tries) for tries in (9, 10)] == [Meaning.AGAIN, Meaning.DEAD]
    assert next_try(failed, 1, NOW) - NOW == PAUSES[0]
    assert next_try(Answer(503, retry_after=60), 1, NOW) - NOW == timedelta(minutes=1)
    assert next_try(Answer(503, retry_after=10**6), 1, NOW) - NOW == timedelta(days=1)


def test_a_receiver_verifies_with_the_library_of_the_standard() -> None:
    secret, body = new_secret(lambda n: bytes(range(n))), b'{"type":"license.issued"}'
    headers = signed_headers(secret, "msg-1", datetime.now(UTC), body)
    receiver = ReceiversWebhook(secret)
    assert receiver.verify(body, headers) == json.loads(body)
    for changed in (
        (body + b" ", headers),
        (body, {**headers, "webhook-id": "msg-2"}),
        (body, {**headers, "webhook-timestamp": str(int(headers["webhook-timestamp"]) + 1)}),
    ):
        with pytest.raises(WebhookVerificationError):
            receiver.verify(*changed)
    with pytest.raises(WebhookVerificationError):
        ReceiversWebhook("whsec_" + base64.b64encode(b"x" * 32).decode()).verify(body, headers)


class _Receiver(BaseHTTPRequestHandler):
    asked: list[str]

    def do_POST(self) -> None:
        self.asked.append(self.path)
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(302 if self.path == "/away" else 200)
        self.send_header("Location", "/elsewhere")
        self.send_header("Retry-After", "7")
        self.send_header("Content-Length", "100000")
        self.end_headers()
        self.wfile.write(b"x" * 100_000)

    def log_message(self, *_: object) -> None:
        return


def test_a_try_keeps_its_limits_and_follows_nobody() -> None:
    _Receiver.asked = []
    server = HTTPServer(("127.0.0.1", 0), _Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    here = f"http://127.0.0.1:{server.server_port}"
    post = post_with_limits(HOME, 0.4, longest_answer=10)
    answer = post(f"{here}/hook", {}, b"{}")
    assert (answer.status, answer.retry_after, answer.body) == (200, 7, b"x" * 10)
    assert post(f"{here}/away", {}, b"{}").status == 302
    assert _Receiver.asked == ["/hook", "/away"]
    server.shutdown()
    server.server_close()
    assert post(f"{here}/hook", {}, b"{}").problem == "no-answer"
    assert post_with_limits(OPEN, 0.4)("https://127.0.0.1/", {}, b"").problem == "address-not-open"


@pytest.mark.parametrize("first", TRICKLES.values(), ids=TRICKLES)
def test_a_receiver_that_trickles_is_cut(first: bytes) -> None:
    with trickling(first) as url:
        began = time.monotonic()
        assert post_with_limits(HOME, 0.3)(url, {}, b"{}") == Answer(None, "timeout")
        assert time.monotonic() - began < 5  # it would go on for ever
