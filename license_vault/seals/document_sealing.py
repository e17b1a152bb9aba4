"""Setting a seal on a document that is no license: who may, with what consent, on what record.

An organisation's seal is set by people and programs of an organisation it was granted to for
documents; a holder's own seal only with the holder's consent to this document. A document that
says it is a license is refused: those are made by issuing alone.

Steps: 1 look who asks, then examine the document; 2 check right, consent and seal, use the
consent up, and put the sealing on record, in one transaction; 3 seal; 4 record what was signed
and what came of it, with the audit entry. A consent of which nothing was signed is given back.
The result is handed out and not kept.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from keys.errors import KeyCustodyError
from keys.provider import KeyProvider
from keys.sm3 import sm3
from license_vault.api_clients import Caller
from license_vault.audit import Act, AuditWriter
from license_vault.database.sessions import Reading
from license_vault.errors import LicenseVaultError
from license_vault.refusals import Attempt, refusals_recorded
from license_vault.registry.lookup_macs import LookupMacs
from license_vault.seals.acts import NO_SEAL, OwnHolder, SealServices
from license_vault.seals.applications import is_seal_code
from license_vault.seals.consents import ConsentUses
from license_vault.seals.document_sealings import OFD, PDF, DocumentSealings, NewSealing
from license_vault.seals.errors import (
    ConsentMissingError,
    DocumentRefusedError,
    SealNotPermittedError,
    SealUnknownError,
)
from license_vault.seals.holder_seals import HolderSeals
from license_vault.seals.registry import (
    DOCUMENTS,
    Grant,
    SealRecord,
    SealRegistry,
    require_usable,
)
from license_vault.seals.roles import SealPerson, SealRole, SealRoles
from license_vault.seals.signed_messages import SignedMessages
from signing.errors import DocumentNotSealableError, SealPlacementError, SigningError
from signing.seal import Seal, SealPlacement

SET = "seal.set"
USE_SEALS = "seals:use"
MEDIA_TYPES = {PDF: "application/pdf", OFD: "application/ofd"}


class SealsDocuments(Protocol):
    """What sets one seal on a document: ``signing.sealing.Sealer``."""

    def seal_pdf(self, pdf: bytes, seal: Seal, placement: SealPlacement) -> bytes:
        """Return a PDF with the seal."""
        ...

    def seal_ofd(self, ofd: bytes, seal: Seal, placements: Sequence[SealPlacement]) -> bytes:
        """Return an OFD with the seal."""
        ...


@dataclass(frozen=True, slots=True)
class SealingServices:
    """What sealing documents is done with; made once by the wiring.

    ``examine`` returns a document's form ("pdf", "ofd") or raises DocumentRefusedError; before it
    has, nothing reads the document. ``sealer`` makes what seals with the keys it is given.
    """

    seals: SealServices
    examine: Callable[[bytes], str]
    sealer: Callable[[KeyProvider], SealsDocuments]


@dataclass(frozen=True, slots=True)
class SealingOrder:
    """A document, and where the seal is to stand: page from 1, mm from the top left corner."""

    document: bytes = field(repr=False)
    page: int
    x_mm: float
    y_mm: float
    consent_id: str | None = None


@dataclass(frozen=True, slots=True)
class SealedDocument:
    """A document with its seal."""

    form: str
    data: bytes = field(repr=False)


SealUser = SealPerson | OwnHolder | Caller
"""Who sets a seal: a person with the role use, a holder, or a program with the scope seals:use."""


@dataclass(frozen=True, slots=True)
class _Begun:
    """A sealing on record: which seal, which row, which consent."""

    record: SealRecord
    row_id: int
    consent_row_id: int | None


class DocumentSealing:
    """Sets seals on documents. Made once, used by all threads."""

    def __init__(self, services: SealingServices) -> None:
        self._services = services
        self._seals = services.seals
        self._macs = LookupMacs(services.seals.keys)

    def seal(self, code: str, order: SealingOrder, by: SealUser, key: str) -> SealedDocument:
        """Set a seal on a document, once for a key: the result is not kept.

        Raises:
            DocumentRefusedError: the document is not one that is sealed here.
            SealNotPermittedError, ConsentMissingError, ConsentUnusableError: no right to.
            SealUnusableError: the seal cannot be set now.
            IdempotencyKeyReusedError: the key came before.
            LicenseVaultError, KeyCustodyError, SigningError: as their parts raise them.
        """
        seals, actor = self._seals, _actor(by)
        document_sm3 = sm3(order.document)
        told = {"document_sm3": document_sm3.hex()}
        subject = code if is_seal_code(code) else NO_SEAL
        attempt = Attempt(actor, SET, subject, told)
        with refusals_recorded(seals.database, attempt, seals.clock):
            with seals.database.reading() as session:
                _require_right(session, SealRegistry(session).get(code), by)
            form = self._services.examine(order.document)
            begun = self._begin(code, order, by, key, form)
            keys = SignedMessages(seals.keys)
            try:
                data = self._sealed(begun.record, form, order, keys)
            except (LicenseVaultError, SigningError, KeyCustodyError):
                self._failed(begun, keys)
                raise
        self._done(
            begun, keys, data, Act(actor, SET, subject, {**told, "form": form}, seals.clock())
        )
        return SealedDocument(form, data)

    # --- step 2 ---

    def _begin(self, code: str, order: SealingOrder, by: SealUser, key: str, form: str) -> _Begun:
        seals = self._seals
        with seals.database.writing() as session:
            at = seals.clock()
            record = SealRegistry(session).get(code)
            _require_right(session, record, by)
            whole = HolderSeals(session, seals.vault).whole(record)
            require_usable(whole, seals.keys, at)
            digest = sm3(order.document)
            consent = None
            if record.holder is not None:
                if order.consent_id is None:
                    raise ConsentMissingError(code)
                consent = ConsentUses(session).claim(order.consent_id, record, digest, at)
            row_id = DocumentSealings(session).begin(
                NewSealing(
                    seal=record,
                    key_label=record.seal.key_label,
                    actor=_actor(by),
                    key_mac=self._macs.idempotency_key(_actor(by), key),
                    form=form,
                    document_sm3=digest,
                    begun_at=at,
                    consent_row_id=consent,
                )
            )
            return _Begun(whole, row_id, consent)

    # --- steps 3 and 4 ---

    def _sealed(
        self, record: SealRecord, form: str, order: SealingOrder, keys: SignedMessages
    ) -> bytes:
        sealer, seal = self._services.sealer(keys), record.seal
        place = SealPlacement(order.page, order.x_mm, order.y_mm, *seal.picture.size_mm)
        try:
            if form == OFD:
                return sealer.seal_ofd(order.document, seal, (place,))
            return sealer.seal_pdf(order.document, seal, place)
        except SealPlacementError as error:
            raise DocumentRefusedError("placement") from error
        except DocumentNotSealableError as error:
            raise DocumentRefusedError(error.code) from error

    def _failed(self, begun: _Begun, keys: SignedMessages) -> None:
        signed = keys.of(begun.record.seal.key_label)
        with self._seals.database.writing() as session:
            if begun.consent_row_id is not None and not signed:
                ConsentUses(session).release(begun.consent_row_id)
            last = signed[-1] if signed else None
            DocumentSealings(session).done(begun.row_id, last, None, self._seals.clock())

    def _done(self, begun: _Begun, keys: SignedMessages, data: bytes, act: Act) -> None:
        (signed,) = keys.of(begun.record.seal.key_label)
        details = {**act.details, "result_sm3": sm3(data).hex(), "signed_sm3": signed.hex()}
        with self._seals.database.writing() as session:
            at = self._seals.clock()
            DocumentSealings(session).done(begun.row_id, signed, sm3(data), at)
            recorded = Act(act.actor, act.action, act.subject, details, at)
            AuditWriter(session).append(recorded)


def _require_right(session: Reading, record: SealRecord, by: SealUser) -> None:
    """Check that somebody may set a seal, before any consent is looked at."""
    code = record.seal.code
    if isinstance(by, OwnHolder):
        if record.holder != by.handle:
            raise SealUnknownError(code)
        return
    if isinstance(by, Caller):
        by.require(USE_SEALS, "*")
    else:
        SealRoles(session).require(by, SealRole.USE)
    if record.holder is not None:
        # Whoever it is: the consent, bound to the document, is the right.
        return
    organisation = by.organisation_code if isinstance(by, Caller) else by.within or ""
    if Grant(code, organisation, DOCUMENTS) not in SealRegistry(session).grants(code):
        raise SealNotPermittedError(organisation, DOCUMENTS)


def _actor(by: SealUser) -> str:
    return by.name if isinstance(by, Caller) else by.actor
