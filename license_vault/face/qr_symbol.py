"""QR symbols of level H in byte mode, fast enough for one on every face.

segno draws one symbol of each size, with everything that does not depend on the text: finder,
alignment, timing, format and version patterns. Here only the text is worked in: data and error
correction codewords, laid along the same path. Where a text fills a symbol, the result is
segno's bit for bit (a shorter text differs: segno 1.6.6 puts a zero byte before the padding).
About a tenth of segno's time; one mask is used, since readers take any.

Source: ISO/IEC 18004:2015, 7.4 (data), 7.5 (error correction), 7.7 (placement).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter

import segno

from license_vault.face.errors import QrTextInvalidError

MASK = 2  # every third column inverted
_PRIMITIVE = 0x11D

# Level H, by version: (blocks, data codewords of each), one or two kinds, and correction
# codewords of every block. ISO/IEC 18004:2015, table 9.
_BLOCKS: tuple[tuple[tuple[tuple[int, int], ...], int], ...] = (
    (((1, 9),), 17), (((1, 16),), 28), (((2, 13),), 22), (((4, 9),), 16),
    (((2, 11), (2, 12)), 22), (((4, 15),), 28), (((4, 13), (1, 14)), 26),
    (((4, 14), (2, 15)), 26), (((4, 12), (4, 13)), 24), (((6, 15), (2, 16)), 28),
    (((3, 12), (8, 13)), 24), (((7, 14), (4, 15)), 28), (((12, 11), (4, 12)), 22),
    (((11, 12), (5, 13)), 24), (((11, 12), (7, 13)), 24), (((3, 15), (13, 16)), 30),
    (((2, 14), (17, 15)), 28), (((2, 14), (19, 15)), 28), (((9, 13), (16, 14)), 26),
    (((15, 15), (10, 16)), 28),
)  # fmt: skip
# Rows and columns of alignment patterns, by version. Annex E.
_ALIGNMENT: tuple[tuple[int, ...], ...] = (
    (), (6, 18), (6, 22), (6, 26), (6, 30), (6, 34), (6, 22, 38), (6, 24, 42), (6, 26, 46),
    (6, 28, 50), (6, 30, 54), (6, 32, 58), (6, 34, 62), (6, 26, 46, 66), (6, 26, 48, 70),
    (6, 26, 50, 74), (6, 30, 54, 78), (6, 30, 56, 82), (6, 30, 58, 86), (6, 34, 62, 90),
)  # fmt: skip
LONGEST_TEXT = sum(blocks * size for blocks, size in _BLOCKS[-1][0]) - 3


def symbol_rows(text: str) -> tuple[bytes, ...]:
    """Return the rows of a symbol, a byte for each module: 1 dark, 0 light.

    Raises:
        QrTextInvalidError: not ASCII, or longer than ``LONGEST_TEXT``.
    """
    if not text.isascii() or len(text) > LONGEST_TEXT:
        raise QrTextInvalidError(len(text))
    data = text.encode("ascii")
    version = _version_for(len(data))
    plan = _plan(version)
    message = b"".join(_interleaved(_data_codewords(data, version), version))
    bits = "".join(map(_BITS.__getitem__, message)).encode("ascii") + plan.padding
    flat = bytes(plan.gather(bits.translate(_PLAIN) + bits.translate(_INVERTED) + plan.template))
    return tuple(flat[at : at + plan.side] for at in range(0, len(flat), plan.side))


_BITS = tuple(f"{value:08b}" for value in range(256))
_PLAIN = bytes.maketrans(b"01", b"\x00\x01")
_INVERTED = bytes.maketrans(b"01", b"\x01\x00")


def _version_for(length: int) -> int:
    for version in range(1, len(_BLOCKS) + 1):
        if length + (2 if version < 10 else 3) <= _capacity(version):
            return version
    raise QrTextInvalidError(length)


def _capacity(version: int) -> int:
    return sum(blocks * size for blocks, size in _BLOCKS[version - 1][0])


def _data_codewords(data: bytes, version: int) -> bytes:
    """Return mode, count, text, terminator and padding. Source: ISO/IEC 18004, 7.4."""
    width = 8 if version < 10 else 16
    bits = 0b0100 << width | len(data)
    bits = (bits << 8 * len(data) | int.from_bytes(data, "big")) << 4
    head = bits.to_bytes(width // 8 + len(data) + 1, "big")
    capacity = _capacity(version)
    return head + (b"\xec\x11" * capacity)[: capacity - len(head)]


def _interleaved(codewords: bytes, version: int) -> Iterator[bytes]:
    """Yield data, then correction, each block in turn. Source: ISO/IEC 18004, 7.6."""
    kinds, correction = _BLOCKS[version - 1]
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
def _plan(version: int) -> _Plan:
    rows = segno.make("", version=version, error="h", mode="byte", mask=MASK, micro=False).matrix
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
