"""Trust roots: which keys sign a region's trust lists, and how many of them must.

A root is itself signed: the first by m of its own keys, and believed because two people compared
its list's fingerprint with an official letter (函); each later version by m of its own keys *and*
by m of its predecessor's, so that whoever holds one version can follow to the next and nobody
else can make it. This module reads and counts; what is believed is kept by ``license_vault.trust``.

    SignedTrustRoot ::= Signed              -- see root_signatures
    TBSTrustRoot    ::= SEQUENCE {
        what       UTF8String ("license-vault/trust-root/1"),
        region     UTF8String,              -- GB/T 2260, 6 digits
        version    INTEGER,                 -- from 1, grows by one
        threshold  INTEGER,                 -- m, from 1 to the number of keys
        issuedAt   GeneralizedTime,
        expiresAt  GeneralizedTime,
        keys       SEQUENCE OF SEQUENCE { name UTF8String, point OCTET STRING (SIZE (65)) } }

Source: our own form, in DER (X.690); the rule of rolling is that of The Update Framework, 5.3.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from keys.errors import InvalidKeyError
from keys.sm2 import check_public_point
from keys.sm3 import sm3
from signing import der
from signing.der import DerReader
from signing.errors import MalformedDerError, MalformedTrustListError
from signing.root_signatures import (
    RootSignature,
    count_holding,
    read_signed,
    read_text,
    write_text,
)

WHAT = "license-vault/trust-root/1"
MAX_ROOT_BYTES = 64 * 1024
MAX_KEYS = 16
REGION = re.compile(r"[1-9][0-9]{5}", re.ASCII)
_KEY_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}", re.ASCII)
MAX_NUMBER = 2**31 - 1


@dataclass(frozen=True, slots=True)
class RootKey:
    """A key of a root: its holder's name for it (a to z, digits, hyphens), its public point."""

    name: str
    public_point: bytes


@dataclass(frozen=True, slots=True)
class TrustRoot:
    """Which keys sign for a region. ``threshold`` of them must; instants aware UTC."""

    region: str
    version: int
    threshold: int
    keys: tuple[RootKey, ...]
    issued_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SignedTrustRoot:
    """A root as read; the signatures are over ``tbs``, the bytes as received."""

    der: bytes
    tbs: bytes
    root: TrustRoot
    signatures: tuple[RootSignature, ...]

    @property
    def sm3(self) -> bytes:
        """SM3 of what is signed, 32 bytes."""
        return sm3(self.tbs)


def build_root_tbs(root: TrustRoot) -> bytes:
    """Return what the holders of keys sign.

    Raises:
        MalformedTrustListError: it is no root: no region, a threshold out of range, keys twice.
    """
    _check(root)
    return der.sequence(
        write_text(WHAT),
        write_text(root.region),
        der.integer(root.version),
        der.integer(root.threshold),
        der.generalized_time(root.issued_at),
        der.generalized_time(root.expires_at),
        der.sequence(
            *(
                der.sequence(write_text(key.name), der.tlv(der.OCTET_STRING, key.public_point))
                for key in root.keys
            )
        ),
    )


def read_trust_root(data: bytes) -> SignedTrustRoot:
    """Return a signed root as it stands; whether it is signed by enough is another question.

    Raises:
        MalformedTrustListError: it is not one in our form.
    """
    if len(data) > MAX_ROOT_BYTES:
        raise MalformedTrustListError("trust-root-too-large")
    try:
        tbs, signatures = read_signed(data, "trust root")
        return SignedTrustRoot(data, tbs, read_root_tbs(tbs), signatures)
    except MalformedDerError as error:
        raise MalformedTrustListError(f"trust-root-{error.code}", error.where) from error


def read_root_tbs(tbs: bytes) -> TrustRoot:
    """Return the root in a value still to be signed. Raises MalformedTrustListError."""
    try:
        return _read_tbs(tbs)
    except MalformedDerError as error:
        raise MalformedTrustListError(f"trust-root-{error.code}", error.where) from error


def _read_tbs(tbs: bytes) -> TrustRoot:
    outer = DerReader(tbs)
    inner = outer.enter(der.SEQUENCE, "tbs")
    outer.finish("tbs")
    if read_text(inner, "what") != WHAT:
        raise MalformedTrustListError("trust-root-version")
    region = read_text(inner, "region")
    version, threshold = inner.integer("version"), inner.integer("threshold")
    issued_at, expires_at = inner.instant("issued at"), inner.instant("expires at")
    keys = _read_keys(inner.enter(der.SEQUENCE, "keys"))
    inner.finish("tbs")
    root = TrustRoot(region, version, threshold, keys, issued_at, expires_at)
    _check(root)
    return root


def _read_keys(reader: DerReader) -> tuple[RootKey, ...]:
    found: list[RootKey] = []
    while not reader.at_end and len(found) <= MAX_KEYS:
        entry = reader.enter(der.SEQUENCE, "key")
        found.append(RootKey(read_text(entry, "name"), entry.contents(der.OCTET_STRING, "point")))
        entry.finish("key")
    return tuple(found)


def _check(root: TrustRoot) -> None:
    names = {key.name for key in root.keys}
    points = {key.public_point for key in root.keys}
    if not REGION.fullmatch(root.region):
        raise MalformedTrustListError("trust-region", root.region[:20])
    if not len(names) == len(points) == len(root.keys) or not 0 < len(root.keys) <= MAX_KEYS:
        raise MalformedTrustListError("trust-root-keys")
    if not all(_KEY_NAME.fullmatch(name) for name in names):
        raise MalformedTrustListError("trust-root-key-name")
    if not 0 < root.threshold <= len(root.keys):
        raise MalformedTrustListError("trust-root-threshold")
    if not 0 < root.version <= MAX_NUMBER or root.expires_at <= root.issued_at:
        raise MalformedTrustListError("trust-root-out-of-range")
    try:
        for point in points:
            check_public_point(point)
    except InvalidKeyError as error:
        raise MalformedTrustListError("trust-root-point") from error


def is_self_signed(signed: SignedTrustRoot) -> bool:
    """Say whether a root is signed by as many of its own keys as it asks."""
    return _is_signed_by(signed, signed.root)


def follows(signed: SignedTrustRoot, predecessor: TrustRoot) -> bool:
    """Say whether a root is the rightful next version after another.

    It is of the same region, its version is one higher, and it is signed by enough of its own
    keys and by enough of the predecessor's.

    Source: ADR 0048; The Update Framework specification, 5.3.4 and 5.3.5.
    """
    root = signed.root
    return (
        root.region == predecessor.region
        and root.version == predecessor.version + 1
        and _is_signed_by(signed, predecessor)
        and is_self_signed(signed)
    )


def _is_signed_by(signed: SignedTrustRoot, root: TrustRoot) -> bool:
    points = (key.public_point for key in root.keys)
    return count_holding(signed.tbs, signed.signatures, points) >= root.threshold
