"""正本 and its 副本, asked for by one request: one plan each, to be issued as one group.

The officers sign the request once, as it came; every copy says the same but which copy it is.
"""

from collections.abc import Mapping
from dataclasses import replace

from license_vault.api_clients import Caller
from license_vault.issuing.plan import FIRST, NextVersion, Plan, Planning
from license_vault.issuing.request_approvals import approved_sm3
from license_vault.issuing.request_members import DUPLICATES
from license_vault.license import CopyKind


def plan_copies(
    planning: Planning,
    body: object,
    caller: Caller,
    body_sm3: bytes,
    version: NextVersion = FIRST,
) -> tuple[Plan, ...]:
    """Plan every license that one request asks for: one, or a 正本 with its 副本.

    Args:
        body_sm3: SM3 of the body's RFC 8785 form.
        version: how they come to be made.

    Raises:
        LicenseVaultError: what stands against one of them; nothing was written.
    """
    first = planning.plan(body, caller, body_sm3, version)
    count = first.request.members.duplicates
    if not count or not isinstance(body, Mapping):
        return (first,)
    signed = replace(version, approved_sm3=approved_sm3(body, body_sm3))
    rest = {name: value for name, value in body.items() if name != DUPLICATES}
    others = (
        planning.plan({**rest, "copy": _duplicate(ordinal, count)}, caller, body_sm3, signed)
        for ordinal in range(1, count + 1)
    )
    return (first, *others)


def _duplicate(ordinal: int, count: int) -> dict[str, object]:
    return {"kind": CopyKind.DUPLICATE.value, "ordinal": ordinal, "of": count}
