"""Tell whether an OFD package is packed as a license is: no byte around its entries is free.

Seals of GB/T 38540 are over the entries of a package, not over the file. So what a ZIP file has
besides (times, versions, order, the spare bits behind a compressed stream) must stand as our own
writer puts it. A stream that is compressed otherwise and gives the same bytes is left alone: what
zlib makes of them differs from one version to the next.

Source: GB/T 33190-2016 7.2 (the package is a ZIP file, APPNOTE.TXT 6.3); ADR 0037.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable

from signing.ofd.package import PackageLimits, open_package
from signing.ofd.zip import DEFLATED, ZipEntry
from signing.ofd.zip_writer import PackedEntry, as_packed, write_entries

# What one upload may make us inflate, here and in the parser process alike.
OFD_LIMITS = PackageLimits(max_total_bytes=64 * 1024 * 1024)


def is_packed_as_ours(data: bytes) -> bool:
    """Say whether a package is byte for byte as our writer packs its entries.

    Raises:
        UnreadableDocumentError: it cannot be opened.
    """
    return are_packed_as_ours(data, open_package(data, OFD_LIMITS).entries)


def are_packed_as_ours(data: bytes, found: Iterable[ZipEntry]) -> bool:
    """Say it of a package that was opened, and in which these entries were found."""
    entries = as_packed(data, found)
    return write_entries(entries) == data and not any(map(_has_spare_bit_set, entries))


def _has_spare_bit_set(entry: PackedEntry) -> bool:
    """Say whether the last byte of a compressed stream has a bit set behind the stream's end.

    The highest bit that is set is either of the stream, which then breaks without it, or spare.
    """
    if entry.method != DEFLATED or not entry.packed[-1]:
        return False
    last = entry.packed[-1]
    without = last & ~(1 << last.bit_length() - 1)
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        content = inflater.decompress(entry.packed[:-1] + bytes([without]), entry.size + 1)
    except zlib.error:
        return False
    return inflater.eof and len(content) == entry.size and zlib.crc32(content) == entry.crc
