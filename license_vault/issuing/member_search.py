"""What the database says of a request's members: authorities of its parts, its evidence."""

from collections.abc import Iterator, Sequence

from license_vault.api_clients import Caller
from license_vault.database.sessions import Reading
from license_vault.errors import (
    AuthorityNotPermittedError,
    FieldInvalidError,
    OrganisationUnknownError,
)
from license_vault.issuing.request_members import PARTS, RequestMembers
from license_vault.issuing.request_reading import RequestProblems
from license_vault.license import LicensePart, PartAuthority
from license_vault.packages.evidence import evidence_for
from license_vault.packages.evidence_registry import EvidenceRegistry
from license_vault.registry.authorities import Authorities


def find_parts(
    session: Reading, members: RequestMembers, caller: Caller
) -> tuple[LicensePart, ...]:
    """Return the parts of a request with the names of their authorities; look for its evidence.

    Raises:
        OrganisationUnknownError, AuthorityNotPermittedError: the caller may not act for the
            authority of a part.
        EvidenceNotFoundError: there is none, none of the caller's, or it is not kept yet.
    """
    authorities = Authorities(session)
    for evidence_id in members.evidence:
        evidence_for(EvidenceRegistry(session), authorities, evidence_id, caller)
    return tuple(_parts(authorities, members, caller))


def require_part_authorities(session: Reading, codes: Sequence[str], above: str) -> None:
    """Check that the authority of each part of a request is ``above`` or below it.

    Args:
        codes: of the authorities, in the order of the parts.

    Raises:
        FieldInvalidError: with every part of which it is another or unknown one.
    """
    problems = RequestProblems()
    authorities = Authorities(session)
    for i, code in enumerate(codes):
        try:
            authorities.within(code, above)
        except (OrganisationUnknownError, AuthorityNotPermittedError):
            zh = "机构不存在，或不在您的机构及其下级之内。"
            en = "There is no such organisation, or it is not yours nor below it."
            problems.add(f"/{PARTS}/{i}/authority_code", ("authority-not-yours", zh, en))
    if problems.found:
        raise FieldInvalidError(tuple(problems.found))


def _parts(
    authorities: Authorities, members: RequestMembers, caller: Caller
) -> Iterator[LicensePart]:
    for part in members.parts:
        authority = authorities.within(part.authority_code, caller.organisation_code)
        yield LicensePart(
            code=part.code,
            name=part.name,
            number=part.number,
            authority=PartAuthority(authority.code, authority.name),
            valid_from=part.valid_from,
            valid_until=part.valid_until,
        )
