"""A window resolves a code once, and gets what its holder consents to with a signed receipt.

Look, ask the guard, sign the receipt; then use the code up in the same transaction in which
receipt, journals and audit are written. A code that is used up has its receipt, and of two scans
at once one is refused. A refused scan leaves the code as it was.
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from license_vault.access.grants import AccessGuard
from license_vault.access.use import Use
from license_vault.api_clients import Caller
from license_vault.database.sessions import Reading, Writing
from license_vault.errors import AuthorityNotPermittedError, OrganisationUnknownError
from license_vault.holding.journal import PRESENTED, Journal, JournalAct
from license_vault.license_metadata import printed_values
from license_vault.presenting.errors import PresentationCodeError, PresentationUnknownError
from license_vault.presenting.kept import (
    RECEIPT,
    KeptPresentations,
    PresentingServices,
    Resolved,
    subject_of,
)
from license_vault.presenting.order import PresentingOrder, shown_fields
from license_vault.presenting.rows import (
    RESOLVED,
    WAITING,
    PresentationRecord,
    PresentationRows,
    PresentationWriter,
)
from license_vault.presenting.standing import marks_of, standing_of
from license_vault.registry.authorities import Authorities
from license_vault.registry.license_record import LicenseOpener
from license_vault.registry.records import LicenseRecord
from license_vault.registry.registry import Registry
from license_vault.registry.writing import RequestMark
from license_vault.requests import earlier_answer, remember_answer
from signing.sealed_json.presenting_receipt import (
    PresentedLicense,
    PresentingReceipt,
    sign_receipt,
)

FILES_FOR = timedelta(days=1)
"""How long a window may fetch the files of a license that was shown as a whole."""


class Resolution:
    """Resolves codes; made once, used by all threads."""

    def __init__(self, services: PresentingServices) -> None:
        self._services = services
        self._kept = KeptPresentations(services)
        self._opener = LicenseOpener(services.vault)

    def resolve(self, code: str, use: Use, caller: Caller, mark: RequestMark) -> Resolved:
        """Use a code up and return what it shows, with the signed receipt.

        Raises:
            PresentationCodeError: "unknown", "used", "expired" or "withdrawn".
            AccessNotGrantedError: a license's type was not granted for this use; the code stays.
            IdempotencyKeyReusedError: the key came with another code or use before.
            KeyCustodyError, TimestampUnavailableError: no receipt can be signed now.
        """
        services = self._services
        with services.database.reading() as session:
            at = services.clock()
            known = earlier_answer(session, mark)
            if known is not None:
                record = PresentationRows(session).get(known.partition("/")[2])
                return self._kept.resolved(session, record, replayed=True)
            record = self._usable(session, code, at)
            order, _ = self._kept.order(session, record)
            licenses = tuple(map(Registry(session).get, order.licenses))
            self._guard(session, licenses, use, caller, at)
            receipt = self._receipt(session, (record, order), licenses, use, at)
        signer = services.signer
        file = sign_receipt(receipt, signer.identity, signer.sign, signer.timestamper.timestamp)
        with services.database.writing() as session:
            key = self._kept.holder_key(session, record)
            sealed = services.vault.encrypt(key.key, record.presentation_id, RECEIPT, file)
            writer = PresentationWriter(session)
            if not writer.resolve(record.row_id, use.organisation, sealed, at):
                if (
                    earlier_answer(session, mark) is not None
                ):  # the same request, sent twice at once
                    record = writer.get(record.presentation_id)
                    return self._kept.resolved(session, record, replayed=True)
                raise PresentationCodeError(_why_not(PresentationRows(session), record, at))
            remember_answer(session, mark, subject_of(record), at)
            self._journal(session, licenses, order, use, (caller.name, at))
            told = {"organisation": use.organisation, "item_code": use.item_code}
            self._kept.audit(session, caller.name, "presentation.resolved", record, told)
        return Resolved(record.presentation_id, receipt, file)

    def receipt_for(self, presentation_id: str, organisation_code: str) -> Resolved:
        """Return once more what a window of an organisation was shown, from the receipt.

        Raises:
            PresentationUnknownError: there is none, or another organisation resolved it.
        """
        with self._services.database.reading() as session:
            record = PresentationRows(session).get(presentation_id)
            if record.resolved_by != organisation_code:
                raise PresentationUnknownError
            return self._kept.resolved(session, record, replayed=True)

    def license_shown(
        self, presentation_id: str, identifier: str, organisation_code: str
    ) -> LicenseRecord:
        """Return a license whose files a window may fetch: shown as a whole, a day ago at most.

        Raises:
            PresentationUnknownError: it was not shown so, or to another organisation, or long ago.
        """
        resolved = self.receipt_for(presentation_id, organisation_code)
        shown = {found.identifier: found for found in resolved.receipt.licenses}.get(identifier)
        too_late = self._services.clock() > resolved.receipt.resolved_at + FILES_FOR
        if shown is None or not shown.files or too_late:
            raise PresentationUnknownError
        with self._services.database.reading() as session:
            return Registry(session).get(identifier)

    def _usable(self, session: Reading, code: str, at: datetime) -> PresentationRecord:
        record = PresentationRows(session).by_code(self._kept.code_mac(code))
        if record is None:
            raise PresentationCodeError("unknown")
        if record.state(at) != WAITING:
            raise PresentationCodeError(_word_for(record.state(at)))
        return record

    def _guard(
        self,
        session: Reading,
        licenses: Sequence[LicenseRecord],
        use: Use,
        caller: Caller,
        at: datetime,
    ) -> None:
        """Check that the use of every license is granted, or the license is of the own subtree."""
        guard = AccessGuard(session, self._services.macs, at)
        for license_ in licenses:
            if not is_own(session, license_, caller):
                guard.require(caller, use, license_.type_code)

    def _receipt(
        self,
        session: Reading,
        presented: tuple[PresentationRecord, PresentingOrder],
        licenses: Sequence[LicenseRecord],
        use: Use,
        at: datetime,
    ) -> PresentingReceipt:
        record, order = presented
        return PresentingReceipt(
            receipt_id=record.presentation_id,
            presented_at=record.made_at,
            resolved_at=at,
            use=asdict(use),
            licenses=tuple(self._shown(session, license_, order, at) for license_ in licenses),
        )

    def _shown(
        self, session: Reading, record: LicenseRecord, order: PresentingOrder, at: datetime
    ) -> PresentedLicense:
        identifier = record.identifier
        content = self._opener.secrets(Registry(session).kept(identifier)).content
        whole = order.shows_whole(identifier)
        return PresentedLicense(
            identifier=identifier,
            type_code=content.type_code,
            type_name=content.type_name,
            authority_code=content.authority.code,
            authority_name=content.authority.name,
            content_id=record.content_id,
            state=standing_of(session, record, at).value,
            marks=marks_of(session, record, at),
            fields=shown_fields(order, identifier, printed_values(content)),
            files={form.form: form.sm3.hex() for form in record.forms} if whole else {},
        )

    def _journal(
        self,
        session: Writing,
        licenses: Sequence[LicenseRecord],
        order: PresentingOrder,
        use: Use,
        by: tuple[str, datetime],
    ) -> None:
        actor, at = by
        journal = Journal(session, self._services.vault)
        # In one order, so that two presentations of the same licenses do not wait for each other.
        for license_ in sorted(licenses, key=lambda found: found.row_id):
            paths = (
                () if order.shows_whole(license_.identifier) else order.fields[license_.identifier]
            )
            journal.record(license_, JournalAct(PRESENTED, use, paths, at, actor=actor))


def is_own(session: Reading, license_: LicenseRecord, caller: Caller) -> bool:
    """Say whether a license was issued in the caller's own subtree: that needs no grant."""
    try:
        Authorities(session).within(license_.authority_code, caller.organisation_code)
    except (AuthorityNotPermittedError, OrganisationUnknownError):
        return False
    return True


def _why_not(rows: PresentationRows, record: PresentationRecord, at: datetime) -> str:
    return _word_for(rows.get(record.presentation_id).state(at))


def _word_for(state: str) -> str:
    return "used" if state == RESOLVED else state
