"""A strict reader and writer of DER, as far as certificates, keys and signatures need it.

Reads bytes as they came and accepts only the one encoding DER allows (X.690, 10 and 11):
definite minimal lengths, minimal INTEGERs, BOOLEAN 00 or FF, no trailing bytes. It exists because
asn1crypto's strict mode lets non-minimal lengths and padded integers pass. It does not know any
schema: who calls says what must come next. Raises only ``DerError``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING, NULL, OBJECT_IDENTIFIER = 1, 2, 3, 4, 5, 6
ENUMERATED, UTF8_STRING, PRINTABLE_STRING, T61_STRING, IA5_STRING = 10, 12, 19, 20, 22
UTC_TIME, GENERALIZED_TIME, UNIVERSAL_STRING, BMP_STRING = 23, 24, 28, 30
SEQUENCE, SET = 0x30, 0x31

_MAX_LENGTH_OCTETS = 4
# More would cost quadratic time and break Python's limit on digits; nothing real comes near.
_MAX_INTEGER_OCTETS = 512
_MAX_IDENTIFIER_OCTETS = 128


class DerError(ValueError):
    """Bytes are not the DER that was expected here; never leaves the package."""


@dataclass(frozen=True, slots=True)
class Element:
    """One tag, length and value. ``encoded`` are the bytes as received, all three."""

    tag: int
    content: bytes
    encoded: bytes


class Reader:
    """Walks the elements inside one value, in order."""

    __slots__ = ("_at", "_data")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def at_end(self) -> bool:
        """Whether nothing is left."""
        return self._at == len(self._data)

    def peek(self) -> int:
        """Return the tag that comes next, or -1 at the end."""
        return -1 if self.at_end else self._data[self._at]

    def next(self, tag: int | None = None) -> Element:
        """Take the next element, which must have the tag if one is given."""
        if tag is not None and self.peek() != tag:
            raise DerError(f"tag {self.peek():#x} where {tag:#x} must be")
        start = self._at
        if start + 2 > len(self._data):
            raise DerError("cut short")
        found = self._data[start]
        if found & 0x1F == 0x1F:
            raise DerError("tag number above 30")
        length, body = self._length(start + 1)
        end = body + length
        if end > len(self._data):
            raise DerError("length beyond the end")
        self._at = end
        return Element(found, self._data[body:end], self._data[start:end])

    def optional(self, tag: int) -> Element | None:
        """Take the next element if it has the tag."""
        return self.next(tag) if self.peek() == tag else None

    def finish(self) -> None:
        """Check that nothing is left."""
        if not self.at_end:
            raise DerError("bytes left over")

    def _length(self, at: int) -> tuple[int, int]:
        first = self._data[at]
        if first < 0x80:
            return first, at + 1
        count = first & 0x7F
        octets = self._data[at + 1 : at + 1 + count]
        if not 1 <= count <= _MAX_LENGTH_OCTETS or len(octets) < count:
            raise DerError("indefinite, cut or huge length")
        length = int.from_bytes(octets, "big")
        if octets[0] == 0 or length < 0x80:
            raise DerError("length not minimal")
        return length, at + 1 + count


def only(data: bytes, tag: int) -> Element:
    """Read bytes that are exactly one element with the tag."""
    reader = Reader(data)
    element = reader.next(tag)
    reader.finish()
    return element


def elements(data: bytes) -> tuple[Element, ...]:
    """Read all elements inside a value."""
    reader = Reader(data)
    found = []
    while not reader.at_end:
        found.append(reader.next())
    return tuple(found)


def integer(element: Element) -> int:
    """Return the value of an INTEGER or ENUMERATED, which must be minimal."""
    octets = element.content
    if not 1 <= len(octets) <= _MAX_INTEGER_OCTETS:
        raise DerError("empty or huge integer")
    if len(octets) > 1 and octets[0] in (0x00, 0xFF) and (octets[0] ^ octets[1]) < 0x80:
        raise DerError("integer not minimal")
    return int.from_bytes(octets, "big", signed=True)


def boolean(element: Element) -> bool:
    """Return the value of a BOOLEAN: 00 or FF."""
    if element.content not in (b"\x00", b"\xff"):
        raise DerError("boolean neither 00 nor FF")
    return element.content == b"\xff"


def whole_octets(element: Element) -> bytes:
    """Return the bytes of a BIT STRING without unused bits."""
    if element.content[:1] != b"\0":
        raise DerError("bit string with unused bits")
    return element.content[1:]


def named_bits(element: Element) -> frozenset[int]:
    """Return the numbers of the bits set in a named bit list.

    Trailing zero bits, which DER leaves out (X.690, 11.2.2), are let pass: certificates in the
    field carry them, and they mean nothing.
    """
    unused, octets = element.content[:1], element.content[1:]
    if not unused or unused[0] > 7 or (unused[0] and not octets):
        raise DerError("bit string malformed")
    if octets and octets[-1] & ((1 << unused[0]) - 1):
        raise DerError("unused bits set")
    return frozenset(
        8 * index + bit
        for index, octet in enumerate(octets)
        for bit in range(8)
        if octet & (0x80 >> bit)
    )


def object_identifier(element: Element) -> str:
    """Return an OBJECT IDENTIFIER in dotted form."""
    octets = element.content
    if not 1 <= len(octets) <= _MAX_IDENTIFIER_OCTETS or octets[-1] & 0x80:
        raise DerError("object identifier empty, huge or cut")
    arcs, value, fresh = [], 0, True
    for octet in octets:
        if fresh and octet == 0x80:
            raise DerError("object identifier not minimal")
        value = value << 7 | octet & 0x7F
        fresh = not octet & 0x80
        if fresh:
            arcs.append(value)
            value = 0
    first = min(arcs[0] // 40, 2)
    return ".".join(map(str, (first, arcs[0] - 40 * first, *arcs[1:])))


def instant(element: Element) -> datetime:
    """Return a UTCTime or GeneralizedTime, whole seconds and Z only, as aware UTC.

    Source: RFC 5280, 4.1.2.5: years of UTCTime from 50 are 19xx.
    """
    digits = element.content[:-1]
    wanted = {UTC_TIME: 12, GENERALIZED_TIME: 14}.get(element.tag)
    if len(digits) != wanted or element.content[-1:] != b"Z" or not digits.isdigit():
        raise DerError("not a time of RFC 5280")
    text = digits.decode("ascii")
    if element.tag == UTC_TIME:
        text = ("19" if text >= "50" else "20") + text
    month, day, hour, minute, second = (int(text[at : at + 2]) for at in range(4, 14, 2))
    try:
        return datetime(int(text[:4]), month, day, hour, minute, second, tzinfo=UTC)
    except ValueError as error:
        raise DerError("no such time") from error


def tlv(tag: int, *contents: bytes) -> bytes:
    """Write one element around the contents joined."""
    content = b"".join(contents)
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(octets))) + octets + content


def write_integer(value: int) -> bytes:
    """Write a non-negative INTEGER, minimal."""
    return tlv(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def write_object_identifier(dotted: str) -> bytes:
    """Write an OBJECT IDENTIFIER given in dotted form."""
    first, second, *rest = map(int, dotted.split("."))
    return tlv(OBJECT_IDENTIFIER, b"".join(map(_base_128, (40 * first + second, *rest))))


def _base_128(value: int) -> bytes:
    octets = [value & 0x7F]
    while value := value >> 7:
        octets.append(0x80 | value & 0x7F)
    return bytes(reversed(octets))


def write_instant(moment: datetime) -> bytes:
    """Write an aware instant, whole seconds, as RFC 5280 wants it: UTCTime until 2049."""
    text = moment.astimezone(UTC).strftime("%Y%m%d%H%M%SZ").encode("ascii")
    # strftime does not pad years before 1000; nothing here is that old.
    if text[:4] < b"2050":
        return tlv(UTC_TIME, text[2:])
    return tlv(GENERALIZED_TIME, text)
