"""Licenses of partner regions in cases: taken in by a holder or brought, in our codes.

Which of them may stand for a need is asked by our type; whether one counts is the decision for the
item at that moment: authentic and in force by the issuing region's own status, and listed in our
use list (用证清单).
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from license_vault.cases.case import Judged
from license_vault.cases.case_services import CaseServices
from license_vault.cases.prefill import ShownLicense
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
    """What a license says as read, and its type and claims (canonical bytes) in our codes.

    ``region`` is the partner's, "" of a license of our own.
    """

    read: Claims
    type_code: str
    claims: bytes
    region: str


@dataclass(frozen=True, slots=True)
class Decided:
    """A license that was taken in, as it may stand for a need, and what it says as read."""

    shown: ShownLicense
    license: PartnerLicense
    read: Claims


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


def decided(
    services: CaseServices,
    maps: SharingMaps,
    found: Sequence[TakenIn],
    item_code: str,
    there: Collection[str],
) -> Iterator[Decided]:
    """Yield licenses that were taken in with their decisions; of one type until one counts.

    Args:
        there: types of which a license counts already: none is looked at.

    Raises:
        ObjectMissingError, ObjectDamagedError, StoreUnavailableError: a file cannot be had.
    """
    met = set(there)
    for one in found:
        license_ = None if one.type_code in met else _decided(services, maps, one, item_code)
        if license_ is not None:
            if license_.shown.counts:
                met.add(one.type_code)
            yield license_


def _decided(
    services: CaseServices, maps: SharingMaps, found: TakenIn, item_code: str
) -> Decided | None:
    """Return what is decided now, None of a file that is not what its row says."""
    data = open_partner_license(services.vault, found.holder, found.license)
    judged = services.judge(data, item_code)
    said = in_our_codes(services, maps, judged)
    if said is None or said.read.identifier != found.license.identifier:
        return None
    named = {services.macs.of_holder(holder) for holder in said.read.holders}
    if said.type_code != found.type_code or found.holder.lookup_mac not in named:
        return None
    return Decided(shown_as(judged, said, ""), found.license, said.read)


def in_our_codes(services: CaseServices, maps: SharingMaps, judged: Judged) -> InOurCodes | None:
    """Return what a file says in our codes, None of one that may not stand for a need.

    It was valid when it was taken in or brought, and has not changed since. Of our own it must be
    valid now; of a partner's the decision tells.
    """
    if judged.claims is None or not (judged.is_valid or judged.decision):
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


def shown_as(judged: Judged, said: InOurCodes, document: str) -> ShownLicense:
    """Return a license as it may stand for a need; ``document`` is its file in the case, or ""."""
    return ShownLicense(
        identifier=said.read.identifier,
        type_code=said.type_code,
        verdict=judged.verdict,
        as_of=judged.as_of,
        document=document,
        claims=said.claims,
        region=said.region,
        decision=judged.decision,
    )
