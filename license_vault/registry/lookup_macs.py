"""Exact match without the value: HMAC-SM3 of what must be found but not kept in the clear.

Every use has its own prefix and every part its length, so that no two things that differ
give one message. Whoever has the database but not the key cannot try numbers.
"""

import unicodedata

from keys.provider import KeyProvider
from license_vault.license import Holder

_LABEL = "lookup-mac"


class LookupMacs:
    """The MACs under which rows are found, all 32 bytes."""

    def __init__(self, keys: KeyProvider) -> None:
        self._keys = keys

    def holder(self, document_type: str, document_number: str) -> bytes:
        """Return what a holder is found by: type and number of the identity document."""
        return self._mac("holder", document_type, document_number)

    def of_holder(self, holder: Holder) -> bytes:
        """Return what a holder named in a license is found by."""
        return self.holder(holder.document_type, holder.document_number)

    def license_number(self, number: str) -> bytes:
        """Return what a license is found by: its 证照编号 as printed."""
        return self._mac("license-number", number)

    def case(self, case_number: str) -> bytes:
        """Return what the case of an approval system is found by."""
        return self._mac("case", case_number)

    def idempotency_key(self, caller: str, key: str) -> bytes:
        """Return what a request is found by; clients put case numbers into such keys."""
        return self._mac("idempotency-key", caller, key)

    def purpose(self, purpose: str) -> bytes:
        """Return what a grant is found by: the purpose (用途), word for word."""
        return self._mac("purpose", purpose.strip())

    def check_code(self, identifier: str, code: str) -> bytes:
        """Return what a check code (查验码) is compared with."""
        return self._mac("check-code", identifier, code)

    def holder_handle(self, handle: str) -> bytes:
        """Return what a short-lived handle of a holder is found by."""
        return self._mac("holder-handle", handle)

    def _mac(self, purpose: str, *parts: str) -> bytes:
        message = bytearray(f"license-vault/1/{purpose}".encode())
        for part in parts:
            data = unicodedata.normalize("NFC", part).encode()
            message += b"\0" + len(data).to_bytes(4, "big") + data
        return self._keys.mac(_LABEL, bytes(message))
