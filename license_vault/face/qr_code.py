"""The QR code of a face: level H, as one vector outline, with its quiet zone inside the box.

It carries the verification address, identifier and check code, never personal data. Level H
because it is read from paper that was folded, scanned and stamped: in trials a rotated, blurred
and noisy picture was read at H and not at M.
"""

import re

from license_vault.face.errors import QrCodeTooDenseError
from license_vault.face.placed_face import Box, PlacedPath
from license_vault.face.qr_symbol import symbol_rows

QUIET_MODULES = 4  # ISO/IEC 18004, 9.1: quiet zone
SMALLEST_MODULE_MM = 0.4  # five pixels at 300 dpi, two and a half at 150

_DARK = re.compile(b"\x01+")


def qr_outline(text: str, box: Box, colour: str = "#000000") -> PlacedPath:
    """Return the dark modules of a code that fills a square box, quiet zone included.

    Each row's dark stretches are lines one module thick, in units of a module.

    Raises:
        QrTextInvalidError: not ASCII, or longer than any code holds.
        QrCodeTooDenseError: the text needs modules smaller than 0.4 mm.

    Source: ISO/IEC 18004.
    """
    rows = symbol_rows(text)
    module = box.width / (len(rows) + 2 * QUIET_MODULES)
    if module < SMALLEST_MODULE_MM:
        raise QrCodeTooDenseError(module)
    parts = [
        f"M {found.start()} {number}.5 L {found.end()} {number}.5"
        for number, row in enumerate(rows)
        for found in _DARK.finditer(row)
    ]
    quiet = QUIET_MODULES * module
    return PlacedPath(
        " ".join(parts),
        stroke=colour,
        stroke_mm=module,
        origin_mm=(box.x + quiet, box.y + quiet),
        unit_mm=module,
    )
