"""An OFD package opened once, strictly, in memory: the one reader of its entries.

Verifying, showing and printing all read through here, so that all of them see the same bytes.
Every entry is inflated and its CRC compared before anything of the package is used; what the
headers promise is never trusted. Nothing goes to a disk. It does not know what OFD is.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from signing.errors import UnreadableDocumentError
from signing.ofd.names import check_distinct
from signing.ofd.zip import STORED, ZipEntry, read_entries

_PIECE = 256 * 1024
# So much inflated content is kept; what is beyond is inflated again for each reading.
_KEPT_BYTES = 16 * 1024 * 1024
# Below this size an entry may shrink to anything: a page of blanks does no harm.
_RATIO_FROM = 256 * 1024


@dataclass(frozen=True, slots=True)
class PackageLimits:
    """How much of a package is read before it is refused; sizes in bytes.

    ``max_ratio`` is inflated to compressed size of one entry. XML is limited over all files of
    the package together, and so are its elements.
    """

    max_bytes: int = 32 * 1024 * 1024
    max_entries: int = 5000
    max_total_bytes: int = 200 * 1024 * 1024
    max_ratio: int = 100
    max_xml_bytes: int = 20 * 1024 * 1024
    max_xml_depth: int = 64
    max_xml_elements: int = 200_000


_DEFAULT_LIMITS = PackageLimits()


class OfdPackage:
    """The entries of an opened package, by absolute names: ``/OFD.xml``, ``/Doc_0/…``.

    Directories are not among them. Made by ``open_package`` only.
    """

    def __init__(self, data: bytes, entries: tuple[ZipEntry, ...], kept: dict[str, bytes]) -> None:
        self._data = data
        self._entries = {f"/{entry.name}": entry for entry in entries}
        self._kept = kept
        self.names: tuple[str, ...] = tuple(self._entries)

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    @property
    def entries(self) -> tuple[ZipEntry, ...]:
        """The entries as they are packed, in the order of their bytes."""
        return tuple(self._entries.values())

    def size(self, name: str) -> int:
        """Return the size of an entry, inflated, in bytes.

        Raises:
            UnreadableDocumentError: ``package-no-such-entry``.
        """
        return self._entry(name).size

    def read(self, name: str) -> bytes:
        """Return the bytes of an entry, inflated.

        Raises:
            UnreadableDocumentError: ``package-no-such-entry``.
        """
        kept = self._kept.get(name)
        return b"".join(self.pieces(name)) if kept is None else kept

    def pieces(self, name: str) -> Iterator[bytes]:
        """Yield the bytes of an entry in pieces, so that it can be hashed without holding it.

        Raises:
            UnreadableDocumentError: ``package-no-such-entry``.
        """
        entry = self._entry(name)
        kept = self._kept.get(name)
        return _inflated(self._data, entry) if kept is None else iter((kept,))

    def _entry(self, name: str) -> ZipEntry:
        entry = self._entries.get(name)
        if entry is None:
            raise UnreadableDocumentError("package-no-such-entry", ascii(name[:64]))
        return entry


def open_package(data: bytes, limits: PackageLimits = _DEFAULT_LIMITS) -> OfdPackage:
    """Open a package, having checked every record and every entry of it.

    Raises:
        UnreadableDocumentError: ``package-…``, a code for each fault: no ZIP, over a limit, or
            anything that two readers could read differently.

    Source: GB/T 33190-2016, 7.2; APPNOTE.TXT 6.3.
    """
    if len(data) > limits.max_bytes:
        raise UnreadableDocumentError("package-too-large", f"{len(data)} bytes")
    entries = read_entries(data, limits.max_entries)
    check_distinct(entry.name for entry in entries)
    if sum(entry.size for entry in entries) > limits.max_total_bytes:
        raise UnreadableDocumentError("package-inflates-too-large")
    kept: dict[str, bytes] = {}
    room = _KEPT_BYTES
    for entry in entries:
        _check_ratio(entry, limits.max_ratio)
        content = _checked_content(data, entry, room)
        if content is not None:
            kept[f"/{entry.name}"] = content
            room -= len(content)
    files = tuple(entry for entry in entries if not entry.is_directory)
    return OfdPackage(data, files, kept)


def _check_ratio(entry: ZipEntry, max_ratio: int) -> None:
    if entry.size > max(_RATIO_FROM, entry.compressed_size * max_ratio):
        raise UnreadableDocumentError("package-ratio", ascii(entry.name[:64]))


def _checked_content(data: bytes, entry: ZipEntry, room: int) -> bytes | None:
    """Return the content if there is room to keep it; its size and CRC are checked either way."""
    crc = 0
    pieces: list[bytes] | None = [] if entry.size <= room and not entry.is_directory else None
    for piece in _inflated(data, entry):
        crc = zlib.crc32(piece, crc)
        if pieces is not None:
            pieces.append(piece)
    if crc != entry.crc:
        raise UnreadableDocumentError("package-crc-differs", ascii(entry.name[:64]))
    return None if pieces is None else b"".join(pieces)


def _inflated(data: bytes, entry: ZipEntry) -> Iterator[bytes]:
    """Yield the content in pieces; never much more than the size that the headers promise."""
    pieces = (
        data[start : min(start + _PIECE, entry.end)]
        for start in range(entry.start, entry.end, _PIECE)
    )
    if entry.method == STORED:
        yield from pieces
        return
    left = entry.size
    for piece in _inflate(pieces, ascii(entry.name[:64])):
        left -= len(piece)
        if left < 0:
            raise UnreadableDocumentError("package-larger-than-said", ascii(entry.name[:64]))
        yield piece
    if left:
        raise UnreadableDocumentError("package-smaller-than-said", ascii(entry.name[:64]))


def _inflate(compressed: Iterator[bytes], name: str) -> Iterator[bytes]:
    """Yield what deflated bytes hold; the stream must end where they end."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    for waiting in compressed:
        if inflater.eof:
            raise UnreadableDocumentError("package-deflate-trailing-bytes", name)
        yield from _drain(inflater, waiting)
    if not inflater.eof:
        raise UnreadableDocumentError("package-deflate-cut-off", name)
    if inflater.unused_data:
        raise UnreadableDocumentError("package-deflate-trailing-bytes", name)


def _drain(inflater: "zlib._Decompress", waiting: bytes) -> Iterator[bytes]:
    """Yield what one piece inflates to, itself in pieces: deflate may blow it up a thousandfold."""
    while True:
        try:
            piece = inflater.decompress(waiting, _PIECE)
        except zlib.error as error:
            raise UnreadableDocumentError("package-deflate-broken", str(error)) from error
        if piece:
            yield piece
        waiting = inflater.unconsumed_tail
        if not waiting and len(piece) < _PIECE:
            return
