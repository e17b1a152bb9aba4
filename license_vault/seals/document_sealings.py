"""What the keys of seals signed besides licenses: documents, and requests for certificates.

Begun on record before the key is used and done after it, so that the key port's own count of
signatures can be explained one by one. All SQL about them.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from license_vault.database.columns import table_of
from license_vault.database.seal_tables import DocumentSealingRow
from license_vault.database.sessions import Reading, Writing
from license_vault.errors import IdempotencyKeyReusedError
from license_vault.seals.registry import SealRecord

PDF, OFD, CERTIFICATE_REQUEST = "pdf", "ofd", "certificate-request"

_SEALING = table_of(DocumentSealingRow)


@dataclass(frozen=True, slots=True)
class NewSealing:
    """A signature that is about to be made; ``key_mac`` is unique for the actor, 32 bytes."""

    seal: SealRecord
    key_label: str
    actor: str
    key_mac: bytes
    form: str
    document_sm3: bytes
    begun_at: datetime
    consent_row_id: int | None = None


def signed_by_label(session: Reading) -> dict[str, tuple[bytes, ...]]:
    """Return, by key label, SM3 of every message that a document's sealing had signed."""
    found = defaultdict[str, list[bytes]](list)
    rows = session.execute(
        select(_SEALING.c.key_label, _SEALING.c.signed_sm3)
        .where(_SEALING.c.signed_sm3.is_not(None))
        .order_by(_SEALING.c.id)
    )
    for label, digest in rows:
        found[label].append(digest)
    return {label: tuple(digests) for label, digests in found.items()}


class DocumentSealings:
    """Puts such signatures on record."""

    def __init__(self, session: Writing) -> None:
        self._session = session

    def begin(self, sealing: NewSealing) -> int:
        """Put a signature on record that is about to be made; return its row's key.

        Raises:
            IdempotencyKeyReusedError: the actor used the key before.
        """
        taken = select(_SEALING.c.id).where(
            _SEALING.c.actor == sealing.actor, _SEALING.c.key_mac == sealing.key_mac
        )
        if self._session.execute(taken).first() is not None:
            raise IdempotencyKeyReusedError("the key came with another sealing before")
        return self._session.add_row(
            _SEALING,
            seal_id=sealing.seal.row_id,
            key_label=sealing.key_label,
            consent_id=sealing.consent_row_id,
            actor=sealing.actor,
            key_mac=sealing.key_mac,
            form=sealing.form,
            document_sm3=sealing.document_sm3,
            begun_at=sealing.begun_at,
        )

    def done(
        self, row_id: int, signed_sm3: bytes | None, result_sm3: bytes | None, at: datetime
    ) -> None:
        """Put on record what was signed, and what came of it (None: nothing)."""
        self._session.change_rows(
            update(_SEALING)
            .where(_SEALING.c.id == row_id)
            .values(signed_sm3=signed_sm3, result_sm3=result_sm3, done_at=at)
        )
