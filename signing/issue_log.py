"""The issue log (签发日志) of a region: its checkpoints, and countersignatures (见证签名) of them.

A leaf of the log is a license's content_id, salted inside, so a log holds no personal data. A
checkpoint says how many leaves the log has and their Merkle root; the library signs it with its
own key. A partner that has seen it, and that what it saw before is still its beginning, signs
that in turn. The readers check form and limits; whom to believe is decided elsewhere.

    Signed      ::= SEQUENCE {
        tbs          Checkpoint | Countersignature,
        certificate  OCTET STRING,            -- of the signer's key "system", DER
        algorithm    AlgorithmIdentifier,     -- SM2 with SM3
        signature    OCTET STRING }           -- DER of (r, s), over tbs
    Checkpoint  ::= SEQUENCE {
        what          UTF8String ("license-vault/issue-checkpoint/1"),
        region        UTF8String,             -- whose log it is
        size          INTEGER,
        root          OCTET STRING (SIZE (32)),
        issuedAt      GeneralizedTime,
        previousSize  INTEGER,                -- of the checkpoint of the next smaller size; or 0
        previousRoot  OCTET STRING (SIZE (32)),
        statusLists   SEQUENCE OF SEQUENCE { uri UTF8String, sequence INTEGER } }
    Countersignature ::= SEQUENCE {
        what          UTF8String ("license-vault/countersignature/1"),
        witness       UTF8String,             -- the region that signs
        region        UTF8String,             -- whose log it saw
        size          INTEGER,
        root          OCTET STRING (SIZE (32)),
        seenAt        GeneralizedTime }

Source: our own form, in DER (X.690); the ideas are those of RFC 9162 and of C2SP tlog-checkpoint.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from signing import der
from signing.der import DerReader
from signing.errors import MalformedDerError, MalformedIssueLogError
from signing.merkle import EMPTY_ROOT, HASH_BYTES, MAX_SIZE, leaf_hash
from signing.signed_value import SignedValue, build_signed, read_signed_value

CHECKPOINT = "license-vault/issue-checkpoint/1"
COUNTERSIGNATURE = "license-vault/countersignature/1"
MAX_CHECKPOINT_BYTES = 256 * 1024
MAX_STATUS_LISTS = 1024
_MAX_TEXT = 512
_MAX_SEQUENCE = 2**63
_MAX_CERTIFICATE = 64 * 1024
_MAX_SIGNATURE_BYTES = 72


@dataclass(frozen=True, slots=True)
class ListedStatus:
    """A status list that was current when a checkpoint was made, by address and sequence."""

    uri: str
    sequence: int


@dataclass(frozen=True, slots=True)
class CheckpointContent:
    """What a checkpoint says. Instants aware UTC, whole seconds; roots 32 bytes.

    The previous size and root are those of the newest checkpoint that is smaller; of the first
    one 0 and the root of the empty tree.
    """

    region: str
    size: int
    root: bytes
    issued_at: datetime
    previous_size: int = 0
    previous_root: bytes = EMPTY_ROOT
    status_lists: tuple[ListedStatus, ...] = ()


@dataclass(frozen=True, slots=True)
class CountersignatureContent:
    """That a region saw a log of this size and root, and that it holds what it saw before."""

    witness: str
    region: str
    size: int
    root: bytes
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A checkpoint as read."""

    content: CheckpointContent
    signed: SignedValue


@dataclass(frozen=True, slots=True)
class Countersignature:
    """A countersignature as read."""

    content: CountersignatureContent
    signed: SignedValue


def leaf_of(content_id: str) -> bytes:
    """Return the leaf hash of a license's content_id, 64 hex digits in lower case.

    Raises:
        MalformedIssueLogError: it is no content_id.
    """
    if len(content_id) != 2 * HASH_BYTES or not set(content_id) <= set("0123456789abcdef"):
        raise MalformedIssueLogError("issue-log-content-id")
    return leaf_hash(bytes.fromhex(content_id))


def build_checkpoint(
    content: CheckpointContent, certificate: bytes, sign: Callable[[bytes], bytes]
) -> bytes:
    """Return the DER of a signed checkpoint.

    Args:
        certificate: DER of the certificate of the library's own key.
        sign: makes an SM2 signature (DER) over a message.

    Raises:
        MalformedIssueLogError: the content is not within the limits.
    """
    _check_checkpoint(content)
    lists = (
        der.sequence(_text(entry.uri), der.integer(entry.sequence))
        for entry in content.status_lists
    )
    tbs = der.sequence(
        _text(CHECKPOINT),
        _text(content.region),
        der.integer(content.size),
        der.tlv(der.OCTET_STRING, content.root),
        der.generalized_time(content.issued_at),
        der.integer(content.previous_size),
        der.tlv(der.OCTET_STRING, content.previous_root),
        der.sequence(*lists),
    )
    return build_signed(tbs, certificate, sign)


def build_countersignature(
    content: CountersignatureContent, certificate: bytes, sign: Callable[[bytes], bytes]
) -> bytes:
    """Return the DER of a countersignature; arguments and errors as ``build_checkpoint``."""
    _check_tree(content.size, content.root)
    tbs = der.sequence(
        _text(COUNTERSIGNATURE),
        _text(content.witness),
        _text(content.region),
        der.integer(content.size),
        der.tlv(der.OCTET_STRING, content.root),
        der.generalized_time(content.seen_at),
    )
    return build_signed(tbs, certificate, sign)


def read_checkpoint(data: bytes) -> Checkpoint:
    """Return a signed checkpoint as it stands; whether the signature holds is another question.

    Raises:
        MalformedIssueLogError: and no other error; it is not one in our form, or over a limit.
    """
    try:
        signed = _read_signed(data)
        return Checkpoint(_read_checkpoint(signed.tbs), signed)
    except MalformedDerError as error:
        raise MalformedIssueLogError(f"checkpoint-{error.code}", error.where) from error


def read_countersignature(data: bytes) -> Countersignature:
    """Return a countersignature as it stands; errors as ``read_checkpoint``."""
    try:
        signed = _read_signed(data)
        return Countersignature(_read_countersignature(signed.tbs), signed)
    except MalformedDerError as error:
        raise MalformedIssueLogError(f"countersignature-{error.code}", error.where) from error


def _read_checkpoint(tbs: bytes) -> CheckpointContent:
    reader = _begin(tbs, CHECKPOINT)
    region, size = _read_text(reader, "region"), reader.integer("size")
    root, issued_at = reader.contents(der.OCTET_STRING, "root"), reader.instant("issued at")
    previous = reader.integer("previous size"), reader.contents(der.OCTET_STRING, "previous root")
    lists: list[ListedStatus] = []
    inner = reader.enter(der.SEQUENCE, "status lists")
    while not inner.at_end and len(lists) <= MAX_STATUS_LISTS:
        entry = inner.enter(der.SEQUENCE, "status list")
        lists.append(ListedStatus(_read_text(entry, "uri"), entry.integer("sequence")))
        entry.finish("status list")
    reader.finish("checkpoint")
    content = CheckpointContent(region, size, root, issued_at, *previous, tuple(lists))
    _check_checkpoint(content)
    return content


def _read_countersignature(tbs: bytes) -> CountersignatureContent:
    reader = _begin(tbs, COUNTERSIGNATURE)
    witness, region = _read_text(reader, "witness"), _read_text(reader, "region")
    size, root = reader.integer("size"), reader.contents(der.OCTET_STRING, "root")
    seen_at = reader.instant("seen at")
    reader.finish("countersignature")
    _check_tree(size, root)
    return CountersignatureContent(witness, region, size, root, seen_at)


def _check_checkpoint(content: CheckpointContent) -> None:
    _check_tree(content.size, content.root)
    _check_tree(content.previous_size, content.previous_root)
    if content.previous_size > max(content.size - 1, 0):
        raise MalformedIssueLogError("issue-log-previous-size")
    if len(content.status_lists) > MAX_STATUS_LISTS:
        raise MalformedIssueLogError("issue-log-too-many-lists")
    if any(not 0 <= entry.sequence < _MAX_SEQUENCE for entry in content.status_lists):
        raise MalformedIssueLogError("issue-log-sequence")


def _check_tree(size: int, root: bytes) -> None:
    if not 0 <= size <= MAX_SIZE or len(root) != HASH_BYTES:
        raise MalformedIssueLogError("issue-log-size")
    if size == 0 and root != EMPTY_ROOT:
        raise MalformedIssueLogError("issue-log-empty-root")


# --- the envelope ----------------------------------------------------------------------------


def _read_signed(data: bytes) -> SignedValue:
    if len(data) > MAX_CHECKPOINT_BYTES:
        raise MalformedIssueLogError("issue-log-too-large")
    signed = read_signed_value(data, "signed")
    if (
        len(signed.signer_certificate) > _MAX_CERTIFICATE
        or len(signed.signature) > _MAX_SIGNATURE_BYTES
    ):
        raise MalformedIssueLogError("issue-log-too-large")
    return signed


def _begin(tbs: bytes, what: str) -> DerReader:
    reader = DerReader(tbs).enter(der.SEQUENCE, "tbs")
    if _read_text(reader, "what") != what:
        raise MalformedIssueLogError("issue-log-version")
    return reader


def _text(text: str) -> bytes:
    _check_text(text)
    return der.tlv(der.UTF8_STRING, text.encode())


def _read_text(reader: DerReader, where: str) -> str:
    contents = reader.contents(der.UTF8_STRING, where)
    try:
        text = contents.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedIssueLogError("issue-log-text", where) from error
    _check_text(text)
    return text


def _check_text(text: str) -> None:
    if not 0 < len(text) <= _MAX_TEXT or not text.isprintable():
        raise MalformedIssueLogError("issue-log-text")
