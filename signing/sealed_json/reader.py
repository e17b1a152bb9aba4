"""The sealed JSON form of a license: the claims, sealed without a page around them.

For programs. The whole file is the RFC 8785 bytes of {"claims": {…}, "content_id": SM3 of the
canonical claims in hex, "schema": …, "signatures": [base64 CMS, …]}: one detached CMS signature of
our profile (``cms``) over the canonical claims for each seal, in the order of the seals. A list,
because a license may bear several seals; each stands for itself and none covers another, so the
claims say how many there must be.

Only the form is read here: whether signatures hold, whether there are as many as the claims say,
and whether ``content_id`` is the claims' is for ``verification``. What claims mean is for the
vocabulary of ``license_vault``.

Source: RFC 8785; RFC 5652, 5.2 (detached content); docs/adr/0036.
"""

from dataclasses import dataclass

from signing.errors import MalformedJsonError, MalformedJsonFormError
from signing.sealed_json.strict_json import (
    base64_text,
    bytes_of,
    digest_of,
    list_of,
    members_of,
    read_canonical_json,
)

SCHEMA = "license-vault/sealed-json/1"
MEDIA_TYPE = "application/json"
MAX_BYTES = 1024 * 1024
MAX_SIGNATURES = 32
MAX_SIGNATURE_BYTES = 64 * 1024

_MEMBERS = frozenset(("claims", "content_id", "schema", "signatures"))
_CLAIMS_BEGIN = len(b'{"claims":')


@dataclass(frozen=True, slots=True)
class SealedJson:
    """A sealed JSON file, taken apart: canonical claims, content id (hex), CMS values (DER)."""

    claims: bytes
    content_id: str
    signatures: tuple[bytes, ...]


def write_sealed_json(parts: SealedJson) -> bytes:
    """Return the bytes of the parts; ``claims`` must be canonical and stay as they are."""
    signatures = ",".join(f'"{base64_text(der)}"' for der in parts.signatures)
    # Members in the order of RFC 8785, so the claims need not be parsed and written again.
    tail = f',"content_id":"{parts.content_id}","schema":"{SCHEMA}","signatures":[{signatures}]}}'
    return b"".join((b'{"claims":', parts.claims, tail.encode("ascii")))


def read_sealed_json(data: bytes) -> SealedJson:
    """Return what a sealed JSON file holds; the claims are an object, and no more is known.

    Raises:
        MalformedJsonFormError: and no other error; it is not the one form such a file has.
    """
    try:
        return _read(data)
    except MalformedJsonError as error:
        raise MalformedJsonFormError(f"sealed-json-{error.code}", error.where) from error


def _read(data: bytes) -> SealedJson:
    found = members_of(read_canonical_json(data, MAX_BYTES), _MEMBERS, "/")
    if found["schema"] != SCHEMA:
        raise MalformedJsonError("schema-unknown", "/schema")
    if not isinstance(found["claims"], dict):
        raise MalformedJsonError("not-an-object", "/claims")
    signatures = tuple(
        bytes_of(item, MAX_SIGNATURE_BYTES, f"/signatures/{number}")
        for number, item in enumerate(list_of(found["signatures"], MAX_SIGNATURES, "/signatures"))
    )
    content_id = digest_of(found["content_id"], "/content_id")
    # All is canonical, so the claims are what the rest leaves over, byte for byte as received.
    without = len(write_sealed_json(SealedJson(b"", content_id, signatures)))
    claims = data[_CLAIMS_BEGIN : _CLAIMS_BEGIN + len(data) - without]
    return SealedJson(claims, content_id, signatures)
