"""A statement of the license library: one member, its schema, and the library's own CMS over it.

The whole is the RFC 8785 bytes of {member: …, "schema": …, "signature": base64 CMS}; the CMS is of
our profile, time-stamped, detached over the canonical bytes of the member. It seals nothing: the
library says what it did. What the member holds is known to who reads it; whether the signature
holds is for ``verification``.

Source: RFC 8785; RFC 5652, 5.2.
"""

from collections.abc import Callable
from dataclasses import dataclass

from keys.sm3 import sm3
from signing.cms.pdf_signature_writer import SigningIdentity, sign_detached
from signing.errors import MalformedJsonError
from signing.sealed_json.strict_json import (
    base64_text,
    bytes_of,
    canonical_json,
    members_of,
    read_canonical_json,
)

_MAX_SIGNATURE_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class StatementForm:
    """What a kind of statement is called: its member (before "schema" in the alphabet), schema."""

    member: str
    schema: str
    largest_bytes: int

    @property
    def beginning(self) -> bytes:
        """Return what every statement of this kind begins with, for it has one form only."""
        return f'{{"{self.member}":'.encode("ascii")


@dataclass(frozen=True, slots=True)
class SignedStatement:
    """A statement as found; ``signed_bytes`` is the content of the detached CMS ``signature``."""

    value: object
    signed_bytes: bytes
    signature: bytes


def sign_statement(
    form: StatementForm,
    value: object,
    identity: SigningIdentity,
    sign: Callable[[bytes], bytes],
    timestamp: Callable[[bytes], bytes],
) -> bytes:
    """Return a signed statement.

    Args:
        value: what is said, of texts, lists and objects.
        sign: makes an SM2 signature (DER) over a message, with the library's own key.
        timestamp: makes a time-stamp token over an SM3 imprint.
    """
    content = canonical_json(value)
    return write_statement(form, content, sign_detached(identity, sm3(content), sign, timestamp))


def write_statement(form: StatementForm, content: bytes, signature: bytes) -> bytes:
    """Return the bytes of a statement around its canonical content and its CMS."""
    tail = f',"schema":"{form.schema}","signature":"{base64_text(signature)}"}}'
    return b"".join((form.beginning, content, tail.encode("ascii")))


def read_statement(form: StatementForm, data: bytes) -> SignedStatement:
    """Return a statement of a kind, its value not read yet.

    Raises:
        MalformedJsonError: and no other error; it is not the one form a statement has.
    """
    names = frozenset((form.member, "schema", "signature"))
    found = members_of(read_canonical_json(data, form.largest_bytes), names, "/")
    if found["schema"] != form.schema:
        raise MalformedJsonError("schema-unknown", "/schema")
    value = found[form.member]
    signature = bytes_of(found["signature"], _MAX_SIGNATURE_BYTES, "/signature")
    return SignedStatement(value, canonical_json(value), signature)
