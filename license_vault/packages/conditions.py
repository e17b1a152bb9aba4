"""Fulfilling a condition: the mark goes, and a license suspended for want of it is given back.

That it is suspended when the last day is over is planned ahead when the license is issued
(``packages.schedule``); nobody has to watch.
"""

from dataclasses import dataclass

from license_vault.api_clients import Caller
from license_vault.audit import Act, AuditWriter
from license_vault.database.sessions import Writing
from license_vault.license import LicenseMark, LicenseStatus
from license_vault.packages.condition_registry import ConditionRecord, ConditionWriter
from license_vault.packages.effects import condition_reference
from license_vault.packages.errors import ConditionFulfilledError, ConditionNotFoundError
from license_vault.packages.evidence import evidence_for
from license_vault.packages.evidence_registry import EvidenceWriter
from license_vault.packages.member_life import Happening, MemberServices, OpenLicense, moved_by
from license_vault.packages.schedule import (
    CONDITION_FULFILLED,
    OPERATE_TYPES,
    RESUMED_BY_CONDITION,
    SUSPENDED_BY_CONDITION,
)
from license_vault.registry.authorities import Authorities
from license_vault.registry.license_record import Basis
from license_vault.registry.writing import RequestMark
from license_vault.requests import earlier_answer, remember_answer

ACT = "license.condition-fulfilled"


@dataclass(frozen=True, slots=True)
class Fulfilment:
    """That a condition (its number, from 1) is fulfilled: upon which basis and evidence."""

    position: int
    basis: Basis
    evidence: tuple[str, ...] = ()


class ConditionKeeping:
    """Records fulfilments. Made once, used by all threads."""

    def __init__(self, services: MemberServices) -> None:
        self._services = services

    def fulfil(
        self, identifier: str, fulfilment: Fulfilment, caller: Caller, mark: RequestMark
    ) -> bool:
        """Record that a condition is fulfilled; True if the same request did so before.

        Whether the caller may act on this license was asked before.

        Raises:
            ConditionNotFoundError: the license has no such condition.
            ConditionFulfilledError: another request was first.
            EvidenceNotFoundError: there is none, or none of the caller's.
            TransitionNotAllowedError: the license has ended.
            IdempotencyKeyReusedError: the key came with another request before.
        """
        with self._services.database.reading() as session:
            if earlier_answer(session, mark) is not None:
                return True
        with self._services.database.writing() as session:
            license_ = OpenLicense(session, self._services, identifier, caller.name)
            license_.require_open(LicenseStatus.VALID)
            rest = _fulfilled(license_, fulfilment)
            _link(session, license_, fulfilment, caller)
            license_.happens(_what_follows(license_, rest, fulfilment.basis))
            place = f"{identifier}/conditions/{fulfilment.position}"
            remember_answer(session, mark, place, license_.now)
            details = {"condition": str(fulfilment.position), "open": str(len(rest))}
            act = Act(caller.name, ACT, identifier, details, license_.now)
            AuditWriter(session).append(act)
        self._services.checkpoint("condition-fulfilled")
        return False


def _fulfilled(license_: OpenLicense, fulfilment: Fulfilment) -> tuple[ConditionRecord, ...]:
    """Record it and take its mark away; return the conditions that are still open."""
    row_id, identifier = license_.license.row_id, license_.license.identifier
    writer, position = ConditionWriter(license_.session), fulfilment.position
    found = writer.of_license(row_id)
    if position not in {each.position for each in found}:
        raise ConditionNotFoundError(identifier, position)
    if not writer.fulfil(row_id, position, license_.actor, license_.now):
        raise ConditionFulfilledError(identifier, position)
    license_.unmark(LicenseMark.CONDITIONAL, condition_reference(position))
    return tuple(each for each in found if each.is_open and each.position != position)


def _link(session: Writing, license_: OpenLicense, fulfilment: Fulfilment, caller: Caller) -> None:
    writer, authorities = EvidenceWriter(session), Authorities(session)
    found = [
        evidence_for(writer, authorities, evidence_id, caller)
        for evidence_id in fulfilment.evidence
    ]
    writer.link(license_.license.row_id, found)


def _what_follows(
    license_: OpenLicense, rest: tuple[ConditionRecord, ...], basis: Basis
) -> Happening:
    """Return that the license is given back, or that it stays as it is."""
    waits_still = any(each.is_overdue(license_.now) for each in rest)
    suspended_for_it = moved_by(license_.events, license_.now) == SUSPENDED_BY_CONDITION
    if license_.license.status is LicenseStatus.SUSPENDED and suspended_for_it and not waits_still:
        valid = LicenseStatus.VALID
        return Happening(RESUMED_BY_CONDITION, valid, basis, OPERATE_TYPES[valid])
    return Happening(CONDITION_FULFILLED, license_.license.status, basis)
