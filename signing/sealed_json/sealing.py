"""Seal claims as JSON: one detached CMS signature for each seal, time-stamped.

The form itself, and reading it, is ``sealed_json.reader``, which needs no key.
"""

from collections.abc import Sequence

from keys.certificate import read_certificate
from keys.provider import KeyProvider
from keys.sm3 import sm3
from signing.cms.pdf_signature_writer import SigningIdentity, sign_detached
from signing.errors import SealKeyMismatchError
from signing.seal import Seal
from signing.sealed_json.reader import (
    MAX_BYTES,
    MEDIA_TYPE,
    SCHEMA,
    SealedJson,
    read_sealed_json,
    write_sealed_json,
)
from signing.timestamps.token import Timestamper

__all__ = [
    "MAX_BYTES",
    "MEDIA_TYPE",
    "SCHEMA",
    "JsonSealer",
    "SealedJson",
    "read_sealed_json",
    "write_sealed_json",
]


class JsonSealer:
    """Seals claims with keys behind labels. May be used from many threads at once."""

    def __init__(self, keys: KeyProvider, timestamper: Timestamper) -> None:
        self._keys = keys
        self._timestamper = timestamper

    def seal_json(self, claims: bytes, seals: Sequence[Seal]) -> bytes:
        """Return the sealed JSON form of canonical claims, one signature a seal.

        Raises:
            SealKeyMismatchError: a label's key is not the certificate's.
            KeyCustodyError: a key cannot be used.
            TimestampUnavailableError: there is no time-stamp now.
        """
        digest = sm3(claims)
        signatures = tuple(self._sign(digest, seal) for seal in seals)
        return write_sealed_json(SealedJson(claims, digest.hex(), signatures))

    def _sign(self, digest: bytes, seal: Seal) -> bytes:
        point = read_certificate(seal.certificate).public_point
        if self._keys.public_point(seal.key_label) != point:
            raise SealKeyMismatchError(seal.code, seal.key_label)
        return sign_detached(
            SigningIdentity(seal.certificate, seal.chain),
            digest,
            sign=lambda message: self._keys.sign(seal.key_label, message),
            timestamp=self._timestamper.timestamp,
        )
