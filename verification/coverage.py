"""Find over the bytes of a PDF what a seal covers, whatever the parser process says.

The process that reads a hostile document may be in the hands of that document. So the ranges
it names are checked and digested here, in a few lines that read nothing but brackets and hex:
[0 a b c], the gap from a to b exactly ``<`` hex of the value, one letter case, zeros ``>``.

Source: ISO 32000-1 12.8.1; ADR 0011.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from keys import sm3
from verification.evidence import ParsedSeal, SealFacts

_ONE_CASE_HEX = re.compile(rb"(?:[0-9a-f]+|[0-9A-F]+)")


def range_facts(data: bytes, seals: Sequence[ParsedSeal]) -> tuple[str, tuple[SealFacts, ...]]:
    """Return the SM3 of the whole document (hex), and digest and reach of every seal's ranges.

    The document is hashed once: a seal's digest goes on from where the hole begins.
    """
    ranges = [seal.pdf.byte_range if seal.pdf is not None else () for seal in seals]
    problems = [
        _problem(data, numbers, seal.value) for numbers, seal in zip(ranges, seals, strict=True)
    ]
    holes = {numbers[1] for numbers, problem in zip(ranges, problems, strict=True) if not problem}
    running, at, up_to = sm3.new(), 0, {}
    for hole in sorted(holes):
        running.update(data[at:hole])
        up_to[hole], at = running.copy(), hole
    running.update(data[at:])
    facts = tuple(
        _facts(data, numbers, up_to) if problem is None else SealFacts(b"", False, problem)
        for numbers, problem in zip(ranges, problems, strict=True)
    )
    return running.digest().hex(), facts


def _facts(data: bytes, numbers: tuple[int, ...], up_to: Mapping[int, sm3.Hash]) -> SealFacts:
    _, first, second, length = numbers
    running = up_to[first].copy()
    running.update(data[second : second + length])
    return SealFacts(running.digest(), second + length == len(data), None)


def _problem(data: bytes, numbers: tuple[int, ...], value: bytes) -> str | None:
    if len(numbers) != 4:
        return "not-four-numbers"
    start, first, second, length = numbers
    if start != 0 or first <= 0 or length <= 0 or not first < second <= len(data) - length:
        return "outside-the-document"
    return _gap_problem(data[first:second], value)


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
