"""Gather the licenses that stand for an item's needs: from the vault, and what was brought.

What may be read: of holders who showed a handle, what a grant covers; of any holder of the case,
what the own organisation or one below it issued, to a caller with the right to read the type. A
license that is there and may not be read is told only as the type that is withheld, and only of a
holder who was present.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from license_vault.access.errors import AccessNotGrantedError
from license_vault.access.grants import AccessGuard
from license_vault.access.use import Use
from license_vault.api_clients import Caller
from license_vault.cases.case import VALID, DocumentKind, OpenCase
from license_vault.cases.case_services import CaseServices
from license_vault.cases.documents import CaseDocuments
from license_vault.cases.prefill import ShownLicense
from license_vault.database.sessions import Reading
from license_vault.errors import (
    AuthorityNotPermittedError,
    ClaimsInvalidError,
    IdentifierInvalidError,
    OrganisationUnknownError,
    ScopeMissingError,
)
from license_vault.license import CopyKind, LicenseStatus
from license_vault.license_identifier import parse
from license_vault.license_metadata import read_claims
from license_vault.registry.authorities import Authorities
from license_vault.registry.holders import HolderRecord, Holders
from license_vault.registry.license_record import LicenseOpener
from license_vault.registry.lookup_macs import LookupMacs
from license_vault.registry.records import LicenseFilter, LicenseRecord
from license_vault.registry.registry import Registry
from license_vault.vault import JSON

READ = "licenses:read"
_LOOKED_AT = 20


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads, and for what."""

    caller: Caller
    use: Use


@dataclass(frozen=True, slots=True)
class Gathered:
    """Licenses that may stand for needs; ``records`` of those from the vault, by identifier."""

    shown: tuple[ShownLicense, ...]
    records: dict[str, LicenseRecord]
    withheld: frozenset[str]


def version_of(identifier: str) -> str:
    """Return the three digits of the version in an identifier; "" if it is none of ours."""
    try:
        return f"{parse(identifier).version:03d}"
    except IdentifierInvalidError:
        return ""


def in_force(
    session: Reading, holder_macs: Sequence[bytes], types: Sequence[str]
) -> Iterator[tuple[HolderRecord, LicenseRecord]]:
    """Yield what holders have of some types in force: by type, originals and the newest first."""
    registry = Registry(session)
    known = Holders(session).by_macs(holder_macs)
    for holder in (known[mac] for mac in holder_macs if mac in known):
        for type_code in types:
            wanted = LicenseFilter(
                holder=holder.handle, type_code=type_code, status=LicenseStatus.VALID
            )
            page = registry.page(wanted, _LOOKED_AT)
            for record in sorted(page, key=lambda found: found.copy.kind is not CopyKind.ORIGINAL):
                yield holder, record


class Gathering:
    """Gathers licenses for one case, in a session."""

    def __init__(self, services: CaseServices, session: Reading, case: OpenCase) -> None:
        self._services = services
        self._session = session
        self._case = case

    def gather(self, reader: Reader) -> Gathered:
        """Return the licenses in force that a reader may see, each verified as of now.

        Raises:
            ObjectMissingError, ObjectDamagedError, StoreUnavailableError: a file cannot be had.
        """
        record, types = self._case.record, self._case.definition.item.types
        candidates = list(in_force(self._session, record.holder_macs, types))
        allowed = [found for holder, found in candidates if self._may(reader, holder, found)]
        withheld = {
            found.type_code
            for holder, found in candidates
            if found not in allowed and holder.lookup_mac in self._present
        }
        shown = [*map(self._verified, self._one_a_type(allowed)), *self._brought()]
        records = {found.identifier: found for found in allowed}
        valid = tuple(license_ for license_ in shown if license_.verdict == VALID)
        return Gathered(valid, records, frozenset(withheld))

    @property
    def _present(self) -> frozenset[bytes]:
        """Return the MACs of holders who were there."""
        macs: LookupMacs = self._services.macs
        return frozenset(
            macs.holder(h.document_type, h.document_number)
            for h in self._case.holders
            if h.presence
        )

    def _may(self, reader: Reader, holder: HolderRecord, record: LicenseRecord) -> bool:
        if self._is_own(reader.caller, record):
            return True
        if holder.lookup_mac not in self._present:
            return False
        now = self._services.clock()
        try:
            AccessGuard(self._session, self._services.macs, now).require(
                reader.caller, reader.use, record.type_code
            )
        except AccessNotGrantedError:
            return False
        return True

    def _is_own(self, caller: Caller, record: LicenseRecord) -> bool:
        try:
            caller.require(READ, record.type_code)
            Authorities(self._session).within(record.authority_code, caller.organisation_code)
        except (ScopeMissingError, AuthorityNotPermittedError, OrganisationUnknownError):
            return False
        return True

    def _one_a_type(self, records: Sequence[LicenseRecord]) -> tuple[LicenseRecord, ...]:
        """Return the first of each type: no more is ever used, and verifying costs."""
        first: dict[str, LicenseRecord] = {}
        for record in records:
            first.setdefault(record.type_code, record)
        return tuple(first.values())

    def _verified(self, record: LicenseRecord) -> ShownLicense:
        kept = Registry(self._session).kept(record.identifier)
        opener = LicenseOpener(self._services.vault)
        # The JSON is read fastest; all forms of a license say the same and are all sealed.
        form = next((f for f in record.forms if f.form == JSON), record.forms[0])
        judged = self._services.judge(opener.file(kept, form))
        claims = opener.secrets(kept).claims
        verdict = judged.verdict if judged.claims == claims else "altered"
        return self._shown(
            record.identifier, record.type_code, claims, verdict=verdict, as_of=judged.as_of
        )

    def _shown(
        self,
        identifier: str,
        type_code: str,
        claims: bytes,
        *,
        verdict: str = "",
        as_of: str = "",
        document: str = "",
    ) -> ShownLicense:
        version = version_of(identifier)
        return ShownLicense(identifier, version, type_code, verdict, as_of, document, claims)

    def _brought(self) -> Iterator[ShownLicense]:
        """Yield licenses among the files of the case that name one of its holders.

        They are verified again: what was in force when it was brought may have ended since.
        """
        services, case = self._services, self._case
        for document in CaseDocuments(self._session).of_case(case.record):
            if document.kind is not DocumentKind.BROUGHT or document.verdict != VALID:
                continue
            judged = services.judge(services.secrets.file(case.key, document))
            if judged.claims is None:
                continue
            try:
                content = read_claims(judged.claims)
            except ClaimsInvalidError:
                continue
            named = {services.macs.of_holder(holder) for holder in content.holders}
            if content.type_code in case.definition.item.types and named & set(
                case.record.holder_macs
            ):
                yield self._shown(
                    content.identifier,
                    content.type_code,
                    judged.claims,
                    verdict=judged.verdict,
                    as_of=judged.as_of,
                    document=document.handle,
                )
