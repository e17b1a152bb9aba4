"""Walks the fields of an SES value; what is wrong with one becomes a code with its name.

The kinds of fields that electronic seals are made of, each read in one way only. What other
makers write otherwise and does no harm is let pass and noted in ``deviations``. Which fields come
in which order is known to ``ses.seal`` and ``ses.signature``.

Source: GB/T 38540-2020; X.690, 10 and 11.
"""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from signing import der, identifiers
from signing.cms.sm2_value import signature_der
from signing.der import DerReader
from signing.errors import MalformedDerError, MalformedSealError

MAX_VALUE_BYTES = 8 << 20
MAX_CERTIFICATE_BYTES = 16 << 10
MAX_TIMESTAMP_BYTES = 64 << 10
TIME_UTC, TIME_GENERALIZED = "ses-time-utc", "ses-time-generalized"
OCTET_FOR_BIT = "ses-octet-for-bit-string"

_MAX_TEXT_BYTES = 1024
_MAX_SIGNATURE_BYTES = 256
_TIME_DEVIATIONS = {der.UTC_TIME: TIME_UTC, der.GENERALIZED_TIME: TIME_GENERALIZED}
_ALGORITHMS = {
    identifiers.SM2_WITH_SM3: None,
    identifiers.SM2_SIGNATURE: "ses-algorithm-sm2-signature",
}

T = TypeVar("T")


def fault(field: str, rule: str, detail: str = "") -> MalformedSealError:
    """Return the error for a field that breaks a rule."""
    return MalformedSealError(f"ses-{field}-{rule}", detail)


class SesReader:
    """Reads fields from left to right. Every method raises MalformedSealError for its field."""

    __slots__ = ("_reader", "deviations")

    def __init__(self, reader: DerReader, deviations: list[str]) -> None:
        self._reader = reader
        self.deviations = deviations

    @property
    def at_end(self) -> bool:
        """Whether no field is left."""
        return self._reader.at_end

    def next_tag(self) -> int:
        """Return the next field's tag byte, -1 at the end."""
        return self._reader.next_tag()

    def note(self, deviation: str | None) -> None:
        """Remember a harmless deviation, once."""
        if deviation and deviation not in self.deviations:
            self.deviations.append(deviation)

    def finish(self, field: str) -> None:
        """Make sure that nothing is left in the structure."""
        if not self._reader.at_end:
            raise fault(field, "trailing-bytes")

    def _take(self, field: str, take: Callable[[], T]) -> T:
        if self._reader.at_end:
            raise fault(field, "missing")
        try:
            return take()
        except MalformedDerError as error:
            raise fault(field, error.code.removeprefix("der-")) from error

    def enter(self, field: str, tag: int = der.SEQUENCE) -> "SesReader":
        """Return a reader of the next field's contents and step over it."""
        inner = self._take(field, lambda: self._reader.enter(tag, field))
        return SesReader(inner, self.deviations)

    def whole(self, field: str, tag: int = der.SEQUENCE) -> bytes:
        """Return the next field as received, tag and length included."""
        return self._take(field, lambda: self._reader.element(tag, field))

    def integer(self, field: str, most: int) -> int:
        """Return the next INTEGER, from 0 to ``most``."""
        value = self._take(field, lambda: self._reader.integer(field))
        if not 0 <= value <= most:
            raise fault(field, "out-of-range")
        return value

    def contents(self, field: str, tag: int, most: int, least: int = 0) -> bytes:
        """Return the contents of the next field, ``least`` to ``most`` bytes long."""
        found = self._take(field, lambda: self._reader.contents(tag, field))
        if len(found) > most:
            raise fault(field, "too-large", f"{len(found)} bytes")
        if len(found) < least:
            raise fault(field, "too-short" if found else "empty")
        return found

    def ia5(self, field: str, least: int = 0, tag: int = der.IA5_STRING) -> str:
        """Return the next IA5String (or PrintableString): ASCII without control characters."""
        found = self.contents(field, tag, _MAX_TEXT_BYTES, least)
        if not found.isascii():
            raise fault(field, "not-ia5")
        return self._printable(field, found.decode("ascii"))

    def utf8(self, field: str) -> str:
        """Return the next UTF8String, not empty and without control characters."""
        found = self.contents(field, der.UTF8_STRING, _MAX_TEXT_BYTES, 1)
        try:
            return self._printable(field, found.decode("utf-8"))
        except UnicodeDecodeError as error:
            raise fault(field, "not-utf8") from error

    def _printable(self, field: str, text: str) -> str:
        if any(character < " " or "\x7f" <= character < "\xa0" for character in text):
            raise fault(field, "control-characters")
        return text

    def certificate(self, field: str) -> bytes:
        """Return the certificate in the next OCTET STRING: one whole SEQUENCE, not read further."""
        found = self.contents(field, der.OCTET_STRING, MAX_CERTIFICATE_BYTES, 1)
        try:
            reader = DerReader(found)
            reader.element(der.SEQUENCE, field)
            reader.finish(field)
        except MalformedDerError as error:
            raise fault(field, "not-a-certificate", error.code) from error
        return found

    def bits(self, field: str, most: int) -> bytes:
        """Return the whole octets in the next BIT STRING; an OCTET STRING is a deviation."""
        if self.next_tag() == der.OCTET_STRING:
            self.note(OCTET_FOR_BIT)
            return self.contents(field, der.OCTET_STRING, most, 1)
        found = self.contents(field, der.BIT_STRING, most + 1, 1)
        if found[0] != 0:
            raise fault(field, "unused-bits")
        if len(found) == 1:
            raise fault(field, "empty")
        return found[1:]

    def algorithm(self, field: str) -> str:
        """Return the dotted identifier of the signature algorithm, which must be SM2 with SM3."""
        found = self.whole(field, der.OBJECT_IDENTIFIER)
        if found not in _ALGORITHMS:
            raise fault(field, "not-accepted")
        self.note(_ALGORITHMS[found])
        return der.dotted(found[2:])

    def signature(self, field: str) -> tuple[bytes, bytes]:
        """Return an SM2 signature as DER and as it stands in its BIT STRING."""
        found = self.bits(field, _MAX_SIGNATURE_BYTES)
        try:
            encoded, deviation = signature_der(found)
        except MalformedDerError as error:
            raise fault(field, f"value-{error.code.removeprefix('der-')}") from error
        self.note(deviation)
        return encoded, found

    def timestamp(self, field: str) -> bytes | None:
        """Return the time-stamp token in [0] EXPLICIT BIT STRING, if there is one."""
        if self.next_tag() != der.context(0):
            return None
        wrapper = self.enter(field, der.context(0))
        token = wrapper.bits(field, MAX_TIMESTAMP_BYTES)
        wrapper.finish(field)
        return token

    def time(self, field: str, usual_tag: int) -> datetime:
        """Return the next time; GeneralizedTime for UTCTime or the reverse is a deviation."""
        tag = self.next_tag()
        if tag != usual_tag and tag in _TIME_DEVIATIONS:
            self.note(_TIME_DEVIATIONS[tag])
        else:
            tag = usual_tag
        return parse_time(field, tag, self.contents(field, tag, 32))


def parse_time(field: str, tag: int, contents: bytes) -> datetime:
    """Return the instant in the contents of a UTCTime or GeneralizedTime."""
    try:
        return der.instant(tag, contents)
    except MalformedDerError as error:
        raise fault(field, error.code.removeprefix("der-")) from error
