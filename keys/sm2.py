"""SM2 signatures (GB/T 32918.2-2016) on the recommended 256-bit curve.

The only signing engine: libcrypto does the arithmetic, this module says what a signature is.
Strict where the library is lenient: a signature is minimal DER of r and s, both in [1, n-1], with
r + s not 0 mod n; the only signer id is the standard's default; a public key is an uncompressed
point on the curve. Key exchange and encryption (parts 3 and 4) are not done here.

e = SM3(Z || M) is computed here and Z is kept per point, since it hashes 210 bytes that never
change for a key. Private keys live inside libcrypto and are never Python integers but for
``from_scalar``, which exists for printed examples and tests.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from functools import lru_cache

from keys import der
from keys.errors import EngineUnusableError, InvalidKeyError, InvalidSignatureError
from keys.libcrypto import Handle, libcrypto
from keys.sm3 import sm3

DEFAULT_SIGNER_ID = b"1234567812345678"

# GB/T 32918.5-2017, 2: the curve y^2 = x^3 + ax + b over F_p, its base point and order.
FIELD_PRIME = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
CURVE_A = FIELD_PRIME - 3
CURVE_B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
CURVE_ORDER = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
_BASE_POINT = bytes.fromhex(
    "32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7"
    "BC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0"
)
_CURVE_CONSTANTS = CURVE_A.to_bytes(32, "big") + CURVE_B.to_bytes(32, "big") + _BASE_POINT

# AlgorithmIdentifier: id-ecPublicKey, sm2p256v1 (GB/T 35276; standards table, keys).
ALGORITHM_IDENTIFIER = bytes.fromhex("301306072a8648ce3d020106082a811ccf5501822d")
_CURVE_OID = bytes.fromhex("06082a811ccf5501822d")

_MAX_ID_BYTES = 8191
_VERIFIERS_A_THREAD = 256


@lru_cache(maxsize=4096)
def check_public_point(point: bytes) -> None:
    """Check that a public key is a point on the curve.

    Args:
        point: uncompressed, 65 bytes: 04 || x || y.

    Raises:
        InvalidKeyError: another form, a coordinate not below p, or not on the curve.

    Source: GB/T 32918.1-2016, 6.2.1 (the cofactor is 1).
    """
    if len(point) != 65 or point[0] != 4:
        raise InvalidKeyError("not an uncompressed point of 65 bytes")
    x, y = int.from_bytes(point[1:33], "big"), int.from_bytes(point[33:], "big")
    if x >= FIELD_PRIME or y >= FIELD_PRIME:
        raise InvalidKeyError("a coordinate is not below p")
    if (y * y - (x * x * x + CURVE_A * x + CURVE_B)) % FIELD_PRIME:
        raise InvalidKeyError("not on the curve")


@lru_cache(maxsize=4096)
def signer_digest(public_point: bytes, signer_id: bytes = DEFAULT_SIGNER_ID) -> bytes:
    """Return Z, the digest that binds a signature to its signer, 32 bytes.

    Args:
        public_point: 65 bytes: 04 || x || y, on the curve.
        signer_id: the distinguishing identifier, at most 8191 bytes, since its length in bits
            must fit in two bytes.

    Raises:
        InvalidKeyError: the point is no public key, or the id is too long.

    Source: GB/T 32918.2-2016, 5.5.
    """
    check_public_point(public_point)
    if len(signer_id) > _MAX_ID_BYTES:
        raise InvalidKeyError("the signer id is longer than 8191 bytes")
    id_bits = (len(signer_id) * 8).to_bytes(2, "big")
    return sm3(id_bits, signer_id, _CURVE_CONSTANTS, public_point[1:])


def split_signature(signature: bytes) -> tuple[int, int]:
    """Return r and s of a DER signature.

    Raises:
        InvalidSignatureError: not the minimal DER of two integers, or out of range.

    Source: GB/T 35276-2017, 7.3 (SM2Signature); GB/T 32918.2-2016, 7.1 B1, B2, B5.
    """
    try:
        reader = der.Reader(der.only(signature, der.SEQUENCE).content)
        r = der.integer(reader.next(der.INTEGER))
        s = der.integer(reader.next(der.INTEGER))
        reader.finish()
    except der.DerError as error:
        raise InvalidSignatureError from error
    if not (0 < r < CURVE_ORDER and 0 < s < CURVE_ORDER) or r + s == CURVE_ORDER:
        raise InvalidSignatureError
    return r, s


def verify(public_point: bytes, message: bytes, signature: bytes) -> None:
    """Check a DER signature over a message, made under the default signer id.

    Raises:
        InvalidSignatureError: it is not minimal DER, r or s is out of range, or the equation
            does not hold. They are not told apart on purpose.
        InvalidKeyError: the point is no public key.

    Source: GB/T 32918.2-2016, 7.1.
    """
    digest = sm3(signer_digest(public_point), message)
    split_signature(signature)
    if not libcrypto().verify(_verifiers.context(public_point), digest, signature):
        raise InvalidSignatureError


class _Verifiers(threading.local):
    """Ready contexts of the public keys this thread met last."""

    def __init__(self) -> None:
        self._contexts: OrderedDict[bytes, Handle] = OrderedDict()

    def context(self, public_point: bytes) -> Handle:
        """Return a verifying context for a point that was checked to be on the curve."""
        found = self._contexts.get(public_point)
        if found is not None:
            self._contexts.move_to_end(public_point)
            return found
        library = libcrypto()
        made = library.verifying_context(library.read_public_key(write_spki(public_point)))
        self._contexts[public_point] = made
        if len(self._contexts) > _VERIFIERS_A_THREAD:
            self._contexts.popitem(last=False)
        return made


_verifiers = _Verifiers()


def write_spki(public_point: bytes) -> bytes:
    """Return the DER SubjectPublicKeyInfo of a point.

    Source: GB/T 35276-2017, 7.1; RFC 5480.
    """
    return der.tlv(der.SEQUENCE, ALGORITHM_IDENTIFIER, der.tlv(der.BIT_STRING, b"\0", public_point))


class PrivateKey:
    """An SM2 private key held by libcrypto. May be used by many threads at once.

    Made by ``generate``, ``from_pkcs8`` or ``from_scalar``; the constructor takes a key that
    libcrypto already checked.
    """

    __slots__ = ("_contexts", "_key", "public_point")

    def __init__(self, key: Handle) -> None:
        self._key = key
        self._contexts = threading.local()
        self.public_point = libcrypto().public_point(key)
        check_public_point(self.public_point)

    def __repr__(self) -> str:
        return f"PrivateKey(public_point={self.public_point.hex()})"

    def __reduce__(self) -> tuple[object, ...]:
        # A key never leaves by pickling, so never by a queue, a log or a job store.
        raise InvalidKeyError("private keys are not serialised")

    @classmethod
    def generate(cls) -> PrivateKey:
        """Make a new key from libcrypto's random generator."""
        return cls(libcrypto().generate())

    @classmethod
    def from_pkcs8(cls, pkcs8: bytes) -> PrivateKey:
        """Read an unencrypted PKCS#8 key.

        Raises:
            InvalidKeyError: not strict DER of an SM2 key, the scalar is not in [1, n-2], or the
                public point inside is not the scalar's.

        Source: GB/T 35276-2017; RFC 5208; RFC 5915.
        """
        try:
            scalar, point = _read_pkcs8(pkcs8)
        except der.DerError as error:
            raise InvalidKeyError(f"PKCS#8: {error}") from error
        key = cls._from_scalar_bytes(scalar)
        if point is not None and point != key.public_point:
            raise InvalidKeyError("the public point is not the private key's")
        return key

    @classmethod
    def from_scalar(cls, scalar: int) -> PrivateKey:
        """Make the key of a known scalar, as printed in a standard.

        Raises:
            InvalidKeyError: it is not in [1, n-2].
        """
        if not 0 < scalar < CURVE_ORDER - 1:
            raise InvalidKeyError("the private key is not in [1, n-2]")
        return cls._from_scalar_bytes(scalar.to_bytes(32, "big"))

    @classmethod
    def _from_scalar_bytes(cls, scalar: bytes) -> PrivateKey:
        # Compared as bytes: equal lengths, so the order is that of the numbers.
        # n-1 is out too: 1 + d has no inverse then (GB/T 32918.1-2016, 6.1).
        if not bytes(32) < scalar < (CURVE_ORDER - 1).to_bytes(32, "big"):
            raise InvalidKeyError("the private key is not in [1, n-2]")
        return cls(libcrypto().read_private_key(_write_pkcs8(scalar, None)))

    def sign(self, message: bytes) -> bytes:
        """Sign a message under the default signer id; return DER of (r, s), 68 to 72 bytes.

        Source: GB/T 32918.2-2016, 6.1.
        """
        context: Handle | None = getattr(self._contexts, "context", None)
        if context is None:
            context = self._contexts.context = libcrypto().signing_context(self._key)
        return libcrypto().sign(context, sm3(signer_digest(self.public_point), message))

    def to_pkcs8(self) -> bytes:
        """Return the unencrypted PKCS#8 form, for whoever encrypts it at once."""
        sec1 = libcrypto().private_key_sec1(self._key)
        try:
            scalar, _ = _read_sec1(bytes(sec1))
        finally:
            sec1[:] = bytes(len(sec1))
        return _write_pkcs8(scalar, self.public_point)


def _read_pkcs8(pkcs8: bytes) -> tuple[bytes, bytes | None]:
    reader = der.Reader(der.only(pkcs8, der.SEQUENCE).content)
    if der.integer(reader.next(der.INTEGER)) != 0:
        raise der.DerError("version is not 0")
    if reader.next(der.SEQUENCE).encoded != ALGORITHM_IDENTIFIER:
        raise der.DerError("not a key on the SM2 curve")
    scalar, point = _read_sec1(reader.next(der.OCTET_STRING).content)
    reader.finish()
    return scalar, point


def _read_sec1(sec1: bytes) -> tuple[bytes, bytes | None]:
    """Return scalar (32 bytes) and public point of an ECPrivateKey (RFC 5915, 3)."""
    reader = der.Reader(der.only(sec1, der.SEQUENCE).content)
    if der.integer(reader.next(der.INTEGER)) != 1:
        raise der.DerError("ECPrivateKey version is not 1")
    scalar = reader.next(der.OCTET_STRING).content
    if len(scalar) != 32:
        raise der.DerError("the scalar is not 32 bytes")
    curve = reader.optional(0xA0)
    if curve is not None and curve.content != _CURVE_OID:
        raise der.DerError("ECPrivateKey of another curve")
    wrapped = reader.optional(0xA1)
    reader.finish()
    if wrapped is None:
        return scalar, None
    return scalar, der.whole_octets(der.only(wrapped.content, der.BIT_STRING))


def _write_pkcs8(scalar: bytes, point: bytes | None) -> bytes:
    public = b""
    if point is not None:
        public = der.tlv(0xA1, der.tlv(der.BIT_STRING, b"\0", point))
    sec1 = der.tlv(der.SEQUENCE, der.write_integer(1), der.tlv(der.OCTET_STRING, scalar), public)
    return der.tlv(
        der.SEQUENCE, der.write_integer(0), ALGORITHM_IDENTIFIER, der.tlv(der.OCTET_STRING, sec1)
    )


# GB/T 32918.5-2017, annex A: message, public point and signature as printed.
EXAMPLE_MESSAGE = b"message digest"
EXAMPLE_POINT = bytes.fromhex(
    "0409F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020"
    "CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13"
)
EXAMPLE_SIGNATURE = der.tlv(
    der.SEQUENCE,
    der.write_integer(0xF5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3),
    der.write_integer(0xB1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA),
)


def self_test() -> None:
    """Prove at start-up that the engine does SM2 and says no when it must.

    The printed example shows that verifying is SM2 and not ECDSA on the same curve; a fresh
    signature that it accepts shows the same of signing.

    Raises:
        EngineUnusableError: any of it fails, so nothing may be signed or verified here.
    """
    try:
        key = PrivateKey.generate()
        signature = key.sign(EXAMPLE_MESSAGE)
        verify(EXAMPLE_POINT, EXAMPLE_MESSAGE, EXAMPLE_SIGNATURE)
        verify(key.public_point, EXAMPLE_MESSAGE, signature)
    except (InvalidSignatureError, InvalidKeyError) as error:
        raise EngineUnusableError(f"{engine_description()} fails its self-test") from error
    for message in (b"message digesu", b""):
        try:
            verify(key.public_point, message, signature)
        except InvalidSignatureError:
            continue
        raise EngineUnusableError(f"{engine_description()} accepts a wrong message")


def engine_description() -> str:
    """Return name, version and file of the engine, such as 'OpenSSL 3.0.19 (libcrypto.so.3)'."""
    library = libcrypto()
    return f"{library.version} ({library.path})"
