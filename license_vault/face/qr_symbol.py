"""QR symbols in byte and alphanumeric mode, fast enough for one on every face.

segno draws one symbol of each size, with everything that does not depend on the text: finder,
alignment, timing, format and version patterns. Here only the text is worked in: data and error
correction codewords, laid along the same path. Where a text fills a symbol, the result is
segno's bit for bit (a shorter text differs: segno 1.6.6 puts a zero byte before the padding).
About a tenth of segno's time; one mask is used, since readers take any.

A text that ends in many capitals and digits, as signed claims in base 32 do, is written in two
segments: that end takes 5.5 bits a character in place of 8.

Source: ISO/IEC 18004:2015, 7.4 (data), 7.5 (error correction), 7.7 (placement).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from operator import itemgetter

import segno
from segno import consts

from license_vault.face.errors import QrTextInvalidError

MASK = 2  # every third column inverted
HIGHEST_VERSION = 20
_PRIMITIVE = 0x11D


class Correction(StrEnum):
    """How much of a symbol may be lost: H about 30 percent, Q 25, M 15."""

    H = "h"
    Q = "q"
    M = "m"


_SEGNO_LEVEL = {
    Correction.H: consts.ERROR_LEVEL_H,
    Correction.Q: consts.ERROR_LEVEL_Q,
    Correction.M: consts.ERROR_LEVEL_M,
}
_BYTES, _ALPHANUMERIC = 0b0100, 0b0010
_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_LETTER_VALUES = {letter: value for value, letter in enumerate(_LETTERS)}
# A segment of its own costs up to 15 bits, so a short end stays with the rest.
_CAPITALS = re.compile(r"[0-9A-Z $%*+\-./:]{32,}\Z")
# Rows and columns of alignment patterns, by version. Annex E.
_ALIGNMENT: tuple[tuple[int, ...], ...] = (
    (), (6, 18), (6, 22), (6, 26), (6, 30), (6, 34), (6, 22, 38), (6, 24, 42), (6, 26, 46),
    (6, 28, 50), (6, 30, 54), (6, 32, 58), (6, 34, 62), (6, 26, 46, 66), (6, 26, 48, 70),
    (6, 26, 50, 74), (6, 30, 54, 78), (6, 30, 56, 82), (6, 30, 58, 86), (6, 34, 62, 90),
)  # fmt: skip


@lru_cache
def _blocks(version: int, level: Correction) -> tuple[tuple[tuple[int, int], ...], int]:
    """Return the blocks (how many, data codewords of each) and every block's correction.

    Source: ISO/IEC 18004:2015, table 9, as segno has it.
    """
    kinds = consts.ECC[version][_SEGNO_LEVEL[level]]
    return (
        tuple((kind.num_blocks, kind.num_data) for kind in kinds),
        kinds[0].num_total - kinds[0].num_data,
    )


def symbol_rows(text: str, level: Correction = Correction.H) -> tuple[bytes, ...]:
    """Return the rows of a symbol, a byte for each module: 1 dark, 0 light.

    Raises:
        QrTextInvalidError: not ASCII, or longer than version 20 holds.
    """
    version = _version_for(text, level)
    plan = _plan(version, level)
    message = b"".join(_interleaved(_data_codewords(text, version, level), version, level))
    bits = "".join(map(_BITS.__getitem__, message)).encode("ascii") + plan.padding
    flat = bytes(plan.gather(bits.translate(_PLAIN) + bits.translate(_INVERTED) + plan.template))
    return tuple(flat[at : at + plan.side] for at in range(0, len(flat), plan.side))


def modules_for(text: str, level: Correction) -> int:
    """Return how many modules a side has, without the quiet zone.

    Raises:
        QrTextInvalidError: not ASCII, or longer than version 20 holds.
    """
    return 17 + 4 * _version_for(text, level)


_BITS = tuple(f"{value:08b}" for value in range(256))
_PLAIN = bytes.maketrans(b"01", b"\x00\x01")
_INVERTED = bytes.maketrans(b"01", b"\x01\x00")


def _version_for(text: str, level: Correction) -> int:
    if text.isascii():
        plain, capitals = map(len, _split(text))
        for version in range(1, HIGHEST_VERSION + 1):
            if _length_bits(plain, capitals, version) <= 8 * _capacity(version, level):
                return version
    raise QrTextInvalidError(len(text))


def _capacity(version: int, level: Correction) -> int:
    return sum(blocks * size for blocks, size in _blocks(version, level)[0])


def _split(text: str) -> tuple[str, str]:
    """Return what is written as bytes, and the end that is written in capitals' mode."""
    found = _CAPITALS.search(text)
    at = len(text) if found is None else found.start()
    return text[:at], text[at:]


def _count_bits(mode: int, version: int) -> int:
    """Return the width of a segment's count. Source: ISO/IEC 18004, table 3."""
    if mode == _BYTES:
        return 8 if version < 10 else 16
    return 9 if version < 10 else 11


def _length_bits(plain: int, capitals: int, version: int) -> int:
    bits = 4 + _count_bits(_BYTES, version) + 8 * plain if plain else 0
    if capitals:
        pairs, single = divmod(capitals, 2)
        bits += 4 + _count_bits(_ALPHANUMERIC, version) + 11 * pairs + 6 * single
    return bits


def _segment_bits(text: str, version: int) -> str:
    """Return mode, count and text of each segment in binary. Source: ISO/IEC 18004, 7.4.4."""
    plain, capitals = _split(text)
    parts = []
    if plain:
        parts.append(f"{_BYTES:04b}{len(plain):0{_count_bits(_BYTES, version)}b}")
        parts.extend(map(_BITS.__getitem__, plain.encode("ascii")))
    if capitals:
        width = _count_bits(_ALPHANUMERIC, version)
        parts.append(f"{_ALPHANUMERIC:04b}{len(capitals):0{width}b}")
        values = [_LETTER_VALUES[letter] for letter in capitals]
        pairs = zip(values[::2], values[1::2], strict=False)
        parts.extend(f"{45 * first + second:011b}" for first, second in pairs)
        if len(values) % 2:
            parts.append(f"{values[-1]:06b}")
    return "".join(parts)


def _data_codewords(text: str, version: int, level: Correction) -> bytes:
    """Return the segments, terminator and padding. Source: ISO/IEC 18004, 7.4."""
    capacity = _capacity(version, level)
    bits = _segment_bits(text, version)
    bits += "0" * min(4, 8 * capacity - len(bits))
    bits += "0" * (-len(bits) % 8)
    head = int(bits, 2).to_bytes(len(bits) // 8, "big")
    return head + (b"\xec\x11" * capacity)[: capacity - len(head)]


def _interleaved(codewords: bytes, version: int, level: Correction) -> Iterator[bytes]:
    """Yield data, then correction, each block in turn. Source: ISO/IEC 18004, 7.6."""
    kinds, correction = _blocks(version, level)
    blocks: list[bytes] = []
    at = 0
    for count, size in kinds:
        for _ in range(count):
            blocks.append(codewords[at : at + size])
            at += size
    longest = kinds[-1][1]
    yield bytes(block[n] for n in range(longest) for block in blocks if n < len(block))
    remainders = [_remainder(block, correction) for block in blocks]
    yield bytes(each[n] for n in range(correction) for each in remainders)


def _remainder(block: bytes, count: int) -> bytes:
    """Return the correction codewords of a block: its remainder by the generator."""
    multiples = _multiples(count)
    top, kept = 8 * (count - 1), (1 << 8 * count) - 1
    value = 0
    for byte in block:
        value = (value << 8 & kept) ^ multiples[(value >> top) ^ byte]
    return value.to_bytes(count, "big")


@lru_cache
def _multiples(count: int) -> tuple[int, ...]:
    """Return byte × generator polynomial (without its leading term), for every byte."""
    exponents, logarithms = _field()
    generator = [1]
    for power in range(count):
        root = exponents[power]
        shifted = [*generator, 0]
        for index, coefficient in enumerate(generator):
            shifted[index + 1] ^= _times(coefficient, root, exponents, logarithms)
        generator = shifted
    return tuple(
        int.from_bytes(
            bytes(_times(byte, each, exponents, logarithms) for each in generator[1:]), "big"
        )
        for byte in range(256)
    )


@lru_cache
def _field() -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return powers of 2 and their logarithms in GF(256)."""
    exponents, logarithms = [1], [0] * 256
    for power in range(1, 255):
        value = exponents[-1] << 1
        exponents.append(value ^ _PRIMITIVE if value > 255 else value)
        logarithms[exponents[-1]] = power
    return tuple(exponents), tuple(logarithms)


def _times(a: int, b: int, exponents: tuple[int, ...], logarithms: tuple[int, ...]) -> int:
    return exponents[(logarithms[a] + logarithms[b]) % 255] if a and b else 0


@dataclass(frozen=True, slots=True)
class _Plan:
    """For one version: where each module comes from.

    ``gather`` picks the modules, row by row, out of the message's bits, the same bits inverted
    (where the mask inverts), and the template (where the module is no data).
    """

    side: int
    template: bytes
    padding: bytes
    gather: itemgetter  # type: ignore[type-arg]


@lru_cache
def _plan(version: int, level: Correction) -> _Plan:
    symbol = segno.make(
        "", version=version, error=level.value, mode="byte", mask=MASK, micro=False,
        boost_error=False,
    )  # fmt: skip
    rows = symbol.matrix
    template = b"".join(bytes(row) for row in rows)
    side = len(rows)
    path = list(_path(side, _reserved(version)))
    sources = [2 * len(path) + at for at in range(side * side)]
    for number, (row, column) in enumerate(path):
        inverted = column % 3 == 0
        sources[row * side + column] = number + (len(path) if inverted else 0)
    padding = b"0" * (len(path) % 8)
    return _Plan(side, template, padding, itemgetter(*sources))


def _reserved(version: int) -> frozenset[tuple[int, int]]:
    """Return the modules that are no data: patterns, format and version information."""
    side = 17 + 4 * version
    taken = {(6, n) for n in range(side)} | {(n, 6) for n in range(side)}
    taken |= _area(0, 0, 9, 9) | _area(0, side - 8, 9, 8) | _area(side - 8, 0, 8, 9)
    if version >= 7:
        taken |= _area(0, side - 11, 6, 3) | _area(side - 11, 0, 3, 6)
    centres = _ALIGNMENT[version - 1]
    corners = {(6, 6), (6, side - 7), (side - 7, 6)}
    for row in centres:
        for column in centres:
            if (row, column) not in corners:
                taken |= _area(row - 2, column - 2, 5, 5)
    return frozenset(taken)


def _area(row: int, column: int, height: int, width: int) -> set[tuple[int, int]]:
    return {(row + i, column + j) for i in range(height) for j in range(width)}


def _path(side: int, reserved: frozenset[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield the data modules in order: two columns at a time. Source: ISO/IEC 18004, 7.7.3."""
    upwards = True
    for right in (*range(side - 1, 6, -2), 5, 3, 1):
        for step in range(side):
            row = side - 1 - step if upwards else step
            for column in (right, right - 1):
                if (row, column) not in reserved:
                    yield row, column
        upwards = not upwards
