"""What is encrypted of a case: its number, holders, grounds, reports and files.

Each case has a random key, wrapped under ``vault-kek`` and bound to the case's handle.
"""

import json
from dataclasses import asdict
from typing import Any

from keys.provider import KeyProvider
from license_vault.cases.case import (
    CaseDocument,
    CaseHolder,
    CaseRecord,
    DocumentKind,
    Judged,
    SealPlace,
)
from license_vault.vault import Deposited, StoredFile, Vault

_KEK = "vault-kek"
_CASE, _BASIS, _REPORT = "case", "case-basis", "case-report"


class CaseSecrets:
    """Encrypts for cases and opens again; may be used from many threads."""

    def __init__(self, keys: KeyProvider, vault: Vault) -> None:
        self._keys = keys
        self._vault = vault

    def new_key(self, handle: str) -> tuple[bytes, bytes]:
        """Make a case's key; return it open, and wrapped as the row keeps it."""
        key = self._vault.new_key()
        return key, self._keys.wrap(_KEK, key, _context(handle))

    def key(self, case: CaseRecord) -> bytes:
        """Open a case's key.

        Raises:
            EnvelopeBrokenError: the row was changed, or is another case's.
        """
        return self._keys.unwrap(_KEK, case.wrapped_key, _context(case.handle))

    def sealed_case(
        self, key: bytes, handle: str, number: str, holders: tuple[CaseHolder, ...]
    ) -> bytes:
        """Encrypt number and holders of a case."""
        told = {"number": number, "holders": [asdict(holder) for holder in holders]}
        return self._vault.encrypt(key, handle, _CASE, _json(told))

    def opened_case(self, key: bytes, case: CaseRecord) -> tuple[str, tuple[CaseHolder, ...]]:
        """Return number and holders of a case.

        Raises:
            EnvelopeBrokenError: the row was changed.
        """
        told = json.loads(self._vault.decrypt(key, case.handle, _CASE, case.sealed_case))
        return told["number"], tuple(CaseHolder(**holder) for holder in told["holders"])

    def sealed_basis(self, key: bytes, handle: str, basis: str) -> bytes:
        """Encrypt the grounds of a decision."""
        return self._vault.encrypt(key, handle, _BASIS, basis.encode())

    def opened_basis(self, key: bytes, handle: str, sealed: bytes) -> str:
        """Return the grounds of a decision.

        Raises:
            EnvelopeBrokenError: the row was changed.
        """
        return self._vault.decrypt(key, handle, _BASIS, sealed).decode()

    def sealed_report(self, key: bytes, document: str, judged: Judged | SealPlace) -> bytes:
        """Encrypt what was said of a document; of a sheet of our own, where its seal goes."""
        told: dict[str, Any] = asdict(judged)
        if isinstance(judged, Judged):
            claims = None if judged.claims is None else judged.claims.decode("utf-8", "replace")
            told = {**told, "report": judged.report.decode(), "claims": claims}
        return self._vault.encrypt(key, document, _REPORT, _json(told))

    def opened_report(self, key: bytes, document: CaseDocument) -> Judged | SealPlace:
        """Return what was said of a document, or of a sheet where its seal goes.

        Raises:
            EnvelopeBrokenError: the row was changed.
        """
        data = self._vault.decrypt(key, document.handle, _REPORT, document.sealed_report)
        told = json.loads(data)
        if document.kind is DocumentKind.SHEET:
            return SealPlace(**told)
        claims = None if told["claims"] is None else told["claims"].encode()
        return Judged(**{**told, "report": told["report"].encode(), "claims": claims})

    def deposit(self, key: bytes, object_key: str, form: str, data: bytes) -> Deposited:
        """Put a file of a case into the store.

        Raises:
            StoreUnavailableError, ObjectDamagedError: as ``Vault.deposit``.
        """
        return self._vault.deposit(object_key, form, key, data)

    def file(self, key: bytes, document: CaseDocument) -> bytes:
        """Return a file of a case, checked against its row.

        Raises:
            ObjectMissingError, ObjectDamagedError, StoreUnavailableError: as ``Vault.open_file``.
        """
        kept = StoredFile(
            document.object_key,
            document.form,
            document.sm3,
            document.sha256,
            document.ciphertext_sm3,
        )
        return self._vault.open_file(kept, key)


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _context(handle: str) -> bytes:
    return f"license-vault/1\0case\0{handle}".encode()
