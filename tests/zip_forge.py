"""ZIP files byte by byte, so that each field can be wrong: for tests of the strict reader."""

import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

LOCAL = ("mark", "version", "flags", "method", "time", "date", "crc", "packed", "size")
CENTRAL = ("mark", "made_by", "version", "flags", "method", "time", "date", "crc", "packed", "size")
END = ("mark", "disk", "first_disk", "here", "count", "length", "start", "comment")


@dataclass(frozen=True)
class Forged:
    """An entry: what is in it, and what its two headers say instead of the truth.

    ``local`` and ``central`` override fields by name; central also knows ``comment``, ``disk``,
    ``inner``, ``attributes`` and ``offset``. ``packed`` replaces the compressed bytes, ``after``
    follows them.
    """

    name: bytes
    content: bytes = b""
    method: int = 8
    flags: int = 0
    packed: bytes | None = None
    local_name: bytes | None = None
    local: Mapping[str, int] = field(default_factory=dict)
    central: Mapping[str, int] = field(default_factory=dict)
    local_extra: bytes = b""
    central_extra: bytes = b""
    comment: bytes = b""
    after: bytes = b""

    def compressed(self) -> bytes:
        """The bytes between the headers."""
        if self.packed is not None:
            return self.packed
        return deflate(self.content) if self.method == 8 else self.content


def deflate(content: bytes) -> bytes:
    """Raw deflate."""
    deflater = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return deflater.compress(content) + deflater.flush()


def _truth(entry: Forged) -> dict[str, int]:
    return {
        "version": 20,
        "made_by": 20,
        "flags": entry.flags,
        "method": entry.method,
        "time": 0,
        "date": 0x21,
        "crc": zlib.crc32(entry.content),
        "packed": len(entry.compressed()),
        "size": len(entry.content),
    }


def local_header(entry: Forged) -> bytes:
    """The local header with name and extra fields."""
    name = entry.name if entry.local_name is None else entry.local_name
    says = {**_truth(entry), **entry.local}
    fields = [says[key] for key in LOCAL[1:]]
    head = struct.pack("<4s5H3L2H", b"PK\3\4", *fields, len(name), len(entry.local_extra))
    return head + name + entry.local_extra


def central_header(entry: Forged, offset: int) -> bytes:
    """The record of the central directory."""
    more = {"disk": 0, "inner": 0, "attributes": 0, "offset": offset}
    says = {**_truth(entry), **more, **entry.central}
    fields = [says[key] for key in CENTRAL[1:]]
    lengths = (len(entry.name), len(entry.central_extra), len(entry.comment))
    tail = (says["disk"], says["inner"], says["attributes"], says["offset"])
    head = struct.pack("<4s6H3L5H2L", b"PK\1\2", *fields, *lengths, *tail)
    return head + entry.name + entry.central_extra + entry.comment


def descriptor(entry: Forged, mark: bytes = b"PK\7\x08") -> bytes:
    """A data descriptor that tells the truth."""
    truth = _truth(entry)
    return mark + struct.pack("<3L", truth["crc"], truth["packed"], truth["size"])


def forge(
    entries: Sequence[Forged], *, before_end: bytes = b"", comment: bytes = b"", **end: int
) -> bytes:
    """A ZIP file of these entries; ``end`` overrides fields of the end record by name."""
    body, central = b"", b""
    for entry in entries:
        central += central_header(entry, len(body))
        body += local_header(entry) + entry.compressed() + entry.after
    truth = {
        "disk": 0,
        "first_disk": 0,
        "here": len(entries),
        "count": len(entries),
        "length": len(central),
        "start": len(body),
        "comment": len(comment),
    }
    says = {**truth, **end}
    record = struct.pack("<4s4H2LH", b"PK\5\6", *(says[key] for key in END[1:]))
    return body + central + before_end + record + comment


def package(files: Mapping[str, bytes]) -> bytes:
    """A plain package of files by absolute name."""
    return forge(
        [Forged(name.removeprefix("/").encode(), data, flags=0x800) for name, data in files.items()]
    )
