"""Find over the bytes themselves what a seal covers, whatever the parser process says.

The process that reads a hostile document may be in the hands of that document. So the ranges
it names are checked and digested here, in a few lines that read nothing but brackets and hex:
[0 a b c], the gap from a to b exactly ``<`` hex of the value, one letter case, zeros ``>``.

Source: ISO 32000-1 12.8.1; decision 11; security note P3.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from keys import sm3
from verification.evidence import ParsedSeal, RangeFacts

_ONE_CASE_HEX = re.compile(rb"(?:[0-9a-f]+|[0-9A-F]+)")


def range_facts(data: bytes, seals: Sequence[ParsedSeal]) -> tuple[RangeFacts, ...]:
    """Return the digest and the reach of every seal's two ranges."""
    return tuple(_facts(data, seal) for seal in seals)


def document_digest(data: bytes) -> bytes:
    """Return SM3 of the whole document, 32 bytes."""
    return sm3.sm3(data)


def _facts(data: bytes, seal: ParsedSeal) -> RangeFacts:
    problem = _problem(data, seal)
    if problem is not None:
        return RangeFacts(b"", False, problem)
    _, first, second, length = seal.byte_range
    digest = sm3.sm3(data[:first], data[second : second + length])
    return RangeFacts(digest, second + length == len(data), None)


def _problem(data: bytes, seal: ParsedSeal) -> str | None:
    if len(seal.byte_range) != 4:
        return "not-four-numbers"
    start, first, second, length = seal.byte_range
    if start != 0 or first <= 0 or length <= 0 or not first < second <= len(data) - length:
        return "outside-the-document"
    return _gap_problem(data[first:second], seal.value)


def _gap_problem(gap: bytes, value: bytes) -> str | None:
    """Return what is wrong with the gap between the ranges, which must be the value and zeros."""
    if len(gap) < 4 or len(gap) % 2 or gap[:1] != b"<" or gap[-1:] != b">":
        return "gap-is-not-the-value"
    digits = gap[1:-1]
    if _ONE_CASE_HEX.fullmatch(digits) is None:
        return "gap-is-not-one-case-hex"
    held = bytes.fromhex(digits.decode("ascii"))
    if not value or held[: len(value)] != value or any(held[len(value) :]):
        return "gap-is-not-the-value"
    return None
