"""The one door to anything keyed: signing, message codes, wrapping of keys.

Whoever needs a key asks for it by label and never sees it. A raw digest is never taken from
outside: who could have a digest signed could have anything signed. A hardware module is another
implementation of the same protocol.

Labels: ``seal/<14-digit seal code>``, ``ca/root``, ``ca/seal``, ``ca/tsa``, ``tsa``, ``status``,
``seal-maker``, ``system`` (signing keys); ``vault-kek``, ``lookup-mac``, ``token-mac`` (secret).
"""

from __future__ import annotations

from typing import Protocol


class KeyProvider(Protocol):
    """Keys behind labels. All methods may be called from many threads at once.

    Every method raises ``KeyNotFoundError`` when there is no key of the right kind under the
    label, and ``KeyUnavailableError`` when the custodian does not answer.
    """

    @property
    def for_production(self) -> bool:
        """Whether the keys are kept where nobody can copy them out."""
        ...

    def public_point(self, label: str) -> bytes:
        """Return the public point of a signing key, 65 bytes: 04 || x || y."""
        ...

    def sign(self, label: str, message: bytes) -> bytes:
        """Sign a message with SM2; return DER of (r, s). Z and SM3 are computed inside."""
        ...

    def uses(self, label: str) -> tuple[bytes, ...]:
        """Return SM3 of every message signed under a seal's label, 32 bytes each, in order.

        The keeper's own durable record: of each signature under ``seal/…`` there is an entry,
        written before it was made. Of other labels nothing is kept.
        """
        ...

    def mac(self, label: str, message: bytes) -> bytes:
        """Return HMAC-SM3 of a message under a secret key, 32 bytes."""
        ...

    def wrap(self, label: str, plaintext: bytes, context: bytes) -> bytes:
        """Encrypt with SM4-GCM under a secret key, bound to the context."""
        ...

    def unwrap(self, label: str, wrapped: bytes, context: bytes) -> bytes:
        """Decrypt what ``wrap`` made under the same label and context.

        Raises:
            EnvelopeBrokenError: it was changed, or label or context differ.
        """
        ...
