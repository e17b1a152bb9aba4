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


class DocumentForm(StrEnum):
    """What kind of file a document is, by its first bytes."""

    PDF = "pdf"
    OFD = "ofd"
    JSON = "json"
    ESL = "esl"


class ValueKind(StrEnum):
    """What stands in the value of a seal.

    CMS: our own profile (ADR 0011). SES: SES_Signature of GB/T 38540. GM_CMS: SignedData as
    GB/T 35275 or RFC 5652 shape it, by others. BARE: r and s alone, nobody named. SES_SEAL: a
    seal by itself (.esl), which seals nothing.
    """

    CMS = "cms"
    SES = "ses"
    GM_CMS = "gm-cms"
    BARE = "bare"
    SES_SEAL = "ses-seal"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class PdfPlace:
    """How a seal is written into a PDF; ``byte_range`` has four numbers when it is well formed."""

    revision: int
    byte_range: tuple[int, ...]
    sub_filter: str
    covers_whole_file: bool
    certification: int | None
    field_lock: str | None
    lock_permission: int | None


@dataclass(frozen=True, slots=True)
class Reference:
    """One entry of an OFD package that a seal names, and the digest it gives for it."""

    path: str
    check_value: bytes


@dataclass(frozen=True, slots=True)
class OfdPlace:
    """How a seal is written into an OFD package. Paths are absolute, as entries are named.

    ``signature_type`` is Seal or Sign; ``path`` is its Signature.xml, ``value_path`` its
    SignedValue.dat; ``seal_file`` is what stands at ``seal_path``; ``stamps`` are the pages
    (from 1, 0 unknown) that show it.
    """

    signature_type: str
    path: str
    value_path: str
    seal_path: str | None
    seal_file: bytes | None
    check_method: str
    signature_method: str
    references: tuple[Reference, ...]
    stamps: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ParsedSeal:
    """One seal or signature as the parser process found it.

    ``value`` is what was signed with, as received. ``problems`` and ``deviations`` are stable
    codes of the readers in ``signing``: what must not be, and what only others write so. The
    place is one of ``pdf`` and ``ofd``; in JSON a seal has none.
    """

    name: str
    kind: ValueKind
    value: bytes
    claimed_at: datetime | None
    problems: tuple[str, ...] = ()
    deviations: tuple[str, ...] = ()
    pdf: PdfPlace | None = None
    ofd: OfdPlace | None = None


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    """What the parser process says of a document.

    ``metadata`` is XMP in a PDF, CustomDatas in OFD, the wrapper in JSON, by local names.
    ``texts`` is what stands in each claim's place. ``reachable`` are the entries that showing
    the current version of an OFD needs; ``signatures_path`` is its list of signatures.
    ``copy`` is the record of a purpose-bound copy, as attached.
    """

    seals: tuple[ParsedSeal, ...]
    document_timestamps: tuple[ParsedSeal, ...] = ()
    later_changes: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    deviations: tuple[str, ...] = ()
    claims: bytes | None = None
    data_index: bytes | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    index_problem: str | None = None
    reachable: tuple[str, ...] = ()
    signatures_path: str | None = None
    copy: bytes | None = None


@dataclass(frozen=True, slots=True)
class SealFacts:
    """What we ourselves found over the bytes of one seal, whatever the parser process says.

    ``digest`` is SM3 of what the seal is over: the two ranges of a PDF, Signature.xml of an OFD,
    the claims of a JSON. ``problem`` names why there is none, or why what the parser process
    says of the seal does not stand in the file. ``content`` is what the digest was made of, kept
    only where a signature is over the content itself.
    """

    digest: bytes
    reaches_end: bool
    problem: str | None
    content: bytes | None = None


@dataclass(frozen=True, slots=True)
class PackageFacts:
    """The entries of an OFD package as we read them: all names, SM3 (hex) of those sealed.

    ``packed_as_ours`` is asked of licenses only.
    """

    names: tuple[str, ...]
    digests: Mapping[str, str]
    packed_as_ours: bool | None = None


@dataclass(frozen=True, slots=True)
class DocumentEvidence:
    """A document: its digests (hex), what was read of it or why it could not be read.

    A second opinion is about the value of a seal, a maker opinion about the maker's signature of
    the seal inside it.
    """

    form: DocumentForm
    sm3: str
    sha256: str
    size: int
    parsed: ParsedDocument | None
    failure: ReadFailure | None
    facts: tuple[SealFacts, ...] = ()
    timestamp_facts: tuple[SealFacts, ...] = ()
    package: PackageFacts | None = None
    second_opinions: tuple[bool | None, ...] = ()
    maker_opinions: tuple[bool | None, ...] = ()


@dataclass(frozen=True, slots=True)
class AnchorEvidence:
    """A trust anchor (DER) and what it is trusted for: seal, timestamp, status.

    Where the region stands for it no more, ``withdrawn_from`` says since when and ``why`` by a
    code of ``signing.trust_list``; the same of signers and owners.
    """

    purposes: tuple[str, ...]
    certificate: bytes
    trusted_from: datetime | None = None
    withdrawn_from: datetime | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class FormerOwnerEvidence:
    """An owner of seals (USCC) that may speak for an authority no more, since when and why."""

    code: str
    trusted_from: datetime | None
    withdrawn_from: datetime
    why: str


@dataclass(frozen=True, slots=True)
class AuthorityEvidence:
    """An issuing authority of the bundle and whose seals may stand for it (USCCs), or might."""

    code: str
    name: str
    region: str
    seal_owners: tuple[str, ...]
    former_owners: tuple[FormerOwnerEvidence, ...] = ()


@dataclass(frozen=True, slots=True)
class SignerEvidence:
    """An end certificate (DER) that a region stands for by name: seal-maker or system."""

    role: str
    certificate: bytes
    trusted_from: datetime | None = None
    withdrawn_from: datetime | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class TrustEvidence:
    """What a region trusts: certificates and lists as DER, and the one authority asked about.

    Out of a signed trust list: its sequence, and until when it counts.
    """

    region: str
    issued_at: datetime
    anchors: tuple[AnchorEvidence, ...]
    intermediates: tuple[bytes, ...]
    revocation_lists: tuple[bytes, ...]
    authority: AuthorityEvidence | None
    signers: tuple[SignerEvidence, ...] = ()
    list_sequence: int | None = None
    next_update: datetime | None = None


class StatusKind(StrEnum):
    """Who answered about the state of a license."""

    SIGNED_LIST = "signed-list"
    REGISTER = "register"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class StatusEvidence:
    """An answer about the state of one license, or why there is none.

    SIGNED_LIST: ``signed_list`` is the DER as received, judged in full: the in-force plane, with
    the reasons of the same publication in ``signed_reasons`` (None: not at hand); or, where all
    ``states`` are kept (one code a byte), any signed file that names their digest. REGISTER: the
    issuing node's own live row gave ``state`` (a LicenseStatus) at ``observed_at``, for the time
    asked about. ``detail`` is shown with a state, of a suspended one its last day ("2026-12-31");
    ``marks`` are 附条件, 异议中 ….
    """

    kind: StatusKind
    signed_list: bytes | None = None
    signed_reasons: bytes | None = None
    states: bytes | None = field(default=None, repr=False)
    state: str | None = None
    observed_at: datetime | None = None
    detail: str = ""
    marks: tuple[str, ...] = ()


class LogKind(StrEnum):
    """Who says what the issue log of a region holds.

    OWN: the rows of the region itself. MIRROR: what another region fetched, compared and kept.
    PROOF: only the proof that came with the file.
    """

    OWN = "own"
    MIRROR = "mirror"
    PROOF = "proof"


@dataclass(frozen=True, slots=True)
class LogEvidence:
    """What is known of one license in the issue log of the region that stands for its authority.

    ``size`` and ``root`` are those of the newest checkpoint known, made at ``newest_time``.
    ``first_size`` and ``first_time`` are of the checkpoint in which the license first appeared,
    None: in none of them; ``before_time`` is when the last one without it was made, None: it was
    there from the first one kept. ``waiting_since``: entered then, and not in a checkpoint yet.
    ``countersigned_by`` are the regions whose countersignatures of that first checkpoint are kept.
    ``proof`` is the file as received, judged in full; ``witnesses`` are the certificates (DER) of
    libraries whose countersignatures in it count.
    """

    region: str
    kind: LogKind
    size: int = 0
    root: bytes = b""
    newest_time: datetime | None = None
    first_size: int | None = None
    first_time: datetime | None = None
    before_time: datetime | None = None
    waiting_since: datetime | None = None
    countersigned_by: tuple[str, ...] = ()
    proof: bytes | None = None
    witnesses: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """The whole: document, trust, status and issue log, and when they were gathered."""

    document: DocumentEvidence
    trust: TrustEvidence | None
    trust_gap: str
    status: StatusEvidence | None
    gathered_at: datetime
    log: LogEvidence | None = None
