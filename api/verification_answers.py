"""Verify one document and decide about it: what the routes of verification have in common."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from api.member_reports import with_members
from api.verification_pictures import pictures_json
from license_vault.sharing.reading import CLAIM_PATH
from license_vault.sharing.sharing import LicenseOfRegion, Sharing
from verification.decision import Decision, Listed, Listing, decide
from verification.manifest_judgement import is_manifest

if TYPE_CHECKING:
    from api.services import Services
    from api.verification_question import VerificationQuestion
    from verification.evidence import Evidence
    from verification.report import VerificationReport
    from verification.verifier import Verifier


@dataclass(frozen=True, slots=True)
class LicenseAnswer:
    """What was found about one file: as values, as shown, and what was decided."""

    report: VerificationReport = field(repr=False)
    evidence: Evidence = field(repr=False)
    decision: Decision | None
    shown: dict[str, Any] = field(repr=False)


def answer_to(services: Services, data: bytes, question: VerificationQuestion) -> LicenseAnswer:
    """Verify one document as it is asked.

    Raises:
        VerificationRefusedError, VerificationError: as ``Verifier.verify``.
    """
    drawn = services.pictures.begin(data) if question.wants_pictures else None
    report, evidence = verifier_for(services, question).verify_with_evidence(data, question.at)
    decision = _decision(services, report, evidence, question) if question.item_code else None
    shown = with_members(services.database, report.to_json(), question.at, services.clock())
    if decision is not None:
        shown["decision"] = decision.to_json()
    if drawn is not None:
        shown["pictures"] = pictures_json(services, report, evidence, drawn.result())
    return LicenseAnswer(report, evidence, decision, shown)


def report_on_several(
    services: Services,
    contents: Sequence[bytes],
    question: VerificationQuestion,
) -> dict[str, Any]:
    """Return the report on several files together; each has its own decision."""
    documents = [data for data in contents if not is_manifest(data)]
    answers = [answer_to(services, data, question) for data in documents]
    manifests = [data for data in contents if is_manifest(data)]
    reports = [answer.report for answer in answers]
    together = verifier_for(services, question).compare(reports, manifests, question.at)
    return {**together.to_json(), "reports": [answer.shown for answer in answers]}


def verifier_for(services: Services, question: VerificationQuestion) -> Verifier:
    """Return the node's verifier under the policy that is asked for, with what came besides."""
    return services.verifier.under(question.policy).with_proofs(question.proofs)


def _decision(
    services: Services,
    report: VerificationReport,
    evidence: Evidence,
    question: VerificationQuestion,
) -> Decision:
    region = "" if evidence.trust is None else evidence.trust.region
    shown = LicenseOfRegion(_type_code(report), region, _fields(report, evidence))
    return decision_about(services, report, shown, question)


def decision_about(
    services: Services,
    report: VerificationReport,
    shown: LicenseOfRegion,
    question: VerificationQuestion,
) -> Decision:
    """Return what is decided about a license for the item that is asked about."""
    with services.database.reading() as session:
        sharing = Sharing(session, services.region_code)
        answer = sharing.ask_use_list(question.item_code, shown)
    listing = Listing(
        listed=Listed(answer.word.value),
        item_code=question.item_code,
        region=sharing.region if answer.version else "",
        version=str(answer.version) if answer.version else "",
        detail=answer.detail,
    )
    return decide(report, listing)


def _type_code(report: VerificationReport) -> str:
    if report.copy is not None:
        return report.copy.parent.type_code
    return "" if report.license is None else report.license.type_code


def _fields(report: VerificationReport, evidence: Evidence) -> frozenset[str] | None:
    """Return the claim paths of a license, None of a copy: it carries no claims of its parent."""
    if report.copy is not None:
        return None
    parsed = evidence.document.parsed
    if report.license is None or parsed is None or parsed.claims is None:
        return frozenset()
    # They were read and judged: the report shows the license.
    return frozenset(_paths(json.loads(parsed.claims)))


def _paths(claims: dict[str, Any]) -> Iterator[str]:
    for name, value in claims.items():
        match value:
            case dict():
                yield from (f"/{name}/{inner}" for inner in value)
            case list():
                yield from _members(name, value)
            case _:
                yield f"/{name}"


def _members(name: str, values: list[Any]) -> Iterator[str]:
    for place, value in enumerate(values):
        if isinstance(value, dict):
            paths = (f"/{name}/{place}/{inner}" for inner in value)
            yield from (path for path in paths if CLAIM_PATH.fullmatch(path))
