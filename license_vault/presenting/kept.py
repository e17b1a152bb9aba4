"""What presenting stands on, and presentations opened: order, code and receipt are encrypted."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from keys.provider import KeyProvider
from license_vault.audit import Act, AuditWriter
from license_vault.clock import Clock
from license_vault.database.sessions import Database, Reading, Writing
from license_vault.library_signature import LibrarySigner
from license_vault.presenting.errors import PresentationUnknownError
from license_vault.presenting.order import PresentingOrder, decoded
from license_vault.presenting.rows import WAITING, PresentationRecord
from license_vault.registry.holders import HolderRecord, Holders
from license_vault.registry.lookup_macs import LookupMacs
from license_vault.vault import HolderKey, Vault
from signing.sealed_json.presenting_receipt import PresentingReceipt, read_receipt

ORDER, RECEIPT = "presentation", "presenting-receipt"


@dataclass(frozen=True, slots=True)
class PresentingServices:
    """What presenting works with; made once by the wiring."""

    database: Database
    vault: Vault
    keys: KeyProvider
    macs: LookupMacs
    signer: LibrarySigner
    clock: Clock
    random_bytes: Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class Presentation:
    """A presentation as its holder sees it; the code only while it waits."""

    presentation_id: str
    state: str
    order: PresentingOrder = field(repr=False)
    code: str | None = field(repr=False)
    made_at: datetime
    expires_at: datetime
    withdrawn_at: datetime | None
    receipt: PresentingReceipt | None = field(repr=False)
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a window gets: the receipt, and the file that says so. ``replayed``: once more."""

    presentation_id: str
    receipt: PresentingReceipt = field(repr=False)
    file: bytes = field(repr=False)
    replayed: bool = False


class KeptPresentations:
    """Opens what is kept of presentations, and writes of them in the audit."""

    def __init__(self, services: PresentingServices) -> None:
        self._services = services

    def holder_key(self, session: Reading, record: PresentationRecord) -> HolderKey:
        """Open the key of the holder who presents."""
        holder = Holders(session).by_row_ids((record.holder_row_id,))[record.holder_row_id]
        return open_key(self._services.vault, holder)

    def order(self, session: Reading, record: PresentationRecord) -> tuple[PresentingOrder, str]:
        """Open what is consented to, and the code."""
        key = self.holder_key(session, record).key
        name, sealed = record.presentation_id, record.sealed_order
        return decoded(self._services.vault.decrypt(key, name, ORDER, sealed))

    def _file(self, session: Reading, record: PresentationRecord) -> bytes | None:
        if record.sealed_receipt is None:
            return None
        key, name = self.holder_key(session, record).key, record.presentation_id
        return self._services.vault.decrypt(key, name, RECEIPT, record.sealed_receipt)

    def opened(
        self,
        session: Reading,
        record: PresentationRecord,
        at: datetime,
        *,
        replayed: bool = False,
    ) -> Presentation:
        """Return a presentation as its holder sees it."""
        order, code = self.order(session, record)
        file, state = self._file(session, record), record.state(at)
        return Presentation(
            presentation_id=record.presentation_id,
            state=state,
            order=order,
            code=code if state == WAITING else None,
            made_at=record.made_at,
            expires_at=record.expires_at,
            withdrawn_at=record.withdrawn_at,
            receipt=None if file is None else read_receipt(file).receipt,
            replayed=replayed,
        )

    def resolved(self, session: Reading, record: PresentationRecord, *, replayed: bool) -> Resolved:
        """Return what a window was shown, from the receipt that is kept.

        Raises:
            PresentationUnknownError: the code was never resolved.
        """
        file = self._file(session, record)
        if file is None:
            raise PresentationUnknownError
        return Resolved(record.presentation_id, read_receipt(file).receipt, file, replayed)

    def code_mac(self, code: str) -> bytes:
        """Return what a code is found by."""
        return self._services.keys.mac(
            "token-mac", f"license-vault/1/presentation-code\0{code}".encode()
        )

    def audit(
        self,
        session: Writing,
        actor: str,
        action: str,
        record: PresentationRecord,
        details: dict[str, str],
    ) -> None:
        """Append an act on a presentation to the audit."""
        at = self._services.clock()
        AuditWriter(session).append(Act(actor, action, subject_of(record), details, at))


def open_key(vault: Vault, holder: HolderRecord) -> HolderKey:
    """Open a holder's key."""
    return vault.open_holder_key(holder.handle, holder.key_version, holder.wrapped_key)


def subject_of(record: PresentationRecord) -> str:
    """Return what the audit and requests call a presentation."""
    return f"presentation/{record.presentation_id}"
