"""Licenses of partner regions in cases: taken in by a holder or brought, in our codes.

Which of them may stand for a need is asked by our type; whether one counts is what the verifier
says of the file at that moment, by the issuing region's own status.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from license_vault.cases.case import Judged
from license_vault.cases.case_services import CaseServices
from license_vault.database.sessions import Reading
from license_vault.errors import ClaimsInvalidError
from license_vault.license_metadata import Claims, read_claims
from license_vault.registry.holders import HolderRecord, Holders
from license_vault.sharing.maps import SharingMaps
from license_vault.sharing.partner_licenses import (
    PartnerLicense,
    PartnerLicenses,
    open_partner_license,
)
from license_vault.vault import JSON

# Of one type and holder: each that is looked at is verified, which takes its time.
_LOOKED_AT = 20


@dataclass(frozen=True, slots=True)
class TakenIn:
    """A license of a partner region in a holder's vault, and its type in our codes."""

    holder: HolderRecord
    license: PartnerLicense
    type_code: str


@dataclass(frozen=True, slots=True)
class InOurCodes:
    """What a valid license says as read, and its type and claims (canonical bytes) in our codes.

    ``region`` is the partner's, "" of a license of our own.
    """

    read: Claims
    type_code: str
    claims: bytes
    region: str


def taken_in(
    session: Reading, services: CaseServices, maps: SharingMaps, holder_macs: Sequence[bytes]
) -> Iterator[TakenIn]:
    """Yield what holders took in, the newest first; of one that came in several forms the JSON."""
    known = Holders(session).by_macs(holder_macs)
    for holder in (known[mac] for mac in holder_macs if mac in known):
        licenses: dict[str, PartnerLicense] = {}
        for found in PartnerLicenses(session, services.vault, holder).everything():
            if found.identifier not in licenses or found.file.form == JSON:
                licenses[found.identifier] = found
        seen = Counter[str]()
        for found in licenses.values():
            own_type = maps.own_type(found.region, found.type_code)
            seen[own_type] += 1
            if seen[own_type] <= _LOOKED_AT:
                yield TakenIn(holder, found, own_type)


def judged_now(services: CaseServices, found: TakenIn) -> Judged:
    """Return what the verifier says now of a license that was taken in.

    Raises:
        ObjectMissingError, ObjectDamagedError, StoreUnavailableError: the file cannot be had.
    """
    return services.judge(open_partner_license(services.vault, found.holder, found.license))


def in_our_codes(services: CaseServices, maps: SharingMaps, judged: Judged) -> InOurCodes | None:
    """Return what a file says in our codes, None if it is no license that is valid."""
    if judged.claims is None or not judged.is_valid:
        return None
    try:
        read = read_claims(judged.claims)
    except ClaimsInvalidError:
        return None
    if judged.region == services.region:
        return InOurCodes(read, read.type_code, judged.claims, "")
    own_type = maps.own_type(judged.region, read.type_code)
    claims = maps.own_claims(judged.region, own_type, judged.claims)
    return InOurCodes(read, own_type, claims, judged.region)
