"""What exchanging with partners stands on; made once by the wiring."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from keys.provider import KeyProvider
from license_vault.clock import Clock
from license_vault.database.sessions import Database
from license_vault.library_signature import LibrarySigner
from license_vault.partners.web import Web
from license_vault.registry.lookup_macs import LookupMacs
from license_vault.vault import Vault
from signing.sealed_json.statement import SignedStatement


class PartnerBook(Protocol):
    """Which partners there are, and where they are reached."""

    def service_url(self, region: str) -> str:
        """Return the base address of a partner's service.

        Raises:
            PartnerUnknownError, PartnerSuspendedError: it is none that we speak with.
        """
        ...

    def require_signer(self, region: str, statement: SignedStatement, at: datetime) -> None:
        """Check that a region's own library signed a statement, by the region's accepted list.

        Raises:
            PartnerUnknownError, PartnerSuspendedError: it is none that we speak with.
            ExchangeSignerError: somebody else signed, or it is not known who.
        """
        ...


@dataclass(frozen=True, slots=True)
class Quotas:
    """How often a partner may use each operation in a minute and in a day."""

    per_minute: int = 600
    per_day: int = 50_000


@dataclass(frozen=True, slots=True)
class ExchangeServices:
    """Everything both sides of an exchange are done with. ``region`` is our own code."""

    region: str
    database: Database
    keys: KeyProvider
    vault: Vault
    macs: LookupMacs
    signer: LibrarySigner
    partners: PartnerBook
    web: Web
    clock: Clock
    random_bytes: Callable[[int], bytes]
    quotas: Quotas = Quotas()
    fresh_for: timedelta = timedelta(minutes=5)
