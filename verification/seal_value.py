"""What all values of seals share, whatever their form: who signed which bytes, when proven.

A value is CMS of our own profile, an SES_Signature or a GB/T 35275 SignedData by others. The
checks of certificate, chain, time, revocation and right to seal ask nothing more than this.
Reading one is pure and strict; it happens outside the parser process, over bytes as received.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from signing.cms import CmsSignature, read_cms_signature
from signing.errors import SigningError
from verification.evidence import ParsedSeal, ValueKind

MAX_VALUE_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class SealValue:
    """The value of one seal.

    ``message`` is what the SM2 ``signature`` (DER r, s) is over; ``digest`` is the SM3 of the
    sealed bytes that the value names; ``timestamped`` are the octets whose SM3 a time-stamp must
    hold. ``signer_certificate`` is empty where none can be told.
    """

    kind: ValueKind
    signer_certificate: bytes
    certificates: tuple[bytes, ...]
    message: bytes
    signature: bytes
    digest: bytes
    timestamp: bytes | None
    timestamped: bytes
    cms: CmsSignature | None = None


@lru_cache(maxsize=64)
def _read(kind: ValueKind, value: bytes) -> SealValue | str:
    if len(value) > MAX_VALUE_BYTES:
        return "cms-too-large"
    read = _READERS.get(kind)
    if read is None:
        return "form-unknown"
    try:
        return read(value)
    except SigningError as error:
        return str(getattr(error, "code", "unreadable"))


def read_value(seal: ParsedSeal) -> tuple[SealValue | None, str]:
    """Return the value of a seal, or nothing and the code of why it cannot be read."""
    found = _read(seal.kind, seal.value)
    return (None, found) if isinstance(found, str) else (found, "")


def _cms(value: bytes) -> SealValue:
    cms = read_cms_signature(value)
    return SealValue(
        kind=ValueKind.CMS,
        signer_certificate=cms.signer_certificate,
        certificates=cms.certificates,
        message=cms.signed_attributes,
        signature=cms.signature,
        digest=cms.message_digest,
        timestamp=cms.timestamp,
        timestamped=cms.signature,
        cms=cms,
    )


_READERS: Mapping[ValueKind, Callable[[bytes], SealValue]] = {ValueKind.CMS: _cms}
