"""What the three files of a status list have in common: the signed envelope, heads, packing.

A status list says the state of every license of one shard of the registry: a license's status URI
names the list and its index the place. It is published in two files of one sequence, so that
whoever only asks "in force?" carries one bit a license: ``status_list`` (the in-force plane) and
``status_reasons`` (why not, and the marks of those in force). ``status_changes`` says what has
changed since an earlier sequence. Every file carries the SM3 of all states, one octet an index, so
that files can be checked against each other (``status_mirror``). The readers check form and limits;
whether the signature holds, the signer may sign lists and the list is fresh enough is judged in
``verification``.

    SignedStatusFile ::= SEQUENCE {
        tbs         TBSStatusFile,
        certificate OCTET STRING,          -- DER of the signer's certificate
        algorithm   AlgorithmIdentifier,   -- SM2 with SM3, no parameters
        signature   OCTET STRING }         -- DER of (r, s), over the DER of tbs
    TBSStatusFile ::= SEQUENCE {
        version     INTEGER (2),
        kind        INTEGER,               -- 1 plane, 2 reasons, 3 changes
        uri         UTF8String,
        sequence    INTEGER,               -- grows by each publication
        issuedAt    GeneralizedTime,
        nextUpdate  GeneralizedTime,
        length      INTEGER,               -- how many indices
        statesSm3   OCTET STRING,          -- SM3 of all states, one octet an index
        ...                                -- what the kind has to say }

Source: our own form, in DER (X.690) as the rest is; the idea is the IETF's Token Status List.
"""

import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from keys.sm3 import DIGEST_BYTES, sm3
from signing import der
from signing.der import DerReader
from signing.errors import (
    MalformedDerError,
    MalformedStatusListError,
    MalformedTimestampError,
)
from signing.signed_value import build_signed, read_signed_value
from signing.timestamps.token import read_generalized_time

# The four-bit codes. 10 to 15 are valid with marks; what each says is the vault's vocabulary.
UNASSIGNED, VALID, SUSPENDED, RESCINDED, REVOKED = 0, 1, 2, 3, 4
CANCELLED, LAPSED, TRANSFERRED, NOT_IN_FORCE_YET = 5, 6, 7, 8
SUPERSEDED = 9
HIGHEST_CODE = 15
MARKED_CODES = bytes(range(10, HIGHEST_CODE + 1))
IN_FORCE_CODES = bytes([VALID, *MARKED_CODES])

PLANE, REASONS, CHANGES = 1, 2, 3

MAX_LIST_BYTES = 8 * 1024 * 1024
MAX_LENGTH = 4_000_000
_VERSION = 2
_MAX_URI = 512
_ALL_CODES = bytes(range(HIGHEST_CODE + 1))
_RAW_DEFLATE = -15


@dataclass(frozen=True, slots=True)
class StatusListContent:
    """What a list is to say. Instants aware UTC, whole seconds; one code (0 to 15) a byte."""

    uri: str
    sequence: int
    issued_at: datetime
    next_update: datetime
    states: bytes = field(repr=False)

    @property
    def head(self) -> "ListHead":
        """What every file of this content says of it."""
        return ListHead(
            self.uri,
            self.sequence,
            self.issued_at,
            self.next_update,
            len(self.states),
            sm3(self.states),
        )


@dataclass(frozen=True, slots=True)
class ListHead:
    """What every file says of a publication; ``states_sm3`` is the digest of all states."""

    uri: str
    sequence: int
    issued_at: datetime
    next_update: datetime
    length: int
    states_sm3: bytes


@dataclass(frozen=True, slots=True)
class StatusFileHead:
    """What a file says of itself, as read. The SM2 ``signature`` (DER) is over ``tbs``.

    ``der`` and ``tbs`` are the bytes as received; ``states_sm3`` is the digest of all states.
    """

    der: bytes
    tbs: bytes
    kind: int
    uri: str
    sequence: int
    issued_at: datetime
    next_update: datetime
    length: int
    states_sm3: bytes
    signer_certificate: bytes
    signature: bytes

    @property
    def of_list(self) -> ListHead:
        """What it says of the publication, without what is its own."""
        return ListHead(
            self.uri,
            self.sequence,
            self.issued_at,
            self.next_update,
            self.length,
            self.states_sm3,
        )


def check_content(content: StatusListContent) -> None:
    """Make sure that a list can be said in our form.

    Raises:
        MalformedStatusListError: a state above 15, or more than the limits allow.
    """
    if content.states.translate(None, _ALL_CODES):
        raise MalformedStatusListError("status-list-code-unknown")
    if len(content.states) > MAX_LENGTH or not 0 < len(content.uri) <= _MAX_URI:
        raise MalformedStatusListError("status-list-too-large")


def build_file(
    kind: int,
    head: ListHead,
    body: Iterable[bytes],
    certificate: bytes,
    sign: Callable[[bytes], bytes],
) -> bytes:
    """Return the DER of a signed file of a publication whose states were checked.

    Args:
        body: what its kind has to say, encoded.
        sign: makes an SM2 signature (DER) over a message.
    """
    tbs = der.sequence(
        der.integer(_VERSION),
        der.integer(kind),
        der.tlv(der.UTF8_STRING, head.uri.encode()),
        der.integer(head.sequence),
        der.generalized_time(head.issued_at),
        der.generalized_time(head.next_update),
        der.integer(head.length),
        der.tlv(der.OCTET_STRING, head.states_sm3),
        *body,
    )
    return build_signed(tbs, certificate, sign)


def read_file_head(data: bytes) -> StatusFileHead:
    """Return what any of the three files says of itself, whatever its kind's part says.

    Raises:
        MalformedStatusListError: it is none in our form, or over a limit.
    """
    head, _ = read_file(data, None)
    return head


def read_file(data: bytes, kind: int | None) -> tuple[StatusFileHead, DerReader]:
    """Return a file's head, and a reader that stands before what its kind has to say.

    Raises:
        MalformedStatusListError: it is none in our form or of another kind, or over a limit. What
            the reader raises later is for the caller to turn into this (``named``).
    """
    if len(data) > MAX_LIST_BYTES:
        raise MalformedStatusListError("status-list-too-large")
    try:
        return _read(data, kind)
    except MalformedDerError as error:
        raise named(error) from error
    except MalformedTimestampError as error:
        raise MalformedStatusListError("status-list-time-malformed") from error


def named(error: MalformedDerError) -> MalformedStatusListError:
    """Return the error of status lists that says what one of DER says."""
    return MalformedStatusListError(f"status-list-{error.code}", error.where)


def _read(data: bytes, kind: int | None) -> tuple[StatusFileHead, DerReader]:
    signed = read_signed_value(data, "list")
    inner = DerReader(signed.tbs).enter(der.SEQUENCE, "tbs")
    if inner.integer("version") != _VERSION:
        raise MalformedStatusListError("status-list-version")
    found = inner.integer("kind")
    if found not in (PLANE, REASONS, CHANGES) or kind not in (None, found):
        raise MalformedStatusListError("status-list-kind")
    uri = _text(inner.contents(der.UTF8_STRING, "uri"))
    sequence = inner.integer("sequence")
    issued_at = read_generalized_time(inner.contents(der.GENERALIZED_TIME, "issued at"))
    next_update = read_generalized_time(inner.contents(der.GENERALIZED_TIME, "next update"))
    length = inner.integer("length")
    if not 0 <= length <= MAX_LENGTH or sequence < 0 or next_update < issued_at:
        raise MalformedStatusListError("status-list-out-of-range")
    states_sm3 = read_digest(inner)
    return StatusFileHead(
        data, signed.tbs, found, uri, sequence, issued_at, next_update, length, states_sm3,
        signed.signer_certificate, signed.signature,
    ), inner  # fmt: skip


def read_digest(reader: DerReader) -> bytes:
    """Return the next element, an SM3 digest."""
    digest = reader.contents(der.OCTET_STRING, "digest")
    if len(digest) != DIGEST_BYTES:
        raise MalformedStatusListError("status-list-digest")
    return digest


def _text(contents: bytes) -> str:
    try:
        text = contents.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedStatusListError("status-list-uri") from error
    if not 0 < len(text) <= _MAX_URI or not text.isprintable():
        raise MalformedStatusListError("status-list-uri")
    return text


def deflate(packed: bytes) -> bytes:
    """Return raw DEFLATE, the shorter of two ways.

    A plane of random bits has no repetitions to find, and with Huffman codes alone it comes within
    one per cent of its entropy; lists that are mostly of one state are shorter with matching.
    """
    ways = (zlib.Z_HUFFMAN_ONLY, zlib.Z_DEFAULT_STRATEGY)
    return min((_deflated(packed, way) for way in ways), key=len)


def _deflated(packed: bytes, strategy: int) -> bytes:
    stream = zlib.compressobj(6, zlib.DEFLATED, _RAW_DEFLATE, 9, strategy)
    return stream.compress(packed) + stream.flush()


def inflate(compressed: bytes, wanted: int) -> bytes:
    """Return what was compressed; exactly ``wanted`` bytes must come out, and nothing be left."""
    packed = inflate_up_to(compressed, wanted)
    if len(packed) != wanted:
        raise MalformedStatusListError("status-list-states-length")
    return packed


def inflate_up_to(compressed: bytes, most: int) -> bytes:
    """Return what was compressed; at most so many bytes may come out, and nothing be left."""
    stream = zlib.decompressobj(_RAW_DEFLATE)
    try:
        packed = stream.decompress(compressed, most + 1)
    except zlib.error as error:
        raise MalformedStatusListError("status-list-states-broken") from error
    if len(packed) > most or not stream.eof or stream.unused_data:
        raise MalformedStatusListError("status-list-states-length")
    return packed


_DIGITS = b"0123456789abcdef"
_TO_DIGIT = bytes.maketrans(_ALL_CODES, _DIGITS)
_FROM_DIGIT = bytes.maketrans(_DIGITS, _ALL_CODES)


def pack_codes(codes: bytes) -> bytes:
    """Return two codes a byte, the first in the high half; an odd last one is followed by 0."""
    digits = codes.translate(_TO_DIGIT)
    return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii"))


def unpack_codes(packed: bytes, count: int) -> bytes:
    """Return the codes of ``pack_codes``, one a byte; ``packed`` must have the length for them."""
    codes = packed.hex().encode("ascii").translate(_FROM_DIGIT)
    if any(codes[count:]):
        raise MalformedStatusListError("status-list-states-padding")
    return codes[:count]
