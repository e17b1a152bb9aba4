"""Whether a request to issue brings the officers' approvals that its item demands.

An item that is registered demands the signatures of its steps over (case, item, digest of the
request). A request that names no registered item passes without, if the node is set so, and is
recorded as such; approvals that nobody can check are refused, never passed over.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from keys.provider import KeyProvider
from license_vault.approvals.approvals import Approval, ApprovedCase, check_approvals
from license_vault.approvals.errors import ApprovalInvalidError, ItemUnregisteredError
from license_vault.approvals.items import ApprovalItem, ApprovalItems
from license_vault.approvals.officers import Officer, Officers
from license_vault.database.sessions import Reading
from license_vault.issuing.license_request import APPROVALS, request_digest
from license_vault.seals.uses import Authorisation


class UnsignedApprovals(StrEnum):
    """What happens to a request whose item is not registered: it passes unsigned, or not."""

    ALLOW = "allow"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Approvers:
    """What the database knows of a request's item and of those who say they approved it."""

    item: ApprovalItem | None
    officers: tuple[Officer, ...]


class Approvable(Protocol):
    """What officers approve: a request to issue, or an order to do something to a license."""

    @property
    def item_code(self) -> str | None:
        """The item, if one is named."""
        ...

    @property
    def case_number(self) -> str:
        """The case."""
        ...

    @property
    def authority_code(self) -> str:
        """The authority that they approve it for."""
        ...

    @property
    def approvals(self) -> Sequence[Approval]:
        """What they signed."""
        ...


def find_approvers(session: Reading, keys: KeyProvider, request: Approvable) -> Approvers:
    """Look up the item of a request, and the officers who may sign for its authority."""
    item = ApprovalItems(session).find(request.item_code) if request.item_code else None
    if item is None or not request.approvals:
        return Approvers(item, ())
    ids = [approval.officer_id for approval in request.approvals]
    return Approvers(item, Officers(session, keys).within(ids, request.authority_code))


def approved_sm3(body: object, body_sm3: bytes) -> bytes:
    """Return SM3 of a request without its approvals: what the officers have signed.

    Args:
        body_sm3: SM3 of the RFC 8785 form of the whole body.
    """
    if not isinstance(body, Mapping) or APPROVALS not in body:
        return body_sm3
    rest = {name: value for name, value in body.items() if name != APPROVALS}
    return bytes.fromhex(request_digest(rest))


def authorise(
    request: Approvable,
    approvers: Approvers,
    digest: bytes,
    unsigned: UnsignedApprovals,
    at: datetime,
) -> Authorisation:
    """Check a request's approvals; return what authorises the use of seals.

    Args:
        digest: ``approved_sm3`` of the request.

    Raises:
        ApprovalMissingError: a step of the item was not signed.
        ApprovalInvalidError: an approval does not count.
        SamePersonError: one person signed both steps.
        ItemUnregisteredError: the item is not registered, and unsigned requests are refused.
    """
    item = approvers.item
    if item is None:
        if request.approvals:
            raise ApprovalInvalidError("item-unknown", request.approvals[0].officer_id)
        if unsigned is UnsignedApprovals.REFUSE:
            raise ItemUnregisteredError(request.item_code or "")
        return Authorisation(request.item_code, digest)
    case = ApprovedCase(request.case_number, item.code, digest.hex())
    checked = check_approvals(item, request.approvals, approvers.officers, case, at)
    return Authorisation(item.code, digest, checked)


def require_signable(
    request: Approvable,
    approvers: Approvers,
    digest: bytes,
    unsigned: UnsignedApprovals,
    at: datetime,
) -> None:
    """Check what is known of a request's approvals before officers sign it.

    Approvals that it brings already are checked like those of any request; with none of an item
    that demands them, they are still to come.

    Raises:
        LicenseVaultError: as ``authorise``.
    """
    if approvers.item is None or request.approvals:
        authorise(request, approvers, digest, unsigned, at)
