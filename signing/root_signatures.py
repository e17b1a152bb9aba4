"""Signatures of several holders over one DER value: who signed is told by a digest of the key.

Trust roots and trust lists are signed so, by m of the n keys of a root. Each signature is over the
bytes as received. It only counts signatures that hold; how many are needed is the root's to say.

    Signed         ::= SEQUENCE { tbs ANY, signatures SEQUENCE OF RootSignature }
    RootSignature  ::= SEQUENCE {
        keyId      OCTET STRING (SIZE (32)),   -- SM3 of the public point, 04 || x || y
        signature  OCTET STRING }              -- DER of (r, s)

The signatures stand in ascending order of their keyId, one a key at most.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from keys.errors import KeyCustodyError
from keys.sm2 import verify
from keys.sm3 import sm3
from signing import der
from signing.der import DerReader
from signing.errors import MalformedTrustListError

MAX_SIGNATURES = 32
_MAX_TEXT = 512
_KEY_ID_BYTES = 32
_MAX_SIGNATURE_BYTES = 72


@dataclass(frozen=True, slots=True)
class RootSignature:
    """One signature; ``key_id`` is SM3 of the signer's public point, 32 bytes."""

    key_id: bytes
    signature: bytes


def key_id(public_point: bytes) -> bytes:
    """Return how a root key (65 bytes) is named in signatures: its SM3."""
    return sm3(public_point)


def assemble(tbs: bytes, signatures: Iterable[RootSignature]) -> bytes:
    """Return the DER of a signed value; of two signatures of one key the last stays."""
    by_key = {entry.key_id: entry.signature for entry in signatures}
    parts = (
        der.sequence(der.tlv(der.OCTET_STRING, name), der.tlv(der.OCTET_STRING, by_key[name]))
        for name in sorted(by_key)
    )
    return der.sequence(tbs, der.sequence(*parts))


def read_signed(data: bytes, what: str) -> tuple[bytes, tuple[RootSignature, ...]]:
    """Return tbs and signatures of a signed value.

    Raises:
        MalformedDerError: it is not strict DER.
        MalformedTrustListError: too many signatures, not in order, or of a wrong size.
    """
    outer = DerReader(data)
    body = outer.enter(der.SEQUENCE, what)
    outer.finish(what)
    tbs = body.element(der.SEQUENCE, "tbs")
    inner = body.enter(der.SEQUENCE, "signatures")
    body.finish(what)
    found = []
    while not inner.at_end:
        found.append(_read_signature(inner.enter(der.SEQUENCE, "signature")))
        if len(found) > MAX_SIGNATURES:
            raise MalformedTrustListError("trust-too-many-signatures")
    if any(left.key_id >= right.key_id for left, right in pairwise(found)):
        raise MalformedTrustListError("trust-signatures-not-in-order")
    return tbs, tuple(found)


def _read_signature(reader: DerReader) -> RootSignature:
    name = reader.contents(der.OCTET_STRING, "key id")
    signature = reader.contents(der.OCTET_STRING, "signature")
    reader.finish("signature")
    if len(name) != _KEY_ID_BYTES or len(signature) > _MAX_SIGNATURE_BYTES:
        raise MalformedTrustListError("trust-signature-size")
    return RootSignature(name, signature)


def count_holding(
    tbs: bytes, signatures: Iterable[RootSignature], public_points: Iterable[bytes]
) -> int:
    """Return by how many of these keys there is a signature over tbs that holds."""
    points = {key_id(point): point for point in public_points}
    signed = {entry.key_id: entry.signature for entry in signatures}
    return sum(_holds(points[name], tbs, signed[name]) for name in points.keys() & signed.keys())


def _holds(point: bytes, tbs: bytes, signature: bytes) -> bool:
    try:
        verify(point, tbs, signature)
    except KeyCustodyError:
        return False
    return True


def write_text(text: str) -> bytes:
    """Return a UTF8String; at most 512 printable characters, raises MalformedTrustListError."""
    _check_text(text)
    return der.tlv(der.UTF8_STRING, text.encode())


def read_text(reader: DerReader, where: str) -> str:
    """Return the next UTF8String, checked as ``write_text`` does."""
    contents = reader.contents(der.UTF8_STRING, where)
    try:
        text = contents.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedTrustListError("trust-text", where) from error
    _check_text(text)
    return text


def _check_text(text: str) -> None:
    if len(text) > _MAX_TEXT or not text.isprintable():
        raise MalformedTrustListError("trust-text", text[:40])
