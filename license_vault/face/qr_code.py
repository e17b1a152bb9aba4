"""The QR code of a face: one vector outline, with its quiet zone inside the box.

It carries the verification address and signed claims, never personal data. The strongest error
correction that leaves modules large enough to be read, for paper is folded, scanned and stamped:
in trials a rotated, blurred and noisy picture was read at H and not at M, but no picture is read
whose modules are a pixel wide.
"""

from itertools import compress, count
from operator import xor

from license_vault.face.errors import QrCodeTooDenseError, QrTextInvalidError
from license_vault.face.placed_face import Box, PlacedPath
from license_vault.face.qr_symbol import Correction, modules_for, symbol_rows

QUIET_MODULES = 4  # ISO/IEC 18004, 9.1: quiet zone
SMALLEST_MODULE_MM = 0.4  # five pixels at 300 dpi, two and a half at 150


def qr_outline(text: str, box: Box, colour: str = "#000000") -> PlacedPath:
    """Return the dark modules of a code that fills a square box, quiet zone included.

    Each row's dark stretches are lines one module thick, in units of a module.

    Raises:
        QrTextInvalidError: not ASCII, or longer than any code holds.
        QrCodeTooDenseError: the text needs modules smaller than 0.4 mm.

    Source: ISO/IEC 18004.
    """
    level, module = _strongest(text, box.width)
    rows = symbol_rows(text, level)
    quiet = QUIET_MODULES * module
    return PlacedPath(
        "".join(map(_dark_stretches, rows, count())).rstrip(),
        stroke=colour,
        stroke_mm=module,
        origin_mm=(box.x + quiet, box.y + quiet),
        unit_mm=module,
    )


def _dark_stretches(row: bytes, number: int) -> str:
    """Return a line for each dark stretch of a row; all of them written at once, for speed."""
    edges = tuple(compress(count(), map(xor, b"\x00" + row, row + b"\x00")))
    return f"M %d {number}.5 L %d {number}.5 " * (len(edges) // 2) % edges


def _strongest(text: str, width_mm: float) -> tuple[Correction, float]:
    """Return the highest level whose modules can be read, and their size in mm."""
    module = 0.0
    for level in Correction:
        try:
            side = modules_for(text, level)
        except QrTextInvalidError:
            # The next level holds more; the lowest one says that none does.
            if level is Correction.M:
                raise
            continue
        module = width_mm / (side + 2 * QUIET_MODULES)
        if module >= SMALLEST_MODULE_MM:
            return level, module
    raise QrCodeTooDenseError(module)
