"""What the routes about seals stand on, and how an uploaded document is examined before a seal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from api.certificate_folder import CertificateFolder
from keys.provider import KeyProvider
from license_vault.seals.acts import SealServices
from license_vault.seals.consents import ConsentGiving
from license_vault.seals.document_sealing import DocumentSealing, SealingServices, SealsDocuments
from license_vault.seals.errors import DocumentRefusedError, SealMakerError
from license_vault.seals.making import MAKER_LABEL, SealMaker
from license_vault.seals.office import SealOffice
from license_vault.seals.workshop import SealWorkshop
from signing.picture.seal_drawing import Glyphs
from signing.picture.seal_image import picture_png
from verification.errors import VerificationRefusedError
from verification.evidence import DocumentForm, ParsedDocument
from verification.verifier import Verifier

# What only a license has in its metadata (docs/sealed-document.md).
_CONTENT_ID = "contentId"
_SEALED_HERE = (DocumentForm.PDF, DocumentForm.OFD)


@dataclass(frozen=True, slots=True)
class SealWork:
    """The office, the workshop, consents and the sealing of documents, over the same services."""

    services: SealServices
    office: SealOffice
    workshop: SealWorkshop
    consents: ConsentGiving
    sealing: DocumentSealing


def maker_of(keys: KeyProvider, folder: CertificateFolder, glyphs: Glyphs) -> SealMaker:
    """Return the maker of seals, whose certificate is in the node's folder."""

    def certificate() -> bytes:
        if not folder.has(MAKER_LABEL):
            raise SealMakerError("certificate-missing")
        return folder.chain(MAKER_LABEL)[0]

    return SealMaker(keys, certificate, partial(picture_png, glyphs=glyphs))


def seal_work(
    services: SealServices,
    verifier: Verifier,
    sealer: Callable[[KeyProvider], SealsDocuments],
) -> SealWork:
    """Return everything about seals; ``verifier`` reads uploads in a process of their own."""
    sealing = SealingServices(services, examination_by(verifier), sealer)
    return SealWork(
        services=services,
        office=SealOffice(services),
        workshop=SealWorkshop(services),
        consents=ConsentGiving(services),
        sealing=DocumentSealing(sealing),
    )


def examination_by(verifier: Verifier) -> Callable[[bytes], str]:
    """Return what says of a document that it may be sealed: sound, unsealed, and no license."""

    def examine(data: bytes) -> str:
        try:
            _, evidence = verifier.verify_with_evidence(data)
        except VerificationRefusedError as error:
            raise DocumentRefusedError("unreadable") from error
        document = evidence.document
        if document.form not in _SEALED_HERE:
            raise DocumentRefusedError("form")
        if document.parsed is None:
            raise DocumentRefusedError("unreadable")
        _require_plain(document.parsed)
        return document.form.value

    return examine


def _require_plain(parsed: ParsedDocument) -> None:
    if parsed.seals or parsed.document_timestamps:
        raise DocumentRefusedError("sealed-already")
    is_license = parsed.claims is not None or parsed.data_index is not None
    if is_license or _CONTENT_ID in parsed.metadata:
        raise DocumentRefusedError("a-license")
    if parsed.problems:
        # A seal would not make it verify.
        raise DocumentRefusedError("unsound")
