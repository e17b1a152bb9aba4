"""Parts of a composite license from one version to the next, where an order names them anew.

A part of the same code and term goes on as it was, suspended or ended too; any other begins in
force. So nobody gives back what a part's authority took by saying the same again, and a new term
is a new decision about the part.
"""

from collections.abc import Sequence
from datetime import date

from license_vault.api_clients import Caller
from license_vault.database.sessions import Reading
from license_vault.errors import FieldInvalidError, FieldProblem
from license_vault.issuing.request_members import PARTS, RequestedPart
from license_vault.license import LicenseStatus
from license_vault.packages.part_registry import PartRecord, Parts
from license_vault.registry.authorities import Authorities


def parts_to_replace(session: Reading, identifier: str, caller: Caller) -> tuple[PartRecord, ...]:
    """Return the parts of a license for which an order names others.

    Raises:
        OrganisationUnknownError, AuthorityNotPermittedError: the caller may not act for the
            authority of one of them, and could leave that part out.
    """
    authorities, found = Authorities(session), Parts(session).of_license(identifier)
    for part in found:
        authorities.within(part.authority_code, caller.organisation_code)
    return found


def begins_as(
    before: PartRecord | None, valid_from: date, valid_until: date | None
) -> LicenseStatus:
    """Return the state in which a part begins in a new version.

    Args:
        before: the part of that code in the version before, None: there was none.
        valid_from: first day of its term in the new version; ``valid_until`` None is 长期.
    """
    if before is None or (before.valid_from, before.valid_until) != (valid_from, valid_until):
        return LicenseStatus.VALID
    return before.status


def require_one_in_force(
    parts: Sequence[RequestedPart], before: Sequence[PartRecord], day: date
) -> None:
    """Check that a composite license which comes into force on a day has a part in force then.

    Raises:
        FieldInvalidError: all are suspended, or over; the license would live without them.
    """
    earlier = {part.code: part for part in before}
    for part in parts:
        begins = begins_as(earlier.get(part.code), part.valid_from, part.valid_until)
        over = part.valid_until is not None and part.valid_until < day
        if begins is LicenseStatus.VALID and not over:
            return
    zh = "新版本生效时，至少应有一个分项有效。"
    en = "At least one part must be in force when the new version comes into force."
    raise FieldInvalidError((FieldProblem(f"/{PARTS}", "no-part-in-force", zh, en),))
