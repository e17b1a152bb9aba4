"""The records of a ZIP file, walked strictly on bytes, so that all readers find one package.

What two readers could read as two files is refused: the central directory and every local header
must say the same; entries must fill the file from its first byte to the central directory without
overlap or gap; the end record must be the last 22 bytes. So whichever way a reader goes through
the file, it meets the same entries (docs/attacks.md O2). Nothing is inflated here.

Source: APPNOTE.TXT 6.3, 4.3 to 4.5; GB/T 33190-2016, 7.2.
"""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NoReturn

from signing.errors import UnreadableDocumentError
from signing.ofd.names import entry_name

STORED, DEFLATED = 0, 8
_END = struct.Struct("<4s4H2LH")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_END_MARK, _CENTRAL_MARK, _LOCAL_MARK = b"PK\5\6", b"PK\1\2", b"PK\3\4"
_DESCRIPTOR_MARK, _ZIP64_LOCATOR_MARK = b"PK\7\x08", b"PK\6\7"
_NO_32, _NO_16 = 0xFFFFFFFF, 0xFFFF
_ENCRYPTED = 0x0001 | 0x0040 | 0x2000
_DESCRIPTOR = 0x0008
_KNOWN_FLAGS = 0x0002 | 0x0004 | _DESCRIPTOR | 0x0800
_HIGHEST_VERSION = 45
_ZIP64_FIELD, _UNICODE_PATH, _UNICODE_COMMENT = 0x0001, 0x7075, 0x6375
# Times and owners as other writers add them, and the empty mark of a Java archive.
_HARMLESS_FIELDS = frozenset([0x000A, 0x5455, 0x5855, 0x7875, 0xCAFE])
_TYPE_OF_FILE, _REGULAR, _DIRECTORY = 0xF000, 0x8000, 0x4000


@dataclass(frozen=True, slots=True)
class ZipEntry:
    """An entry of both directories: ``start`` and ``end`` delimit its compressed bytes."""

    name: str
    method: int
    crc: int
    compressed_size: int
    size: int
    header: int
    start: int
    end: int
    flags: int

    @property
    def is_directory(self) -> bool:
        """Whether the entry only names a directory."""
        return self.name.endswith("/")


@dataclass(frozen=True, slots=True)
class _Central:
    """A record of the central directory, as far as it is compared."""

    name: bytes
    version: int
    flags: int
    method: int
    crc: int
    compressed_size: int
    size: int
    attributes: int
    offset: int


def read_entries(data: bytes, max_entries: int) -> tuple[ZipEntry, ...]:
    """Return the entries in the order of their bytes.

    Raises:
        UnreadableDocumentError: ``package-…``, whatever is not as every reader would read it.
    """
    end, count, start = _end_record(data, max_entries)
    records = sorted(_central_records(data, start, end, count), key=lambda record: record.offset)
    entries = tuple(_entry(data, record, start) for record in records)
    _check_tiling(data, entries, start)
    return entries


def _end_record(data: bytes, max_entries: int) -> tuple[int, int, int]:
    """Return where the end record stands, how many entries it counts, where they begin."""
    end = len(data) - _END.size
    if end < 0 or _LOCAL_MARK not in data:
        _refuse("not-a-zip")
    if not data.startswith(_LOCAL_MARK):
        _refuse("prepended-bytes")
    if data[end : end + 4] != _END_MARK:
        _refuse(_why_no_end_record(data))
    _, disk, first_disk, here, count, size, start, comment = _END.unpack_from(data, end)
    locator = data[max(0, end - 20) : end - 16] == _ZIP64_LOCATOR_MARK
    faults = {
        "zip64": locator or _NO_16 in (here, count) or _NO_32 in (size, start),
        "several-disks": disk or first_disk,
        "comment": comment,
        "count-differs": here != count,
        "empty": not count,
        "too-many-entries": count > max_entries,
        "central-directory-misplaced": start + size != end,
    }
    for fault, found in faults.items():
        if found:
            _refuse(fault)
    return end, count, start


def _why_no_end_record(data: bytes) -> str:
    """Tell a comment and appended bytes from a file that was cut off."""
    found = data.rfind(_END_MARK)
    if found < 0 or found + _END.size > len(data):
        return "no-end-record"
    said: int = _END.unpack_from(data, found)[-1]
    return "comment" if found + _END.size + said == len(data) else "appended-bytes"


def _central_records(data: bytes, start: int, end: int, count: int) -> Iterator[_Central]:
    position = start
    for _ in range(count):
        if position + _CENTRAL.size > end or data[position : position + 4] != _CENTRAL_MARK:
            _refuse("central-directory-broken")
        fields = _CENTRAL.unpack_from(data, position)
        name_end = position + _CENTRAL.size + fields[10]
        extra_end = name_end + fields[11]
        if extra_end + fields[12] > end:
            _refuse("central-directory-broken")
        name = data[position + _CENTRAL.size : name_end]
        _check_central(fields, data[name_end:extra_end])
        yield _Central(name, fields[2], fields[3], *fields[4:5], *fields[7:10], *fields[15:17])
        position = extra_end
    if position != end:
        _refuse("count-differs")


def _check_central(fields: Sequence[int], extra: bytes) -> None:
    version, flags, method, compressed, size = (fields[index] for index in (2, 3, 4, 8, 9))
    comment, disk, offset = fields[12], fields[13], fields[16]
    faults = {
        "zip64": _NO_32 in (compressed, size, offset) or disk == _NO_16,
        "encrypted": flags & _ENCRYPTED,
        "unknown-flags": flags & ~_KNOWN_FLAGS,
        "unknown-method": method not in (STORED, DEFLATED),
        "unknown-version": version & 0xFF > _HIGHEST_VERSION,
        "several-disks": disk,
        "entry-comment": comment,
    }
    for fault, found in faults.items():
        if found:
            _refuse(fault)
    if _check_extra(extra):
        _refuse("zip64")


def _extra_fields(extra: bytes) -> Iterator[tuple[int, bytes]]:
    position = 0
    seen: set[int] = set()
    while position < len(extra):
        if position + 4 > len(extra):
            _refuse("extra-field-broken")
        identifier, size = struct.unpack_from("<2H", extra, position)
        position += 4 + size
        if position > len(extra) or identifier in seen:
            _refuse("extra-field-broken")
        seen.add(identifier)
        yield identifier, extra[position - size : position]


def _check_extra(extra: bytes) -> bytes:
    """Return the zip64 field if there is one; it is for the caller to say whether it may be."""
    zip64 = b""
    for identifier, content in _extra_fields(extra):
        if identifier == _ZIP64_FIELD:
            zip64 = content or _refuse("zip64")
        elif identifier in (_UNICODE_PATH, _UNICODE_COMMENT):
            _refuse("second-name")
        elif identifier not in _HARMLESS_FIELDS:
            _refuse("extra-field-unknown", hex(identifier))
    return zip64


def _entry(data: bytes, record: _Central, limit: int) -> ZipEntry:
    """Return an entry whose local header says what the central directory says."""
    at = record.offset
    if at + _LOCAL.size > limit or data[at : at + 4] != _LOCAL_MARK:
        _refuse("local-header-missing")
    local = _LOCAL.unpack_from(data, at)
    name_end = at + _LOCAL.size + local[9]
    start = name_end + local[10]
    if start + record.compressed_size > limit:
        _refuse("entry-outside")
    name = entry_name(record.name, record.flags)
    if data[at + _LOCAL.size : name_end] != record.name:
        _refuse("local-name-differs", ascii(name[:64]))
    if local[2] != record.flags:
        _refuse("local-flags-differ")
    if local[3] != record.method:
        _refuse("local-method-differs")
    zip64 = _check_extra(data[name_end:start])
    _check_local_sizes(local, record, zip64)
    _check_kind(record, name)
    return ZipEntry(
        name=name,
        method=record.method,
        crc=record.crc,
        compressed_size=record.compressed_size,
        size=record.size,
        header=at,
        start=start,
        end=start + record.compressed_size,
        flags=record.flags,
    )


def _check_local_sizes(local: Sequence[int], record: _Central, zip64: bytes) -> None:
    """Compare CRC and sizes; zero stands for them where a data descriptor follows.

    Python's zipfile writes both sizes into a local zip64 field when it does not know beforehand
    how large an entry will be; genuine files have it. It is read where it says the same.
    """
    crc, compressed, size = local[6:9]
    if zip64:
        if (compressed, size) != (_NO_32, _NO_32) or len(zip64) != 16:
            _refuse("zip64")
        size, compressed = struct.unpack("<2Q", zip64)
    if record.flags & _DESCRIPTOR and (crc, compressed, size) == (0, 0, 0) and not zip64:
        return
    if crc != record.crc:
        _refuse("local-crc-differs")
    if (compressed, size) != (record.compressed_size, record.size):
        _refuse("local-size-differs")


def _check_kind(record: _Central, name: str) -> None:
    """Check that a file is a plain file and a directory an empty one."""
    kind = (record.attributes >> 16) & _TYPE_OF_FILE
    is_directory = name.endswith("/")
    if kind not in (0, _DIRECTORY if is_directory else _REGULAR):
        _refuse("not-a-plain-file", ascii(name[:64]))
    if is_directory and (record.size or record.crc or record.compressed_size > 2):
        _refuse("directory-with-content", ascii(name[:64]))
    if record.method == STORED and record.compressed_size != record.size:
        _refuse("stored-sizes-differ")
    if record.method == STORED and record.flags & _DESCRIPTOR:
        _refuse("stored-with-descriptor")  # where it ends is then a guess


def _check_tiling(data: bytes, entries: Sequence[ZipEntry], central: int) -> None:
    """Check that the entries follow each other from the first byte to the central directory."""
    if entries[0].header:
        _refuse("prepended-bytes")
    nexts = [*(entry.header for entry in entries[1:]), central]
    for entry, following in zip(entries, nexts, strict=True):
        if entry.end > following:
            _refuse("overlap", ascii(entry.name[:64]))
        between = data[entry.end : following]
        if entry.flags & _DESCRIPTOR:
            _check_descriptor(entry, between)
        elif between:
            _refuse("gap", ascii(entry.name[:64]))


def _check_descriptor(entry: ZipEntry, found: bytes) -> None:
    """Check the data descriptor, with its mark or without.

    Source: GB/T 33190-2016, 7.2; APPNOTE.TXT 4.3.9.
    """
    values = struct.pack("<3L", entry.crc, entry.compressed_size, entry.size)
    if len(found) > len(values) + 4:
        _refuse("gap", ascii(entry.name[:64]))
    if found not in (_DESCRIPTOR_MARK + values, values):
        _refuse("descriptor-differs", ascii(entry.name[:64]))


def _refuse(fault: str, detail: str = "") -> NoReturn:
    raise UnreadableDocumentError(f"package-{fault}", detail)
