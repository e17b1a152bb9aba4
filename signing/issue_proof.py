"""The proof of existence (存在证明) that travels beside a license, and the checkpoints in it.

    {"schema": "license-vault/issue-proof/1", "content_id": 64 hex digits, "index": digits,
     "path": [64 hex digits, …], "holding": witnessed, "before": witnessed or null}
    witnessed: {"schema": "license-vault/witnessed-checkpoint/1", "checkpoint": base64 DER,
                "countersignatures": [base64 DER, …]}

``holding`` is a checkpoint that has the license, ``before`` the newest one that was smaller: the
license appeared between the two. Both are read as the one form they can have (RFC 8785, no
numbers). ``contradiction`` says whether a proof's parts fit together; who signed them is judged in
``verification.log_judgement``.

Source: RFC 8785; RFC 9162, 2.1.3; our own schema.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from signing.errors import MalformedIssueLogError, MalformedJsonError, MerkleProofError
from signing.issue_log import (
    Checkpoint,
    Countersignature,
    leaf_of,
    read_checkpoint,
    read_countersignature,
)
from signing.merkle import MAX_SIZE, root_by_inclusion
from signing.sealed_json.strict_json import (
    base64_text,
    bytes_of,
    canonical_json,
    digest_of,
    members_of,
    read_canonical_json,
    text_of,
)

PROOF = "license-vault/issue-proof/1"
WITNESSED = "license-vault/witnessed-checkpoint/1"
MAX_PROOF_BYTES = 2 * 1024 * 1024
MAX_COUNTERSIGNATURES = 64
_MAX_PATH = 64
_MAX_DER = 256 * 1024
_DIGITS = 20
# RFC 8785 puts "before" first, whether it is an object or null.
_BEGINNING = b'{"before":'
_PROOF = frozenset(("before", "content_id", "holding", "index", "path", "schema"))
_WITNESSED = frozenset(("checkpoint", "countersignatures", "schema"))

_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class WitnessedCheckpoint:
    """A checkpoint with the countersignatures that its keeper has of its size and root."""

    checkpoint: Checkpoint
    countersignatures: tuple[Countersignature, ...] = ()


@dataclass(frozen=True, slots=True)
class IssueProof:
    """That a content_id is leaf ``index`` of a log; the ``path`` leads to ``holding``'s root."""

    content_id: str
    index: int
    path: tuple[bytes, ...]
    holding: WitnessedCheckpoint
    before: WitnessedCheckpoint | None

    def contradiction(self) -> str | None:
        """Return the code of why the parts do not fit together; nothing if they do."""
        held = self.holding.checkpoint.content
        try:
            leaf = leaf_of(self.content_id)
            found = root_by_inclusion(leaf, self.index, held.size, self.path)
        except (MerkleProofError, MalformedIssueLogError) as error:
            return error.code
        if found != held.root:
            return "path-leads-elsewhere"
        if self.index < held.previous_size:
            return "not-the-first-checkpoint"
        return self._contradiction_before()

    def _contradiction_before(self) -> str | None:
        held = self.holding.checkpoint.content
        if self.before is None:
            return None if held.previous_size == 0 else "checkpoint-before-missing"
        before = self.before.checkpoint.content
        named = (held.region, held.previous_size, held.previous_root)
        if (before.region, before.size, before.root) != named:
            return "not-the-checkpoint-before"
        return None if before.issued_at <= held.issued_at else "times-backwards"


def is_issue_proof(data: bytes) -> bool:
    """Say whether bytes begin as a proof of existence does."""
    return data.startswith(_BEGINNING)


def write_proof(proof: IssueProof) -> bytes:
    """Return the bytes of a proof file."""
    before = proof.before
    return canonical_json(
        {
            "schema": PROOF,
            "content_id": proof.content_id,
            "index": str(proof.index),
            "path": [step.hex() for step in proof.path],
            "holding": _witnessed_value(proof.holding),
            "before": None if before is None else _witnessed_value(before),
        }
    )


def read_proof(data: bytes) -> IssueProof:
    """Return what a proof file says, as it stands.

    Raises:
        MalformedIssueLogError: and no other error; it is not the one form a proof has.
    """
    try:
        return _proof(read_canonical_json(data, MAX_PROOF_BYTES))
    except MalformedJsonError as error:
        raise MalformedIssueLogError(f"issue-proof-{error.code}", error.where) from error


def _proof(value: object) -> IssueProof:
    found = members_of(value, _PROOF, "/")
    if found["schema"] != PROOF:
        raise MalformedJsonError("schema-unknown", "/schema")
    before = found["before"]
    return IssueProof(
        content_id=digest_of(found["content_id"], "/content_id"),
        index=_number(found["index"], "/index"),
        path=_each(found["path"], _MAX_PATH, "/path", _hash),
        holding=_witnessed(found["holding"], "/holding"),
        before=None if before is None else _witnessed(before, "/before"),
    )


def write_witnessed(witnessed: WitnessedCheckpoint) -> bytes:
    """Return the bytes of a checkpoint with its countersignatures, as it is fetched."""
    return canonical_json(_witnessed_value(witnessed))


def read_witnessed(data: bytes) -> WitnessedCheckpoint:
    """Return a checkpoint with its countersignatures; errors as ``read_proof``."""
    try:
        return _witnessed(read_canonical_json(data, MAX_PROOF_BYTES), "/")
    except MalformedJsonError as error:
        raise MalformedIssueLogError(f"witnessed-{error.code}", error.where) from error


def _witnessed_value(witnessed: WitnessedCheckpoint) -> dict[str, Any]:
    return {
        "schema": WITNESSED,
        "checkpoint": base64_text(witnessed.checkpoint.signed.der),
        "countersignatures": [
            base64_text(entry.signed.der) for entry in witnessed.countersignatures
        ],
    }


def _witnessed(value: object, where: str) -> WitnessedCheckpoint:
    found = members_of(value, _WITNESSED, where)
    if found["schema"] != WITNESSED:
        raise MalformedJsonError("schema-unknown", f"{where}/schema")
    return WitnessedCheckpoint(
        read_checkpoint(bytes_of(found["checkpoint"], _MAX_DER, f"{where}/checkpoint")),
        _each(
            found["countersignatures"],
            MAX_COUNTERSIGNATURES,
            f"{where}/countersignatures",
            lambda entry, place: read_countersignature(bytes_of(entry, _MAX_DER, place)),
        ),
    )


def _each(
    value: object, most: int, where: str, read: Callable[[object, str], _Item]
) -> tuple[_Item, ...]:
    if not isinstance(value, list) or len(value) > most:
        raise MalformedJsonError("not-a-list", where)
    return tuple(read(item, f"{where}/{number}") for number, item in enumerate(value))


def _hash(value: object, where: str) -> bytes:
    return bytes.fromhex(digest_of(value, where))


def _number(value: object, where: str) -> int:
    """Return the number of a text, which has one form for it: no sign, no leading 0."""
    text = text_of(value, _DIGITS, where)
    if not (text.isascii() and text.isdigit()) or str(int(text)) != text or int(text) > MAX_SIZE:
        raise MalformedJsonError("not-a-number", where)
    return int(text)
