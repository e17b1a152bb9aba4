"""Judge the place of a license in the issue log: was it logged, and not dated before that?

A log grows at its end only, and partners countersign how large it was and when. So whoever holds
a seal's real key can neither keep a license out of the log (unlogged) nor give it an earlier time
of sealing than its appearance there (back-dated), even with a time-stamping authority of his own.
Of a purpose-bound copy its parent is looked for: when the copy was made it had been issued.
What a node keeps of a log is a fact like a register's answer; a proof that came with the file is
judged in full, offline too. What is not known yet is said, and harms only where a policy asks.

Source: ADR 0050; RFC 9162, 2.1 and 11.3.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from license_vault.license_metadata import content_id
from signing.errors import MalformedIssueLogError
from signing.issue_log import Checkpoint
from signing.issue_proof import IssueProof, WitnessedCheckpoint, read_proof
from signing.signed_value import SignedValue
from verification.case import Case
from verification.evidence import Evidence, LogEvidence, LogKind
from verification.explanations import Effect
from verification.findings import Finding, any_of, finding
from verification.library_signer import signer_problems
from verification.moments import shown
from verification.policy import LogDemand
from verification.report import LogSummary
from verification.trust import readable_certificate

_NOBODY = "—"


@dataclass(frozen=True, slots=True)
class _Appearance:
    """When a license first appeared in which log, and when the last checkpoint without it was."""

    region: str
    size: int
    root: bytes
    time: datetime
    before: datetime | None
    witnesses: tuple[str, ...]


def judge_log(case: Case, sealed: Sequence[datetime]) -> tuple[Finding, ...]:
    """Return the findings about the issue log; none where no log is known.

    Args:
        sealed: the times of the seals, proven or claimed; of a copy when it was made.
    """
    log, wanted = case.evidence.log, _logged_as(case)
    if log is None or wanted is None or case.policy.log is LogDemand.SKIPPED:
        return ()
    proven = tuple(_judge_proof(case, log, wanted, sealed))
    kept = tuple(_judge_kept(case, log, sealed))
    if any_of(proven, Effect.PASSED):
        # A node that is behind does not make less of a proof.
        kept = tuple(entry for entry in kept if entry.effect is not Effect.NOTE)
    if case.policy.log is LogDemand.REQUIRED and any_of(kept, Effect.NOTE):
        kept = (*kept, finding("log-required", name=log.region))
    return (*kept, *proven)


def _logged_as(case: Case) -> str | None:
    """Return the content_id that is looked for: of a copy its parent's."""
    if case.copy is not None:
        return case.copy.parent.content_id
    return None if case.parsed.claims is None else content_id(case.parsed.claims)


def _judge_kept(case: Case, log: LogEvidence, sealed: Sequence[datetime]) -> Iterator[Finding]:
    """Judge by what the node keeps of the log, if it keeps it."""
    newest = log.newest_time
    if log.kind is LogKind.PROOF or newest is None:
        return
    if log.first_size is not None and log.first_time is not None:
        at, before = log.first_time, log.before_time
        found = _Appearance(log.region, log.first_size, log.root, at, before, log.countersigned_by)
        yield _judge_appearance(case, found, sealed)
    elif log.waiting_since is not None:
        late = _back_dated(case, log.waiting_since, sealed, log.region)
        yield late or finding(
            "log-waiting", log.waiting_since, name=log.region, time=shown(log.waiting_since)
        )
    elif sealed and newest > max(sealed) + case.policy.log_delay:
        yield finding(
            "unlogged" if case.copy is None else "parent-unlogged",
            newest,
            name=log.region,
            time=shown(max(sealed)),
            detail=shown(newest),
            count=str(log.size),
        )
    else:
        yield finding("log-not-yet", newest, name=log.region, time=shown(newest))


def _judge_appearance(case: Case, found: _Appearance, sealed: Sequence[datetime]) -> Finding:
    late = _back_dated(case, found.before, sealed, found.region)
    if late is not None:
        return late
    return finding(
        "logged" if found.before is not None else "logged-at-beginning",
        found.time,
        name=found.region,
        count=str(found.size),
        time=shown(found.time),
        detail=found.root.hex(),
        wanted=", ".join(found.witnesses) or _NOBODY,
    )


def _back_dated(
    case: Case, before: datetime | None, sealed: Sequence[datetime], region: str
) -> Finding | None:
    """Return what is wrong where a seal is older than a log that did not have its license."""
    if before is None or not sealed or min(sealed) >= before - case.policy.clock_tolerance:
        return None
    code = "back-dated" if case.copy is None else "parent-back-dated"
    return finding(code, before, name=region, time=shown(min(sealed)), detail=shown(before))


def log_summary(evidence: Evidence, found: Sequence[Finding]) -> LogSummary | None:
    """Return which log answered; nothing where nothing was said by one."""
    log, codes = evidence.log, {entry.code for entry in found if entry.check == "log"}
    if log is None or not codes:
        return None
    proof = None if log.proof is None else readable_proof(log.proof)
    believed = isinstance(proof, IssueProof) and not any(
        code.startswith("log-proof-") for code in codes
    )
    if log.kind is not LogKind.PROOF and log.newest_time is not None:
        root = log.root.hex()
        return LogSummary(log.region, log.size, root, log.newest_time, believed)
    if not believed or not isinstance(proof, IssueProof):
        return None
    said = proof.holding.checkpoint.content
    return LogSummary(said.region, said.size, said.root.hex(), said.issued_at, proof=True)


# --- the proof that came with the file ---------------------------------------------------------


@lru_cache(maxsize=64)
def readable_proof(data: bytes) -> IssueProof | str:
    """Return a proof of existence, or the code of why it cannot be read."""
    try:
        return read_proof(data)
    except MalformedIssueLogError as error:
        return error.code


def _judge_proof(
    case: Case, log: LogEvidence, wanted: str, sealed: Sequence[datetime]
) -> Iterator[Finding]:
    if log.proof is None:
        return
    proof = readable_proof(log.proof)
    if isinstance(proof, str):
        yield finding("log-proof-malformed", detail=proof)
        return
    if proof.content_id != wanted:
        yield finding("log-proof-of-other-license")
        return
    problem = proof.contradiction() or _region_problem(case, proof)
    if problem is not None:
        yield finding("log-proof-contradicts", detail=problem)
        return
    witnesses = _witnesses(proof.holding, log.witnesses)
    seen = min(witnesses.values(), default=None)
    checkpoints = [proof.holding, *filter(None, [proof.before])]
    problems = [_signer_problem(case, entry.checkpoint, seen) for entry in checkpoints]
    if any(problems):
        yield finding("log-proof-signer-unknown", detail=next(filter(None, problems)) or "")
        return
    held = proof.holding.checkpoint.content
    before = None if proof.before is None else proof.before.checkpoint.content.issued_at
    found = _Appearance(
        held.region, held.size, held.root, held.issued_at, before, tuple(sorted(witnesses))
    )
    yield _judge_appearance(case, found, sealed)


def _region_problem(case: Case, proof: IssueProof) -> str | None:
    trust, said = case.evidence.trust, proof.holding.checkpoint.content
    if trust is not None and trust.region != said.region:
        return "log-of-other-region"
    late = said.issued_at > case.moments.verified_at + case.policy.clock_tolerance
    return "checkpoint-in-future" if late else None


def _witnesses(seen: WitnessedCheckpoint, known: Sequence[bytes]) -> dict[str, datetime]:
    """Return who countersigned, and when, of those whose keys are known here."""
    said = seen.checkpoint.content
    return {
        entry.content.witness: entry.content.seen_at
        for entry in seen.countersignatures
        if entry.signed.signer_certificate in known
        and (entry.content.region, entry.content.size) == (said.region, said.size)
        and entry.content.root == said.root
        and _holds(entry.signed)
    }


def _signer_problem(case: Case, checkpoint: Checkpoint, seen: datetime | None) -> str | None:
    """Return why a checkpoint's signer is not believed; ``seen``: when a witness saw it."""
    signer = readable_certificate(checkpoint.signed.signer_certificate)
    if signer is None:
        return "certificate-unreadable"
    if not _holds(checkpoint.signed):
        return "signature-invalid"
    if case.trust is None:
        return "trust-unavailable"
    problems = signer_problems(signer, (), case.trust, case.policy, case.moments, seen)
    return next((problem.detail for problem in problems), None)


@lru_cache(maxsize=256)
def _holds(signed: SignedValue) -> bool:
    """Verify a signature; the same bytes always give the same answer."""
    return signed.signature_holds
