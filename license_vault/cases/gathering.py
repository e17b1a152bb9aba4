"""Gather the licenses that stand for an item's needs: from the vault, and what was brought.

From the vault: of our own and those of partner regions that holders took in. What may be read: of
holders who showed a handle, what a grant covers; of any holder of the case, what the own
organisation or one below it issued, to a caller with the right to read the type. A license that
is there and may not be read is told only as the type that is withheld, and only of a holder who
was present.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from license_vault.access.errors import AccessNotGrantedError
from license_vault.access.grants import AccessGuard
from license_vault.access.use import Use
from license_vault.api_clients import Caller
from license_vault.cases.case import VALID, CaseDocument, DocumentKind, OpenCase
from license_vault.cases.case_services import CaseServices
from license_vault.cases.documents import CaseDocuments
from license_vault.cases.foreign import TakenIn, decided, in_our_codes, shown_as, taken_in
from license_vault.cases.prefill import ShownLicense
from license_vault.database.sessions import Reading
from license_vault.errors import (
    AuthorityNotPermittedError,
    OrganisationUnknownError,
    ScopeMissingError,
)
from license_vault.holding.journal import Journalled
from license_vault.license import CopyKind, LicenseStatus
from license_vault.registry.authorities import Authorities
from license_vault.registry.holders import HolderRecord, Holders
from license_vault.registry.license_record import LicenseOpener
from license_vault.registry.lookup_macs import LookupMacs
from license_vault.registry.records import KeptLicense, LicenseFilter, LicenseRecord
from license_vault.registry.registry import Registry
from license_vault.sharing.maps import SharingMaps
from license_vault.sharing.sharing import Sharing
from license_vault.vault import JSON

READ = "licenses:read"
_LOOKED_AT = 20


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads, and for what."""

    caller: Caller
    use: Use


@dataclass(frozen=True, slots=True)
class Found:
    """What may stand for needs, not verified yet; ``kept`` opens the records.

    ``foreign`` was taken in from partner regions, whose codes ``maps`` leads to ours.
    """

    records: tuple[LicenseRecord, ...]
    kept: Mapping[str, KeptLicense]
    documents: tuple[CaseDocument, ...]
    withheld: frozenset[str]
    foreign: tuple[TakenIn, ...]
    maps: SharingMaps


@dataclass(frozen=True, slots=True)
class Gathered:
    """Licenses that may stand for needs; ``records`` of those from the vault, by identifier."""

    shown: tuple[ShownLicense, ...]
    records: dict[str, Journalled]
    withheld: frozenset[str]


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
    """Looks up what may stand for one case's needs, in a session; ``verified`` judges it."""

    def __init__(self, services: CaseServices, session: Reading, case: OpenCase) -> None:
        self._services = services
        self._session = session
        self._case = case

    def look(self, reader: Reader) -> Found:
        """Return the licenses in force that a reader may see, and what was brought."""
        record, types = self._case.record, self._case.definition.item.types
        candidates = list(in_force(self._session, record.holder_macs, types))
        allowed = [found for holder, found in candidates if self._may(reader, holder, found)]
        withheld = {
            found.type_code
            for holder, found in candidates
            if found not in allowed and holder.lookup_mac in self._present
        }
        documents = CaseDocuments(self._session).of_case(record)
        maps = Sharing(self._session, self._services.region).maps()
        foreign, not_granted = self._foreign(reader, maps)
        return Found(
            records=tuple(allowed),
            kept=Registry(self._session).kept_of(allowed) if allowed else {},
            documents=tuple(
                d for d in documents if d.kind is DocumentKind.BROUGHT and d.verdict == VALID
            ),
            withheld=frozenset(withheld) | not_granted,
            foreign=foreign,
            maps=maps,
        )

    def _foreign(
        self, reader: Reader, maps: SharingMaps
    ) -> tuple[tuple[TakenIn, ...], frozenset[str]]:
        """Return what present holders took in and a grant covers, and types that none covers."""
        record, types = self._case.record, self._case.definition.item.types
        there = [mac for mac in record.holder_macs if mac in self._present]
        found = [
            one
            for one in taken_in(self._session, self._services, maps, there)
            if one.type_code in types
        ]
        granted = {code for code in {one.type_code for one in found} if self._granted(reader, code)}
        withheld = {one.type_code for one in found} - granted
        return tuple(one for one in found if one.type_code in granted), frozenset(withheld)

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
        return holder.lookup_mac in self._present and self._granted(reader, record.type_code)

    def _granted(self, reader: Reader, type_code: str) -> bool:
        now = self._services.clock()
        try:
            AccessGuard(self._session, self._services.macs, now).require(
                reader.caller, reader.use, type_code
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


def verified(services: CaseServices, case: OpenCase, found: Found) -> Gathered:
    """Return what was found as far as our verifier calls it valid now, and partners' as decided.

    Outside a session: verifying takes its time, and asks the database by itself. Of one type the
    first that counts is enough, our own before those that were taken in from partner regions. What
    was brought is verified again: it may have ended since.

    Raises:
        ObjectMissingError, ObjectDamagedError, StoreUnavailableError: a file cannot be had.
    """
    opener, shown = LicenseOpener(services.vault), dict[str, ShownLicense]()
    for record in found.records:
        if record.type_code not in shown:
            license_ = _judged(services, opener, record, found.kept[record.identifier])
            if license_.verdict == VALID:
                shown[record.type_code] = license_
    records: dict[str, Journalled] = {record.identifier: record for record in found.records}
    item_code = case.definition.item.code
    partners = tuple(decided(services, found.maps, found.foreign, item_code, shown))
    records |= {one.shown.identifier: one.license for one in partners}
    brought = (_brought(services, case, found.maps, document) for document in found.documents)
    valid = (
        *shown.values(),
        *(one.shown for one in partners),
        *(license_ for license_ in brought if license_ is not None),
    )
    return Gathered(valid, records, found.withheld)


def _judged(
    services: CaseServices, opener: LicenseOpener, record: LicenseRecord, kept: KeptLicense
) -> ShownLicense:
    # The JSON is read fastest; all forms of a license say the same and are all sealed.
    form = next((each for each in record.forms if each.form == JSON), record.forms[0])
    judged, claims = services.judge(opener.file(kept, form), ""), opener.secrets(kept).claims
    return ShownLicense(
        identifier=record.identifier,
        type_code=record.type_code,
        verdict=judged.verdict if judged.claims == claims else "altered",
        as_of=judged.as_of,
        document="",
        claims=claims,
    )


def _brought(
    services: CaseServices, case: OpenCase, maps: SharingMaps, document: CaseDocument
) -> ShownLicense | None:
    """Return a file of the case as the license it is, None if it is none of a holder's that counts.

    A partner's comes with its decision, whatever that is.
    """
    data = services.secrets.file(case.key, document)
    judged = services.judge(data, case.definition.item.code)
    said = in_our_codes(services, maps, judged)
    if said is None:
        return None
    named = {services.macs.of_holder(holder) for holder in said.read.holders}
    if not named & set(case.record.holder_macs):
        return None
    return shown_as(judged, said, document.handle)
