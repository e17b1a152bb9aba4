"""The sealed forms of a license, made one by one: PDF, OFD, JSON.

Each maker draws (or, for JSON, writes) the same placed license and sets the same seals in the same
order, so all forms say the same. None knows another's digest (docs/adr/0036).
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from license_vault.face.license_drawing import PlacedLicense
from signing.seal import Seal, SealOrder, SealPlacement

SealPdf = Callable[[bytes, Seal, SealPlacement, SealOrder, Sequence[SealPlacement]], bytes]
SealOfd = Callable[[bytes, Seal, Sequence[SealPlacement], SealOrder], bytes]
SealJson = Callable[[bytes, Sequence[Seal]], bytes]
Draw = Callable[[PlacedLicense, datetime], bytes]

MakeForm = Callable[[PlacedLicense, Sequence[Seal], datetime], bytes]
"""Makes one sealed form of a placed license that was recorded at an instant."""


class PdfForm:
    """Draws the face and sets the seals, each an incremental update of what is there."""

    def __init__(self, draw: Draw, seal_pdf: SealPdf) -> None:
        """Take ``LicenseDrawing.draw`` and ``Sealer.seal_pdf``."""
        self._draw = draw
        self._seal_pdf = seal_pdf

    def __call__(self, placed: PlacedLicense, seals: Sequence[Seal], at: datetime) -> bytes:
        """Return the sealed PDF."""
        pdf, places = self._draw(placed, at), placed.seal_placements
        for seal, place, order in zip(seals, places, seal_orders(len(seals)), strict=True):
            # The first reserves the places of those to come.
            later = places[1:] if order is SealOrder.FIRST else ()
            pdf = self._seal_pdf(pdf, seal, place, order, later)
        return pdf


class OfdForm:
    """Draws the face and sets the seals, each a signature that covers what is there."""

    def __init__(self, draw: Draw, seal_ofd: SealOfd) -> None:
        """Take ``LicenseDrawing.draw_ofd`` and ``Sealer.seal_ofd``."""
        self._draw = draw
        self._seal_ofd = seal_ofd

    def __call__(self, placed: PlacedLicense, seals: Sequence[Seal], at: datetime) -> bytes:
        """Return the sealed OFD."""
        ofd, places = self._draw(placed, at), placed.seal_placements
        for seal, place, order in zip(seals, places, seal_orders(len(seals)), strict=True):
            ofd = self._seal_ofd(ofd, seal, (place,), order)
        return ofd


class JsonForm:
    """Puts the claims and one signature a seal together."""

    def __init__(self, seal_json: SealJson) -> None:
        """Take ``JsonSealer.seal_json``."""
        self._seal_json = seal_json

    def __call__(self, placed: PlacedLicense, seals: Sequence[Seal], at: datetime) -> bytes:
        """Return the sealed JSON; it says nothing of when it was drawn."""
        del at
        return self._seal_json(placed.claims, seals)


def seal_orders(seals: int) -> tuple[SealOrder, ...]:
    """Return which seal of how many each is (ADR 0011)."""
    if seals == 1:
        return (SealOrder.SOLE,)
    return (SealOrder.FIRST, *(SealOrder.MIDDLE,) * (seals - 2), SealOrder.LAST)
