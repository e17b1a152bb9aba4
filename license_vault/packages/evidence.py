"""Files of evidence (photos, papers), kept encrypted and unchanged, for licenses to be issued upon.

Each has a random key of its own, wrapped under ``vault-kek``: when a file comes, nobody knows yet
whose license it will be for. What it shows is not looked at (``packages.evidence_files``).
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from keys.provider import KeyProvider
from keys.sm3 import sm3
from license_vault.api_clients import Caller
from license_vault.audit import Act, AuditWriter
from license_vault.clock import Clock
from license_vault.database.sessions import Database
from license_vault.errors import AuthorityNotPermittedError, OrganisationUnknownError
from license_vault.packages.errors import EvidenceNotFoundError, EvidenceTooLargeError
from license_vault.packages.evidence_files import media_type_of
from license_vault.packages.evidence_registry import (
    EVIDENCE,
    Evidence,
    EvidenceRegistry,
    EvidenceWriter,
    NewEvidence,
)
from license_vault.registry.authorities import Authorities
from license_vault.registry.holders import new_handle
from license_vault.registry.writing import RequestMark
from license_vault.requests import earlier_answer, remember_answer
from license_vault.vault import Vault

LARGEST_BYTES = 10 * 1024 * 1024

_KEK = "vault-kek"


@dataclass(frozen=True, slots=True)
class EvidenceServices:
    """What keeping evidence works with."""

    database: Database
    keys: KeyProvider
    vault: Vault
    clock: Clock
    random_bytes: Callable[[int], bytes]
    largest_bytes: int = LARGEST_BYTES


@dataclass(frozen=True, slots=True)
class KeptEvidence:
    """Evidence that was taken in; ``replayed``: by an earlier sending of the same request."""

    evidence: Evidence
    replayed: bool


class EvidenceStore:
    """Takes evidence in and hands it out. Made once, used by all threads."""

    def __init__(self, services: EvidenceServices) -> None:
        self._services = services

    def keep(self, data: bytes, caller: Caller, mark: RequestMark) -> KeptEvidence:
        """Keep a file; durable when this returns.

        Raises:
            EvidenceTooLargeError, EvidenceRefusedError: it cannot be taken.
            IdempotencyKeyReusedError: the key came with another file before.
            RowConflictError: the same request is being worked on.
            StoreUnavailableError: no answer; send the request again.
        """
        if len(data) > self._services.largest_bytes:
            raise EvidenceTooLargeError(self._services.largest_bytes)
        media_type = media_type_of(data)
        with self._services.database.reading() as session:
            earlier = earlier_answer(session, mark)
        evidence_id = earlier or self._begin(data, media_type, caller, mark)
        with self._services.database.reading() as session:
            begun = EvidenceRegistry(session).get(evidence_id)
        return KeptEvidence(self._finished(begun, data), earlier is not None)

    def content(self, evidence: Evidence) -> bytes:
        """Return the file itself, checked against its digests.

        Raises:
            EvidenceNotFoundError: it is not in the store yet.
            ObjectMissingError, ObjectDamagedError: it is not what was put there.
            StoreUnavailableError: the store does not answer.
        """
        return open_evidence(evidence, self._services.vault, self._services.keys)

    def _begin(self, data: bytes, media_type: str, caller: Caller, mark: RequestMark) -> str:
        services, now = self._services, self._services.clock()
        evidence_id = new_handle(services.random_bytes)
        key = services.vault.new_key()
        with services.database.writing() as session:
            owner = Authorities(session).get(caller.organisation_code)
            new = NewEvidence(
                evidence_id=evidence_id,
                organisation_row_id=owner.row_id,
                media_type=media_type,
                size_bytes=len(data),
                sm3=sm3(data),
                sha256=hashlib.sha256(data).digest(),
                wrapped_key=services.keys.wrap(_KEK, key, _context(evidence_id)),
                uploaded_by=caller.name,
                uploaded_at=now,
            )
            EvidenceWriter(session).begin(new)
            remember_answer(session, mark, evidence_id, now)
        return evidence_id

    def _finished(self, begun: Evidence, data: bytes) -> Evidence:
        """Deposit a file that an earlier try, or this one, has put on record."""
        if begun.ciphertext_sm3 is not None:
            return begun
        services = self._services
        key = _key_of(begun, services.keys)
        deposited = services.vault.deposit(begun.object_key, EVIDENCE, key, data)
        now = services.clock()
        details = {"sm3": begun.sm3.hex(), "media_type": begun.media_type}
        act = Act(begun.uploaded_by, "evidence.kept", begun.evidence_id, details, now)
        with services.database.writing() as session:
            if EvidenceWriter(session).deposited(begun.row_id, deposited.ciphertext_sm3):
                AuditWriter(session).append(act)
        with services.database.reading() as session:
            return EvidenceRegistry(session).get(begun.evidence_id)


def open_evidence(evidence: Evidence, vault: Vault, keys: KeyProvider) -> bytes:
    """Return a file of evidence, checked against everything its row says.

    Raises:
        EvidenceNotFoundError: it is not in the store yet.
        ObjectMissingError, ObjectDamagedError: it is not what was put there.
        EnvelopeBrokenError: its row was changed.
        StoreUnavailableError: the store does not answer.
    """
    return vault.open_file(evidence.stored_file, _key_of(evidence, keys))


def evidence_for(
    registry: EvidenceRegistry, authorities: Authorities, evidence_id: str, caller: Caller
) -> Evidence:
    """Return evidence that the caller's organisation, or one below it, has brought.

    Raises:
        EvidenceNotFoundError: there is none, none of theirs, or it is not in the store yet.
    """
    found = registry.get(evidence_id)
    try:
        authorities.within(found.organisation_code, caller.organisation_code)
    except (AuthorityNotPermittedError, OrganisationUnknownError) as error:
        raise EvidenceNotFoundError(evidence_id) from error
    if found.ciphertext_sm3 is None:
        raise EvidenceNotFoundError(evidence_id)
    return found


def _key_of(evidence: Evidence, keys: KeyProvider) -> bytes:
    return keys.unwrap(_KEK, evidence.wrapped_key, _context(evidence.evidence_id))


def _context(evidence_id: str) -> bytes:
    return f"license-vault/1\0evidence-key\0{evidence_id}".encode()
