"""What a signature in a PDF covers, byte by byte (ADR 0011, docs/attacks.md P1 and P3).

The rule: ByteRange is [0 a b c]; between a and b stands exactly ``<hex>``, which is the value of
/Contents; its digits use one letter case; after the DER value only zeros follow. So no byte of a
covered file is free: it is hashed, or it is a hex digit of a value that is read strictly.
Works on the bytes of the file, never on what a PDF library made of them.

Source: ISO 32000-1, 12.8.1.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from signing.der import DerReader
from signing.errors import MalformedDerError

_UPPER_HEX = re.compile(rb"[0-9A-F]*")
_LOWER_HEX = re.compile(rb"[0-9a-f]*")
_ANY_HEX = re.compile(rb"[0-9A-Fa-f]*")
_WHITE_SPACE = b" \t\r\n\x0c\x00"
_KEY = b"/Contents"


@dataclass(frozen=True, slots=True)
class CoveredBytes:
    """What one ByteRange covers. ``value`` is the DER in the hole without its padding.

    It is not hashed here: who verifies hashes the bytes that it was given itself.
    """

    byte_range: tuple[int, int, int, int]
    value: bytes
    problems: tuple[str, ...]

    @property
    def end(self) -> int:
        """The offset where the covered part of the file ends."""
        return self.byte_range[2] + self.byte_range[3]


_NOTHING = (0, 0, 0, 0)


def read_covered_bytes(
    data: bytes, byte_range: Sequence[object], contents: bytes | None
) -> CoveredBytes:
    """Return what a signature covers and the value in its hole.

    Args:
        data: the whole file.
        byte_range: the entries of /ByteRange as found.
        contents: the string /Contents as a PDF library decoded it; None if it is no string.
    """
    numbers = tuple(number for number in byte_range if type(number) is int)
    if len(numbers) != 4 or len(byte_range) != 4:
        return CoveredBytes(_NOTHING, contents or b"", ("byte-range-malformed",))
    start, first, second, length = numbers
    if not (start == 0 < first < second and 0 < length <= len(data) - second):
        return CoveredBytes(_NOTHING, contents or b"", ("byte-range-malformed",))
    gap = data[first:second]
    problems = _gap_problems(data[max(0, first - 64) : first], gap, contents)
    value, padding_problem = _value_of(contents or b"")
    if padding_problem:
        problems.append(padding_problem)
    return CoveredBytes((start, first, second, length), value, tuple(problems))


def _gap_problems(before: bytes, gap: bytes, contents: bytes | None) -> list[str]:
    """Tell how the uncovered bytes differ from the hexadecimal string of /Contents."""
    if not contents:
        return ["contents-missing"]
    digits = gap[1:-1]
    framed = gap[:1] == b"<" and gap[-1:] == b">" and before.rstrip(_WHITE_SPACE).endswith(_KEY)
    if not framed or len(digits) % 2 or not _ANY_HEX.fullmatch(digits):
        return ["gap-not-contents"]
    if bytes.fromhex(digits.decode("ascii")) != contents:
        return ["gap-not-contents"]
    if not (_UPPER_HEX.fullmatch(digits) or _LOWER_HEX.fullmatch(digits)):
        return ["contents-hex-mixed-case"]
    return []


def _value_of(contents: bytes) -> tuple[bytes, str | None]:
    """Return the first DER element of the contents, and what is wrong with it or behind it."""
    try:
        value = DerReader(contents).element(None, "contents")
    except MalformedDerError:
        return contents, "contents-not-der"
    padded = contents[len(value) :].strip(b"\0")
    return value, "nonzero-padding" if padded else None
