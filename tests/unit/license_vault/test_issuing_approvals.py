"""What officers sign before a license is issued, and what is kept of it with the seal uses."""

import base64
from dataclasses import replace
from datetime import UTC, timedelta
from typing import Any

import pytest
from approving import Approvers
from pki import OWNER_CODE, SEAL_CODE
from vault_world import CALLER, FORMS, World, example

from license_vault.approvals.errors import (
    ApprovalInvalidError,
    ApprovalMissingError,
    ItemUnregisteredError,
    SamePersonError,
)
from license_vault.approvals.items import ApprovalMode
from license_vault.audit import AuditTrail
from license_vault.errors import FieldInvalidError, IdempotencyKeyReusedError, LicenseVaultError
from license_vault.issuing.issuance import Issuance, IssuedLicense
from license_vault.issuing.license_request import request_digest
from license_vault.issuing.request_approvals import UnsignedApprovals
from license_vault.license import IssuingAuthority, LicenseStatus
from license_vault.registry.authorities import AuthorityWriter
from license_vault.registry.registry import LicenseFilter, Registry
from license_vault.seals.uses import SealUse, SealUses

SOLE, TWO_STEP = "事项-独任", "事项-一审一核"


@pytest.fixture
def approvers(world: World) -> Approvers:
    made = Approvers(world.database, world.keys, world.now)
    made.add_item(SOLE, ApprovalMode.SOLE)
    made.add_item(TWO_STEP, ApprovalMode.TWO_STEP)
    for name in ("wang", "li"):
        made.add_officer(name)
    return made


def uses_of(world: World, issued: IssuedLicense) -> tuple[SealUse, ...]:
    with world.database.reading() as session:
        return SealUses(session).of_licenses([issued.license.row_id])


def refused(world: World, body: dict[str, Any]) -> list[tuple[str, str]]:
    """Issue a body that is refused; return what of it is in the audit. Nothing else is written."""
    used = len(world.keys.uses(f"seal/{SEAL_CODE}"))
    with pytest.raises(LicenseVaultError) as caught:
        world.issuance().issue(body, CALLER, "key")
    assert len(world.keys.uses(f"seal/{SEAL_CODE}")) == used
    with world.database.reading() as session:
        assert Registry(session).page(LicenseFilter(), 1) == ()
        entries = tuple(AuditTrail(session).entries())
    acts = [entry.act for entry in entries if entry.act.action == "license.issue.refused"]
    assert [act.actor for act in acts] == [CALLER.name]
    assert acts[0].details["error"] == type(caught.value).__name__
    raise caught.value


def test_both_steps_of_an_item_are_signed_and_kept_with_each_use_of_a_seal(
    world: World, approvers: Approvers
) -> None:
    plain = example(item_code=TWO_STEP)
    body = approvers.approved(plain, ("wang", "review"), ("li", "check"))
    issued = world.issuance().issue(body, CALLER, "key")
    assert issued.license.status is LicenseStatus.VALID
    uses = uses_of(world, issued)
    assert sorted(use.form for use in uses) == sorted(FORMS)
    for use in uses:
        assert use.item_code == TWO_STEP
        assert use.request_sm3 == bytes.fromhex(request_digest(plain))
        assert [(a["officer_id"], a["step"]) for a in use.approvals] == [
            ("wang", "review"),
            ("li", "check"),
        ]
        assert [a["signature"] for a in use.approvals] == [
            a["signature"] for a in body["approvals"]
        ]
        assert use.signed_sm3 in world.keys.uses(f"seal/{SEAL_CODE}")


def test_one_officer_decides_an_item_of_one(world: World, approvers: Approvers) -> None:
    body = approvers.approved(example(item_code=SOLE), ("wang", "decide"))
    issued = world.issuance().issue(body, CALLER, "key")
    assert [len(use.approvals) for use in uses_of(world, issued)] == [1] * len(FORMS)


def test_an_item_that_is_not_registered_passes_unsigned_and_is_kept_so(world: World) -> None:
    issued = world.issuance().issue(example(item_code="没有登记"), CALLER, "key")
    for use in uses_of(world, issued):
        assert (use.item_code, use.approvals) == ("没有登记", ())
        assert use.request_sm3 is not None


@pytest.mark.parametrize("change", [{"item_code": "没有登记"}, {}], ids=["unknown", "none"])
def test_where_unsigned_requests_are_refused_a_registered_item_is_needed(
    world: World, approvers: Approvers, change: dict[str, object]
) -> None:
    services = replace(world.services(), unsigned_approvals=UnsignedApprovals.REFUSE)
    body = {key: value for key, value in example().items() if key != "item_code"} | change
    with pytest.raises(ItemUnregisteredError):
        Issuance(services).issue(body, CALLER, "key")
    signed = approvers.approved(example(item_code=SOLE), ("wang", "decide"))
    assert Issuance(services).issue(signed, CALLER, "key").license.status is LicenseStatus.VALID


# --- what does not count ----------------------------------------------------------------------


def test_a_registered_item_without_approvals_is_refused(world: World, approvers: Approvers) -> None:
    with pytest.raises(ApprovalMissingError) as caught:
        refused(world, example(item_code=SOLE))
    assert caught.value.step == "decide"


def test_a_step_that_nobody_signed_is_named(world: World, approvers: Approvers) -> None:
    body = approvers.approved(example(item_code=TWO_STEP), ("wang", "review"))
    with pytest.raises(ApprovalMissingError) as caught:
        refused(world, body)
    assert caught.value.step == "check"


def test_one_person_cannot_do_both_steps(world: World, approvers: Approvers) -> None:
    body = approvers.approved(example(item_code=TWO_STEP), ("wang", "review"), ("wang", "check"))
    with pytest.raises(SamePersonError):
        refused(world, body)


def test_an_approval_of_another_request_does_not_count(world: World, approvers: Approvers) -> None:
    body = approvers.approved(example(item_code=SOLE), ("wang", "decide"))
    for change in ({"basis": "另一依据"}, {"number": "2" * 20}, {"case_number": "C2"}):
        with pytest.raises(ApprovalInvalidError) as caught:
            world.issuance().issue(body | change, CALLER, "key")
        assert caught.value.reason == "signature"


def test_an_approval_moved_to_another_officer_or_step_does_not_count(
    world: World, approvers: Approvers
) -> None:
    body = approvers.approved(example(item_code=SOLE), ("wang", "decide"))
    moved = body["approvals"][0] | {"officer_id": "li"}
    with pytest.raises(ApprovalInvalidError) as caught:
        refused(world, body | {"approvals": [moved]})
    assert caught.value.reason == "signature"


def test_a_stranger_approves_nothing(world: World, approvers: Approvers) -> None:
    with world.database.writing() as session:
        AuthorityWriter(session).add(IssuingAuthority("BESIDE", "别处", "110101"), None, world.now)
    approvers.add_officer("zhao", "BESIDE")
    with pytest.raises(ApprovalInvalidError) as caught:
        refused(world, approvers.approved(example(item_code=SOLE), ("zhao", "decide")))
    assert caught.value.reason == "officer-unknown"


def test_an_officer_of_a_department_below_approves(world: World, approvers: Approvers) -> None:
    with world.database.writing() as session:
        below = IssuingAuthority("BELOW", "内设机构", "110101")
        AuthorityWriter(session).add(below, OWNER_CODE, world.now)
    approvers.add_officer("zhao", "BELOW")
    body = approvers.approved(example(item_code=SOLE), ("zhao", "decide"))
    assert world.issuance().issue(body, CALLER, "key").license.status is LicenseStatus.VALID


def test_an_approval_from_the_future_does_not_count(world: World, approvers: Approvers) -> None:
    plain = example(item_code=SOLE)
    late = approvers.approval(plain, "wang", "decide", world.now + timedelta(minutes=6))
    with pytest.raises(ApprovalInvalidError) as caught:
        refused(world, plain | {"approvals": [late]})
    assert caught.value.reason == "from-the-future"


def test_approvals_that_nobody_can_check_are_refused(world: World, approvers: Approvers) -> None:
    body = approvers.approved(example(item_code="没有登记"), ("wang", "decide"))
    with pytest.raises(ApprovalInvalidError) as caught:
        refused(world, body)
    assert caught.value.reason == "item-unknown"


MALFORMED: dict[str, object] = {
    "no list": {"officer_id": "wang"},
    "none": [],
    "too many": [{}] * 5,
    "a text": ["wang"],
    "nothing in it": [{}],
    "another member": "more",
    "a step that is none": {"step": "sign"},
    "an instant without a zone": {"signed_at": "2026-06-01T04:00:00"},
    "an instant that is none": {"signed_at": "2026-02-30T04:00:00Z"},
    "a signature that is no base64": {"signature": "*"},
    "an officer without a name": {"officer_id": ""},
}


@pytest.mark.parametrize("case", MALFORMED)
def test_a_malformed_approval_is_pointed_at(world: World, approvers: Approvers, case: str) -> None:
    change = MALFORMED[case]
    plain = example(item_code=SOLE)
    approval: dict[str, object] = {**approvers.approval(plain, "wang", "decide")}
    if change == "more":
        change = [approval | {"note": "x"}]
    elif case not in ("no list",) and isinstance(change, dict):
        change = [approval | change]
    with pytest.raises(FieldInvalidError) as caught:
        world.issuance().issue(plain | {"approvals": change}, CALLER, "key")
    assert all(p.pointer.startswith("/approvals") for p in caught.value.problems)


def test_other_approvals_under_the_same_key_are_another_request(
    world: World, approvers: Approvers
) -> None:
    plain = example(item_code=SOLE)
    first = approvers.approved(plain, ("wang", "decide"))
    world.issuance().issue(first, CALLER, "key")
    with pytest.raises(IdempotencyKeyReusedError):
        world.issuance().issue(approvers.approved(plain, ("li", "decide")), CALLER, "key")
    assert world.issuance().issue(first, CALLER, "key").replayed


def test_what_is_kept_can_be_checked_again(world: World, approvers: Approvers) -> None:
    """Case from the record, item, digest and instant from the use: what the officer signed."""
    body = approvers.approved(example(item_code=SOLE), ("wang", "decide"))
    issued = world.issuance().issue(body, CALLER, "key")
    kept = uses_of(world, issued)[0].approvals[0]
    signed = base64.b64decode(kept["signature"])
    assert signed == base64.b64decode(body["approvals"][0]["signature"])
    assert kept["signed_at"] == world.now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert len(bytes.fromhex(kept["certificate_sm3"])) == 32
