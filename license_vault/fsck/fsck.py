"""Prove that rows, objects, audit chain and numbers agree: ``license-vault fsck``.

Looks and changes nothing. Each disagreement is a ``Violation`` with a stable code; none means
that every license that was answered for is there, once, unchanged, and on record. Works in
pages, so the size of the vault does not matter to memory.

What is proven, by the invariants of docs/issuance-cycle.md: one version in force a number (I1);
every issued license has the files that were intended, which open, have their digests and say
what the record says (I2); every object belongs to a license (I3); no identifier, no index twice
(I4); the audit chain is whole and has exactly one entry for each issue (I5); the key port's own
count, the seal uses on record and the sealed documents agree (I6); every license was asked for
(I7); none is half issued for long (I8); every status is that of the last event; every record
opens and says what its row says; every holder's journal is whole.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from keys.errors import EnvelopeBrokenError
from keys.provider import KeyProvider
from keys.sm3 import sm3
from license_vault.audit import GENESIS, AuditTrail, canonical_bytes
from license_vault.bulk.adopted_files import AdoptedFiles
from license_vault.clock import Clock
from license_vault.copies.rows import copy_objects
from license_vault.database.sessions import Database
from license_vault.errors import (
    AuditHeadMissingError,
    ClaimsInvalidError,
    FormUnreadableError,
    LicenseNotFoundError,
    ObjectDamagedError,
    ObjectMissingError,
)
from license_vault.fsck.cases import case_objects, case_violations
from license_vault.fsck.copies import copy_violations
from license_vault.fsck.evidence import evidence_objects, evidence_violations
from license_vault.fsck.journals import journal_violations
from license_vault.fsck.rows import Violation, row_violations
from license_vault.fsck.seal_uses import DocumentUses, count_violations
from license_vault.issuing.sealed_forms import SealedForm, read_form
from license_vault.license import LicenseStatus
from license_vault.license_metadata import content_id
from license_vault.registry.license_record import LicenseOpener, LicenseSecrets
from license_vault.registry.lookup_macs import LookupMacs
from license_vault.registry.records import FormRecord, KeptLicense, LicenseFilter, LicenseRecord
from license_vault.registry.registry import Registry
from license_vault.seals.uses import SealUses
from license_vault.sharing.partner_licenses import partner_license_objects
from license_vault.store.object_store import PROBE_KEY, ListingStore
from license_vault.vault import Vault

EXIT_CLEAN, EXIT_VIOLATED = 0, 1

_PAGE = 200
_BEFORE_EVERYTHING = -(2**63)


@dataclass(frozen=True, slots=True)
class FsckServices:
    """What proving works with; ISSUING for longer than ``half_issued_after`` is a violation."""

    database: Database
    store: ListingStore
    vault: Vault
    keys: KeyProvider
    clock: Clock
    half_issued_after: timedelta = timedelta(minutes=15)


def exit_status(violations: tuple[Violation, ...]) -> int:
    """Return what the command exits with."""
    return EXIT_VIOLATED if violations else EXIT_CLEAN


def check_audit(database: Database) -> tuple[Violation, ...]:
    """Return what is wrong with the audit chain alone; needs no key and no store."""
    with database.reading() as session:
        return tuple(_chain_violations(AuditTrail(session)))


class Fsck:
    """One run over the whole vault."""

    def __init__(self, services: FsckServices) -> None:
        self._services = services
        self._opener = LicenseOpener(services.vault)
        self._macs = LookupMacs(services.keys)

    def run(self) -> Iterator[Violation]:
        """Yield every violation."""
        with self._services.database.reading() as session:
            yield from row_violations(session)
            yield from _chain_violations(AuditTrail(session))
        yield from self._license_violations()
        yield from count_violations(self._services.database, self._services.keys)
        yield from journal_violations(self._services.database, self._services.vault)
        services = self._services
        yield from evidence_violations(services.database, services.vault, services.keys)
        yield from case_violations(services.database, services.vault, services.keys)
        yield from copy_violations(self._services.database, self._services.vault)
        yield from self._object_violations()

    # --- licenses, their records and files ---

    def _license_violations(self) -> Iterator[Violation]:
        last = None
        with self._services.database.reading() as session:
            documents = DocumentUses(session)
        while True:
            with self._services.database.reading() as session:
                registry = Registry(session)
                page = registry.page(LicenseFilter(), _PAGE, after=last)
                kept = registry.kept_of(page)
                row_ids = [license_.row_id for license_ in page]
                uses = SealUses(session).of_licenses(row_ids)
                adopted = AdoptedFiles(session).of_licenses(row_ids)
            elsewhere = frozenset((file.license_row_id, file.form) for file in adopted)
            for license_ in page:
                found: dict[str, SealedForm] = {}
                yield from self._license(license_, kept[license_.identifier], found, elsewhere)
                own = [use for use in uses if use.license_row_id == license_.row_id]
                seals = {form: file.seals for form, file in found.items()}
                yield from documents.violations(license_, own, seals)
            if len(page) < _PAGE:
                return
            last = page[-1].identifier

    def _license(
        self,
        license_: LicenseRecord,
        kept: KeptLicense,
        found: dict[str, SealedForm],
        elsewhere: frozenset[tuple[int, str]],
    ) -> Iterator[Violation]:
        """Yield what is wrong with a license; put its files that can be read into ``found``.

        Args:
            elsewhere: row and form of files that were sealed elsewhere: they need only be there.
        """
        if license_.status is LicenseStatus.ISSUING:
            yield from self._half_issued(license_)
        try:
            secrets = self._opener.secrets(kept)
        except (EnvelopeBrokenError, LicenseNotFoundError, ValueError, KeyError):
            yield Violation("record-does-not-open", license_.identifier)
            return
        yield from self._record(license_, kept, secrets)
        yield from _form_violations(license_)
        for form in license_.forms:
            data = self._opened(kept, form)
            sealed_here = (license_.row_id, form.form) not in elsewhere
            file = _read(kept, form, data) if sealed_here else data
            if isinstance(file, Violation):
                yield file
            if not isinstance(file, SealedForm):
                continue
            found[form.form] = file
            if file.claims != secrets.claims:
                yield Violation("file-says-other-claims", license_.identifier, form.form)

    def _opened(self, kept: KeptLicense, form: FormRecord) -> bytes | Violation:
        """Return a file, or why it cannot be had as it was."""
        try:
            return self._opener.file(kept, form)
        except ObjectMissingError:
            return Violation("object-missing", kept.identifier, form.object_key)
        except ObjectDamagedError as error:
            return Violation(f"object-damaged-{error.part}", kept.identifier, error.key)
        except (EnvelopeBrokenError, LicenseNotFoundError):
            return Violation("file-key-does-not-open", kept.identifier, form.form)

    def _half_issued(self, license_: LicenseRecord) -> Iterator[Violation]:
        age = self._services.clock() - license_.recorded_at
        if age > self._services.half_issued_after:
            yield Violation("half-issued", license_.identifier, f"since {license_.recorded_at}")

    def _record(
        self, license_: LicenseRecord, kept: KeptLicense, secrets: LicenseSecrets
    ) -> Iterator[Violation]:
        """Compare what the record says with what the row says in the clear or as MAC."""
        if content_id(secrets.claims) != license_.content_id:
            yield Violation("content-id-differs", license_.identifier)
        try:
            content = secrets.content
        except ClaimsInvalidError as error:
            yield Violation("claims-broken", license_.identifier, error.code)
            return
        said = {
            "identifier": (content.identifier, license_.identifier),
            "type": (content.type_code, license_.type_code),
            "type-version": (content.type_version, license_.type_version),
            "authority": (content.authority.code, license_.authority_code),
            "region": (content.authority.region, license_.region),
            "copy": (content.copy, license_.copy),
            "issued-on": (content.issued_on, license_.issued_on),
            "valid-from": (content.valid_from, license_.valid_from),
            "valid-until": (content.valid_until, license_.valid_until),
            "status-index": (content.status_index, license_.status_index),
            "status-list": (content.status_uri, license_.status_uri),
            "predecessor": (content.predecessor, license_.predecessor),
            "number": (self._macs.license_number(content.number), kept.number_mac),
            "case": (self._macs.case(secrets.case_number), kept.case_mac),
            "check-code": (
                self._macs.check_code(license_.identifier, secrets.check_code),
                kept.check_code_mac,
            ),
            "holders": (
                tuple(
                    self._macs.holder(h.document_type, h.document_number) for h in content.holders
                ),
                kept.holder_macs,
            ),
        }
        for what, (record, row) in said.items():
            if record != row:
                yield Violation("row-differs-from-record", license_.identifier, what)

    # --- objects ---

    def _object_violations(self) -> Iterator[Violation]:
        page: list[str] = []
        for key in self._services.store.all_keys():
            page.append(key)
            if len(page) == _PAGE:
                yield from self._strangers(page)
                page = []
        yield from self._strangers(page)

    def _strangers(self, keys: list[str]) -> Iterator[Violation]:
        """I3: an object belongs to a license, also to one still ISSUING or VOID."""
        named = [key for key in keys if key != PROBE_KEY]
        identifiers = {parts[1] for key in named if len(parts := key.split("/")) == 3}
        with self._services.database.reading() as session:
            known = Registry(session).object_keys(identifiers) | evidence_objects(session, named)
            known |= case_objects(session, named) | copy_objects(session, named)
            known |= partner_license_objects(session, named)
        yield from (Violation("object-of-no-license", key) for key in named if key not in known)


def _read(kept: KeptLicense, form: FormRecord, data: bytes | Violation) -> SealedForm | Violation:
    """Return what a file holds that was sealed here, or why it cannot be read."""
    if isinstance(data, Violation):
        return data
    try:
        return read_form(form.form, data)
    except FormUnreadableError as error:
        return Violation("file-unreadable", kept.identifier, f"{form.form} {error.reason}")


def _form_violations(license_: LicenseRecord) -> Iterator[Violation]:
    """I2: an issued license has the files that were intended, all of them and no others."""
    if license_.status is LicenseStatus.ISSUING:
        return
    intended = license_.intended_forms if license_.status is not LicenseStatus.VOID else ()
    there = [form.form for form in license_.forms]
    for form in intended:
        if form not in there:
            yield Violation("issued-without-file", license_.identifier, form)
    for form in there:
        if form not in intended:
            yield Violation("file-not-intended", license_.identifier, form)


def _chain_violations(trail: AuditTrail) -> Iterator[Violation]:
    """I5: the chain is whole from its beginning to its head."""
    last, digest = 0, GENESIS
    # Also what somebody has numbered away from where a reader would begin.
    for entry in trail.entries(after=_BEFORE_EVERYTHING):
        if entry.sequence != last + 1:
            yield Violation("audit-entry-missing", str(last + 1))
        elif entry.previous != digest:
            yield Violation("audit-chain-broken", str(entry.sequence))
        if sm3(canonical_bytes(entry.sequence, entry.act, entry.previous)) != entry.digest:
            yield Violation("audit-entry-changed", str(entry.sequence))
        last, digest = entry.sequence, entry.digest
    try:
        head = trail.head()
    except AuditHeadMissingError:
        yield Violation("audit-head-missing", "audit_head")
        return
    if head != (last, digest):
        yield Violation("audit-head-differs", str(head[0]), f"chain ends at {last}")
