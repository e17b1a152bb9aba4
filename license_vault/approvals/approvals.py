"""Signed approvals: officers sign (case, item, digest of the request) with their own keys.

So who decided is proved by the officer and not by the system that tells of it. Pure: officers and
items come from ``approvals.officers`` and ``approvals.items``; what was checked is stored
with the use of the seal.
"""

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

import rfc8785

from keys import sm2
from keys.certificate import read_certificate
from keys.errors import InvalidSignatureError
from keys.sm3 import sm3
from license_vault.approvals.errors import (
    ApprovalInvalidError,
    ApprovalMissingError,
    SamePersonError,
)
from license_vault.approvals.items import STEPS, ApprovalItem, ApprovalStep
from license_vault.approvals.officers import PERSON, Officer
from license_vault.issuing.request_reading import ObjectReader

SCHEMA: Final = "license-vault/approval/1"
CLOCKS_MAY_DIFFER: Final = timedelta(minutes=5)

_MAXIMUM: Final = 4
_LONGEST_SIGNATURE: Final = 128  # Base64 of at most 72 bytes of DER, with room
_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_INSTANT_FORMAT: Final = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True, slots=True)
class Approval:
    """What an officer signed; ``signature`` is DER of (r, s), ``signed_at`` UTC, whole seconds."""

    officer_id: str
    step: str
    signed_at: datetime
    signature: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class CheckedApproval:
    """An approval that counts, with the officer's organisation and SM3 of the certificate."""

    approval: Approval
    organisation_code: str
    certificate_sm3: bytes

    def as_json(self) -> dict[str, str]:
        """Return it as records keep it."""
        approval = self.approval
        return {
            "officer_id": approval.officer_id,
            "organisation": self.organisation_code,
            "step": approval.step,
            "signed_at": approval.signed_at.strftime(_INSTANT_FORMAT),
            "signature": base64.b64encode(approval.signature).decode(),
            "certificate_sm3": self.certificate_sm3.hex(),
        }


@dataclass(frozen=True, slots=True)
class ApprovedCase:
    """What is approved: the case, and SM3 (hex) of the RFC 8785 bytes of the request.

    The digest is taken of the body without its member "approvals".
    """

    case_number: str
    item_code: str
    digest_hex: str


def approval_bytes(case: ApprovedCase, step: str, officer_id: str, signed_at: datetime) -> bytes:
    """Return what an officer signs: RFC 8785 JSON of schema license-vault/approval/1.

    Args:
        signed_at: UTC, whole seconds.

    Source: RFC 8785; GB/T 32918.2 with the default signer id.
    """
    data: bytes = rfc8785.dumps(
        {
            "schema": SCHEMA,
            "case_number": case.case_number,
            "item_code": case.item_code,
            "digest": case.digest_hex,
            "step": step,
            "officer_id": officer_id,
            "signed_at": signed_at.astimezone(UTC).strftime(_INSTANT_FORMAT),
        }
    )
    return data


def check_approvals(
    item: ApprovalItem,
    approvals: Sequence[Approval],
    officers: Sequence[Officer],
    case: ApprovedCase,
    at: datetime,
) -> tuple[CheckedApproval, ...]:
    """Check that an item's steps were all signed, each once, by officers who may; in order.

    Args:
        officers: who may sign for the authority, ``Officers.within``.

    Raises:
        ApprovalMissingError: a step was not signed.
        ApprovalInvalidError: one that came does not count; none is passed over.
        SamePersonError: one person, or one key, signed both steps.
    """
    known = {officer.officer_id: officer for officer in officers}
    steps = [approval.step for approval in approvals]
    wanted = STEPS[item.mode]
    checked = {}
    for approval in approvals:
        if approval.step not in wanted:
            raise ApprovalInvalidError("step-unexpected", approval.officer_id)
        if steps.count(approval.step) > 1:
            raise ApprovalInvalidError("step-twice", approval.officer_id)
        officer = known.get(approval.officer_id)
        if officer is None:
            raise ApprovalInvalidError("officer-unknown", approval.officer_id)
        _check_signature(approval, officer, case, at)
        digest = sm3(officer.certificate)
        checked[approval.step] = CheckedApproval(approval, officer.organisation_code, digest)
    for step in wanted:
        if step not in checked:
            raise ApprovalMissingError(item.code, step)
    ordered = tuple(checked[step] for step in wanted)
    _require_two_people(ordered, known)
    return ordered


def _check_signature(
    approval: Approval, officer: Officer, case: ApprovedCase, at: datetime
) -> None:
    certificate = read_certificate(officer.certificate)
    if approval.signed_at > at + CLOCKS_MAY_DIFFER:
        raise ApprovalInvalidError("from-the-future", approval.officer_id)
    if not all(
        certificate.not_before <= when <= certificate.not_after
        for when in (min(approval.signed_at, at), at)
    ):
        raise ApprovalInvalidError("certificate-period", approval.officer_id)
    message = approval_bytes(case, approval.step, approval.officer_id, approval.signed_at)
    try:
        sm2.verify(certificate.public_point, message, approval.signature)
    except InvalidSignatureError as error:
        raise ApprovalInvalidError("signature", approval.officer_id) from error


def _require_two_people(checked: Sequence[CheckedApproval], known: dict[str, Officer]) -> None:
    """Check that the second step is another person's and came after the first."""
    if len(checked) < 2:
        return
    first, second = (each.approval for each in checked)
    keys = {read_certificate(known[a.officer_id].certificate).public_point for a in (first, second)}
    if first.officer_id == second.officer_id or len(keys) == 1:
        raise SamePersonError(second.officer_id, second.step)
    if second.signed_at < first.signed_at:
        raise ApprovalInvalidError("checked-before-review", second.officer_id)


# --- reading them from a request -----------------------------------------------------------------


def read_approvals(reader: ObjectReader, name: str = "approvals") -> tuple[Approval, ...]:
    """Read the approvals that a request brings; what is wrong is noted in the reader."""
    found = (_approval(item) for item in reader.items(name, _MAXIMUM))
    return tuple(approval for approval in found if approval is not None)


def _approval(reader: ObjectReader) -> Approval | None:
    officer_id = reader.matching("officer_id", PERSON, 128)
    step = reader.word("step", ApprovalStep)
    signed_at = _instant(reader)
    signature = _signature(reader)
    reader.finish()
    if officer_id is None or step is None or signed_at is None or signature is None:
        return None
    return Approval(officer_id, step, signed_at, signature)


def _instant(reader: ObjectReader) -> datetime | None:
    text = reader.matching("signed_at", _INSTANT, 20)
    if text is None:
        return None
    try:
        return datetime.strptime(text, _INSTANT_FORMAT).replace(tzinfo=UTC)
    except ValueError:
        zh, en = "应为存在的时刻（UTC）。", "This must be an instant that exists, UTC."
        reader.problem("signed_at", ("not-a-time", zh, en))
        return None


def _signature(reader: ObjectReader) -> bytes | None:
    text = reader.text("signature", _LONGEST_SIGNATURE)
    if text is None:
        return None
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        zh, en = "应为 Base64 编码的签名值。", "This must be a signature value in Base64."
        reader.problem("signature", ("not-base64", zh, en))
        return None
