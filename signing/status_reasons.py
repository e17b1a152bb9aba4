"""The reasons of a status list: why licenses are not in force, and the marks of those that are.

The second file of a publication; of no use without the plane of the same sequence
(``status_list``), which says where each reason belongs. Envelope and head are those of
``status_file``; its own part is

    notInForce INTEGER,       -- how many reasons
    reasons    OCTET STRING,  -- raw DEFLATE; four bits each, in the order of their indices
    marked     INTEGER,       -- how many marks
    marks      OCTET STRING   -- raw DEFLATE of sparse codes (``pack_sparse``)
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import accumulate, pairwise

from signing import der
from signing.errors import MalformedDerError, MalformedStatusListError, StatusFilesConflictError
from signing.status_file import (
    IN_FORCE_CODES,
    MARKED_CODES,
    MAX_LENGTH,
    REASONS,
    VALID,
    StatusFileHead,
    StatusListContent,
    build_file,
    check_content,
    deflate,
    inflate,
    inflate_up_to,
    named,
    pack_codes,
    read_file,
    unpack_codes,
)
from signing.status_list import StatusList, unpacked

_MARKED = re.compile(b"[" + re.escape(MARKED_CODES) + b"]")
_NOT_IN_FORCE_CODES = bytes(code for code in range(10) if code != VALID)
_MAX_GAP_BYTES = 4


@dataclass(frozen=True, slots=True)
class StatusReasons:
    """Reasons as read: one code a byte for each index not in force, and marks by index."""

    head: StatusFileHead
    reasons: bytes = field(repr=False)
    marks: Mapping[int, int] = field(repr=False)

    def state_code(self, plane: StatusList, index: int) -> int:
        """Return the state code at an index, with the plane of the same publication.

        Raises:
            StatusFilesConflictError: the two are not of one publication.
            StatusIndexError: beyond the list.
        """
        check_one_publication(plane, self)
        if plane.in_force(index):
            return self.marks.get(index, VALID)
        return self.reasons[plane.not_in_force_before(index)]


def check_one_publication(plane: StatusList, reasons: StatusReasons) -> None:
    """Make sure that two files are of one publication, and fit.

    Raises:
        StatusFilesConflictError: they are not, or do not.
    """
    one, other = plane.head, reasons.head
    if one.uri != other.uri:
        raise StatusFilesConflictError("status-files-of-two-lists")
    if (one.sequence, one.states_sm3, one.length) != (
        other.sequence,
        other.states_sm3,
        other.length,
    ):
        raise StatusFilesConflictError("status-files-of-two-publications")
    if plane.not_in_force != len(reasons.reasons):
        raise StatusFilesConflictError("status-files-count-differs")


def states_of(plane: StatusList, reasons: StatusReasons) -> bytes:
    """Return all states, one code a byte, from the two files of a publication.

    Raises:
        StatusFilesConflictError: the two are not of one publication, or do not fit. That the states
            have the digest they should is for the caller to compare.
    """
    check_one_publication(plane, reasons)
    following = iter(reasons.reasons)
    in_force = ord("1")
    states = bytearray(
        VALID if bit == in_force else next(following) for bit in unpacked(plane.plane, plane.length)
    )
    for index, code in reasons.marks.items():
        if states[index] != VALID:
            raise StatusFilesConflictError("status-files-mark-not-in-force")
        states[index] = code
    return bytes(states)


def build_status_reasons(
    content: StatusListContent, certificate: bytes, sign: Callable[[bytes], bytes]
) -> bytes:
    """Return the DER of the signed reasons; arguments and errors as of ``build_status_list``."""
    check_content(content)
    reasons = content.states.translate(None, IN_FORCE_CODES)
    marked = [(found.start(), found[0][0]) for found in _MARKED.finditer(content.states)]
    body = (
        der.integer(len(reasons)),
        der.tlv(der.OCTET_STRING, deflate(pack_codes(reasons))),
        der.integer(len(marked)),
        der.tlv(der.OCTET_STRING, deflate(pack_sparse(marked))),
    )
    return build_file(REASONS, content.head, body, certificate, sign)


def read_status_reasons(data: bytes) -> StatusReasons:
    """Return reasons as they stand.

    Raises:
        MalformedStatusListError: it is not such a file in our form, or over a limit.
    """
    head, body = read_file(data, REASONS)
    try:
        count = body.integer("not in force")
        if not 0 <= count <= head.length:
            raise MalformedStatusListError("status-list-out-of-range")
        packed = inflate(body.contents(der.OCTET_STRING, "reasons"), (count + 1) // 2)
        marked = body.integer("marked")
        marks = read_sparse(body.contents(der.OCTET_STRING, "marks"), marked, head.length)
        body.finish("tbs")
    except MalformedDerError as error:
        raise named(error) from error
    reasons = unpack_codes(packed, count)
    if reasons.translate(None, _NOT_IN_FORCE_CODES):
        raise MalformedStatusListError("status-list-code-unknown")
    if bytes(set(marks.values())).translate(None, MARKED_CODES):
        raise MalformedStatusListError("status-list-code-unknown")
    return StatusReasons(head, reasons, marks)


def pack_sparse(codes: Iterable[tuple[int, int]]) -> bytes:
    """Return (index, code) pairs, in the order of indices, as gaps and then codes.

    A gap is the index less the one before it, of the first the index itself; base 128, the low
    seven bits first, the high bit says that more follow. The codes follow, four bits each.
    """
    pairs = tuple(codes)
    indices = [index for index, _ in pairs]
    gaps = indices[:1] + [after - before for before, after in pairwise(indices)]
    return b"".join(map(_base128, gaps)) + pack_codes(bytes(code for _, code in pairs))


def _base128(number: int) -> bytes:
    digits = bytearray()
    while number > 0x7F:
        digits.append(number & 0x7F | 0x80)
        number >>= 7
    digits.append(number)
    return bytes(digits)


def read_sparse(compressed: bytes, count: int, length: int) -> dict[int, int]:
    """Return the codes of ``pack_sparse``, compressed, by index, in the order of indices.

    Args:
        count: how many there are.
        length: indices must be less than it.

    Raises:
        MalformedStatusListError: they are not in this form, or not so many.
    """
    if not 0 <= count <= min(length, MAX_LENGTH):
        raise MalformedStatusListError("status-list-out-of-range")
    packed = inflate_up_to(compressed, count * _MAX_GAP_BYTES + (count + 1) // 2)
    gaps, at = _gaps(packed, count)
    if any(gap == 0 for gap in gaps[1:]):
        raise MalformedStatusListError("status-list-sparse")
    indices = list(accumulate(gaps))
    if indices and indices[-1] >= length:
        raise MalformedStatusListError("status-list-out-of-range")
    if len(packed) - at != (count + 1) // 2:
        raise MalformedStatusListError("status-list-states-length")
    return dict(zip(indices, unpack_codes(packed[at:], count), strict=True))


def _gaps(packed: bytes, count: int) -> tuple[list[int], int]:
    """Return that many gaps, and where they end."""
    gaps: list[int] = []
    at = 0
    while len(gaps) < count:
        gap, shift, digit = 0, 0, 0x80
        while digit & 0x80:
            if at >= len(packed) or shift >= 7 * _MAX_GAP_BYTES:
                raise MalformedStatusListError("status-list-sparse")
            digit = packed[at]
            gap |= (digit & 0x7F) << shift
            at, shift = at + 1, shift + 7
        if digit == 0 and shift > 7:
            # One number, one encoding.
            raise MalformedStatusListError("status-list-sparse")
        gaps.append(gap)
    return gaps, at
