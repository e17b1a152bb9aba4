"""What exchanges with partner regions, made once for a node: asking, answering, disputes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from license_vault.exchange.applying import ApplyingOperations
from license_vault.exchange.asking import Asking
from license_vault.exchange.dispute_work import DisputeWork
from license_vault.exchange.disputing import DisputeOperations
from license_vault.exchange.errors import ExchangeSignerError
from license_vault.exchange.files import FileOperations
from license_vault.exchange.operations import Ground, Operation
from license_vault.exchange.question import (
    APPLY,
    APPLY_STATE,
    CHECK_FILE,
    CHECK_INFORMATION,
    COPY,
    DISPUTE,
    DISPUTE_ANSWER,
    DISPUTE_STATE,
    FILE,
    METADATA,
    QUERY_BY_HOLDER,
    QUERY_BY_IDENTIFIER,
    STATUS,
)
from license_vault.exchange.reading import ReadingOperations
from license_vault.exchange.receiving import Receiving
from license_vault.exchange.services import ExchangeServices
from license_vault.partners.partners import Partners
from license_vault.partners.revocations import PartnerRevocationLists
from license_vault.trust.kept_lists import TrustLists
from signing.trust_list import SYSTEM
from verification.exchange_judgement import signer_refusal

if TYPE_CHECKING:
    from api.presenting_work import PresentingWork
    from license_vault.database.sessions import Database
    from signing.sealed_json.statement import SignedStatement


@dataclass(frozen=True, slots=True)
class ExchangeWork:
    """Asks partners, answers them, and sends disputes until they arrive."""

    asking: Asking
    receiving: Receiving
    disputes: DisputeWork


class AcceptedPartners:
    """Where partners are, and who speaks for them: by the lists that were accepted of them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def service_url(self, region: str) -> str:
        """Return the base address of a partner's service.

        Raises:
            PartnerUnknownError, PartnerSuspendedError: it is none that we speak with.
        """
        with self._database.reading() as session:
            return Partners(session).get(region).url

    def require_signer(self, region: str, statement: SignedStatement, at: datetime) -> None:
        """Check that a region's own library signed a statement, by its accepted list.

        Raises:
            PartnerUnknownError, PartnerSuspendedError: it is none that we speak with.
            ExchangeSignerError: somebody else signed, or the list has run out.
        """
        with self._database.reading() as session:
            Partners(session).get(region)
            kept = TrustLists(session).newest(region)
            revoked = PartnerRevocationLists(session).of(region)
        if kept is None:
            raise ExchangeSignerError(region, "no-trust-list")
        if at > kept.next_update:
            raise ExchangeSignerError(region, "trust-list-expired")
        entries = kept.trust_list.content.entries
        trusted = {
            entry.certificate for entry in entries if entry.kind == SYSTEM and entry.is_trusted
        }
        reason = signer_refusal(statement, trusted, revoked, at)
        if reason is not None:
            raise ExchangeSignerError(region, reason)


def exchange_work(
    services: ExchangeServices,
    presenting: PresentingWork,
    due_after: Callable[[date], date],
) -> ExchangeWork:
    """Return everything about exchanging, over one node's services."""
    asking = Asking(services)
    ground = Ground(services.database, services.vault, services.macs, services.region)
    operations = _operations(services, ground, presenting, due_after)
    return ExchangeWork(asking, Receiving(services, operations), DisputeWork(services, asking))


def _operations(
    services: ExchangeServices,
    ground: Ground,
    presenting: PresentingWork,
    due_after: Callable[[date], date],
) -> dict[str, Operation]:
    keys, random_bytes = services.keys, services.random_bytes
    reading = ReadingOperations(ground)
    files = FileOperations(ground, presenting.copies, presenting.resolution)
    applying = ApplyingOperations(ground, keys, random_bytes)
    disputes = DisputeOperations(ground, keys, due_after, random_bytes)
    return {
        QUERY_BY_HOLDER: Operation(reading.by_holder),
        QUERY_BY_IDENTIFIER: Operation(reading.by_identifier),
        METADATA: Operation(reading.metadata),
        STATUS: Operation(reading.status),
        CHECK_INFORMATION: Operation(reading.check_information),
        FILE: Operation(files.file),
        COPY: Operation(files.copy),
        CHECK_FILE: Operation(files.check_file),
        APPLY: Operation(applying.apply, None),
        APPLY_STATE: Operation(applying.state),
        DISPUTE: Operation(disputes.dispute, None),
        DISPUTE_STATE: Operation(disputes.state),
        DISPUTE_ANSWER: Operation(disputes.answer, None),
    }
