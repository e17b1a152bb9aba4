"""Judge what a QR code says: did the license library sign it, and is that license in force?

A code is not the license. It can be copied onto another paper, and it says nothing of the holder:
what is found is said of the license it names, and the report says what must still be compared.
The key is one that the region names as its library's; the code tells which by eight bytes, so a
code drawn under a key of before finds that key as long as the region lists it.

Source: ADR 0054; RFC 5280 6.1; GB/T 32918.2-2016.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from keys.certificate import Certificate
from signing.errors import MalformedQrCodeError
from signing.qr_claims import SignedQrClaims, key_id, read_qr_text
from signing.trust_list import KEY_COMPROMISED
from verification.case import Case, StatusSubject
from verification.evidence import (
    DocumentEvidence,
    DocumentForm,
    Evidence,
    ParsedDocument,
    SignerEvidence,
    StatusEvidence,
    TrustEvidence,
)
from verification.explanations import Sentence
from verification.findings import Finding, finding
from verification.library_signer import SYSTEM, signer_problems
from verification.license_status import judge_status
from verification.policy import Policy, StatusDemand
from verification.report import Check, Verdict
from verification.reporting import conclude, marks_in, with_marks
from verification.revocation import Moments
from verification.seal_signature import signature_holds
from verification.sources import Sources, Unreachable
from verification.trust import readable_certificate, trust_index

SCHEMA = "license-vault/qr-report/1"
_MOMENT = timedelta(seconds=1)
# Of the verdicts, these leave what a code says worth showing.
_BELIEVED = (Verdict.VALID, Verdict.NOT_IN_FORCE, Verdict.INDETERMINATE)
_GENUINE = Sentence(
    "二维码真实，所指证照有效", "The code is genuine and the license it names is in force"
)


@dataclass(frozen=True, slots=True)
class QrReport:
    """What was found about a code; ``code`` only where its signature is good."""

    verdict: Verdict
    sentence: Sentence
    checks: tuple[Check, ...]
    code: SignedQrClaims | None

    def to_json(self) -> dict[str, Any]:
        """Return the report as JSON values."""
        return {
            "schema": SCHEMA,
            "verdict": self.verdict.value,
            "sentence": self.sentence.to_json(),
            "code": None if self.code is None else _told(self.code),
            "checks": [check.to_json() for check in self.checks],
        }


def _told(code: SignedQrClaims) -> dict[str, Any]:
    claims = code.claims
    return {
        "region": claims.region,
        "type_code": claims.type_code,
        "identifier": claims.identifier,
        "valid_from": claims.valid_from.isoformat(),
        "valid_until": None if claims.valid_until is None else claims.valid_until.isoformat(),
        "status": {"uri": code.status_uri, "index": claims.status_index},
        "check_code": claims.check_code,
    }


def judge_qr(text: str, sources: Sources, policy: Policy, moments: Moments) -> QrReport:
    """Judge what a scanner read: the whole address, or what stands after its #.

    Args:
        sources: a trust bundle's, or a node's own; the address in the code is never followed.
    """
    try:
        code = read_qr_text(text)
    except MalformedQrCodeError as error:
        return QrReport(*conclude((finding("qr-malformed", detail=error.code),)), None)
    trust = sources.trust.trust_for(_authority(code))
    found = tuple(_judge_signature(code, trust, policy, moments))
    if any(entry.code == "qr-signed" for entry in found):
        status = None
        if policy.status is not StatusDemand.SKIPPED:
            index = code.claims.status_index
            status = sources.status.status_of(code.status_uri, index, moments.as_of)
        found = (
            *found,
            finding("qr-names-only"),
            *_judge_state(code, trust, status, policy, moments),
        )
    verdict, sentence, lines = conclude(found)
    if verdict is Verdict.VALID:
        sentence = _genuine(found)
    return QrReport(verdict, sentence, lines, code if verdict in _BELIEVED else None)


def _genuine(found: Sequence[Finding]) -> Sentence:
    told = with_marks(_GENUINE, marks_in(found), found)
    return Sentence(
        f"{told.zh}。请将照面其余内容与核验系统中的文件核对。",
        f"{told.en}. Hold what else the paper says against the file itself.",
    )


def _authority(code: SignedQrClaims) -> str | None:
    """Return the issuing authority's USCC, by which a source finds the region."""
    named = code.claims.identifier.split(".")[6]
    return named if len(named) == 18 else None


def _judge_signature(
    code: SignedQrClaims, trust: TrustEvidence | Unreachable, policy: Policy, moments: Moments
) -> Iterator[Finding]:
    if isinstance(trust, Unreachable):
        yield finding("qr-signer-unknown", detail=trust.detail)
        return
    claims = code.claims
    named = (entry for entry in trust.signers if entry.role == SYSTEM)
    known = [entry for entry in named if key_id(entry.certificate) == claims.key_id]
    signer = readable_certificate(known[0].certificate) if known else None
    if trust.region != claims.region or signer is None:
        detail = "key" if trust.region == claims.region else f"region {claims.region}"
        yield finding("qr-signer-unknown", trust.issued_at, detail=detail)
        return
    if not signature_holds(signer, code.signed_bytes, code.signature):
        yield finding("qr-signature-invalid")
        return
    index, last = trust_index(trust), _last_trusted(known[0], signer, moments)
    problems = tuple(
        finding(
            "qr-signer-unknown" if problem.is_open else "qr-signer-not-trusted",
            problem.known_at,
            detail=problem.detail,
        )
        for problem in signer_problems(signer, (), index, policy, moments, last)
    )
    yield from problems or (finding("qr-signed", trust.issued_at, name=signer.common_name),)


def _last_trusted(named: SignerEvidence, signer: Certificate, moments: Moments) -> datetime | None:
    """Return the last instant at which a key of before counted, None while it counts.

    A code bears no time, and paper outlives keys: what a key may have signed while it was trusted
    is believed, unless it was stolen.
    """
    if named.why == KEY_COMPROMISED:
        return None
    ends = [signer.not_after]
    if named.withdrawn_from is not None:
        ends.append(named.withdrawn_from - _MOMENT)
    last = min(ends)
    return last if last < moments.verified_at else None


@dataclass(frozen=True, slots=True)
class _Subject:
    """The license that a code names, as far as its state is asked."""

    status_uri: str
    status_index: int
    valid_from: date
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class _QrCase(Case):
    """A case without a document: only the state of the license is judged in it."""

    named: _Subject | None = None

    @property
    def subject(self) -> StatusSubject | None:
        """The license that the code names."""
        return self.named


def _judge_state(
    code: SignedQrClaims,
    trust: TrustEvidence | Unreachable,
    status: StatusEvidence | None,
    policy: Policy,
    moments: Moments,
) -> tuple[Finding, ...]:
    known = None if isinstance(trust, Unreachable) else trust
    nothing = DocumentEvidence(DocumentForm.JSON, "", "", 0, None, None)
    claims = code.claims
    case = _QrCase(
        evidence=Evidence(nothing, known, "", status, moments.verified_at),
        policy=policy,
        moments=moments,
        parsed=ParsedDocument(()),
        claims=None,
        claims_problem=None,
        trust=None if known is None else trust_index(known),
        named=_Subject(code.status_uri, claims.status_index, claims.valid_from, claims.valid_until),
    )
    return judge_status(case)
