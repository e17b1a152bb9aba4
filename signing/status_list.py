"""The signed list of license states: four bits a license, packed, compressed, signed with SM2.

One list is a shard of the registry: a license's status URI names the list and its index the place.
Small enough to carry: a hundred thousand licenses take some ten kilobytes. The reader checks
form and limits; whether the signature holds, the signer may sign lists and the list is fresh
enough is judged in ``verification``.

    SignedStatusList ::= SEQUENCE {
        tbs         TBSStatusList,
        certificate OCTET STRING,          -- DER of the signer's certificate
        algorithm   AlgorithmIdentifier,   -- SM2 with SM3, no parameters
        signature   OCTET STRING }         -- DER of (r, s), over the DER of tbs
    TBSStatusList ::= SEQUENCE {
        version     INTEGER (1),
        uri         UTF8String,
        sequence    INTEGER,               -- grows by each publication
        issuedAt    GeneralizedTime,
        nextUpdate  GeneralizedTime,
        length      INTEGER,               -- how many indices
        states      OCTET STRING }         -- zlib; index 2k in the high half of byte k

Source: our own form, in DER (X.690) as the rest is; the idea is the IETF's Token Status List.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from signing import der, identifiers
from signing.der import DerReader
from signing.errors import (
    MalformedDerError,
    MalformedStatusListError,
    MalformedTimestampError,
    StatusIndexError,
)
from signing.timestamps.token import read_generalized_time

# The four-bit codes. 10 to 15 are valid with marks; what each says is the vault's vocabulary.
UNASSIGNED, VALID, SUSPENDED, RESCINDED, REVOKED = 0, 1, 2, 3, 4
CANCELLED, LAPSED, TRANSFERRED, NOT_IN_FORCE_YET = 5, 6, 7, 8
SUPERSEDED = 9
HIGHEST_CODE = 15

MAX_LIST_BYTES = 8 * 1024 * 1024
MAX_LENGTH = 4_000_000
_MAX_URI = 512


@dataclass(frozen=True, slots=True)
class StatusListContent:
    """What a list is to say. Instants aware UTC, whole seconds; one code (0 to 15) a byte."""

    uri: str
    sequence: int
    issued_at: datetime
    next_update: datetime
    states: bytes


@dataclass(frozen=True, slots=True)
class StatusList:
    """A list as read. The SM2 ``signature`` (DER) is over ``tbs``, the bytes as received."""

    der: bytes
    tbs: bytes
    uri: str
    sequence: int
    issued_at: datetime
    next_update: datetime
    length: int
    signer_certificate: bytes
    signature: bytes
    packed: bytes = field(repr=False)

    def state_code(self, index: int) -> int:
        """Return the state code at an index. Raises StatusIndexError beyond the list."""
        if not 0 <= index < self.length:
            raise StatusIndexError(index, self.length)
        pair = self.packed[index // 2]
        return pair & 0x0F if index % 2 else pair >> 4


def build_status_list(
    content: StatusListContent, certificate: bytes, sign: Callable[[bytes], bytes]
) -> bytes:
    """Return the DER of a signed list.

    Args:
        certificate: DER of the signer's certificate.
        sign: makes an SM2 signature (DER) over a message.

    Raises:
        MalformedStatusListError: a state above 15, or more than the limits allow.
    """
    states = content.states
    if states and max(states) > HIGHEST_CODE:
        raise MalformedStatusListError("status-list-code-unknown")
    if len(states) > MAX_LENGTH or not 0 < len(content.uri) <= _MAX_URI:
        raise MalformedStatusListError("status-list-too-large")
    tbs = der.sequence(
        der.integer(1),
        der.tlv(der.UTF8_STRING, content.uri.encode()),
        der.integer(content.sequence),
        der.tlv(der.GENERALIZED_TIME, _time(content.issued_at)),
        der.tlv(der.GENERALIZED_TIME, _time(content.next_update)),
        der.integer(len(states)),
        der.tlv(der.OCTET_STRING, zlib.compress(_pack(states), 9)),
    )
    return der.sequence(
        tbs,
        der.tlv(der.OCTET_STRING, certificate),
        identifiers.SM2_WITH_SM3_ALGORITHM,
        der.tlv(der.OCTET_STRING, sign(tbs)),
    )


def _pack(states: bytes) -> bytes:
    """Return two codes a byte, the even index in the high half."""
    even, odd = states[::2], states[1::2].ljust((len(states) + 1) // 2, b"\0")
    high = int.from_bytes(even, "big") << 4
    return (high | int.from_bytes(odd, "big")).to_bytes(len(even), "big")


def _time(instant: datetime) -> bytes:
    return instant.strftime("%Y%m%d%H%M%SZ").encode("ascii")


def read_status_list(data: bytes) -> StatusList:
    """Return a list as it stands.

    Raises:
        MalformedStatusListError: it is not one in our form, or over a limit.
    """
    if len(data) > MAX_LIST_BYTES:
        raise MalformedStatusListError("status-list-too-large")
    try:
        return _read(data)
    except MalformedDerError as error:
        raise MalformedStatusListError(f"status-list-{error.code}", error.where) from error
    except MalformedTimestampError as error:
        raise MalformedStatusListError("status-list-time-malformed") from error


def _read(data: bytes) -> StatusList:
    outer = DerReader(data)
    body = outer.enter(der.SEQUENCE, "list")
    outer.finish("list")
    tbs = body.element(der.SEQUENCE, "tbs")
    certificate = body.contents(der.OCTET_STRING, "certificate")
    if body.element(der.SEQUENCE, "algorithm") != identifiers.SM2_WITH_SM3_ALGORITHM:
        raise MalformedStatusListError("status-list-algorithm")
    signature = body.contents(der.OCTET_STRING, "signature")
    body.finish("list")

    inner = DerReader(tbs).enter(der.SEQUENCE, "tbs")
    if inner.integer("version") != 1:
        raise MalformedStatusListError("status-list-version")
    uri = _text(inner.contents(der.UTF8_STRING, "uri"))
    sequence = inner.integer("sequence")
    issued_at = read_generalized_time(inner.contents(der.GENERALIZED_TIME, "issued at"))
    next_update = read_generalized_time(inner.contents(der.GENERALIZED_TIME, "next update"))
    length = inner.integer("length")
    if not 0 <= length <= MAX_LENGTH or sequence < 0 or next_update < issued_at:
        raise MalformedStatusListError("status-list-out-of-range")
    packed = _unpack(inner.contents(der.OCTET_STRING, "states"), length)
    inner.finish("tbs")
    return StatusList(
        data, tbs, uri, sequence, issued_at, next_update, length, certificate, signature, packed
    )


def _text(contents: bytes) -> str:
    try:
        text = contents.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedStatusListError("status-list-uri") from error
    if not 0 < len(text) <= _MAX_URI or not text.isprintable():
        raise MalformedStatusListError("status-list-uri")
    return text


def _unpack(compressed: bytes, length: int) -> bytes:
    """Return the packed states; exactly as many bytes as the length needs come out."""
    wanted = (length + 1) // 2
    stream = zlib.decompressobj()
    try:
        packed = stream.decompress(compressed, wanted + 1)
    except zlib.error as error:
        raise MalformedStatusListError("status-list-states-broken") from error
    if len(packed) != wanted or not stream.eof or stream.unused_data:
        raise MalformedStatusListError("status-list-states-length")
    if length % 2 and packed[-1] & 0x0F:
        raise MalformedStatusListError("status-list-states-padding")
    return packed
