"""The in-force plane of a status list: one bit a license, compressed, signed with SM2.

What a verifier must have, and all it needs to say "in force". Why a license is not, and the marks
of those that are, stands in the second file of the same sequence (``status_reasons``). Ten million
licenses of which a random quarter is not in force take some 1.03 MB. Envelope and head are those
of ``status_file``; the plane's own part is

    plane OCTET STRING   -- raw DEFLATE of the bits; index 8k + j is bit 7 - j of byte k
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from signing import der
from signing.errors import MalformedDerError, MalformedStatusListError, StatusIndexError
from signing.status_file import (
    CANCELLED,
    HIGHEST_CODE,
    IN_FORCE_CODES,
    LAPSED,
    MAX_LENGTH,
    MAX_LIST_BYTES,
    NOT_IN_FORCE_YET,
    PLANE,
    RESCINDED,
    REVOKED,
    SUPERSEDED,
    SUSPENDED,
    TRANSFERRED,
    UNASSIGNED,
    VALID,
    StatusFileHead,
    StatusListContent,
    build_file,
    check_content,
    deflate,
    inflate,
    named,
    read_file,
)

__all__ = [
    "CANCELLED",
    "HIGHEST_CODE",
    "LAPSED",
    "MAX_LENGTH",
    "MAX_LIST_BYTES",
    "NOT_IN_FORCE_YET",
    "RESCINDED",
    "REVOKED",
    "SUPERSEDED",
    "SUSPENDED",
    "TRANSFERRED",
    "UNASSIGNED",
    "VALID",
    "StatusList",
    "StatusListContent",
    "build_status_list",
    "read_status_list",
]

_TO_BIT = bytes(ord("1") if code in IN_FORCE_CODES else ord("0") for code in range(256))


@dataclass(frozen=True, slots=True)
class StatusList:
    """A plane as read; ``plane`` is the bits, of ``head.length`` indices."""

    head: StatusFileHead
    plane: bytes = field(repr=False)

    @property
    def uri(self) -> str:
        """The list's address, which the claims of its licenses name."""
        return self.head.uri

    @property
    def sequence(self) -> int:
        """The number of the publication."""
        return self.head.sequence

    @property
    def issued_at(self) -> datetime:
        """When the states were so, aware UTC."""
        return self.head.issued_at

    @property
    def next_update(self) -> datetime:
        """Until when a newer list is promised, aware UTC."""
        return self.head.next_update

    @property
    def length(self) -> int:
        """How many indices the list has."""
        return self.head.length

    @property
    def not_in_force(self) -> int:
        """How many indices are not in force; those never assigned are among them."""
        return self.length - int.from_bytes(self.plane, "big").bit_count()

    def in_force(self, index: int) -> bool:
        """Tell whether an index is in force. Raises StatusIndexError beyond the list."""
        self._within(index)
        return bool(self.plane[index // 8] >> (7 - index % 8) & 1)

    def not_in_force_before(self, index: int) -> int:
        """Return how many indices before one are not in force. Raises StatusIndexError."""
        self._within(index)
        whole, rest = divmod(index, 8)
        ones = int.from_bytes(self.plane[:whole], "big").bit_count()
        return index - ones - (self.plane[whole] >> (8 - rest)).bit_count()

    def _within(self, index: int) -> None:
        if not 0 <= index < self.length:
            raise StatusIndexError(index, self.length)


def build_status_list(
    content: StatusListContent, certificate: bytes, sign: Callable[[bytes], bytes]
) -> bytes:
    """Return the DER of a signed plane.

    Args:
        certificate: DER of the signer's certificate.
        sign: makes an SM2 signature (DER) over a message.

    Raises:
        MalformedStatusListError: a state above 15, or more than the limits allow.
    """
    check_content(content)
    plane = der.tlv(der.OCTET_STRING, deflate(_pack(content.states)))
    return build_file(PLANE, content.head, (plane,), certificate, sign)


def _pack(states: bytes) -> bytes:
    """Return one bit a state; the bits behind the last state are 0."""
    size = (len(states) + 7) // 8
    if not size:
        return b""
    # Base two, so int() is linear.
    return int(states.translate(_TO_BIT).ljust(size * 8, b"0"), 2).to_bytes(size, "big")


def unpacked(plane: bytes, length: int) -> bytes:
    """Return the bits of a plane as the characters "0" and "1", one an index."""
    if not length:
        return b""
    digits = len(plane) * 8
    return f"{int.from_bytes(plane, 'big'):0{digits}b}"[:length].encode("ascii")


def read_status_list(data: bytes) -> StatusList:
    """Return a plane as it stands.

    Raises:
        MalformedStatusListError: it is not one in our form, or over a limit.
    """
    head, body = read_file(data, PLANE)
    try:
        plane = inflate(body.contents(der.OCTET_STRING, "plane"), (head.length + 7) // 8)
        body.finish("tbs")
    except MalformedDerError as error:
        raise named(error) from error
    if head.length % 8 and plane[-1] & (0xFF >> head.length % 8):
        raise MalformedStatusListError("status-list-states-padding")
    return StatusList(head, plane)
