"""What all values of seals share, whatever their form: who signed which bytes, and what for.

A value is CMS of our own profile, an SES_Signature or a GB/T 35275 SignedData by others. The
checks of certificate, chain, time, revocation and right to seal ask nothing more than this.
Reading one is pure and strict; it happens outside the parser process, over bytes as received.

Source: GB/T 38540-2020; GB/T 35275-2017; RFC 5652.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from keys.sm3 import sm3
from signing.cms.gm_signature import read_gm_signature
from signing.cms.pdf_signature import CmsSignature, read_cms_signature
from signing.errors import SigningError
from signing.ses.reader import MAX_VALUE_BYTES
from signing.ses.signature import SESSignature, read_ses_signature
from verification.evidence import ParsedSeal, SealFacts, ValueKind

MAX_CMS_BYTES = 64 * 1024
_LARGEST = {ValueKind.SES: MAX_VALUE_BYTES}
_SES_V1 = 1
_REMEMBERED_BYTES = 128 * 1024


@dataclass(frozen=True, slots=True)
class SealValue:
    """The value of one seal.

    ``message`` is what the SM2 ``signature`` (DER r, s) is over, None where that is the sealed
    content itself; ``digest`` is the SM3 that the value names of the sealed bytes, None where it
    encloses ``content`` instead. ``timestamped`` are the octets whose SM3 a time-stamp must hold.
    ``signer_certificate`` is empty where none can be told. One of ``cms`` and ``ses`` may be there.
    """

    kind: ValueKind
    signer_certificate: bytes
    certificates: tuple[bytes, ...]
    message: bytes | None
    signature: bytes
    digest: bytes | None
    timestamp: bytes | None
    timestamped: bytes
    content: bytes | None = None
    claimed_at: datetime | None = None
    deviations: tuple[str, ...] = ()
    cms: CmsSignature | None = None
    ses: SESSignature | None = None


def read_value(seal: ParsedSeal) -> tuple[SealValue | None, str]:
    """Return the value of a seal, or nothing and the code of why it cannot be read."""
    small = len(seal.value) <= _REMEMBERED_BYTES
    found = (_remembered if small else _read)(seal.kind, seal.value)
    return (None, found) if isinstance(found, str) else (found, "")


def _read(kind: ValueKind, value: bytes) -> SealValue | str:
    read = _READERS.get(kind)
    if read is None:
        return f"form-{kind}"
    if len(value) > _LARGEST.get(kind, MAX_CMS_BYTES):
        return "cms-too-large"
    try:
        return read(value)
    except SigningError as error:
        return str(getattr(error, "code", "unreadable"))


# One verification asks for the same value several times; large ones are read each time.
_remembered = lru_cache(maxsize=64)(_read)


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


def _ses(value: bytes) -> SealValue:
    ses = read_ses_signature(value)
    return SealValue(
        kind=ValueKind.SES,
        signer_certificate=ses.signer_certificate,
        certificates=(ses.signer_certificate,),
        message=ses.signed_bytes,
        signature=ses.signature,
        digest=ses.data_hash,
        # Version 1 has a token among what is signed; what that is over nobody says, so it proves
        # no time of the signature.
        timestamp=None if ses.version == _SES_V1 else ses.timestamp,
        timestamped=ses.signature_value,
        claimed_at=ses.signed_at,
        deviations=tuple(dict.fromkeys((*ses.deviations, *ses.seal.deviations))),
        ses=ses,
    )


def _gm(value: bytes) -> SealValue:
    found = read_gm_signature(value)
    return SealValue(
        kind=ValueKind.GM_CMS,
        signer_certificate=found.signer_certificate,
        certificates=found.certificates,
        message=found.message if found.message is not None else found.content,
        signature=found.signature,
        digest=found.message_digest,
        timestamp=found.timestamp,
        timestamped=found.signature_value,
        content=found.content,
        claimed_at=found.signed_at,
        deviations=found.deviations,
    )


_READERS: Mapping[ValueKind, Callable[[bytes], SealValue]] = {
    ValueKind.CMS: _cms,
    ValueKind.SES: _ses,
    ValueKind.GM_CMS: _gm,
}


def signed_message(value: SealValue, facts: SealFacts) -> bytes:
    """Return the bytes that the SM2 signature of a value is over."""
    return value.message if value.message is not None else facts.content or b""


def needs_content(value: SealValue | None) -> bool:
    """Say whether the signature is over the sealed content itself, which must then be at hand."""
    return value is not None and value.message is None


def names_digest(value: SealValue, digest: bytes) -> bool:
    """Say whether a value is one of content with this SM3.

    It may name the digest, enclose it raw or as Base64, enclose the content, or be over the
    content itself; where it encloses something and names a digest, that must be of it.

    Source: GB/T 35275-2017 8; GM/T 0099-2020 7.2.2 (eContent is the digest of Signature.xml).
    """
    if value.content is None:
        return value.digest is None or value.digest == digest
    named = sm3(value.content)
    if value.digest is not None and value.digest not in (named, value.content):
        return False
    return digest in (value.content, named) or encloses_base64(value, digest)


def encloses_base64(value: SealValue, digest: bytes) -> bool:
    """Say whether a value encloses a digest as text, which some makers do."""
    return value.content == base64.b64encode(digest)
