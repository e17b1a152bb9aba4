"""The QR code of a face: level H, as one vector outline, with its quiet zone inside the box.

It carries the verification address, identifier and check code, never personal data. Level H
because it is read from paper that was folded, scanned and stamped: in trials a rotated, blurred
and noisy picture was read at H and not at M.
"""

import segno

from license_vault.errors import QrCodeTooDenseError
from license_vault.placed_face import Box, PlacedPath

QUIET_MODULES = 4  # ISO/IEC 18004, 9.1: quiet zone
SMALLEST_MODULE_MM = 0.4  # five pixels at 300 dpi, two and a half at 150
# Any mask may be read; finding the best of the eight costs five times the rest of the work.
_MASK = 2


def qr_outline(text: str, box: Box, colour: str = "#000000") -> PlacedPath:
    """Return the dark modules of a code that fills a square box, quiet zone included.

    Raises:
        QrCodeTooDenseError: the text needs modules smaller than 0.4 mm.

    Source: ISO/IEC 18004.
    """
    rows = segno.make(text, error="h", boost_error=False, micro=False, mask=_MASK).matrix
    module = box.width / (len(rows) + 2 * QUIET_MODULES)
    if module < SMALLEST_MODULE_MM:
        raise QrCodeTooDenseError(module)
    parts: list[str] = []
    for number, row in enumerate(rows):
        y = box.y + (QUIET_MODULES + number) * module
        upper, lower = f"{y:.3f}", f"{y + module:.3f}"
        for start, end in _dark_stretches(row):
            left = f"{box.x + (QUIET_MODULES + start) * module:.3f}"
            right = f"{box.x + (QUIET_MODULES + end) * module:.3f}"
            parts.append(f"M {left} {upper} L {right} {upper} L {right} {lower} L {left} {lower} Z")
    return PlacedPath(" ".join(parts), fill=colour)


def _dark_stretches(row: bytes | bytearray | tuple[int, ...]) -> list[tuple[int, int]]:
    """Return where dark modules begin and end in a row."""
    found, start = [], None
    for at, dark in enumerate((*row, 0)):
        if dark and start is None:
            start = at
        elif not dark and start is not None:
            found.append((start, at))
            start = None
    return found
