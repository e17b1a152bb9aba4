"""An OpenType font of given glyphs, as bytes: the subset that an OFD embeds.

Glyphs are CFF charstrings without subroutines, so putting them together is copying; everything
that does not change with the glyphs comes from the source font as it stands. Glyph n is the
n-th character by code point, so the same characters give the same bytes.

It reads no font file and draws nothing; ``face.ofd_fonts`` does.

Source: ISO/IEC 14496-22 (tables, cmap 4 and 12); Adobe Technical Note 5176 (CFF).
"""

import array
import struct
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

_SFNT_MAGIC = 0xB1B0AFBA
_STANDARD_STRINGS = 391  # our own strings are numbered from here


@dataclass(frozen=True, slots=True)
class SourceTables:
    """What a subset takes over from its font: names, and four tables as bytes."""

    family: str
    postscript_name: str
    units_per_em: int
    head: bytes
    hhea: bytes
    os2: bytes
    post: bytes


@dataclass(frozen=True, slots=True)
class FontGlyph:
    """A glyph: its Type 2 charstring, advance and box (left, bottom, right, top) in font units."""

    charstring: bytes
    advance: int
    box: tuple[int, int, int, int]


def write_font(
    source: SourceTables, tag: str, notdef: FontGlyph, glyphs: Mapping[int, FontGlyph]
) -> bytes:
    """Return an OpenType font (CFF) that has these characters.

    Args:
        tag: stands before the font's names, so that two subsets never share one.
        glyphs: by code point.
    """
    codes = sorted(glyphs)
    all_glyphs = (notdef, *(glyphs[code] for code in codes))
    postscript_name = f"{tag}+{source.postscript_name}"
    tables = {
        b"CFF ": _cff(source, postscript_name, codes, all_glyphs),
        b"OS/2": source.os2,
        b"cmap": _cmap(codes),
        b"head": source.head[:8] + bytes(4) + source.head[12:],
        b"hhea": source.hhea[:34] + struct.pack(">H", len(all_glyphs)),
        b"hmtx": b"".join(struct.pack(">Hh", each.advance, each.box[0]) for each in all_glyphs),
        b"maxp": struct.pack(">LH", 0x00005000, len(all_glyphs)),
        b"name": _name(source.family, postscript_name),
        b"post": struct.pack(">L", 0x00030000) + source.post[4:32],
    }
    return _sfnt(tables)


def _sfnt(tables: Mapping[bytes, bytes]) -> bytes:
    count = len(tables)
    power = count.bit_length() - 1
    directory = struct.pack(">4s4H", b"OTTO", count, 16 << power, power, 16 * count - (16 << power))
    body = b""
    start = len(directory) + 16 * count
    head = total = 0
    for tag, table in tables.items():
        padded = table + bytes(-len(table) % 4)
        checksum = _sum(padded)
        total += checksum
        head = start + len(body) if tag == b"head" else head
        directory += struct.pack(">4s3L", tag, checksum, start + len(body), len(table))
        body += padded
    # Every table fills whole words, so the sum of the file is that of its parts.
    adjustment = struct.pack(">L", (_SFNT_MAGIC - total - _sum(directory)) & 0xFFFFFFFF)
    font = directory + body
    return font[: head + 8] + adjustment + font[head + 12 :]


def _sum(padded: bytes) -> int:
    words = array.array("I", padded)
    if sys.byteorder == "little":
        words.byteswap()
    return sum(words) & 0xFFFFFFFF


def _name(family: str, postscript_name: str) -> bytes:
    """Return the name table: family, style, unique name, full name, PostScript name."""
    texts = {1: family, 2: "Regular", 3: postscript_name, 4: family, 6: postscript_name}
    encoded = {number: text.encode("utf-16-be") for number, text in texts.items()}
    starts = accumulate((len(text) for text in encoded.values()), initial=0)
    records = b"".join(
        struct.pack(">6H", 3, 1, 0x0409, number, len(text), start)
        for (number, text), start in zip(encoded.items(), starts, strict=False)
    )
    header = struct.pack(">3H", 0, len(encoded), 6 + len(records))
    return header + records + b"".join(encoded.values())


def _cmap(codes: Sequence[int]) -> bytes:
    """Return both maps that readers ask for: format 4 for 16 bits, format 12 for all."""
    ranges = _ranges(codes)
    narrow = _cmap_4([each for each in ranges if each[1] < 0xFFFF])
    wide = b"".join(struct.pack(">3L", *each) for each in ranges)
    wide = struct.pack(">2H3L", 12, 0, 16 + len(wide), 0, len(ranges)) + wide
    first = 4 + 2 * 8
    header = struct.pack(">2H", 0, 2)
    header += struct.pack(">2HL2HL", 3, 1, first, 3, 10, first + len(narrow))
    return header + narrow + wide


def _ranges(codes: Sequence[int]) -> list[tuple[int, int, int]]:
    """Return runs of code points: first, last, glyph of the first. Planes are kept apart."""
    ranges: list[tuple[int, int, int]] = []
    for glyph, code in enumerate(codes, 1):
        if ranges and code == ranges[-1][1] + 1 and code != 0x10000:
            ranges[-1] = (ranges[-1][0], code, ranges[-1][2])
        else:
            ranges.append((code, code, glyph))
    return ranges


def _cmap_4(ranges: Sequence[tuple[int, int, int]]) -> bytes:
    starts = [*(first for first, _, _ in ranges), 0xFFFF]
    ends = [*(last for _, last, _ in ranges), 0xFFFF]
    deltas = [*((glyph - first) & 0xFFFF for first, _, glyph in ranges), 1]
    count = len(starts)
    power = count.bit_length() - 1
    search = (2 * count, 2 << power, power, 2 * count - (2 << power))
    words = (*ends, 0, *starts, *deltas, *[0] * count)
    return struct.pack(f">{7 + len(words)}H", 4, 14 + 2 * len(words), 0, *search, *words)


def _cff(
    source: SourceTables, name: str, codes: Sequence[int], glyphs: Sequence[FontGlyph]
) -> bytes:
    """Return the CFF table: one font, named glyphs, no subroutines."""
    strings = _index([f"u{code:04X}".encode("ascii") for code in codes])
    head = b"\x01\x00\x04\x04" + _index([name.encode("ascii")])
    subroutines = _index([])
    # The top dictionary is as long whatever the offsets in it, which are numbers of fixed length.
    top_length = len(_index([_top_dict(source, glyphs, (0, 0, 0))]))
    charset = struct.pack(">BHH", 2, _STANDARD_STRINGS, max(0, len(codes) - 1)) if codes else b"\0"
    charset_at = len(head) + top_length + len(strings) + len(subroutines)
    charstrings = _index([glyph.charstring for glyph in glyphs])
    charstrings_at = charset_at + len(charset)
    offsets = (charset_at, charstrings_at, charstrings_at + len(charstrings))
    top = _index([_top_dict(source, glyphs, offsets)])
    return b"".join((head, top, strings, subroutines, charset, charstrings, _PRIVATE))


_PRIVATE = b"\x8b\x14\x8b\x15"  # default and nominal width are 0: every charstring says its own


def _top_dict(
    source: SourceTables, glyphs: Sequence[FontGlyph], offsets: tuple[int, int, int]
) -> bytes:
    lefts, bottoms, rights, tops = zip(*(glyph.box for glyph in glyphs), strict=True)
    box = (min(lefts), min(bottoms), max(rights), max(tops))
    charset, charstrings, private = offsets
    operators = (
        (box, b"\x05"),
        ((charset,), b"\x0f"),
        ((charstrings,), b"\x11"),
        ((len(_PRIVATE), private), b"\x12"),
    )
    parts = [b"".join(map(_integer, numbers)) + operator for numbers, operator in operators]
    return _font_matrix(source.units_per_em) + b"".join(parts)


def _font_matrix(units_per_em: int) -> bytes:
    """Return the scale of the glyphs where it is not the usual 1/1000."""
    if units_per_em == 1000:
        return b""
    scale = _real(1 / units_per_em)
    zero = _integer(0)
    return scale + zero + zero + scale + zero + zero + b"\x0c\x07"


def _integer(value: int) -> bytes:
    return b"\x1d" + struct.pack(">l", value)


def _real(value: float) -> bytes:
    """Return a number as CFF writes decimals: a half byte for each sign of it."""
    signs = f"{value:.12f}".rstrip("0").replace(".", "a") + "f"
    signs += "f" * (len(signs) % 2)
    return b"\x1e" + bytes.fromhex(signs)


def _index(items: Sequence[bytes]) -> bytes:
    """Return an INDEX with offsets of four bytes."""
    if not items:
        return b"\0\0"
    offsets = list(accumulate(map(len, items), initial=1))
    header = struct.pack(f">HB{len(offsets)}L", len(items), 4, *offsets)
    return header + b"".join(items)
