"""The small license as sealed PDF and as sealed JSON, and benches that take both apart.

``pdf_bench`` gives the generator of CMS mutants a license and a hole that are small; what is
written is otherwise the product's own.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from io import BytesIO
from typing import Any

import pikepdf
from mutants.cms_mutants import CmsMutants
from mutants.small_license import claims_bytes, license_content
from mutants.vector_world import VectorWorld
from mutants.world import draw
from pki import BoxGlyphs

from keys.sm3 import sm3
from signing.cms.pdf_signature_writer import SigningIdentity, sign_detached
from signing.cms.signed_data import read_signed_data
from signing.seal import SealPlacement
from signing.sealed_json.sealing import SealedJson, write_sealed_json
from signing.sealing import Sealer

_PLACED = (
    "identifier",
    "number",
    "holders.0.name",
    "fields.address",
    "validity",
    "issued_on",
    "authority.name",
)
_ROOM = 150  # bytes of the hole beyond the right value
_PLACE = SealPlacement(1, 150, 200, 42, 42)


class _Stamping:
    """A hierarchy whose time-stamps leave out the CA above them."""

    def __init__(self, world: VectorWorld) -> None:
        self._pki = world.pki
        self.timestamper: Callable[[], Any] = world.timestamper

    def __getattr__(self, name: str) -> Any:
        return getattr(self._pki, name)


class _PdfWorld:
    """What the generator of CMS mutants asks of a world."""

    def __init__(self, world: VectorWorld) -> None:
        self.pki, self.seal = _Stamping(world), world.seal

    def put_seal(self, pdf: bytes) -> bytes:
        pki = self.pki
        sealer = Sealer(pki.keys, pki.timestamper(), BoxGlyphs(), pki.clock)
        return sealer.seal_pdf(pdf, self.seal, _PLACE)


def pdf_bench(world: VectorWorld) -> CmsMutants:
    """The sealed PDF of the license and what is needed to change its CMS."""
    drawn = draw(license_content(), placed=_PLACED)
    output = BytesIO()
    with pikepdf.open(BytesIO(drawn)) as pdf:
        pdf.save(output, deterministic_id=True, compress_streams=True, recompress_flate=True)
    adapter: Any = _PdfWorld(world)
    return CmsMutants(adapter, output.getvalue(), _ROOM)


class JsonBench(CmsMutants):
    """The claims of the license, to be sealed as JSON rightly or wrongly."""

    def __init__(self, world: VectorWorld) -> None:
        adapter: Any = _PdfWorld(world)
        self.world, self.pki, self.seal = adapter, adapter.pki, world.seal
        self.claims = claims_bytes(license_content())
        self._stamper = world.timestamper()
        self.value = self.made()
        self.parts = read_signed_data(self.value)

    def embed(self, value: bytes) -> bytes:
        """The sealed JSON with another value."""
        return self.sealed(value)

    def made(
        self, claims: bytes | None = None, sign: Callable[[bytes], bytes] | None = None
    ) -> bytes:
        """A CMS value over claims; by default the right one."""
        return sign_detached(
            SigningIdentity(self.seal.certificate, self.seal.chain),
            sm3(self.claims if claims is None else claims),
            sign or partial(self.pki.keys.sign, self.seal.key_label),
            self._stamper.timestamp,
        )

    def sealed(
        self, *values: bytes, claims: bytes | None = None, identity: str | None = None
    ) -> bytes:
        """A sealed JSON of these values, by default of the right one."""
        said = self.claims if claims is None else claims
        named = sm3(said).hex() if identity is None else identity
        return write_sealed_json(SealedJson(said, named, values or (self.value,)))
