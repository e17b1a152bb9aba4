"""Evidence: everything a judgement rests on, frozen, as bytes as they were received.

Gathering makes it, judging reads it, nobody changes it. It goes to JSON and back without loss
(``evidence_json``): as a golden file of the tests, between the parser process and us, and as the
attachment that an inspector may keep. Instants are UTC, whole seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class ReadFailure:
    """The document could not be read; ``code`` is a reason of the check integrity."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class ParsedSeal:
    """One signature field as the parser process found it.

    ``byte_range`` has four numbers when it is well formed; ``value`` is the DER of the CMS.
    ``problems`` are the stable codes of ``signing.pdf_reader``.
    """

    field_name: str
    revision: int
    byte_range: tuple[int, ...]
    value: bytes
    sub_filter: str
    covers_whole_file: bool
    certification: int | None
    field_lock: str | None
    lock_permission: int | None
    claimed_at: datetime | None
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    """What the parser process says of a document. ``texts`` is what stands in each claim's box."""

    seals: tuple[ParsedSeal, ...]
    document_timestamps: tuple[ParsedSeal, ...] = ()
    later_changes: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    claims: bytes | None = None
    data_index: bytes | None = None
    xmp: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    index_problem: str | None = None


@dataclass(frozen=True, slots=True)
class RangeFacts:
    """What we ourselves found over the bytes of one seal, whatever the parser process says.

    ``digest`` is SM3 over the two ranges; ``problem`` names why there is none.
    """

    digest: bytes
    reaches_end: bool
    problem: str | None


@dataclass(frozen=True, slots=True)
class DocumentEvidence:
    """A document: its digests (hex), what was read of it or why it could not be read."""

    form: str
    sm3: str
    sha256: str
    size: int
    parsed: ParsedDocument | None
    failure: ReadFailure | None
    ranges: tuple[RangeFacts, ...] = ()
    timestamp_ranges: tuple[RangeFacts, ...] = ()
    second_opinions: tuple[bool | None, ...] = ()


@dataclass(frozen=True, slots=True)
class AnchorEvidence:
    """A trust anchor (DER) and what it is trusted for: seal, timestamp, status."""

    purposes: tuple[str, ...]
    certificate: bytes


@dataclass(frozen=True, slots=True)
class AuthorityEvidence:
    """An issuing authority of the bundle and whose seals may stand for it (USCCs)."""

    code: str
    name: str
    region: str
    seal_owners: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TrustEvidence:
    """What a region trusts: certificates and lists as DER, and the one authority asked about."""

    region: str
    issued_at: datetime
    anchors: tuple[AnchorEvidence, ...]
    intermediates: tuple[bytes, ...]
    revocation_lists: tuple[bytes, ...]
    authority: AuthorityEvidence | None


class StatusKind(StrEnum):
    """Who answered about the state of a license."""

    SIGNED_LIST = "signed-list"
    REGISTER = "register"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class StatusEvidence:
    """An answer about the state of one license, or why there is none.

    SIGNED_LIST: ``signed_list`` is the DER as received, judged in full. REGISTER: the issuing
    node's own live row gave ``state`` (a LicenseStatus) at ``observed_at``, for the time asked
    about. ``detail`` is shown with a state ("until 2026-12-31"); ``marks`` are 附条件, 异议中 ….
    """

    kind: StatusKind
    signed_list: bytes | None = None
    state: str | None = None
    observed_at: datetime | None = None
    detail: str = ""
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """The whole: document, trust and status, and when they were gathered."""

    document: DocumentEvidence
    trust: TrustEvidence | None
    trust_gap: str
    status: StatusEvidence | None
    gathered_at: datetime
