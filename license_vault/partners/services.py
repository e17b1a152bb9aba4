"""What pulling from partners stands on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from license_vault.clock import Clock
from license_vault.database.sessions import Database
from license_vault.partners.web import Web
from signing.sealed_json.statement import SignedStatement
from signing.status_file import StatusFileHead

SignerCheck = Callable[[str, StatusFileHead, datetime], str | None]
"""Says why a file of a region's status list is not believed; None if it is. Judged above."""

StatementCheck = Callable[[str, SignedStatement, datetime], str | None]
"""Says why a statement is not the library's of a region; None if it is. Judged above."""


@dataclass(frozen=True, slots=True)
class PullServices:
    """Where rows are, how partners are reached, and who judges the signers of what they send.

    ``region`` is our own. ``system_certificates`` gives the certificates (DER) of a region's
    library, by its accepted list.
    """

    database: Database
    web: Web
    region: str
    clock: Clock
    check_signer: SignerCheck
    check_statement: StatementCheck
    system_certificates: Callable[[str], Sequence[bytes]]
