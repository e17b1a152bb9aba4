"""One holder's vault: what is kept for a holder is encrypted for that holder.

Three layers (docs/adr/0017): each thing kept (a license's record in the database, each of its
files in the store) has a random SM4 key of its own; that key is wrapped under the key of each
holder of the license; a holder's key is wrapped under ``vault-kek``, which never leaves the
key provider. Every envelope is bound to its place, its purpose and its key version, so it does
not open anywhere else.

Files are immutable and the first writer wins: of two sealed files of one license the stored
one counts, and the digests are taken from it.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

from keys import envelope
from keys.errors import EnvelopeBrokenError
from keys.provider import KeyProvider
from keys.sm3 import sm3
from license_vault.errors import ObjectDamagedError, ObjectExistsError, ObjectMissingError
from license_vault.store.object_store import ObjectStore

KEY_VERSION = 1
RECORD = "record"
PDF, OFD, JSON = "pdf", "ofd", "json"
MEDIA_TYPES = {PDF: "application/pdf", OFD: "application/ofd", JSON: "application/json"}
FORMS = tuple(MEDIA_TYPES)

_KEK = "vault-kek"
_STORED_AS = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class HolderKey:
    """A holder's own key, open; ``handle`` is the random public name of the holder."""

    handle: str
    version: int
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Deposited:
    """A file as it lies in the store: its bytes, opened, and what its row must say."""

    form: str
    object_key: str
    data: bytes = field(repr=False)
    sm3: bytes
    sha256: bytes
    ciphertext_sm3: bytes


@dataclass(frozen=True, slots=True)
class StoredFile:
    """What a row says of a file in the store; the digests are 32 bytes."""

    object_key: str
    form: str
    sm3: bytes
    sha256: bytes
    ciphertext_sm3: bytes


def object_key_of(handle: str, identifier: str, form: str) -> str:
    """Return the name of a license's file in the store."""
    return f"{handle}/{identifier}/{form}"


class Vault:
    """Encrypts for holders, deposits in the store, and opens again. Use from many threads."""

    def __init__(
        self, keys: KeyProvider, store: ObjectStore, random_bytes: Callable[[int], bytes]
    ) -> None:
        self._keys = keys
        self._store = store
        self._random = random_bytes

    # --- keys ---

    def new_holder_key(self, handle: str) -> tuple[HolderKey, bytes]:
        """Make the key of a new holder; return it open and as its row keeps it, wrapped."""
        key = envelope.new_key(self._random)
        wrapped = self._keys.wrap(_KEK, key, _context("holder-key", handle, KEY_VERSION))
        return HolderKey(handle, KEY_VERSION, key), wrapped

    def open_holder_key(self, handle: str, version: int, wrapped: bytes) -> HolderKey:
        """Open a holder's key.

        Raises:
            EnvelopeBrokenError: the row was changed, or is another holder's.
        """
        key = self._keys.unwrap(_KEK, wrapped, _context("holder-key", handle, version))
        return HolderKey(handle, version, key)

    def new_key(self) -> bytes:
        """Make the key of one thing to be kept, 16 bytes."""
        return envelope.new_key(self._random)

    def wrap_key(self, holder: HolderKey, identifier: str, purpose: str, key: bytes) -> bytes:
        """Wrap the key of one thing under a holder's key."""
        context = _context(f"key/{purpose}", f"{holder.handle}/{identifier}", holder.version)
        return envelope.encrypt(holder.key, key, context, self._random)

    def unwrap_key(self, holder: HolderKey, identifier: str, purpose: str, wrapped: bytes) -> bytes:
        """Open what ``wrap_key`` made.

        Raises:
            EnvelopeBrokenError: changed, or of another holder, license or purpose.
        """
        context = _context(f"key/{purpose}", f"{holder.handle}/{identifier}", holder.version)
        return envelope.decrypt(holder.key, wrapped, context)

    # --- what the database keeps ---

    def encrypt(self, key: bytes, place: str, purpose: str, data: bytes) -> bytes:
        """Encrypt what a row keeps; ``place`` names the row (an identifier, a handle)."""
        return envelope.encrypt(key, data, _context(purpose, place, KEY_VERSION), self._random)

    def decrypt(self, key: bytes, place: str, purpose: str, sealed: bytes) -> bytes:
        """Open what ``encrypt`` made.

        Raises:
            EnvelopeBrokenError: changed, or of another row or purpose.
        """
        return envelope.decrypt(key, sealed, _context(purpose, place, KEY_VERSION))

    # --- what the store keeps ---

    def deposit(self, object_key: str, form: str, key: bytes, data: bytes) -> Deposited:
        """Put a sealed file into the store; durable when this returns.

        If another finish of the same license was first, its file stays and is returned.

        Raises:
            StoreUnavailableError: no answer; it may be tried again.
            ObjectDamagedError: the name holds something that does not open with this key.
        """
        stored = self._encrypt_file(object_key, form, key, data)
        try:
            self._store.put_new(object_key, stored, _STORED_AS)
        except ObjectExistsError:
            return self._opened(object_key, form, key)
        return _deposited(form, object_key, data, stored)

    def find_deposited(self, object_key: str, form: str, key: bytes) -> Deposited | None:
        """Return the file an earlier try put into the store, or None."""
        stored = self._store.find(object_key)
        if stored is None:
            return None
        return self._decrypt_file(object_key, form, key, stored)

    def open_file(self, stored_file: StoredFile, key: bytes) -> bytes:
        """Return a sealed file, checked against everything its row says.

        Raises:
            ObjectMissingError: the store has nothing under its name.
            ObjectDamagedError: a digest differs, or it does not open.
            StoreUnavailableError: no answer.
        """
        stored = self._store.find(stored_file.object_key)
        if stored is None:
            raise ObjectMissingError(stored_file.object_key)
        if sm3(stored) != stored_file.ciphertext_sm3:
            raise ObjectDamagedError(stored_file.object_key, "ciphertext")
        found = self._decrypt_file(stored_file.object_key, stored_file.form, key, stored)
        if (found.sm3, found.sha256) != (stored_file.sm3, stored_file.sha256):
            raise ObjectDamagedError(stored_file.object_key, "content")
        return found.data

    def _opened(self, object_key: str, form: str, key: bytes) -> Deposited:
        found = self.find_deposited(object_key, form, key)
        if found is None:
            raise ObjectMissingError(object_key)
        return found

    def _encrypt_file(self, object_key: str, form: str, key: bytes, data: bytes) -> bytes:
        context = _context(f"file/{form}", object_key, KEY_VERSION)
        return envelope.encrypt(key, data, context, self._random)

    def _decrypt_file(self, object_key: str, form: str, key: bytes, stored: bytes) -> Deposited:
        try:
            data = envelope.decrypt(key, stored, _context(f"file/{form}", object_key, KEY_VERSION))
        except EnvelopeBrokenError as error:
            raise ObjectDamagedError(object_key, "envelope") from error
        return _deposited(form, object_key, data, stored)


def _deposited(form: str, object_key: str, data: bytes, stored: bytes) -> Deposited:
    return Deposited(form, object_key, data, sm3(data), hashlib.sha256(data).digest(), sm3(stored))


def _context(purpose: str, place: str, version: int) -> bytes:
    """Return what an envelope is bound to; no part can hold the separator."""
    return "\0".join(("license-vault/1", purpose, place, str(version))).encode()
