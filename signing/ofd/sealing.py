"""Put a seal into an OFD: description of what is covered, SES signature, time-stamp.

Steps, as in docs/sealed-document.md: open, check, list, cover, describe, sign, time-stamp, pack.
Entries that were there stay byte for byte, as they were compressed; only OFD.xml gains the place
of the signatures with the first seal, and the list of signatures its next record. Does not decide
who may seal what (``license_vault``), and does not verify its own output.

Source: GB/T 38540-2020 (the making of a signature); GB/T 33190-2016, 18; GM/T 0099-2020.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from keys import sm2
from keys.certificate import read_certificate
from keys.errors import KeyCustodyError
from keys.sm3 import sm3
from signing.errors import (
    DocumentNotSealableError,
    SealPlacementError,
    UnreadableDocumentError,
)
from signing.ofd.document import MAIN_NAME, OfdDocument, open_document
from signing.ofd.locations import directory_of
from signing.ofd.package import PackageLimits
from signing.ofd.seals import MAX_SIGNATURES, OfdSeal, read_signatures
from signing.ofd.signature_writer import (
    ListedSignature,
    SealDescription,
    StampPlace,
    write_description,
    write_list,
)
from signing.ofd.zip_writer import PackedEntry, as_packed, pack, write_entries
from signing.seal import Seal, SealOrder, SealPlacement
from signing.ses.seal import read_ses_seal
from signing.ses.signature import SealUse, check_seal_use, make_ses_signature

_MAX_PLACEMENTS = 1000
_TOLERANCE_MM = 0.01
_LARGEST_SHARED = 1024 * 1024  # bytes of a template page that is kept with its digest
_ROOM_BYTES = 1024 * 1024  # for description, token and lists
_LIMITS = PackageLimits()
_END_OF_BODY = re.compile(rb"</(?:([\w.-]+):)?DocBody\s*>")
_NUMBER = re.compile(r"[0-9]{1,9}$")


@dataclass(frozen=True, slots=True)
class SealingAct:
    """What sealing does once: ``sign`` a message with the seal's key, ``timestamp`` an imprint.

    ``at`` is the time that is claimed, aware UTC, whole seconds.
    """

    sign: Callable[[bytes], bytes]
    timestamp: Callable[[bytes], bytes]
    at: datetime


@dataclass(frozen=True, slots=True)
class _Names:
    """The absolute names of what one more seal writes."""

    listing: str
    directory: str

    @property
    def description(self) -> str:
        return f"{self.directory}Signature.xml"

    @property
    def value(self) -> str:
        return f"{self.directory}SignedValue.dat"

    @property
    def seal(self) -> str:
        return f"{self.directory}Seal.esl"


def seal_ofd(
    ofd: bytes,
    seal: Seal,
    placements: Sequence[SealPlacement],
    order: SealOrder,
    act: SealingAct,
) -> bytes:
    """Return the document with one more seal.

    Raises:
        DocumentNotSealableError: ``not-an-ofd`` (with the reader's code), ``not-sound``,
            ``too-large``, ``seal-not-made``, ``seal-not-sound``, ``sealed-already``,
            ``not-begun``, ``too-many-seals``.
        SealPlacementError: the seal would not lie on the page, or nowhere.
        SignerNotInSealError, SealPeriodError, MalformedSealError: the seal may not be used so.
        KeyCustodyError, TimestampUnavailableError: from the act.
    """
    document = _open(ofd, 3 * len(seal.ses) + _ROOM_BYTES)
    signatures = _check_order(document, order)
    stamps = tuple(_stamp(document, placement) for placement in _checked(placements))
    names = _names(document)
    use = SealUse(seal.ses, seal.certificate, bytes(32), names.description, act.at)
    _check_seal(seal, use)
    changed = _changed_entries(document, signatures, names)
    changed[names.seal] = seal.ses
    description = write_description(
        SealDescription(
            signed_at=act.at,
            covered=_covered(document, changed, () if _locks(order) else (names.listing,)),
            stamps=stamps,
            seal_path=names.seal,
            value_path=names.value,
        )
    )
    use = SealUse(seal.ses, seal.certificate, sm3(description), names.description, act.at)
    value = make_ses_signature(use, act.sign, act.timestamp)
    changed |= {names.description: description, names.value: value}
    return _packed(ofd, document, changed)


def _locks(order: SealOrder) -> bool:
    """Return whether nothing may follow: the list of signatures is then covered too."""
    return order in (SealOrder.SOLE, SealOrder.LAST)


def _open(ofd: bytes, growth: int) -> OfdDocument:
    """Open a document that, grown by so many bytes, is one that we still read."""
    if len(ofd) + growth > _LIMITS.max_bytes:
        raise DocumentNotSealableError("too-large", f"{len(ofd)} bytes")
    try:
        document = open_document(ofd, _LIMITS)
    except UnreadableDocumentError as error:
        raise DocumentNotSealableError("not-an-ofd", error.code) from error
    if document.problems:
        raise DocumentNotSealableError("not-sound", document.problems[0])
    return document


def _check_order(document: OfdDocument, order: SealOrder) -> tuple[OfdSeal, ...]:
    """Return the signatures there are, having checked that this seal may come now."""
    try:
        found = read_signatures(document)
    except UnreadableDocumentError as error:
        raise DocumentNotSealableError("not-sound", error.code) from error
    problems = [*found.problems, *(code for seal in found.seals for code in seal.problems)]
    if problems:
        raise DocumentNotSealableError("not-sound", problems[0])
    covered = {reference.path for seal in found.seals for reference in seal.references}
    begins = order in (SealOrder.SOLE, SealOrder.FIRST)
    if document.signatures_path in covered or (found.seals and begins):
        raise DocumentNotSealableError("sealed-already")
    if not found.seals and not begins:
        raise DocumentNotSealableError("not-begun")
    if len(found.seals) >= MAX_SIGNATURES:
        raise DocumentNotSealableError("too-many-seals")
    return found.seals


def _checked(placements: Sequence[SealPlacement]) -> Sequence[SealPlacement]:
    if not placements:
        raise SealPlacementError(0, "the seal stands nowhere")
    if len(placements) > _MAX_PLACEMENTS:
        raise SealPlacementError(0, f"the seal stands in {len(placements)} places")
    return placements


def _stamp(document: OfdDocument, placement: SealPlacement) -> StampPlace:
    """Return where a stamp stands; it must lie on its page whole."""
    if not 1 <= placement.page <= len(document.pages):
        reason = f"the document has {len(document.pages)} pages"
        raise SealPlacementError(placement.page, reason)
    page = document.pages[placement.page - 1]
    left, top, width, height = page.box
    inside = (
        min(placement.x_mm, placement.y_mm) >= 0
        and min(placement.width_mm, placement.height_mm) > 0
        and placement.x_mm + placement.width_mm <= width + _TOLERANCE_MM
        and placement.y_mm + placement.height_mm <= height + _TOLERANCE_MM
    )
    if not inside:
        raise SealPlacementError(placement.page, "the seal does not lie on the page")
    box = (left + placement.x_mm, top + placement.y_mm, placement.width_mm, placement.height_mm)
    return StampPlace(page.id, box)


def _check_seal(seal: Seal, use: SealUse) -> None:
    if not seal.ses:
        raise DocumentNotSealableError("seal-not-made", seal.code)
    check_seal_use(use)
    _check_made(seal.ses)


@lru_cache(maxsize=256)
def _check_made(ses: bytes) -> None:
    """Check that a seal is as its maker signed it; who the maker is, verification asks."""
    seal = read_ses_seal(ses)
    try:
        maker = read_certificate(seal.maker_certificate)
        sm2.verify(maker.public_point, seal.signed_bytes, seal.signature)
    except KeyCustodyError as error:
        raise DocumentNotSealableError("seal-not-sound", seal.es_id) from error


def _names(document: OfdDocument) -> _Names:
    """Return names that no entry has: the next free Sign_n beside the list of signatures."""
    listing = document.signatures_path
    if listing is None:
        body = document.files.parse(MAIN_NAME).first("DocBody")
        root = (body.text_of("DocRoot") if body else None) or ""
        found = document.locations.find(root, "/").path
        listing = f"{directory_of(found)}Signs/Signatures.xml"
        if listing in document.package:
            raise DocumentNotSealableError("not-sound", "signatures-unlisted")
    folder = directory_of(listing)
    taken = {name.lower() for name in document.package.names}
    number = 0
    while any(name.startswith(f"{folder}Sign_{number}/".lower()) for name in taken):
        number += 1
    return _Names(listing, f"{folder}Sign_{number}/")


def _changed_entries(
    document: OfdDocument, signatures: Sequence[OfdSeal], names: _Names
) -> dict[str, bytes]:
    """Return the list with one more record, and with the first seal OFD.xml that names it."""
    numbers = [_NUMBER.search(each.signature_id) for each in signatures]
    highest = max((int(found.group()) for found in numbers if found), default=0) + 1
    listed = [ListedSignature(each.signature_id, each.kind, each.path) for each in signatures]
    listed.append(ListedSignature(f"s{highest:03}", "Seal", names.description))
    changed = {names.listing: write_list(listed, highest)}
    if document.signatures_path is None:
        changed[MAIN_NAME] = _with_list(document.package.read(MAIN_NAME), names.listing)
    return changed


def _with_list(main: bytes, listing: str) -> bytes:
    """Return OFD.xml with the place of the list as the last element of its document."""
    ends = list(_END_OF_BODY.finditer(main))
    if len(ends) != 1:
        raise DocumentNotSealableError("not-sound", "several-documents")
    prefix = (ends[0].group(1) or b"") + (b":" if ends[0].group(1) else b"")
    element = b"<%sSignatures>%s</%sSignatures>" % (prefix, listing.encode(), prefix)
    return main[: ends[0].start()] + element + main[ends[0].start() :]


def _covered(
    document: OfdDocument, changed: Mapping[str, bytes], without: Sequence[str]
) -> dict[str, bytes]:
    """Return the SM3 of every entry as it will be; the new description and value are not yet."""
    names = dict.fromkeys((*document.package.names, *changed))
    templates = {template.path for template in document.templates.values()}
    found = {}
    for name in (name for name in names if name not in without):
        content = changed[name] if name in changed else document.package.read(name)
        shared = name in templates and len(content) <= _LARGEST_SHARED
        found[name] = _shared_sm3(content) if shared else sm3(content)
    return found


@lru_cache(maxsize=32)
def _shared_sm3(content: bytes) -> bytes:
    """Return the SM3 of a template page: the same bytes in every license of a layout."""
    return sm3(content)


def _packed(ofd: bytes, document: OfdDocument, changed: Mapping[str, bytes]) -> bytes:
    """Return the package with these entries in place of those of their names, the new ones last."""
    kept = as_packed(ofd, document.package.entries)
    entries: dict[str, PackedEntry] = {f"/{entry.name}": entry for entry in kept}
    for name, content in changed.items():
        # Seal and value are mostly a picture and signatures, which do not become smaller.
        level = 6 if name.endswith(".xml") else 0
        entries[name] = pack(name[1:], content, level)
    return write_entries(tuple(entries.values()))
