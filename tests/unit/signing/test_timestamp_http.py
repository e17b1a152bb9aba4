"""The client of a time-stamping authority, against a real server on this machine."""

import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from pki import NOW, Pki

from keys.sm3 import sm3
from signing import der, identifiers
from signing.cms.pdf_signature_writer import SigningIdentity, signed_attributes, signer_info
from signing.cms.signed_data import SignedData, encode_signed_data
from signing.der import DerReader
from signing.errors import TimestampUnavailableError
from signing.timestamps.http import HttpTimestamper
from signing.timestamps.token import read_timestamp_token

IMPRINT = sm3(b"signature value")
REPLY = "application/timestamp-reply"
Answer = Callable[[bytes], tuple[int, str, bytes]]


@contextmanager
def authority(answer: Answer, pause: float = 0.0) -> Iterator[str]:
    """A server that answers each query; gives its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = self.rfile.read(int(self.headers["Content-Length"]))
            assert self.headers["Content-Type"] == "application/timestamp-query"
            status, kind, body = answer(query)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Location", "http://127.0.0.1:9/elsewhere")
            self.end_headers()
            half = len(body) // 2
            self.wfile.write(body[:half])
            self.wfile.flush()
            time.sleep(pause)
            self.wfile.write(body[half:])

        def log_message(self, format: str, *args: object) -> None:
            """Be quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/tsa?x=1"
    finally:
        server.shutdown()
        server.server_close()


PKI = Pki()


def asked(query: bytes) -> tuple[bytes, int]:
    """The imprint and nonce of a TimeStampReq."""
    body = DerReader(query).enter(der.SEQUENCE, "request")
    assert body.integer("version") == 1
    imprint = body.enter(der.SEQUENCE, "imprint")
    assert imprint.element(der.SEQUENCE, "algorithm") == identifiers.SM3_ALGORITHM
    nonce = body.integer("nonce")
    assert body.contents(der.BOOLEAN, "certificate wanted") == b"\xff"
    return imprint.contents(der.OCTET_STRING, "imprint"), nonce


def token_for(imprint: bytes, nonce: int, key: str = "tsa") -> bytes:
    statement = der.sequence(
        der.integer(1),
        der.object_identifier("1.2.3.4"),
        der.sequence(identifiers.SM3_ALGORITHM, der.tlv(der.OCTET_STRING, imprint)),
        der.integer(1),
        der.tlv(der.GENERALIZED_TIME, NOW.strftime("%Y%m%d%H%M%SZ").encode()),
        der.integer(nonce),
    )
    identity = SigningIdentity(PKI.tsa)
    message = signed_attributes(identifiers.TST_INFO, sm3(statement), PKI.tsa)
    signer = signer_info(identity, message, PKI.keys.sign(key, message), None)
    return encode_signed_data(
        SignedData(
            identifiers.SIGNED_DATA, 3, (identifiers.SM3_ALGORITHM,), identifiers.TST_INFO,
            statement, (PKI.tsa,), signer,
        )
    )  # fmt: skip


def response(token: bytes, status: int = 0) -> bytes:
    return der.sequence(der.sequence(der.integer(status)), token)


def good(query: bytes) -> tuple[int, str, bytes]:
    return 200, REPLY, response(token_for(*asked(query)))


def client(url: str, timeout: float = 5.0, largest: int = 4096) -> HttpTimestamper:
    return HttpTimestamper(url, secrets.token_bytes, timeout, largest)


def test_a_token_is_brought_from_the_authority() -> None:
    with authority(good) as url:
        token = read_timestamp_token(client(url).timestamp(IMPRINT))

    assert (token.imprint, token.generated_at) == (IMPRINT, NOW)


WRONG: dict[str, Answer] = {
    "answered 500": lambda query: (500, REPLY, b""),
    "answered 302": lambda query: (302, REPLY, b""),
    "not a time-stamp reply": lambda query: (200, "text/html", good(query)[2]),
    "too large": lambda query: (200, REPLY, bytes(100_000)),
    "timestamp-response-der": lambda query: (200, REPLY, b"<html>"),
    "timestamp-response-der-truncated": lambda query: (200, REPLY, b""),
    "timestamp-refused": lambda query: (200, REPLY, response(b"", status=2)),
    "timestamp-imprint-differs": lambda query: (
        200, REPLY, response(token_for(bytes(32), asked(query)[1])),
    ),
    "timestamp-nonce-differs": lambda query: (
        200, REPLY, response(token_for(IMPRINT, asked(query)[1] ^ 1)),
    ),
    "timestamp-signature-invalid": lambda query: (
        200, REPLY, response(token_for(*asked(query), key="status")),
    ),
}  # fmt: skip


@pytest.mark.parametrize("reason", WRONG)
def test_a_wrong_answer_is_no_time_stamp(reason: str) -> None:
    with authority(WRONG[reason]) as url, pytest.raises(TimestampUnavailableError) as caught:
        client(url).timestamp(IMPRINT)

    assert reason in str(caught.value)


def test_a_token_larger_than_the_room_reserved_is_refused() -> None:
    with authority(good) as url, pytest.raises(TimestampUnavailableError, match="too large"):
        client(url, largest=200).timestamp(IMPRINT)


def test_a_slow_answer_is_given_up() -> None:
    with (
        authority(good, pause=0.4) as url,
        pytest.raises(TimestampUnavailableError, match=r"no answer|too long"),
    ):
        client(url, timeout=0.2).timestamp(IMPRINT)


def test_nobody_there_is_named() -> None:
    with pytest.raises(TimestampUnavailableError, match="no answer"):
        client("http://127.0.0.1:1/").timestamp(IMPRINT)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "http://", "ftp://host/", "http://u:p@h/"])
def test_only_plain_web_addresses_are_taken(url: str) -> None:
    with pytest.raises(ValueError, match="time-stamp address"):
        client(url)
