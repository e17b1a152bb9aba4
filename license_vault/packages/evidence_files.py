"""What may be brought as evidence: a JPEG, PNG or PDF that is one from its first byte to its last.

Pure. Looks at the structure only and decodes nothing, so no picture can harm this process; what a
photo shows, and whether a PDF can be drawn, is not judged. Nothing may stand behind the end of a
file, where a second file would hide.

Source: ISO/IEC 10918-1, annex B (JPEG); ISO/IEC 15948, 5 (PNG); ISO 32000-1, 7.5 (PDF).
"""

import struct
import zlib
from collections.abc import Callable, Iterator
from typing import Final

from license_vault.packages.errors import EvidenceRefusedError

JPEG, PNG, PDF = "image/jpeg", "image/png", "application/pdf"
ENDINGS: Final = {JPEG: "jpg", PNG: "png", PDF: "pdf"}
LARGEST_SIDE_PX: Final = 20_000
LARGEST_PIXELS: Final = 100_000_000

_PNG_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_PDF_TAIL_BYTES: Final = 1024
_MARKER, _SOI, _EOI, _SOS = 0xFF, 0xD8, 0xD9, 0xDA
# Start of frame: C0 to CF without DHT (C4), JPG (C8) and DAC (CC).
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
# Inside a scan: a stuffed zero, and the restart markers.
_IN_SCAN: Final = frozenset({0x00, *range(0xD0, 0xD8)})


def media_type_of(data: bytes) -> str:
    """Return the media type of a file of evidence.

    Raises:
        EvidenceRefusedError: "form-unknown", "file-cut", "bytes-behind-end", "picture-too-large"
            or "file-broken".
    """
    for start, media_type, check in _FORMS:
        if data.startswith(start):
            check(data)
            return media_type
    raise EvidenceRefusedError("form-unknown")


# --- JPEG ----------------------------------------------------------------------------------


def _check_jpeg(data: bytes) -> None:
    at, frames = 2, 0
    while True:
        code, at = _next_marker(data, at)
        if code == _EOI:
            break
        body, at = _segment(data, at)
        if code in _FRAMES:
            frames += 1
            _check_frame(body)
        if code == _SOS:
            at = _end_of_scan(data, at)
    if frames == 0:
        raise EvidenceRefusedError("file-broken")
    if at != len(data):
        raise EvidenceRefusedError("bytes-behind-end")


def _next_marker(data: bytes, at: int) -> tuple[int, int]:
    if at + 2 > len(data):
        raise EvidenceRefusedError("file-cut")
    if data[at] != _MARKER:
        raise EvidenceRefusedError("file-broken")
    # Any number of FF may stand before the code.
    while at < len(data) and data[at] == _MARKER:
        at += 1
    if at >= len(data):
        raise EvidenceRefusedError("file-cut")
    if data[at] in (0x00, _SOI):
        raise EvidenceRefusedError("file-broken")
    return data[at], at + 1


def _segment(data: bytes, at: int) -> tuple[bytes, int]:
    if at + 2 > len(data):
        raise EvidenceRefusedError("file-cut")
    length = struct.unpack_from(">H", data, at)[0]
    if length < 2:
        raise EvidenceRefusedError("file-broken")
    if at + length > len(data):
        raise EvidenceRefusedError("file-cut")
    return data[at + 2 : at + length], at + length


def _check_frame(body: bytes) -> None:
    if len(body) < 5:
        raise EvidenceRefusedError("file-broken")
    height, width = struct.unpack_from(">HH", body, 1)
    _check_size(width, height)


def _end_of_scan(data: bytes, at: int) -> int:
    """Return where the first marker after a scan's coded data stands."""
    while True:
        at = data.find(b"\xff", at)
        if at < 0 or at + 1 >= len(data):
            raise EvidenceRefusedError("file-cut")
        if data[at + 1] == _MARKER:
            at += 1
        elif data[at + 1] in _IN_SCAN:
            at += 2
        else:
            return at


def _check_size(width: int, height: int) -> None:
    if not (width and height):
        raise EvidenceRefusedError("file-broken")
    if max(width, height) > LARGEST_SIDE_PX or width * height > LARGEST_PIXELS:
        raise EvidenceRefusedError("picture-too-large")


# --- PNG -----------------------------------------------------------------------------------


def _check_png(data: bytes) -> None:
    kinds: list[bytes] = []
    for kind, body in _chunks(data):
        if not kinds:
            if kind != b"IHDR" or len(body) != 13:
                raise EvidenceRefusedError("file-broken")
            _check_size(*struct.unpack_from(">II", body))
        kinds.append(kind)
    if b"IDAT" not in kinds:
        raise EvidenceRefusedError("file-broken")


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the chunks up to IEND, which must be the file's end."""
    at = len(_PNG_SIGNATURE)
    while True:
        if at + 12 > len(data):
            raise EvidenceRefusedError("file-cut")
        length, kind = struct.unpack_from(">I4s", data, at)
        end = at + 12 + length
        if end > len(data):
            raise EvidenceRefusedError("file-cut")
        body = data[at + 8 : end - 4]
        if zlib.crc32(kind + body) != struct.unpack_from(">I", data, end - 4)[0]:
            raise EvidenceRefusedError("file-broken")
        yield kind, body
        at = end
        if kind == b"IEND":
            break
    if at != len(data):
        raise EvidenceRefusedError("bytes-behind-end")


# --- PDF -----------------------------------------------------------------------------------


def _check_pdf(data: bytes) -> None:
    tail = data[-_PDF_TAIL_BYTES:]
    end = tail.rfind(b"%%EOF")
    if end < 0 or b"startxref" not in tail:
        raise EvidenceRefusedError("file-cut")
    if tail[end + len(b"%%EOF") :].strip(b"\r\n \0"):
        raise EvidenceRefusedError("bytes-behind-end")


_FORMS: Final[tuple[tuple[bytes, str, Callable[[bytes], None]], ...]] = (
    (b"\xff\xd8\xff", JPEG, _check_jpeg),
    (_PNG_SIGNATURE, PNG, _check_png),
    (b"%PDF-1.", PDF, _check_pdf),
    (b"%PDF-2.", PDF, _check_pdf),
)
