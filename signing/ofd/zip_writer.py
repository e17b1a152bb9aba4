"""The records of a ZIP file, written as plainly as they can be: what ``ofd.zip`` reads strictly.

Entries follow each other without gap, extra field, comment or data descriptor; every time is the
first of 1980, so that the same entries give the same bytes. Content that was compressed once is
written again as it stands. It does not know what OFD is.

Source: GB/T 33190-2016, 7.2 (a package is a ZIP); APPNOTE.TXT 6.3, 4.3.
"""

import struct
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from signing.ofd.zip import DEFLATED, STORED, ZipEntry, read_entries

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_VERSION = 20  # what deflate needs
_UTF8 = 0x0800
_FIRST_OF_1980 = 0x0021


@dataclass(frozen=True, slots=True)
class PackedEntry:
    """One entry, its content compressed or not; ``name`` has no leading slash."""

    name: str
    method: int
    crc: int
    size: int
    packed: bytes


def pack(name: str, content: bytes, level: int = 6) -> PackedEntry:
    """Return an entry with its content deflated, or as it is where that is not larger."""
    deflater = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS)
    deflated = deflater.compress(content) + deflater.flush()
    method, packed = (DEFLATED, deflated) if len(deflated) < len(content) else (STORED, content)
    return PackedEntry(name, method, zlib.crc32(content), len(content), packed)


def packed_entries(data: bytes, max_entries: int) -> tuple[PackedEntry, ...]:
    """Return the files of a ZIP file as they are packed, in the order of their bytes.

    Directories are left out: they hold nothing.

    Raises:
        UnreadableDocumentError: ``package-…``, as ``ofd.zip.read_entries`` says.
    """
    entries = read_entries(data, max_entries)
    return as_packed(data, (entry for entry in entries if not entry.is_directory))


def as_packed(data: bytes, entries: Iterable[ZipEntry]) -> tuple[PackedEntry, ...]:
    """Return entries that were read from a ZIP file as they are packed in it."""
    return tuple(
        PackedEntry(entry.name, entry.method, entry.crc, entry.size, data[entry.start : entry.end])
        for entry in entries
    )


def write_entries(entries: Sequence[PackedEntry]) -> bytes:
    """Return a ZIP file of these entries, in their order."""
    parts: list[bytes] = []
    records: list[bytes] = []
    offset = 0
    for entry in entries:
        local, central = _headers(entry, offset)
        parts += (local, entry.packed)
        records.append(central)
        offset += len(local) + len(entry.packed)
    directory = b"".join(records)
    count = len(records)
    end = _END.pack(b"PK\5\6", 0, 0, count, count, len(directory), offset, 0)
    return b"".join((*parts, directory, end))


def _headers(entry: PackedEntry, offset: int) -> tuple[bytes, bytes]:
    """Return the local header and the record of the central directory, which say the same."""
    name = entry.name.encode()
    shared = tuple(_shared(entry, name))
    local = _LOCAL.pack(b"PK\3\4", *shared, 0)
    central = _CENTRAL.pack(b"PK\1\2", _VERSION, *shared, 0, 0, 0, 0, 0, offset)
    return local + name, central + name


def _shared(entry: PackedEntry, name: bytes) -> Iterator[int]:
    """Yield what stands in both, from the version needed to the length of the name."""
    yield from (_VERSION, 0 if name.isascii() else _UTF8, entry.method, 0, _FIRST_OF_1980)
    yield from (entry.crc, len(entry.packed), entry.size, len(name))
