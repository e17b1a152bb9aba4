"""What is written of a license beside itself when it is issued: evidence, conditions, parts.

Evidence is linked with the intent, for it stands in the request only. Conditions and parts stand in
the claims, so they are recorded when the license is issued, whoever takes it to that end.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from license_vault.audit import Act, AuditWriter
from license_vault.database.sessions import Writing
from license_vault.issuing.intent import Work
from license_vault.issuing.plan import Plan
from license_vault.license import LicenseMark, LicenseStatus
from license_vault.packages.condition_registry import ConditionWriter
from license_vault.packages.evidence_registry import EvidenceWriter
from license_vault.packages.part_registry import PartEvent, PartRecord, Parts, PartWriter
from license_vault.packages.part_succession import begins_as
from license_vault.packages.planned_events import PlannedEvents
from license_vault.registry.license_record import Basis, LicenseOpener
from license_vault.registry.marks import MarkWriter

UPON_EVIDENCE = "license.upon-evidence"


def condition_reference(position: int) -> str:
    """Return for what a license is marked as conditional: for one of its conditions, from 1."""
    return f"condition/{position}"


class PackageEffects:
    """Writes into the transactions of issuing."""

    def __init__(self, opener: LicenseOpener) -> None:
        self._opener = opener

    def at_intent(self, session: Writing, plan: Plan, work: Work) -> None:
        """Link the evidence that the request names, and put its digests on record."""
        wanted = plan.request.members.evidence
        if not wanted:
            return
        evidence = EvidenceWriter(session)
        found = [evidence.get(evidence_id) for evidence_id in wanted]
        evidence.link(work.row_id, found)
        details = {each.evidence_id: each.sm3.hex() for each in found}
        act = Act(work.secrets.actor, UPON_EVIDENCE, work.identifier, details, work.at)
        AuditWriter(session).append(act)

    def at_issue(self, session: Writing, work: Work, at: datetime) -> None:
        """Record conditions and parts, and plan ahead what will happen because of them."""
        content = work.placed.content
        if not (content.conditions or content.parts):
            return
        ConditionWriter(session).add(work.row_id, content.conditions)
        marks = MarkWriter(session)
        for position in range(1, len(content.conditions) + 1):
            marks.set(work.row_id, LicenseMark.CONDITIONAL, at, condition_reference(position))
        self._add_parts(session, work, at)
        PlannedEvents(session, self._opener).begin(work, at)

    def _add_parts(self, session: Writing, work: Work, at: datetime) -> None:
        event = PartEvent(
            kind="issued",
            status=LicenseStatus.VALID,
            actor=work.secrets.actor,
            effective_from=work.succession.in_force_from or at,
            recorded_at=at,
            sealed_basis=self._sealed(work, work.secrets.basis),
        )
        parts = PartWriter(session)
        parts.add(work.row_id, work.placed.content.parts, event)
        for part, before in _unlike_before(parts, work):
            parts.move(part, replace(event, kind="carried-over", status=before.status))

    def _sealed(self, work: Work, basis: Basis) -> bytes:
        return self._opener.sealed_basis(work.record_key, work.identifier, basis)


def _unlike_before(parts: Parts, work: Work) -> Iterator[tuple[PartRecord, PartRecord]]:
    """Yield parts that begin as they were in the version before, where that was not in force."""
    if work.succession.predecessor is None:
        return
    earlier = {part.code: part for part in parts.of_license(work.succession.predecessor)}
    for part in parts.of_license(work.identifier):
        before = earlier.get(part.code)
        begins = begins_as(before, part.valid_from, part.valid_until)
        if before is not None and begins is not LicenseStatus.VALID:
            yield part, before
