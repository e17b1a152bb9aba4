"""Write what a verification receipt says, from the report, its evidence and the decision. Pure.

Only names, digests and codes: no holder, no number, no field of the license. Texts that a caller
chose (item, purpose) stand as they came.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from verification.decision import Decision
from verification.evidence import Evidence, StatusKind
from verification.report import VerificationReport, instant_text


@dataclass(frozen=True, slots=True)
class ReceiptQuestion:
    """Who asked what for: an organisation's code or "anonymous", item and purpose ("" unsaid).

    ``verifier`` is the code of the region that answers.
    """

    receipt_id: str
    verifier: str
    requester: str
    item_code: str
    purpose: str


def receipt_value(
    report: VerificationReport,
    evidence: Evidence,
    decision: Decision | None,
    question: ReceiptQuestion,
) -> dict[str, Any]:
    """Return the member "conclusion" of a receipt, license-vault/verification-receipt/1."""
    document = report.document
    return {
        "receipt_id": question.receipt_id,
        "verifier": question.verifier,
        "asked": {
            "as_of": instant_text(report.as_of) or "",
            "verified_at": instant_text(report.verified_at) or "",
            "policy": report.policy,
            "requester": question.requester,
            "item_code": question.item_code,
            "purpose": question.purpose,
        },
        "files": [
            {
                "form": document.form,
                "sm3": document.sm3,
                "sha256": document.sha256,
                "bytes": str(document.size),
            }
        ],
        "license": _license(report),
        "verdict": report.verdict.value,
        "state": report.state or "",
        "marks": list(report.marks),
        "sentence": report.sentence.to_json(),
        "reasons": [
            {"check": check.check, "outcome": check.outcome.value, "code": check.code}
            for check in report.checks
        ],
        "decision": _decision(decision),
        "trust": _trust(evidence),
        "status": _status(report, evidence),
        "log": _log(evidence),
    }


def _license(report: VerificationReport) -> Mapping[str, str]:
    """Return the names of the license, or of the parent of a copy; empty where none is shown."""
    found = report.license
    if found is not None:
        return _names(
            (found.identifier, found.type_code, found.type_name),
            found.authority_code,
            report.content_id or "",
        )
    if report.copy is not None:
        parent = report.copy.parent
        named = (parent.identifier, parent.type_code, parent.type_name)
        return _names(named, parent.authority_code, parent.content_id)
    return _names(("", "", ""), "", "")


def _names(named: tuple[str, str, str], authority_code: str, content_id: str) -> Mapping[str, str]:
    identifier, type_code, type_name = named
    return {
        "identifier": identifier,
        "type_code": type_code,
        "type_name": type_name,
        "authority_code": authority_code,
        "content_id": content_id,
    }


def _decision(decision: Decision | None) -> Mapping[str, Any]:
    if decision is None:
        return {"outcome": "", "reasons": [], "use_list_region": "", "use_list_version": ""}
    return {
        "outcome": decision.outcome.value,
        "reasons": [reason.code for reason in decision.reasons],
        "use_list_region": decision.listing.region,
        "use_list_version": decision.listing.version,
    }


def _trust(evidence: Evidence) -> Mapping[str, str]:
    trust = evidence.trust
    if trust is None:
        return {"region": "", "sequence": "", "issued_at": ""}
    sequence = trust.list_sequence
    return {
        "region": trust.region,
        "sequence": "" if sequence is None else str(sequence),
        "issued_at": instant_text(trust.issued_at) or "",
    }


def _status(report: VerificationReport, evidence: Evidence) -> Mapping[str, str]:
    """Return who told the state: a signed list, the issuing node's own register, or nobody."""
    told, status = report.status_list, evidence.status
    if told is not None:
        issued_at = instant_text(told.issued_at) or ""
        return _answered("list", told.uri, told.sequence, issued_at)
    if status is not None and status.kind is StatusKind.REGISTER:
        return _answered("register", "", "", instant_text(status.observed_at) or "")
    return _answered("none", "", "", "")


def _answered(source: str, uri: str, sequence: str, issued_at: str) -> Mapping[str, str]:
    return {"source": source, "uri": uri, "sequence": sequence, "issued_at": issued_at}


def _log(evidence: Evidence) -> Mapping[str, str]:
    log = evidence.log
    if log is None or log.size == 0:
        return {"region": "", "size": "", "root": ""}
    return {"region": log.region, "size": str(log.size), "root": log.root.hex()}
