"""DER (X.690, chapter 10), written and read strictly.

Only what CMS, time-stamp tokens and status lists need: one-byte tags, definite lengths of at most
four bytes. The reader accepts one encoding of each value, so what it accepts it could have
written; asn1crypto accepts several (docs/attacks.md F4) and takes a hundred times as long to write.
Not a schema language: each reader of a format walks its own structure, in order. It is apart from
``keys.der`` because a verifier must be told *which* rule a value breaks, by a stable code, whereas
a certificate is simply unreadable; the writing of one element is shared.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from itertools import pairwise

from keys.der import (
    BIT_STRING,
    BOOLEAN,
    GENERALIZED_TIME,
    IA5_STRING,
    INTEGER,
    NULL,
    OBJECT_IDENTIFIER,
    OCTET_STRING,
    PRINTABLE_STRING,
    SEQUENCE,
    SET,
    UTC_TIME,
    UTF8_STRING,
    tlv,
)
from signing.errors import MalformedDerError

__all__ = [
    "BIT_STRING",
    "BOOLEAN",
    "GENERALIZED_TIME",
    "IA5_STRING",
    "INTEGER",
    "NULL",
    "OBJECT_IDENTIFIER",
    "OCTET_STRING",
    "PRINTABLE_STRING",
    "SEQUENCE",
    "SET",
    "UTC_TIME",
    "UTF8_STRING",
    "DerReader",
    "context",
    "context_primitive",
    "dotted",
    "generalized_time",
    "instant",
    "integer",
    "object_identifier",
    "read_set_of",
    "sequence",
    "set_of",
    "tlv",
]
_HIGH_TAG = 0x1F
_LONG_FORM = 0x80
_MAX_LENGTH_BYTES = 4


def context(number: int) -> int:
    """Return the tag byte of a constructed context-specific [number]."""
    return 0xA0 | number


def context_primitive(number: int) -> int:
    """Return the tag byte of a primitive context-specific [number]."""
    return 0x80 | number


def sequence(*elements: bytes) -> bytes:
    """Return a SEQUENCE of encoded elements, in this order."""
    return tlv(SEQUENCE, *elements)


def set_of(elements: Iterable[bytes], tag: int = SET) -> bytes:
    """Return a SET OF encoded elements, in the order DER demands (X.690, 11.6)."""
    return tlv(tag, *sorted(elements))


def integer(value: int) -> bytes:
    """Return an INTEGER, shortest two's complement."""
    magnitude = value if value >= 0 else ~value
    size = magnitude.bit_length() // 8 + 1
    return tlv(INTEGER, value.to_bytes(size, "big", signed=True))


@lru_cache(maxsize=256)
def generalized_time(moment: datetime) -> bytes:
    """Return a GeneralizedTime of an aware instant: UTC, whole seconds."""
    return tlv(GENERALIZED_TIME, moment.astimezone(UTC).strftime("%Y%m%d%H%M%SZ").encode("ascii"))


def object_identifier(dotted: str) -> bytes:
    """Return the OBJECT IDENTIFIER of a dotted text, tag and length included."""
    arcs = [int(arc) for arc in dotted.split(".")]
    return tlv(OBJECT_IDENTIFIER, *map(_base128, [arcs[0] * 40 + arcs[1], *arcs[2:]]))


def _base128(arc: int) -> bytes:
    digits = [arc & 0x7F]
    while arc := arc >> 7:
        digits.append(0x80 | (arc & 0x7F))
    return bytes(reversed(digits))


@lru_cache(maxsize=256)
def dotted(contents: bytes) -> str:
    """Return the dotted text of an OBJECT IDENTIFIER's contents (tag and length left off)."""
    arcs, arc, fresh = [], 0, True
    for byte in contents:
        if fresh and byte == 0x80:
            raise MalformedDerError("der-identifier-padded", "object identifier")
        arc = arc << 7 | byte & 0x7F
        fresh = byte < 0x80
        if fresh:
            arcs.append(arc)
            arc = 0
    if not fresh or not arcs:
        raise MalformedDerError("der-identifier-truncated", "object identifier")
    first = min(arcs[0] // 40, 2)
    return ".".join(map(str, [first, arcs[0] - 40 * first, *arcs[1:]]))


def instant(tag: int, contents: bytes) -> datetime:
    """Return the instant in the contents of a UTCTime or GeneralizedTime: whole seconds, and Z.

    Raises:
        MalformedDerError: no Z, not those digits, or no such time.

    Source: RFC 5280, 4.1.2.5: UTCTime from 50 on is 19xx.
    """
    digits = contents[:-1]
    if contents[-1:] != b"Z":
        raise MalformedDerError("der-not-utc", "time")
    if len(digits) != _TIME_DIGITS[tag] or not digits.isdigit():
        raise MalformedDerError("der-not-a-time", "time")
    if tag == UTC_TIME:
        digits = (b"19" if digits >= b"50" else b"20") + digits
    year, *rest = int(digits[:4]), *(int(digits[at : at + 2]) for at in range(4, 14, 2))
    month, day, hour, minute, second = rest
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError as error:
        raise MalformedDerError("der-no-such-time", "time") from error


_TIME_DIGITS = {UTC_TIME: 12, GENERALIZED_TIME: 14}


class DerReader:
    """Walks the elements of a DER value from left to right; whatever is not as said raises.

    Every method names what it expects, so that an error can say where it was:
    MalformedDerError with a code that begins with ``der-``.
    """

    __slots__ = ("_data", "_end", "_position")

    def __init__(self, data: bytes, start: int = 0, end: int | None = None) -> None:
        self._data = data
        self._position = start
        self._end = len(data) if end is None else end

    @property
    def at_end(self) -> bool:
        """Whether no element is left."""
        return self._position >= self._end

    def next_tag(self) -> int:
        """Return the next element's tag byte, -1 at the end."""
        return -1 if self.at_end else self._data[self._position]

    def _bounds(self, tag: int | None, where: str) -> tuple[int, int]:
        """Return where the next element's contents begin and end."""
        data, at, end = self._data, self._position, self._end
        if at + 2 > end:
            raise MalformedDerError("der-truncated", where)
        found = data[at]
        if (tag is not None and found != tag) or found & _HIGH_TAG == _HIGH_TAG:
            raise MalformedDerError("der-unexpected-tag", where)
        size = data[at + 1]
        at += 2
        if size >= _LONG_FORM:
            count = size & 0x7F
            if count == 0:
                raise MalformedDerError("der-indefinite-length", where)
            if count > _MAX_LENGTH_BYTES or at + count > end:
                raise MalformedDerError("der-truncated", where)
            size = int.from_bytes(data[at : at + count], "big")
            if size < _LONG_FORM or size >> 8 * (count - 1) == 0:
                raise MalformedDerError("der-length-not-minimal", where)
            at += count
        if at + size > end:
            raise MalformedDerError("der-truncated", where)
        return at, at + size

    def contents(self, tag: int, where: str) -> bytes:
        """Return the contents of the next element, which must have this tag."""
        start, stop = self._bounds(tag, where)
        self._position = stop
        return self._data[start:stop]

    def element(self, tag: int | None, where: str) -> bytes:
        """Return the next element whole; any tag will do if it is None."""
        begin = self._position
        _, stop = self._bounds(tag, where)
        self._position = stop
        return self._data[begin:stop]

    def enter(self, tag: int, where: str) -> "DerReader":
        """Return a reader of the next element's contents and step over it."""
        start, stop = self._bounds(tag, where)
        self._position = stop
        return DerReader(self._data, start, stop)

    def integer(self, where: str) -> int:
        """Return the next INTEGER, which must be encoded as short as can be."""
        body = self.contents(INTEGER, where)
        padded = len(body) > 1 and (body[0], body[1] >> 7) in ((0, 0), (0xFF, 1))
        if not body or padded:
            raise MalformedDerError("der-integer-not-minimal", where)
        return int.from_bytes(body, "big", signed=True)

    def instant(self, where: str) -> datetime:
        """Return the next GeneralizedTime: whole seconds, and Z."""
        return instant(GENERALIZED_TIME, self.contents(GENERALIZED_TIME, where))

    def finish(self, where: str) -> None:
        """Make sure that nothing is left."""
        if self._position != self._end:
            raise MalformedDerError("der-trailing-bytes", where)


def read_set_of(reader: DerReader, tag: int, where: str) -> tuple[bytes, ...]:
    """Return the elements of a SET OF; they must stand in the order DER demands."""
    inner = reader.enter(tag, where)
    elements = []
    while not inner.at_end:
        elements.append(inner.element(None, where))
    if any(left > right for left, right in pairwise(elements)):
        raise MalformedDerError("der-set-not-sorted", where)
    return tuple(elements)
