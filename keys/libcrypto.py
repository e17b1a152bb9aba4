"""The few functions of OpenSSL's libcrypto that SM2 needs, bound by ctypes.

Finds a libcrypto that can really do SM2 (some distributions compile the curve out): the system's
first, else the one that comes inside psycopg's binary wheel. Holds the rules of the C side:
ownership of pointers, return codes, the error queue. What a signature *is* stands in ``sm2.py``.

Every call releases Python's lock, so a context is never shared between threads. Contexts and keys
made before a fork stay usable in the child: OpenSSL reseeds its generator when the process id
changes.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import importlib.util
from collections.abc import Iterable, Iterator
from ctypes import (
    POINTER,
    byref,
    c_char_p,
    c_int,
    c_size_t,
    c_ulong,
    c_void_p,
    create_string_buffer,
)
from functools import cache
from pathlib import Path
from typing import Any

from keys.errors import EngineUnusableError, InvalidKeyError

_SIGNATURE_ROOM = 128
_SEC1_ROOM = 256
_POINT_BYTES = 65

# name, result, arguments: OpenSSL 3.0 manual pages EVP_PKEY_sign(3) and neighbours.
_PROTOTYPES: tuple[tuple[str, Any, tuple[Any, ...]], ...] = (
    ("OpenSSL_version", c_char_p, (c_int,)),
    ("ERR_clear_error", None, ()),
    ("ERR_peek_error", c_ulong, ()),
    ("OPENSSL_cleanse", None, (c_void_p, c_size_t)),
    ("EVP_PKEY_free", None, (c_void_p,)),
    ("EVP_PKEY_is_a", c_int, (c_void_p, c_char_p)),
    ("EVP_PKEY_CTX_new_from_name", c_void_p, (c_void_p, c_char_p, c_char_p)),
    ("EVP_PKEY_CTX_new_from_pkey", c_void_p, (c_void_p, c_void_p, c_char_p)),
    ("EVP_PKEY_CTX_free", None, (c_void_p,)),
    ("EVP_PKEY_keygen_init", c_int, (c_void_p,)),
    ("EVP_PKEY_generate", c_int, (c_void_p, POINTER(c_void_p))),
    ("EVP_PKEY_check", c_int, (c_void_p,)),
    ("EVP_PKEY_public_check", c_int, (c_void_p,)),
    ("EVP_PKEY_get1_encoded_public_key", c_size_t, (c_void_p, POINTER(c_void_p))),
    ("CRYPTO_free", None, (c_void_p, c_char_p, c_int)),
    ("i2d_PrivateKey", c_int, (c_void_p, POINTER(c_void_p))),
    ("d2i_AutoPrivateKey", c_void_p, (POINTER(c_void_p), POINTER(c_void_p), ctypes.c_long)),
    ("d2i_PUBKEY", c_void_p, (POINTER(c_void_p), POINTER(c_void_p), ctypes.c_long)),
    ("EVP_PKEY_sign_init", c_int, (c_void_p,)),
    ("EVP_PKEY_sign", c_int, (c_void_p, c_char_p, POINTER(c_size_t), c_char_p, c_size_t)),
    ("EVP_PKEY_verify_init", c_int, (c_void_p,)),
    ("EVP_PKEY_verify", c_int, (c_void_p, c_char_p, c_size_t, c_char_p, c_size_t)),
)


class Handle:
    """Owns one pointer of libcrypto and frees it once, when nobody refers to it any more."""

    __slots__ = ("_free", "pointer")

    def __init__(self, pointer: int, free: Any) -> None:
        self.pointer = pointer
        self._free = free

    def __del__(self) -> None:
        self._free(self.pointer)


class Libcrypto:
    """One loaded libcrypto that has SM2."""

    def __init__(self, path: str) -> None:
        """Load the library and check that its SM2 group exists.

        Raises:
            EngineUnusableError: it cannot be loaded, is older than 3.0 or has no SM2.
        """
        self.path = path
        try:
            self._c = ctypes.CDLL(path)
            for name, result, arguments in _PROTOTYPES:
                function = getattr(self._c, name)
                function.restype, function.argtypes = result, arguments
        except (OSError, AttributeError) as error:
            raise EngineUnusableError(f"{path}: {error}") from error
        try:
            self.generate()
        except InvalidKeyError as error:
            raise EngineUnusableError(f"{path}: {self.version} has no SM2 group") from error

    @property
    def version(self) -> str:
        """The library's own name, such as 'OpenSSL 3.0.19'."""
        text: bytes = self._c.OpenSSL_version(0)
        return " ".join(text.decode("ascii", "replace").split()[:2])

    def generate(self) -> Handle:
        """Make a new SM2 key pair from the library's own random generator."""
        context = self._own_context(self._c.EVP_PKEY_CTX_new_from_name(None, b"SM2", None))
        key = c_void_p()
        made = self._c.EVP_PKEY_keygen_init(context.pointer) == 1 and (
            self._c.EVP_PKEY_generate(context.pointer, byref(key)) == 1
        )
        return self._own_key(key.value if made else None)

    def read_private_key(self, pkcs8: bytes | bytearray) -> Handle:
        """Read a PKCS#8 private key; the pair must be consistent and an SM2 key."""
        key = self._own_key(self._decode("d2i_AutoPrivateKey", pkcs8))
        context = self._own_context(self._c.EVP_PKEY_CTX_new_from_pkey(None, key.pointer, None))
        self._require(self._c.EVP_PKEY_check(context.pointer) == 1)
        return key

    def read_public_key(self, spki: bytes) -> Handle:
        """Read a SubjectPublicKeyInfo; the point must be on the curve and the key SM2."""
        return self._own_key(self._decode("d2i_PUBKEY", spki))

    def public_point(self, key: Handle) -> bytes:
        """Return the public point of a key, 65 bytes."""
        encoded = c_void_p()
        size = self._c.EVP_PKEY_get1_encoded_public_key(key.pointer, byref(encoded))
        if not encoded.value:
            self._require(holds=False)
        point = ctypes.string_at(encoded.value or 0, size)
        self._c.CRYPTO_free(encoded, None, 0)
        self._require(len(point) == _POINT_BYTES)
        return point

    def private_key_sec1(self, key: Handle) -> bytearray:
        """Return the SEC 1 encoding of a private key, in a buffer the caller wipes."""
        buffer = create_string_buffer(_SEC1_ROOM)
        try:
            size = self._c.i2d_PrivateKey(key.pointer, None)
            self._require(0 < size <= _SEC1_ROOM)
            target = c_void_p(ctypes.addressof(buffer))
            self._require(self._c.i2d_PrivateKey(key.pointer, byref(target)) == size)
            return bytearray(memoryview(buffer)[:size])
        finally:
            self._c.OPENSSL_cleanse(buffer, _SEC1_ROOM)

    def signing_context(self, key: Handle) -> Handle:
        """Return a context that signs digests; for one thread at a time."""
        context = self._own_context(self._c.EVP_PKEY_CTX_new_from_pkey(None, key.pointer, None))
        self._require(self._c.EVP_PKEY_sign_init(context.pointer) == 1)
        return context

    def verifying_context(self, key: Handle) -> Handle:
        """Return a context that verifies signatures over digests; for one thread at a time."""
        context = self._own_context(self._c.EVP_PKEY_CTX_new_from_pkey(None, key.pointer, None))
        self._require(self._c.EVP_PKEY_verify_init(context.pointer) == 1)
        return context

    def sign(self, context: Handle, digest: bytes) -> bytes:
        """Sign e, 32 bytes; return DER."""
        buffer = create_string_buffer(_SIGNATURE_ROOM)
        size = c_size_t(_SIGNATURE_ROOM)
        done = self._c.EVP_PKEY_sign(context.pointer, buffer, byref(size), digest, len(digest))
        self._require(done == 1)
        return buffer.raw[: size.value]

    def verify(self, context: Handle, digest: bytes, signature: bytes) -> bool:
        """Return whether a DER signature over e, 32 bytes, holds."""
        answer = self._c.EVP_PKEY_verify(
            context.pointer, signature, len(signature), digest, len(digest)
        )
        if answer != 1:
            # 0 is "does not hold", negative is "could not be computed"; neither is a yes.
            self._c.ERR_clear_error()
        return bool(answer == 1)

    def _decode(self, function: str, der: bytes | bytearray) -> int | None:
        room = create_string_buffer(bytes(der), len(der))
        source = c_void_p(ctypes.addressof(room))
        try:
            pointer: int | None = getattr(self._c, function)(None, byref(source), len(der))
            return pointer
        finally:
            self._c.OPENSSL_cleanse(room, len(der))

    def _own_key(self, pointer: int | None) -> Handle:
        self._require(bool(pointer))
        key = Handle(pointer or 0, self._c.EVP_PKEY_free)
        # A key on the SM2 curve of type EC would sign ECDSA, not SM2.
        self._require(self._c.EVP_PKEY_is_a(key.pointer, b"SM2") == 1)
        return key

    def _own_context(self, pointer: int | None) -> Handle:
        self._require(bool(pointer))
        return Handle(pointer or 0, self._c.EVP_PKEY_CTX_free)

    def _require(self, holds: bool) -> None:
        if not holds:
            self._c.ERR_clear_error()
            raise InvalidKeyError("libcrypto refuses it as an SM2 key")


def candidates() -> Iterator[str]:
    """Yield where a libcrypto may be: the system's, then the one inside psycopg's wheel."""
    yield "libcrypto.so.3"
    found = ctypes.util.find_library("crypto")
    if found is not None:
        yield found
    for package in ("psycopg_binary", "psycopg2"):
        specification = importlib.util.find_spec(package)
        if specification is not None and specification.origin is not None:
            site = Path(specification.origin).parent.parent
            yield from map(str, sorted(site.glob(f"{package}*.libs/libcrypto*.so*")))


def first_usable(paths: Iterable[str]) -> Libcrypto:
    """Load the first library that has SM2.

    Raises:
        EngineUnusableError: none has; it says what was wrong with each.
    """
    refusals = []
    for path in dict.fromkeys(paths):
        try:
            return Libcrypto(path)
        except EngineUnusableError as error:
            refusals.append(error.reason)
    raise EngineUnusableError("; ".join(refusals) or "no libcrypto found")


@cache
def libcrypto() -> Libcrypto:
    """Return the library this process uses."""
    return first_usable(candidates())
