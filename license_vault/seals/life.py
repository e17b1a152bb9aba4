"""How a seal lives: its states, what people do to it, and the one table of arrows.

Applied for, approved by somebody else, made by the maker of seals, filed (备案) and so in use;
then suspended and taken up again, made anew, and in the end cancelled with its own number
(注销备案号). Only a seal in use may be set. Pure: who may act is in ``seals.roles``.

Source: 国办发〔2025〕33号 (filing after making; made anew when owner or certificate changes,
unusable meanwhile; suspending, cancelling); 国务院令第716号, art. 9.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from license_vault.seals.errors import SealStateError


class SealState(StrEnum):
    """Where a seal stands in its life. Only ACTIVE may be set."""

    APPLIED = "applied"
    REJECTED = "rejected"
    APPROVED = "approved"
    MADE = "made"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    REMAKING = "remaking"
    CANCELLED = "cancelled"


class SealAct(StrEnum):
    """What people do to a seal."""

    APPLY = "apply"
    APPROVE = "approve"
    REJECT = "reject"
    MAKE = "make"
    FILE = "file"
    SUSPEND = "suspend"
    RESUME = "resume"
    REMAKE = "remake"
    CANCEL = "cancel"


ARROWS: Mapping[SealAct, tuple[frozenset[SealState], SealState]] = MappingProxyType(
    {
        # Applying begins the life; after a rejection somebody may apply again.
        SealAct.APPLY: (frozenset({SealState.REJECTED}), SealState.APPLIED),
        SealAct.APPROVE: (frozenset({SealState.APPLIED}), SealState.APPROVED),
        SealAct.REJECT: (frozenset({SealState.APPLIED}), SealState.REJECTED),
        SealAct.MAKE: (frozenset({SealState.APPROVED, SealState.REMAKING}), SealState.MADE),
        SealAct.FILE: (frozenset({SealState.MADE}), SealState.ACTIVE),
        SealAct.SUSPEND: (frozenset({SealState.ACTIVE}), SealState.SUSPENDED),
        SealAct.RESUME: (frozenset({SealState.SUSPENDED}), SealState.ACTIVE),
        SealAct.REMAKE: (
            frozenset({SealState.MADE, SealState.ACTIVE, SealState.SUSPENDED}),
            SealState.REMAKING,
        ),
        SealAct.CANCEL: (
            frozenset({SealState.MADE, SealState.ACTIVE, SealState.SUSPENDED, SealState.REMAKING}),
            SealState.CANCELLED,
        ),
    }
)

STATE_NAMES: Mapping[SealState, tuple[str, str]] = MappingProxyType(
    {
        SealState.APPLIED: ("已申请", "applied for"),
        SealState.REJECTED: ("不予批准", "rejected"),
        SealState.APPROVED: ("已批准", "approved"),
        SealState.MADE: ("已制作", "made"),
        SealState.ACTIVE: ("启用", "active"),
        SealState.SUSPENDED: ("停用", "suspended"),
        SealState.REMAKING: ("重新制作", "being made anew"),
        SealState.CANCELLED: ("注销", "cancelled"),
    }
)

ACT_NAMES: Mapping[SealAct, tuple[str, str]] = MappingProxyType(
    {
        SealAct.APPLY: ("申请", "applied for"),
        SealAct.APPROVE: ("批准", "approved"),
        SealAct.REJECT: ("不予批准", "rejected"),
        SealAct.MAKE: ("制作", "made"),
        SealAct.FILE: ("备案", "filed"),
        SealAct.SUSPEND: ("停用", "suspended"),
        SealAct.RESUME: ("恢复", "taken up again"),
        SealAct.REMAKE: ("重新制作", "made anew"),
        SealAct.CANCEL: ("注销", "cancelled"),
    }
)


def next_state(code: str, current: SealState, act: SealAct) -> SealState:
    """Return the state an act leads to.

    Raises:
        SealStateError: the act does not fit the seal's state.
    """
    may_leave, becomes = ARROWS[act]
    if current not in may_leave:
        raise SealStateError(code, current.value, act.value)
    return becomes


class SealKind(StrEnum):
    """What a seal is for; decides its type number in SES_ESPropertyInfo and who may own it."""

    OFFICIAL = "official"
    FINANCE = "finance"
    INVOICE = "invoice"
    CONTRACT = "contract"
    REPRESENTATIVE = "representative"
    SPECIAL = "special"
    PERSONAL = "personal"


# The codes of the public security organs; the standard itself leaves the numbers open, and nobody
# refuses a seal for them (docs/seals.md).
KIND_NUMBERS: Mapping[SealKind, int] = MappingProxyType(
    {
        SealKind.OFFICIAL: 1,
        SealKind.FINANCE: 2,
        SealKind.INVOICE: 3,
        SealKind.CONTRACT: 4,
        SealKind.REPRESENTATIVE: 5,
        SealKind.SPECIAL: 99,
        SealKind.PERSONAL: 99,
    }
)

KIND_NAMES: Mapping[SealKind, tuple[str, str]] = MappingProxyType(
    {
        SealKind.OFFICIAL: ("法定名称章", "official seal"),
        SealKind.FINANCE: ("财务专用章", "finance seal"),
        SealKind.INVOICE: ("发票专用章", "invoice seal"),
        SealKind.CONTRACT: ("合同专用章", "contract seal"),
        SealKind.REPRESENTATIVE: ("法定代表人名章", "legal representative's seal"),
        SealKind.SPECIAL: ("专用章", "special seal"),
        SealKind.PERSONAL: ("个人名章", "personal seal"),
    }
)
