"""A holder has a purpose-bound copy made of a license in force; it is kept and handed out again.

Only the library's own key signs; from here no seal can be reached. Only a license is copied: what
is in the registry. The order of writing: the file is made and signed, then deposited within the
transaction that records it, journals it and writes the audit, so that a copy that was answered for
is there.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from license_vault.audit import Act, AuditWriter
from license_vault.clock import Clock, civil_date, end_of
from license_vault.copies.drawing import CopyDrawing
from license_vault.copies.errors import CopyRefusedError
from license_vault.copies.rows import Copies, CopyWriter, KeptCopy, NewCopy
from license_vault.database.sessions import Database, Reading, Writing
from license_vault.holding.journal import COPIED, Journal, JournalAct
from license_vault.library_signature import LibrarySigner
from license_vault.license import LicenseContent
from license_vault.presenting.standing import is_in_force
from license_vault.registry.holders import HolderRecord, new_handle
from license_vault.registry.license_record import LicenseOpener
from license_vault.registry.lookup_macs import LookupMacs
from license_vault.registry.records import LicenseRecord
from license_vault.registry.registry import Registry
from license_vault.registry.writing import RequestMark
from license_vault.requests import earlier_answer, remember_answer
from license_vault.vault import PDF, HolderKey, Vault
from signing.pdf.library_signature import sign_for_library
from signing.sealed_json.copy_record import CopyParent, CopyRecord

LONGEST = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class CopyServices:
    """What making copies works with; made once by the wiring."""

    database: Database
    vault: Vault
    macs: LookupMacs
    signer: LibrarySigner
    drawing: CopyDrawing
    clock: Clock
    random_bytes: Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class CopyOrder:
    """For whom, for which item and purpose, until which civil day; the item may be empty."""

    user: str = field(repr=False)
    purpose: str = field(repr=False)
    item_name: str
    item_code: str
    until: date


@dataclass(frozen=True, slots=True)
class Copied:
    """A copy as its holder sees it. ``replayed``: it was made by the same request before."""

    kept: KeptCopy
    record: CopyRecord = field(repr=False)
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class CopyRequest:
    """Who has a copy of which license made: the holder, or an agent (``actor``) for the holder."""

    license: LicenseRecord
    holder: HolderRecord
    actor: str
    mark: RequestMark


class CopyMaking:
    """Makes copies; made once, used by all threads."""

    def __init__(self, services: CopyServices) -> None:
        self._services = services
        self._opener = LicenseOpener(services.vault)

    def make(self, order: CopyOrder, request: CopyRequest) -> Copied:
        """Make a copy; the same request again gives the same copy.

        Raises:
            CopyRefusedError: "not-in-force", "no-pdf", "expiry" or "too-many-pages".
            FaceOverflowError, GlyphMissingError, CharacterNotSettableError: the order's words
                cannot be set.
            IdempotencyKeyReusedError: the key came with another order before.
            KeyCustodyError, TimestampUnavailableError: it cannot be signed now.
        """
        services, license_ = self._services, request.license
        with services.database.reading() as session:
            known = self._earlier(session, request)
            if known is not None:
                return known
            at = services.clock()
            _check(session, license_, order, at)
            kept = Registry(session).kept(license_.identifier)
        content = self._opener.secrets(kept).content
        record = self._record(order, request, content, at)
        parent_pdf = self._opener.file(kept, license_.form(PDF))
        new = NewCopy(record, self._signed(parent_pdf, record), services.vault.new_key())
        with services.database.writing() as session:
            known = self._earlier(session, request)
            if known is not None:  # the same request, sent twice at once
                return known
            self._keep(session, new, request)
            made = Copies(session).get(record.copy_id, request.holder.handle)
        return Copied(made, record)

    def opened(self, kept: KeptCopy, holder: HolderRecord) -> Copied:
        """Return a copy with what it says of itself.

        Raises:
            EnvelopeBrokenError: a row was changed.
        """
        return Copied(kept, kept.record(self._services.vault, self._key(holder)))

    def file(self, kept: KeptCopy, holder: HolderRecord) -> bytes:
        """Return the sealed file of a copy, checked against its row.

        Raises:
            ObjectMissingError, ObjectDamagedError, StoreUnavailableError: it cannot be had.
        """
        vault = self._services.vault
        return vault.open_file(kept.file, kept.key(vault, self._key(holder)))

    def _earlier(self, session: Reading, request: CopyRequest) -> Copied | None:
        known = earlier_answer(session, request.mark)
        if known is None:
            return None
        copy_id = known.partition("/")[2]
        found = self.opened(Copies(session).get(copy_id, request.holder.handle), request.holder)
        return Copied(found.kept, found.record, replayed=True)

    def _record(
        self, order: CopyOrder, request: CopyRequest, content: LicenseContent, at: datetime
    ) -> CopyRecord:
        license_, macs = request.license, self._services.macs
        names = {macs.of_holder(holder): holder.name for holder in content.holders}
        return CopyRecord(
            copy_id=new_handle(self._services.random_bytes),
            created_at=at,
            expires_at=end_of(order.until),
            creator=names[request.holder.lookup_mac],
            user=order.user,
            item_name=order.item_name,
            item_code=order.item_code,
            purpose=order.purpose,
            parent=CopyParent(
                identifier=license_.identifier,
                content_id=license_.content_id,
                type_code=content.type_code,
                type_name=content.type_name,
                authority_code=content.authority.code,
                authority_name=content.authority.name,
                valid_from=content.valid_from,
                valid_until=content.valid_until,
                status_uri=license_.status_uri,
                status_index=license_.status_index,
            ),
        )

    def _signed(self, parent_pdf: bytes, record: CopyRecord) -> bytes:
        signer = self._services.signer
        drawn = self._services.drawing.draw(parent_pdf, record)
        return sign_for_library(
            drawn, signer.identity, signer.sign, signer.timestamper, record.created_at
        )

    def _keep(self, session: Writing, new: NewCopy, request: CopyRequest) -> None:
        services, record, at = self._services, new.record, new.record.created_at
        CopyWriter(session, services.vault).add(new, request.license, request.holder)
        subject = f"copy/{record.copy_id}"
        remember_answer(session, request.mark, subject, at)
        act = JournalAct(COPIED, None, (), at, result=subject, actor=request.actor)
        Journal(session, services.vault).record(request.license, act)
        told = {"license": request.license.identifier, "until": record.expires_at.isoformat()}
        AuditWriter(session).append(Act(request.actor, "license.copied", subject, told, at))

    def _key(self, holder: HolderRecord) -> HolderKey:
        return self._services.vault.open_holder_key(
            holder.handle, holder.key_version, holder.wrapped_key
        )


def _check(session: Reading, license_: LicenseRecord, order: CopyOrder, at: datetime) -> None:
    if not is_in_force(session, license_, at):
        raise CopyRefusedError("not-in-force")
    if PDF not in {form.form for form in license_.forms}:
        raise CopyRefusedError("no-pdf")
    today, last = civil_date(at), license_.valid_until
    too_long = order.until > today + LONGEST or (last is not None and order.until > last)
    if order.until < today or too_long:
        raise CopyRefusedError("expiry")
