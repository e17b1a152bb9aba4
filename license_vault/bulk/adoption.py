"""A row with files: they were sealed elsewhere and are kept byte for byte, seals and all.

The license gets a row, a record and a place in a status list like one that is issued here, under
its own identifier if it has one. Its files are put into the store first, under names and keys that
are derived from the job's key, so that a second try finds them; then all rows are written in one
transaction. What the verifier said of each file is kept beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from license_vault.audit import Act, AuditWriter
from license_vault.bulk.adopted_files import ADOPTED, record_adopted
from license_vault.bulk.adoption_plan import FILE, AdoptionPlanning, Draft
from license_vault.bulk.judgement import Judge
from license_vault.bulk.outcomes import Ending, RowOutcome
from license_vault.bulk.row_files import (
    RowFile,
    file_names,
    judged,
    read_file,
)
from license_vault.bulk.working import OpenJob
from license_vault.check_code import new_check_code
from license_vault.clock import lapses_at
from license_vault.errors import (
    CaseAlreadyIssuedError,
    DatabaseUnavailableError,
    RowConflictError,
)
from license_vault.issuing.intent import HOLDER_DOCUMENT
from license_vault.issuing.license_request import request_digest
from license_vault.issuing.plan import IssuanceServices
from license_vault.license import LicenseContent, LicenseStatus
from license_vault.license_metadata import canonical, claims_of, content_id
from license_vault.registry.holders import (
    HolderRecord,
    Holders,
    HolderWriter,
    NewHolder,
    document_text,
    new_handle,
)
from license_vault.registry.license_record import Basis, LicenseOpener, LicenseSecrets
from license_vault.registry.lookup_macs import LookupMacs
from license_vault.registry.records import FormRecord
from license_vault.registry.registry import Registry
from license_vault.registry.writing import (
    FIRST_VERSION,
    Intent,
    IntentKey,
    IntentRows,
    NewEvent,
    RegistryWriter,
    RequestMark,
)
from license_vault.status.shards import StatusShardWriter
from license_vault.vault import MEDIA_TYPES, RECORD, Deposited, HolderKey, object_key_of

_TRIES: Final = 3


class Adoption:
    """Keeps the license that a row and its files are, once for all times it is done."""

    def __init__(self, services: IssuanceServices, judge: Judge) -> None:
        self._services = services
        self._judge = judge
        self._planning = AdoptionPlanning(services)
        self._macs = LookupMacs(services.keys)
        self._opener = LicenseOpener(services.vault)

    def __call__(self, job: OpenJob, number: int, body: dict[str, Any]) -> RowOutcome:
        """Keep it; "existing" if a file of it or its case is here already.

        Raises:
            LicenseVaultError: what stands against it.
        """
        mark = self._mark(job, number, body)
        for _ in range(_TRIES):
            earlier = self._earlier(mark)
            if earlier is not None:
                return RowOutcome(number, Ending.DONE, identifier=earlier)
            names = file_names(body[FILE])
            files = tuple(judged(read_file(job.folder, name), self._judge) for name in names)
            kept = self._kept(files)
            if kept is not None:
                return RowOutcome(number, Ending.EXISTING, identifier=kept)
            try:
                draft = self._planning.draft(job, number, body, files, mark)
                self._write(draft)
            except CaseAlreadyIssuedError as error:
                return RowOutcome(number, Ending.EXISTING, identifier=error.identifier)
            except RowConflictError:
                # Somebody was first with this row, file, number or place: look again.
                continue
            return RowOutcome(number, Ending.DONE, identifier=draft.identifier)
        raise DatabaseUnavailableError("too many conflicts")

    # --- what is there already ---

    def _mark(self, job: OpenJob, number: int, body: Mapping[str, Any]) -> RequestMark:
        caller = job.job.caller.name
        mac = self._macs.idempotency_key(caller, job.row_key(number))
        return RequestMark(caller, mac, bytes.fromhex(request_digest(dict(body))))

    def _earlier(self, mark: RequestMark) -> str | None:
        with self._services.database.reading() as session:
            earlier = Registry(session).earlier_request(mark.caller, mark.key_mac)
        return None if earlier is None else earlier.identifier

    def _kept(self, files: tuple[RowFile, ...]) -> str | None:
        with self._services.database.reading() as session:
            found = (Registry(session).by_file(file.sm3) for file in files)
            return next((license_.identifier for license_ in found if license_), None)

    # --- writing ---

    def _write(self, draft: Draft) -> None:
        """Deposit the files, then write every row at once.

        Raises:
            RowConflictError: somebody was first with something of it.
        """
        holders = self._holders(draft)
        first = holders[0][0].handle
        deposited = tuple(
            self._services.vault.deposit(
                object_key_of(first, draft.identifier, file.form),
                file.form,
                self._file_key(draft, file.form),
                file.data,
            )
            for file in draft.files
        )
        self._services.checkpoint("deposited")
        secrets = self._secrets(draft)
        record_key = self._services.vault.new_key()
        intent = self._intent(draft, secrets, record_key, holders)
        basis = self._opener.sealed_basis(record_key, draft.identifier, secrets.basis)
        with self._services.database.writing() as session:
            writer = RegistryWriter(session)
            rows = IntentRows(
                tuple(record.row_id for _, record in holders),
                StatusShardWriter(session).begin(draft.place.shard, draft.at),
            )
            row_id = writer.record_intent(
                intent, rows, _event(draft, "intended", LicenseStatus.ISSUING, basis)
            )
            writer.remember_request(row_id, draft.mark, draft.at)
            writer.end_issuing(
                row_id,
                _event(draft, "adopted", LicenseStatus.VALID, basis),
                tuple(_form(file, draft.at) for file in deposited),
                lapses_at(draft.request.valid_until),
            )
            for file in draft.files:
                record_adopted(session, row_id, file.sm3, file.judgement, draft.at)
            AuditWriter(session).append(_act(draft, deposited))
        self._services.checkpoint("valid")

    def _holders(self, draft: Draft) -> tuple[tuple[HolderKey, HolderRecord], ...]:
        """Return the holders with their keys, open; those that are new get their vaults now."""
        vault, database = self._services.vault, self._services.database
        macs = tuple(map(self._macs.of_holder, draft.request.holders))
        with database.reading() as session:
            known = Holders(session).by_macs(macs)
        if len(known) < len(macs):
            with database.writing() as session:
                for mac, holder in zip(macs, draft.request.holders, strict=True):
                    if mac not in known:
                        HolderWriter(session).add(self._new_holder(mac, holder, draft.at))
            with database.reading() as session:
                known = Holders(session).by_macs(macs)
        records = tuple(known[mac] for mac in macs)
        return tuple(
            (vault.open_holder_key(record.handle, record.key_version, record.wrapped_key), record)
            for record in records
        )

    def _new_holder(self, mac: bytes, holder: Any, at: datetime) -> NewHolder:
        vault = self._services.vault
        key, wrapped = vault.new_holder_key(new_handle(self._services.random_bytes))
        return NewHolder(
            handle=key.handle,
            kind=holder.kind.value,
            lookup_mac=mac,
            wrapped_key=wrapped,
            key_version=key.version,
            sealed_document=vault.encrypt(
                key.key, key.handle, HOLDER_DOCUMENT, document_text(holder)
            ),
            added_at=at,
        )

    def _secrets(self, draft: Draft) -> LicenseSecrets:
        request = draft.request
        return LicenseSecrets(
            claims=canonical(claims_of(self._content(draft))),
            check_code=new_check_code(self._services.random_bytes),
            case_number=request.case_number,
            item_code=request.item_code,
            actor=draft.mark.caller,
            basis=Basis(request.basis, request.officer),
        )

    def _content(self, draft: Draft) -> LicenseContent:
        request, place = draft.request, draft.place
        return LicenseContent(
            identifier=draft.identifier,
            type_code=request.type_code,
            type_version=draft.license_type.version,
            type_name=draft.license_type.name_zh,
            authority=draft.authority.as_authority,
            holders=request.holders,
            copy=request.copy,
            number=request.number,
            issued_on=request.issued_on or request.valid_from,
            valid_from=request.valid_from,
            valid_until=request.valid_until,
            fields=request.fields,
            seals=draft.license_type.seals,
            status_uri=place.shard.uri,
            status_index=place.index,
            salt=self._services.random_bytes(16),
        )

    def _intent(
        self,
        draft: Draft,
        secrets: LicenseSecrets,
        record_key: bytes,
        holders: tuple[tuple[HolderKey, HolderRecord], ...],
    ) -> Intent:
        vault, request, identifier = self._services.vault, draft.request, draft.identifier
        kept = (
            (RECORD, record_key),
            *((f.form, self._file_key(draft, f.form)) for f in draft.files),
        )
        uniqueness = self._planning.uniqueness(request, draft.authority)
        return Intent(
            identifier=identifier,
            type_code=request.type_code,
            type_version=draft.license_type.version,
            authority_id=draft.authority.row_id,
            region=draft.authority.region,
            number_mac=uniqueness.number_mac,
            case_mac=uniqueness.case_mac,
            copy=request.copy,
            issued_on=request.issued_on or request.valid_from,
            valid_from=request.valid_from,
            valid_until=request.valid_until,
            seal_ids=(),
            forms=tuple(file.form for file in draft.files),
            status_index=draft.place.index,
            check_code_mac=self._macs.check_code(identifier, secrets.check_code),
            content_id=content_id(secrets.claims),
            sealed_record=vault.encrypt(record_key, identifier, RECORD, secrets.encoded()),
            keys=tuple(
                IntentKey(
                    position, purpose, key.version, vault.wrap_key(key, identifier, purpose, value)
                )
                for position, (key, _) in enumerate(holders)
                for purpose, value in kept
            ),
            recorded_at=draft.at,
            succession=FIRST_VERSION,
        )

    def _file_key(self, draft: Draft, form: str) -> bytes:
        return draft.job.key.derive(f"file-key/{form}", draft.number, 16)


def _event(draft: Draft, kind: str, status: LicenseStatus, basis: bytes) -> NewEvent:
    return NewEvent(
        kind=kind,
        status=status,
        actor=draft.mark.caller,
        effective_from=draft.at,
        recorded_at=draft.at,
        sealed_basis=basis,
    )


def _form(file: Deposited, at: datetime) -> FormRecord:
    return FormRecord(
        form=file.form,
        object_key=file.object_key,
        media_type=MEDIA_TYPES[file.form],
        size_bytes=len(file.data),
        sm3=file.sm3,
        sha256=file.sha256,
        ciphertext_sm3=file.ciphertext_sm3,
        deposited_at=at,
    )


def _act(draft: Draft, deposited: tuple[Deposited, ...]) -> Act:
    levels = {f"{f.form}_trust": str(f.judgement.trust_level) for f in draft.files}
    digests = {f"{file.form}_sm3": file.sm3.hex() for file in deposited}
    return Act(draft.mark.caller, ADOPTED, draft.identifier, {**digests, **levels}, draft.at)
