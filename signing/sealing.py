"""Put a seal into a PDF or OFD: visible stamp, certification, SM2 signature, time-stamp.

A PDF goes through pyHanko's own door for signatures made elsewhere (``PdfCMSEmbedder``): it adds
the field, writes the incremental update and tells the digest; we give the CMS. Steps of
``seal_pdf``, as in docs/sealed-document.md: open, check, place, reserve, digest, sign, time-stamp,
fill. Those of ``seal_ofd`` are in ``ofd.sealing``.
Does not decide who may seal what (``license_vault``), and does not verify its own output: the
final check at issuing does.

Source: ISO 32000-1, 12.8.1 and 12.8.2; ETSI EN 319 142-1 (PAdES B-T).
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache, partial
from io import BytesIO

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import (
    FieldMDPAction,
    FieldMDPSpec,
    MDPPerm,
    SigFieldSpec,
    SigSeedSubFilter,
    append_signature_field,
    enumerate_sig_fields,
)
from pyhanko.sign.signers import SignatureObject
from pyhanko.sign.signers.cms_embedder import (
    PdfCMSEmbedder,
    SigAppearanceSetup,
    SigIOSetup,
    SigMDPSetup,
    SigObjSetup,
)

from keys.certificate import read_certificate
from keys.provider import KeyProvider
from signing.cms.pdf_signature_writer import SigningIdentity, largest_size, sign_detached
from signing.errors import (
    DocumentNotSealableError,
    HoleTooSmallError,
    SealKeyMismatchError,
    SealPlacementError,
)
from signing.millimetres import PageBox, to_points
from signing.ofd.sealing import SealingAct, seal_ofd
from signing.picture.seal_appearance import SealStampStyle, seal_ink
from signing.picture.seal_picture import Glyphs
from signing.seal import Seal, SealOrder, SealPlacement
from signing.timestamps.token import Timestamper

_SLACK_BYTES = 16
_MAX_SEALS = 32


class _SealingWriter(IncrementalPdfFileWriter):
    """An incremental update that leaves the metadata alone.

    pyHanko would rewrite XMP and Info (new ModifyDate, its own Producer). The license's metadata
    is finished before sealing (ADR 0013), and stays byte for byte what was drawn.
    """

    def _update_meta(self) -> None:
        """Do nothing."""


class Sealer:
    """Seals documents with keys behind labels. May be used from many threads at once."""

    def __init__(
        self,
        keys: KeyProvider,
        timestamper: Timestamper,
        glyphs: Glyphs,
        clock: Callable[[], datetime],
    ) -> None:
        """Take what sealing needs.

        Args:
            glyphs: the outlines that seals are drawn with; asked once a picture.
            clock: the time now, aware UTC; written as the claimed time of signing (/M).
        """
        self._keys = keys
        self._timestamper = timestamper
        self._draw = lru_cache(maxsize=1024)(partial(seal_ink, glyphs=glyphs))
        self._clock = clock

    def seal_pdf(
        self,
        pdf: bytes,
        seal: Seal,
        placement: SealPlacement,
        order: SealOrder = SealOrder.SOLE,
        later: Sequence[SealPlacement] = (),
    ) -> bytes:
        """Return the document with one more seal, as an incremental update of the bytes given.

        Args:
            order: which of the document's seals this is.
            later: with FIRST, the places of all seals to come, in their order, the last one's
                last: what is certified may not gain visible fields, so they are made now, empty.

        Raises:
            DocumentNotSealableError: not a PDF we can extend, or not at this point of the order.
            SealPlacementError: the seal would not lie on the page.
            SealPictureError, SealTextTooLongError, SealGlyphMissingError: it cannot be drawn.
            SealKeyMismatchError: the label's key is not the certificate's.
            KeyCustodyError: the key cannot be used.
            TimestampUnavailableError: there is no time-stamp now.
        """
        self._check_key(seal)
        if (order is SealOrder.FIRST) != bool(later):
            raise DocumentNotSealableError("later-places-with-the-first-seal-only")
        writer = _open(pdf)
        field_name, existing = _check_order(writer, order)
        identity = SigningIdentity(seal.certificate, seal.chain)
        reserved = _reserve(identity, self._timestamper.largest_token)
        setup = self._setup(seal, order, reserved)
        if existing is None:
            field = _field(field_name, placement, writer)
            _reserve_places(writer, later)
        else:
            field = None
            _check_place(writer, existing, placement)
        # pyHanko's protocol: field, signature dictionary, digest, CMS; it fills the hole last.
        embedder = PdfCMSEmbedder(new_field_spec=field).write_cms(
            field_name, writer, existing_fields_only=field is None
        )
        next(embedder)
        embedder.send(setup)
        prepared, output = embedder.send(SigIOSetup(md_algorithm="sm3"))
        signature = self._sign(seal.key_label, identity, prepared.document_digest)
        if len(signature) > reserved:
            raise HoleTooSmallError(reserved, len(signature))
        embedder.send(signature)
        return output.getvalue()

    def seal_ofd(
        self,
        ofd: bytes,
        seal: Seal,
        placements: Sequence[SealPlacement],
        order: SealOrder = SealOrder.SOLE,
    ) -> bytes:
        """Return the document with one more seal (SES, GB/T 38540); its entries stay as they are.

        Args:
            placements: where the seal's picture stands, once or often; one signature for all.
            order: which of the document's seals this is; after SOLE or LAST none may follow, and
                between FIRST and LAST they come in any order.

        Raises:
            DocumentNotSealableError: not an OFD we can extend, not at this point of the order, or
                the seal has not been made.
            SealPlacementError: the seal would not lie on the page.
            SealKeyMismatchError: the label's key is not the certificate's.
            SignerNotInSealError: the seal does not list its certificate: it must be made anew.
            SealPeriodError: the seal's own period does not include now.
            MalformedSealError: the seal's data is none of GB/T 38540.
            KeyCustodyError: the key cannot be used.
            TimestampUnavailableError: there is no time-stamp now.
        """
        self._check_key(seal)
        act = SealingAct(
            sign=partial(self._keys.sign, seal.key_label),
            timestamp=self._timestamper.timestamp,
            at=self._clock().replace(microsecond=0),
        )
        return seal_ofd(ofd, seal, placements, order, act)

    def _check_key(self, seal: Seal) -> None:
        point = read_certificate(seal.certificate).public_point
        if self._keys.public_point(seal.key_label) != point:
            raise SealKeyMismatchError(seal.code, seal.key_label)

    def _setup(self, seal: Seal, order: SealOrder, reserved: int) -> SigObjSetup:
        """Return the signature dictionary, its hole, its certification and its appearance."""
        now = self._clock()
        style = SealStampStyle(ink=self._draw(seal.picture))
        return SigObjSetup(
            sig_placeholder=SignatureObject(
                timestamp=now,
                subfilter=SigSeedSubFilter.PADES,
                name=seal.owner_name,
                bytes_reserved=2 * reserved,
            ),
            mdp_setup=_MDP[order],
            appearance_setup=SigAppearanceSetup(style=style, timestamp=now, name=None),
        )

    def _sign(self, key_label: str, identity: SigningIdentity, digest: bytes) -> bytes:
        return sign_detached(
            identity,
            digest,
            sign=lambda message: self._keys.sign(key_label, message),
            timestamp=self._timestamper.timestamp,
        )


_MDP = {
    SealOrder.SOLE: SigMDPSetup("sm3", certify=True, docmdp_perms=MDPPerm.NO_CHANGES),
    SealOrder.FIRST: SigMDPSetup("sm3", certify=True, docmdp_perms=MDPPerm.FILL_FORMS),
    SealOrder.MIDDLE: None,
    SealOrder.LAST: SigMDPSetup(
        "sm3", field_lock=FieldMDPSpec(FieldMDPAction.ALL), docmdp_perms=MDPPerm.NO_CHANGES
    ),
}


@lru_cache(maxsize=256)
def _reserve(identity: SigningIdentity, largest_token: int) -> int:
    """Return how many bytes to reserve: readers walk all of it, so the slack is small."""
    return largest_size(identity, largest_token) + _SLACK_BYTES


def _open(pdf: bytes) -> IncrementalPdfFileWriter:
    """Open a document for an update. pyHanko's reader raises builtin errors on broken files."""
    # An update begins on a line of its own, also where the last %%EOF has no end of line.
    whole_lines = pdf if pdf.endswith((b"\n", b"\r")) else pdf + b"\n"
    try:
        writer = _SealingWriter(BytesIO(whole_lines), strict=True)
    except Exception as error:
        raise DocumentNotSealableError("not-a-pdf", type(error).__name__) from error
    if writer.prev.encrypted:
        raise DocumentNotSealableError("encrypted")
    return writer


def _check_order(
    writer: IncrementalPdfFileWriter, order: SealOrder
) -> tuple[str, generic.DictionaryObject | None]:
    """Return the name of the seal's field, and the field if its place was reserved.

    Raises DocumentNotSealableError if a seal of this order may not come now (ADR 0011).
    """
    fields = [
        (name, value, reference.get_object())
        for name, value, reference in enumerate_sig_fields(writer)
    ]
    empty = [(name, field) for name, value, field in fields if value is None]
    certified = "/DocMDP" in writer.root.get("/Perms", {})
    if order in (SealOrder.SOLE, SealOrder.FIRST):
        if fields or certified:
            raise DocumentNotSealableError("sealed-already")
        return "Seal1", None
    if not certified:
        raise DocumentNotSealableError("not-begun")
    if not empty:
        raise DocumentNotSealableError("no-place-reserved")
    if (len(empty) == 1) != (order is SealOrder.LAST):
        raise DocumentNotSealableError("wrong-order", f"{len(empty)} places are left")
    return empty[0]


def _reserve_places(writer: IncrementalPdfFileWriter, later: Sequence[SealPlacement]) -> None:
    """Make the empty fields of the seals to come; the last locks all fields and the document."""
    if len(later) >= _MAX_SEALS:
        raise DocumentNotSealableError("too-many-seals")
    for number, placement in enumerate(later, 2):
        field = _field(f"Seal{number}", placement, writer)
        if number == len(later) + 1:
            field = replace(
                field,
                field_mdp_spec=FieldMDPSpec(FieldMDPAction.ALL),
                doc_mdp_update_value=MDPPerm.NO_CHANGES,
            )
        append_signature_field(writer, field)


def _check_place(
    writer: IncrementalPdfFileWriter,
    field: generic.DictionaryObject,
    placement: SealPlacement,
) -> None:
    """Check that a seal is to stand where its place was reserved."""
    wanted = _field("", placement, writer).box
    reserved = [float(value) for value in field["/Rect"]]
    if any(abs(a - b) > _TOLERANCE_POINTS for a, b in zip(wanted, reserved, strict=True)):
        raise SealPlacementError(placement.page, "another place was reserved for this seal")


_TOLERANCE_POINTS = 0.1


def _page_box(writer: IncrementalPdfFileWriter, number: int) -> PageBox:
    """Return the visible box of a page; number from 1."""
    count = int(writer.root["/Pages"]["/Count"])
    if not 1 <= number <= count:
        raise SealPlacementError(number, f"the document has {count} pages")
    node = writer.find_page_for_modification(number - 1)[0].get_object()
    if int(_inherited(node, "/Rotate") or 0) % 360:
        raise SealPlacementError(number, "the page is rotated")
    box = _inherited(node, "/CropBox") or _inherited(node, "/MediaBox")
    if box is None or len(box) != 4:
        raise DocumentNotSealableError("page-without-size")
    x0, y0, x1, y1 = (float(value) for value in box)
    return PageBox(min(x0, x1), min(y0, y1), abs(x1 - x0), abs(y1 - y0))


def _inherited(node: generic.DictionaryObject, key: str) -> generic.PdfObject | None:
    """Return an attribute of a page or of the nearest node above. Source: ISO 32000-1, 7.7.3.4."""
    for _ in range(_MAX_PAGE_TREE_DEPTH):
        if key in node:
            return node[key]
        if "/Parent" not in node:
            return None
        node = node["/Parent"]
    return None


_MAX_PAGE_TREE_DEPTH = 16


def _field(name: str, placement: SealPlacement, writer: IncrementalPdfFileWriter) -> SigFieldSpec:
    """Return the signature field for a seal; it must lie on the page whole."""
    page = _page_box(writer, placement.page)
    box_mm = (placement.x_mm, placement.y_mm, placement.width_mm, placement.height_mm)
    width, height = page.size_mm
    inside = (
        min(box_mm) >= 0
        and placement.x_mm + placement.width_mm <= width + _TOLERANCE_MM
        and placement.y_mm + placement.height_mm <= height + _TOLERANCE_MM
        and min(box_mm[2:]) > 0
    )
    if not inside:
        raise SealPlacementError(placement.page, "the seal does not lie on the page")
    return SigFieldSpec(name, on_page=placement.page - 1, box=to_points(box_mm, page))


_TOLERANCE_MM = 0.01
