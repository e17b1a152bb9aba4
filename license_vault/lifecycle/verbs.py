"""The verbs of a license's life, as one table: from which state, to which, with which codes.

Pure; the API, the documents and the model of the tests read it. Which arrows there are at all is
``license.ALLOWED_TRANSITIONS``; a verb goes along some of them.

Source: docs/standards.md 8 (行政许可法 44 to 50, 69, 70; operateType and certState as the
national model of 住建部安管人员电子证照 numbers them).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from license_vault.license import LicenseStatus

ISSUE_SCOPE: Final = "licenses:issue"
SUSPEND_SCOPE: Final = "licenses:suspend"
CANCEL_SCOPE: Final = "licenses:cancel"

_VALID: Final = frozenset({LicenseStatus.VALID})
_NOTHING: Final[frozenset[LicenseStatus]] = frozenset()


class Makes(StrEnum):
    """What a verb makes: nothing new, the next version, or the first at another authority."""

    NOTHING = "nothing"
    VERSION = "version"
    LICENSE = "license"


@dataclass(frozen=True, slots=True)
class Verb:
    """One verb. ``name`` stands in addresses; ``event`` is the kind of what is recorded.

    ``sources`` are the states it may be done in, ``becomes`` what the license it is done to is
    from then on (None: what it was). ``operate_type`` is the national code (operateType).
    """

    name: str
    zh: str
    en: str
    event: str
    scope: str
    sources: frozenset[LicenseStatus]
    becomes: LicenseStatus | None
    makes: Makes
    operate_type: str


def _verbs(*verbs: Verb) -> Mapping[str, Verb]:
    return MappingProxyType({verb.name: verb for verb in verbs})


_S = LicenseStatus

VERBS: Final = _verbs(
    Verb("issue", "核发", "issue", "issued", ISSUE_SCOPE, _NOTHING, None, Makes.LICENSE, "01"),
    Verb(
        "change", "变更", "change", "changed",
        ISSUE_SCOPE, _VALID, _S.SUPERSEDED, Makes.VERSION, "09",
    ),
    Verb(
        "renewal", "延续", "renewal", "renewed",
        ISSUE_SCOPE, _VALID, _S.SUPERSEDED, Makes.VERSION, "02",
    ),
    Verb(
        "reissue", "补证", "reissue", "reissued",
        ISSUE_SCOPE, _VALID, _S.SUPERSEDED, Makes.VERSION, "07",
    ),
    Verb(
        "revalidation", "校验", "revalidation", "revalidated",
        ISSUE_SCOPE, _VALID, _S.SUPERSEDED, Makes.VERSION, "07",
    ),
    Verb(
        "correction", "更正", "correction", "corrected",
        ISSUE_SCOPE, _VALID, _S.CANCELLED, Makes.VERSION, "07",
    ),
    Verb(
        "suspension", "暂扣", "suspension", "suspended",
        SUSPEND_SCOPE, _VALID, _S.SUSPENDED, Makes.NOTHING, "03",
    ),
    Verb(
        "resumption", "发还", "resumption", "resumed",
        SUSPEND_SCOPE, frozenset({_S.SUSPENDED}), _S.VALID, Makes.NOTHING, "06",
    ),
    Verb(
        "transfer-out", "转出", "transfer out", "transferred-out",
        CANCEL_SCOPE, _VALID, _S.TRANSFERRED, Makes.NOTHING, "05",
    ),
    Verb(
        "transfer-out-withdrawal", "取消转出", "withdrawal of a transfer out", "transfer-withdrawn",
        CANCEL_SCOPE, frozenset({_S.TRANSFERRED}), _S.VALID, Makes.NOTHING, "10",
    ),
    Verb(
        "transfer-in", "转入", "transfer in", "transferred-in",
        ISSUE_SCOPE, frozenset({_S.TRANSFERRED}), _S.SUPERSEDED, Makes.LICENSE, "08",
    ),
    Verb(
        "rescission", "撤销", "rescission", "rescinded",
        CANCEL_SCOPE, frozenset({_S.PENDING, _S.VALID, _S.SUSPENDED}), _S.RESCINDED,
        Makes.NOTHING, "05",
    ),
    Verb(
        "revocation", "吊销", "revocation", "revoked",
        CANCEL_SCOPE, frozenset({_S.PENDING, _S.VALID, _S.SUSPENDED}), _S.REVOKED,
        Makes.NOTHING, "05",
    ),
    Verb(
        "cancellation", "注销", "cancellation", "cancelled",
        CANCEL_SCOPE,
        frozenset(
            {
                _S.PENDING, _S.VALID, _S.SUSPENDED, _S.TRANSFERRED, _S.LAPSED, _S.RESCINDED,
                _S.REVOKED,
            }
        ),
        _S.CANCELLED, Makes.NOTHING, "05",
    ),
    Verb(
        "renewal-application", "延续申请", "renewal application", "renewal-applied",
        ISSUE_SCOPE, _VALID, None, Makes.NOTHING, "07",
    ),
    Verb(
        "renewal-refusal", "不予延续", "renewal refusal", "renewal-refused",
        ISSUE_SCOPE, frozenset({_S.VALID, _S.SUSPENDED}), None, Makes.NOTHING, "07",
    ),
)  # fmt: skip

SUSPENSION_OVER: Final = "suspension-over"
"""The event by which a license is in force again after the last day of its suspension."""

# What happens without anybody's order, and what is recorded of a license being made.
_OTHER_EVENTS: Final[Mapping[str, str]] = {
    "intended": "01",
    "void": "07",
    "lapsed": "04",
    "in-force": "07",
    "kept-in-force": "07",
    SUSPENSION_OVER: "06",
}
_OF_EVENT: Final[Mapping[str, str]] = {
    **_OTHER_EVENTS,
    **{verb.event: verb.operate_type for verb in VERBS.values()},
}


def operate_type_of(event: str) -> str:
    """Return the national code of a kind of event; 07 (其他业务) of any other."""
    return _OF_EVENT.get(event, "07")
