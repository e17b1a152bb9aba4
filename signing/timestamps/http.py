"""Time-stamp tokens from an authority on the network (RFC 3161, 3.4: over HTTP or HTTPS).

The answer is foreign: its size, its time to arrive and its type are limited, it must name our
imprint and our nonce, and its signature must hold under the certificate it encloses, before
anything is built on it. Whether that authority is trusted is asked by the final check at issuing.
Redirects are not followed.
"""

import http.client
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from keys import sm2
from keys.certificate import read_certificate
from keys.errors import InvalidSignatureError, KeyCustodyError
from signing import der, identifiers
from signing.der import DerReader
from signing.errors import (
    MalformedDerError,
    MalformedTimestampError,
    SigningError,
    TimestampUnavailableError,
)
from signing.timestamps.token import TimestampToken, read_timestamp_token

_REPLY_TYPE = "application/timestamp-reply"
_QUERY_TYPE = "application/timestamp-query"
_GRANTED = (0, 1)  # RFC 3161, 2.4.2: granted, grantedWithMods
_CHUNK_BYTES = 16 * 1024
_NONCE_BYTES = 8


class HttpTimestamper:
    """Asks one authority, once a token; trying again is the caller's business."""

    for_production = True

    def __init__(
        self,
        url: str,
        random_bytes: Callable[[int], bytes],
        timeout_seconds: float = 10.0,
        largest_token: int = 8 * 1024,
    ) -> None:
        """Take the authority's address; nothing is sent yet.

        Args:
            url: http or https, with a host, without a password.
            random_bytes: as many unpredictable bytes as asked for.
            timeout_seconds: for the whole exchange.
            largest_token: bytes; a larger token is refused, and so much room is reserved.

        Raises:
            ValueError: the address is not one of those.
        """
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.password:
            raise ValueError("the time-stamp address must be http(s)://host/path")
        self._https = parts.scheme == "https"
        self._host, self._port = parts.hostname, parts.port
        self._target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._random_bytes = random_bytes
        self._timeout_seconds = timeout_seconds
        self.largest_token = largest_token

    def timestamp(self, imprint: bytes) -> bytes:
        """Return a token over an SM3 imprint (32 bytes). Raises TimestampUnavailableError."""
        nonce = int.from_bytes(self._random_bytes(_NONCE_BYTES), "big")
        answer = self._exchange(encode_request(imprint, nonce))
        try:
            token = read_response(answer)
            _check_answer(token, imprint, nonce)
        except SigningError as error:
            raise TimestampUnavailableError(f"the authority's answer: {error}") from error
        if len(token.der) > self.largest_token:
            raise TimestampUnavailableError(f"a token of {len(token.der)} bytes is too large")
        return token.der

    def _exchange(self, query: bytes) -> bytes:
        deadline = time.monotonic() + self._timeout_seconds
        kind = http.client.HTTPSConnection if self._https else http.client.HTTPConnection
        connection = kind(self._host, self._port, timeout=self._timeout_seconds)
        try:
            connection.request("POST", self._target, query, {"Content-Type": _QUERY_TYPE})
            response = connection.getresponse()
            if response.status != http.HTTPStatus.OK:
                raise TimestampUnavailableError(f"the authority answered {response.status}")
            if response.headers.get_content_type() != _REPLY_TYPE:
                raise TimestampUnavailableError("the answer is not a time-stamp reply")
            return self._read_all(response, deadline)
        except (OSError, http.client.HTTPException) as error:
            raise TimestampUnavailableError(f"no answer: {type(error).__name__}") from error
        finally:
            connection.close()

    def _read_all(self, response: http.client.HTTPResponse, deadline: float) -> bytes:
        """Read the answer; a socket's timeout is for one read, so the whole is watched here."""
        answer = b""
        limit = self.largest_token + 1024  # status and wrapping
        while chunk := response.read1(_CHUNK_BYTES):
            answer += chunk
            if len(answer) > limit:
                raise TimestampUnavailableError("the answer is too large")
            if time.monotonic() > deadline:
                raise TimestampUnavailableError("the answer took too long")
        return answer


def encode_request(imprint: bytes, nonce: int) -> bytes:
    """Return the DER of a TimeStampReq that asks for the certificate. Source: RFC 3161, 2.4.1."""
    return der.sequence(
        der.integer(1),
        der.sequence(identifiers.SM3_ALGORITHM, der.tlv(der.OCTET_STRING, imprint)),
        der.integer(nonce),
        der.tlv(der.BOOLEAN, b"\xff"),
    )


def read_response(answer: bytes) -> TimestampToken:
    """Return the token of a TimeStampResp.

    Raises:
        MalformedTimestampError: it is none, or the authority refused.

    Source: RFC 3161, 2.4.2.
    """
    try:
        outer = DerReader(answer)
        body = outer.enter(der.SEQUENCE, "response")
        outer.finish("response")
        status = body.enter(der.SEQUENCE, "status").integer("status")
        if status not in _GRANTED:
            raise MalformedTimestampError("timestamp-refused", f"status {status}")
        token = body.element(der.SEQUENCE, "token")
        body.finish("response")
    except MalformedDerError as error:
        raise MalformedTimestampError(f"timestamp-response-{error.code}", error.where) from error
    return read_timestamp_token(token)


def _check_answer(token: TimestampToken, imprint: bytes, nonce: int) -> None:
    if token.imprint != imprint:
        raise MalformedTimestampError("timestamp-imprint-differs")
    if token.nonce != nonce:
        raise MalformedTimestampError("timestamp-nonce-differs")
    try:
        point = read_certificate(token.authority_certificate).public_point
        sm2.verify(point, token.signed_attributes, token.signature)
    except (InvalidSignatureError, KeyCustodyError) as error:
        raise MalformedTimestampError("timestamp-signature-invalid") from error
