"""The words of the trade: holders, authorities, copies, states, and what a license says.

Pure: no key, no database, no file, no clock. ``LicenseContent`` is everything that is claimed
in a license and nothing else; the seal, the layout, the content id and the state in force are
never part of it (ADR 0001).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, TypeAlias

LONG_TERM: Final = "长期"
# How a license came to be, where it says so: from the records of an older paper license.
MADE_FROM_RECORDS: Final = "存量补制"

# Text, list or object; lists and objects are nested at most as deep as claims allow.
FieldValue: TypeAlias = "str | tuple[FieldValue, ...] | Mapping[str, FieldValue]"


class HolderKind(StrEnum):
    """Who may hold a license. Source: GB/T 36902-2018, 持证者类别."""

    NATURAL_PERSON = "natural_person"
    LEGAL_PERSON = "legal_person"
    OTHER_ORGANISATION = "other_organisation"


class CopyKind(StrEnum):
    """The original of a license, or one of its numbered duplicates."""

    ORIGINAL = "正本"
    DUPLICATE = "副本"


class LicenseStatus(StrEnum):
    """The state of one version of a license; a new version is a new identifier."""

    ISSUING = "issuing"
    PENDING = "pending"
    VALID = "valid"
    SUSPENDED = "suspended"
    RESCINDED = "rescinded"
    REVOKED = "revoked"
    CANCELLED = "cancelled"
    LAPSED = "lapsed"
    SUPERSEDED = "superseded"
    TRANSFERRED = "transferred"
    VOID = "void"


class LicenseMark(StrEnum):
    """What is said of a license in force beside its state; it stays in force all the same."""

    RENEWAL_PENDING = "renewal-pending"
    CONDITIONAL = "conditional"
    DISPUTED = "disputed"


_RULED_OUT: Final = frozenset(
    {LicenseStatus.RESCINDED, LicenseStatus.REVOKED, LicenseStatus.CANCELLED}
)
_ENDS: Final = _RULED_OUT | {LicenseStatus.LAPSED}

# From each state, where it may go. 注销 closes what 撤销, 吊销 or 失效 ended (行政许可法, art. 70);
# 暂扣 is given back, 转出 may be taken back (行政许可法; docs/standards.md). A new version waits
# as PENDING until it comes into force, in which moment the one before is SUPERSEDED.
ALLOWED_TRANSITIONS: Final[Mapping[LicenseStatus, frozenset[LicenseStatus]]] = {
    LicenseStatus.ISSUING: frozenset(
        {LicenseStatus.VALID, LicenseStatus.PENDING, LicenseStatus.VOID}
    ),
    LicenseStatus.PENDING: _RULED_OUT | {LicenseStatus.VALID, LicenseStatus.SUSPENDED},
    LicenseStatus.VALID: _ENDS
    | {LicenseStatus.SUSPENDED, LicenseStatus.TRANSFERRED, LicenseStatus.SUPERSEDED},
    LicenseStatus.SUSPENDED: _ENDS | {LicenseStatus.VALID, LicenseStatus.SUPERSEDED},
    LicenseStatus.RESCINDED: frozenset({LicenseStatus.CANCELLED}),
    LicenseStatus.REVOKED: frozenset({LicenseStatus.CANCELLED}),
    LicenseStatus.LAPSED: frozenset({LicenseStatus.CANCELLED}),
    LicenseStatus.TRANSFERRED: frozenset(
        {
            LicenseStatus.VALID,
            LicenseStatus.LAPSED,
            LicenseStatus.CANCELLED,
            LicenseStatus.SUPERSEDED,
        }
    ),
    LicenseStatus.SUPERSEDED: frozenset(),
    LicenseStatus.CANCELLED: frozenset(),
    LicenseStatus.VOID: frozenset(),
}

# What a signed status list says of one version, 4 bits; 0 is an index never assigned. A VALID
# one with marks has a code of its own: ``status_code``.
STATUS_CODES: Final[Mapping[LicenseStatus, int]] = {
    LicenseStatus.VALID: 1,
    LicenseStatus.SUSPENDED: 2,
    LicenseStatus.RESCINDED: 3,
    LicenseStatus.REVOKED: 4,
    LicenseStatus.CANCELLED: 5,
    LicenseStatus.LAPSED: 6,
    LicenseStatus.TRANSFERRED: 7,
    LicenseStatus.PENDING: 8,
    LicenseStatus.ISSUING: 8,
    LicenseStatus.VOID: 8,
    LicenseStatus.SUPERSEDED: 9,
}

_PENDING_RENEWAL: Final = LicenseMark.RENEWAL_PENDING
_CONDITIONAL: Final = LicenseMark.CONDITIONAL
_DISPUTED: Final = LicenseMark.DISPUTED
# Codes of VALID with marks. 15 says 延续审批中 and 异议中; 附条件 beside both is not told apart.
MARK_CODES: Final[Mapping[frozenset[LicenseMark], int]] = {
    frozenset({_PENDING_RENEWAL}): 10,
    frozenset({_CONDITIONAL}): 11,
    frozenset({_DISPUTED}): 12,
    frozenset({_CONDITIONAL, _DISPUTED}): 13,
    frozenset({_PENDING_RENEWAL, _CONDITIONAL}): 14,
    frozenset({_PENDING_RENEWAL, _DISPUTED}): 15,
}


def in_order(marks: Iterable[LicenseMark]) -> tuple[LicenseMark, ...]:
    """Return marks, each once, in the order in which they are always told."""
    found = frozenset(marks)
    return tuple(mark for mark in LicenseMark if mark in found)


def status_code(status: LicenseStatus, marks: Iterable[LicenseMark] = ()) -> int:
    """Return what a status list says of a version: a state, and of a VALID one its marks."""
    marked = frozenset(marks)
    if status is not LicenseStatus.VALID or not marked:
        return STATUS_CODES[status]
    return MARK_CODES.get(marked, MARK_CODES[frozenset({_PENDING_RENEWAL, _DISPUTED})])


STATUS_NAMES: Final[Mapping[LicenseStatus, tuple[str, str]]] = {
    LicenseStatus.ISSUING: ("未生效", "not yet in force"),
    LicenseStatus.PENDING: ("未生效", "not yet in force"),
    LicenseStatus.VALID: ("有效", "valid"),
    LicenseStatus.SUSPENDED: ("暂扣", "suspended"),
    LicenseStatus.RESCINDED: ("撤销", "rescinded"),
    LicenseStatus.REVOKED: ("吊销", "revoked"),
    LicenseStatus.CANCELLED: ("注销", "cancelled"),
    LicenseStatus.LAPSED: ("失效", "lapsed"),
    LicenseStatus.SUPERSEDED: ("被替代", "superseded"),
    LicenseStatus.TRANSFERRED: ("转出", "transferred"),
    LicenseStatus.VOID: ("未生效", "void"),
}

MARK_NAMES: Final[Mapping[LicenseMark, tuple[str, str]]] = {
    LicenseMark.RENEWAL_PENDING: ("延续审批中", "renewal pending"),
    LicenseMark.CONDITIONAL: ("附条件", "conditional"),
    LicenseMark.DISPUTED: ("异议中", "disputed"),
}

# certState of the national model. Source: 住建部安管人员电子证照, 证书状态; docs/standards.md.
CERT_STATES: Final[Mapping[LicenseStatus, str]] = {
    LicenseStatus.VALID: "01",
    LicenseStatus.SUSPENDED: "02",
    LicenseStatus.RESCINDED: "03",
    LicenseStatus.CANCELLED: "04",
    LicenseStatus.LAPSED: "05",
    LicenseStatus.SUPERSEDED: "05",
    LicenseStatus.TRANSFERRED: "06",
    LicenseStatus.REVOKED: "07",
    LicenseStatus.PENDING: "99",
    LicenseStatus.ISSUING: "99",
    LicenseStatus.VOID: "99",
}

HOLDER_KIND_NAMES: Final[Mapping[HolderKind, tuple[str, str]]] = {
    HolderKind.NATURAL_PERSON: ("自然人", "natural person"),
    HolderKind.LEGAL_PERSON: ("法人", "legal person"),
    HolderKind.OTHER_ORGANISATION: ("其他组织", "other organisation"),
}

# Codes of holder documents. Source: GB/T 36903-2018, annex A.
USCC_DOCUMENT: Final = "001"
CITIZEN_DOCUMENT: Final = "111"
ORGANISATION_DOCUMENTS: Final[Mapping[str, str]] = {
    USCC_DOCUMENT: "统一社会信用代码",
    "099": "其他法人或其他组织有效证件代码",
}
PERSON_DOCUMENTS: Final[Mapping[str, str]] = {
    CITIZEN_DOCUMENT: "公民身份号码",
    "114": "军官证",
    "115": "武警警官证",
    "118": "士兵证",
    "119": "武警士兵证",
    "120": "军队文职干部证",
    "122": "武警文职干部证",
    "411": "外交护照",
    "412": "公务护照",
    "413": "公务普通护照",
    "414": "普通护照",
    "511": "台湾居民来往大陆通行证",
    "516": "港澳居民来往内地通行证",
    "999": "其他自然人有效证件代码",
}
DOCUMENT_NAMES: Final[Mapping[str, str]] = {**ORGANISATION_DOCUMENTS, **PERSON_DOCUMENTS}


def document_fits(kind: HolderKind, document_type: str) -> bool:
    """Say whether a holder of this kind can be named by a document of this type."""
    if kind is HolderKind.NATURAL_PERSON:
        return document_type in PERSON_DOCUMENTS
    return document_type in ORGANISATION_DOCUMENTS


@dataclass(frozen=True, slots=True)
class Holder:
    """One holder as named in the license; ``document_type`` is a code of annex A, GB/T 36903."""

    kind: HolderKind
    name: str
    document_type: str
    document_number: str


@dataclass(frozen=True, slots=True)
class IssuingAuthority:
    """Who issues: ``code`` is a USCC (18), ``region`` a region of GB/T 2260 (6 digits)."""

    code: str
    name: str
    region: str


@dataclass(frozen=True, slots=True)
class CopyDesignation:
    """Which copy: the original is 1 of 1, a duplicate is ``ordinal`` of ``of``, from 1."""

    kind: CopyKind
    ordinal: int = 1
    of: int = 1


@dataclass(frozen=True, slots=True)
class Condition:
    """What the holder has still to do (告知承诺, 容缺), and the last day for it."""

    text: str
    due: date


@dataclass(frozen=True, slots=True)
class PartAuthority:
    """Who answers for one part of a composite license; ``code`` is a USCC (18)."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class LicensePart:
    """One approval within a composite license (一业一证), with its own authority and term.

    ``code`` is the type's word for the kind of part and stands once in a license;
    ``valid_until`` is inclusive, None is 长期.
    """

    code: str
    name: str
    number: str
    authority: PartAuthority
    valid_from: date
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class LicenseContent:
    """All that a license claims, as issued; the ground of its claims, face and data index.

    ``identifier`` is the text of GB/T 36904. ``valid_until`` is inclusive; None is 长期.
    Dates are civil dates of +08:00. ``salt`` is 16 random bytes, without which anybody could
    try identity numbers against the content id. ``status_index`` is this version's own, never
    used again, in the list at ``status_uri``.

    The members from ``predecessor`` on are of claims v2: the identifier of the version (or, after
    转入, the license) that this one follows; ``MADE_FROM_RECORDS`` or nothing; what is still to
    be done; the parts of a composite license.
    """

    identifier: str
    type_code: str
    type_version: str
    type_name: str
    authority: IssuingAuthority
    holders: tuple[Holder, ...]
    copy: CopyDesignation
    number: str
    issued_on: date
    valid_from: date
    valid_until: date | None
    fields: Mapping[str, FieldValue]
    seals: int
    status_uri: str
    status_index: int
    salt: bytes
    predecessor: str | None = None
    making: str = ""
    conditions: tuple[Condition, ...] = ()
    parts: tuple[LicensePart, ...] = ()
