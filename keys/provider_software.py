"""Keys in encrypted files of one folder: for development, demonstrations and small offices.

Whoever reads this process's memory has the keys, so ``for_production`` is False and the service
refuses this provider in production; a hardware module is another provider.

Layout of the folder (0700): ``folder.json`` holds the scrypt salt and cost and a sealed check
value, so that a wrong passphrase is told apart from a damaged file; one file a key (0600), named
for its label with '/' written '__'. The folder's key is derived once, when the folder is opened.
Every key's file is an SM4-GCM envelope bound to its label and kind: a file renamed does not open.
Beside a seal's key stands the log of its uses (``use_log``). Nothing is overwritten or deleted.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from keys import envelope
from keys.errors import (
    EnvelopeBrokenError,
    InvalidKeyError,
    KeyExistsError,
    KeyFileDamagedError,
    KeyNotFoundError,
    KeyUnavailableError,
    LabelInvalidError,
    WrongPassphraseError,
)
from keys.private_folder import PrivateFolder
from keys.sm2 import PrivateKey
from keys.sm3 import hmac_sm3
from keys.use_log import UseLog

_VERSION = 1
_FOLDER_FILE = "folder.json"
_SUFFIX = ".key.json"
_LABEL = re.compile(r"[a-z0-9][a-z0-9.-]*(/[a-z0-9][a-z0-9.-]*)*", re.ASCII)
_MAX_LABEL = 120
_SIGNING, _SECRET = "sm2", "secret"
_SECRET_BYTES = 32
_SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class ScryptCost:
    """How dear one guess of the passphrase is (RFC 7914). The default takes 128 MiB."""

    n: int = 2**17
    r: int = 8
    p: int = 1

    def derive(self, passphrase: bytes, salt: bytes) -> bytes:
        """Return the 16-byte key of a passphrase."""
        return hashlib.scrypt(
            passphrase, salt=salt, n=self.n, r=self.r, p=self.p, maxmem=2**29, dklen=16
        )


DEFAULT_COST = ScryptCost()


class SoftwareKeys:
    """A ``KeyProvider`` over a folder of encrypted files. Use from many threads."""

    for_production = False

    def __init__(
        self,
        directory: Path,
        passphrase: bytes,
        cost: ScryptCost = DEFAULT_COST,
        random_bytes: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        """Open a folder of keys; one that does not exist is made when the first key is.

        Args:
            cost: used when the folder is made; afterwards the folder says its own.

        Raises:
            WrongPassphraseError: it does not open this folder, or is empty.
            KeyFileUnsafeError: folder or file is open to others.
            KeyFileDamagedError: the folder's own file is damaged, or missing beside keys.
        """
        if not passphrase:
            raise WrongPassphraseError(directory)
        self._folder = PrivateFolder(directory)
        self._uses = UseLog(self._folder)
        self._random_bytes = random_bytes
        self._lock = threading.RLock()
        self._signing: dict[str, PrivateKey] = {}
        self._secret: dict[str, bytes] = {}
        self._closed = False
        self._make_folder_key: Callable[[], bytes] | None = None
        # Looked for before the folder's file, which is written before any key: another process may
        # be making both just now.
        labels = self.labels()
        self._folder_key = self._open_folder(passphrase)
        if self._folder_key is None:
            if labels:
                raise KeyFileDamagedError(directory / _FOLDER_FILE, "missing beside keys")
            self._make_folder_key = partial(self._make_folder, passphrase, cost)

    def create_signing_key(self, label: str) -> bytes:
        """Make a new SM2 key; return its public point, 65 bytes.

        Raises:
            KeyExistsError: there is a key under the label.
        """
        key = PrivateKey.generate()
        self._store(label, _SIGNING, key.to_pkcs8())
        return key.public_point

    def create_secret_key(self, label: str) -> None:
        """Make a new secret key for ``mac``, ``wrap`` and ``unwrap``.

        Raises:
            KeyExistsError: there is a key under the label.
        """
        self._store(label, _SECRET, self._random_bytes(_SECRET_BYTES))

    def labels(self) -> tuple[str, ...]:
        """Return the labels of all keys, sorted."""
        names = (name for name in self._folder.names() if name.endswith(_SUFFIX))
        return tuple(sorted(name.removesuffix(_SUFFIX).replace("__", "/") for name in names))

    def public_point(self, label: str) -> bytes:
        """Return the public point of a signing key, 65 bytes: 04 || x || y."""
        return self._signing_key(label).public_point

    def sign(self, label: str, message: bytes) -> bytes:
        """Sign a message with SM2; return DER of (r, s)."""
        key = self._signing_key(label)
        self._uses.add(label, message)
        return key.sign(message)

    def uses(self, label: str) -> tuple[bytes, ...]:
        """Return SM3 of every message signed under a seal's label, in order."""
        _file_name(label)
        return self._uses.of(label)

    def mac(self, label: str, message: bytes) -> bytes:
        """Return HMAC-SM3 of a message under a secret key, 32 bytes."""
        return hmac_sm3(self._purpose_key(label, b"mac"), message)

    def wrap(self, label: str, plaintext: bytes, context: bytes) -> bytes:
        """Encrypt with SM4-GCM under a secret key, bound to the context."""
        key = self._purpose_key(label, b"wrap")[: envelope.KEY_BYTES]
        return envelope.encrypt(key, plaintext, context, self._random_bytes)

    def unwrap(self, label: str, wrapped: bytes, context: bytes) -> bytes:
        """Decrypt what ``wrap`` made; EnvelopeBrokenError if it was not made so."""
        key = self._purpose_key(label, b"wrap")[: envelope.KEY_BYTES]
        return envelope.decrypt(key, wrapped, context)

    def close(self) -> None:
        """Forget all keys; every later use raises KeyUnavailableError."""
        with self._lock:
            self._closed = True
            self._folder_key = None
            self._make_folder_key = None
            self._signing.clear()
            self._secret.clear()

    def _purpose_key(self, label: str, purpose: bytes) -> bytes:
        # One secret, two uses: derived apart, so a message code never doubles as a cipher key.
        return hmac_sm3(self._secret_key(label), b"license-vault " + purpose)

    def _signing_key(self, label: str) -> PrivateKey:
        with self._lock:
            if label not in self._signing:
                pkcs8 = self._load(label, _SIGNING)
                try:
                    self._signing[label] = PrivateKey.from_pkcs8(pkcs8)
                except InvalidKeyError as error:
                    raise KeyFileDamagedError(self._path(label), error.reason) from error
            return self._signing[label]

    def _secret_key(self, label: str) -> bytes:
        with self._lock:
            if label not in self._secret:
                self._secret[label] = self._load(label, _SECRET)
            return self._secret[label]

    def _store(self, label: str, kind: str, plaintext: bytes) -> None:
        name = _file_name(label)
        with self._lock:
            key = self._unlocked()
            sealed = envelope.encrypt(key, plaintext, _context(label, kind), self._random_bytes)
            record = {"version": _VERSION, "label": label, "kind": kind, "sealed": _text(sealed)}
            if not self._write(name, record):
                raise KeyExistsError(label)

    def _load(self, label: str, kind: str) -> bytes:
        if self._closed:
            raise KeyUnavailableError("closed")
        record = self._read(_file_name(label))
        if record is None or record.get("kind") != kind:
            raise KeyNotFoundError(label)
        if record.get("label") != label:
            raise KeyFileDamagedError(self._path(label), "it is the file of another label")
        key = self._unlocked()
        try:
            return envelope.decrypt(key, _bytes(record["sealed"]), _context(label, kind))
        except (KeyError, ValueError, EnvelopeBrokenError) as error:
            raise KeyFileDamagedError(self._path(label), "its envelope does not open") from error

    def _unlocked(self) -> bytes:
        """Return the folder's key, making the folder if nobody has yet."""
        if self._closed:
            raise KeyUnavailableError("closed")
        if self._folder_key is None and self._make_folder_key is not None:
            self._folder_key = self._make_folder_key()
            self._make_folder_key = None  # and with it the passphrase
        if self._folder_key is None:
            raise KeyUnavailableError("the folder has no key")
        return self._folder_key

    def _open_folder(self, passphrase: bytes) -> bytes | None:
        record = self._read(_FOLDER_FILE)
        if record is None:
            return None
        path = self._folder.path / _FOLDER_FILE
        try:
            cost = ScryptCost(*(int(record["scrypt"][name]) for name in "nrp"))
            key = cost.derive(passphrase, _bytes(record["salt"]))
            check = _bytes(record["check"])
        except (KeyError, TypeError, ValueError, OverflowError, MemoryError) as error:
            raise KeyFileDamagedError(path, "salt or cost") from error
        try:
            envelope.decrypt(key, check, _context(_FOLDER_FILE, "check"))
        except EnvelopeBrokenError as error:
            raise WrongPassphraseError(self._folder.path) from error
        return key

    def _make_folder(self, passphrase: bytes, cost: ScryptCost) -> bytes:
        salt = self._random_bytes(_SALT_BYTES)
        key = cost.derive(passphrase, salt)
        check = envelope.encrypt(key, b"", _context(_FOLDER_FILE, "check"), self._random_bytes)
        record = {
            "version": _VERSION,
            "scrypt": {"n": cost.n, "r": cost.r, "p": cost.p},
            "salt": _text(salt),
            "check": _text(check),
        }
        if self._write(_FOLDER_FILE, record):
            return key
        # Another process was first: its folder, so its salt, and our passphrase must fit it.
        opened = self._open_folder(passphrase)
        if opened is None:
            raise KeyUnavailableError(f"{self._folder.path}: the folder's file has gone")
        return opened

    def _read(self, name: str) -> dict[str, Any] | None:
        data = self._folder.read(name)
        if data is None:
            return None
        path = self._folder.path / name
        try:
            record = json.loads(data)
        except (ValueError, RecursionError) as error:
            raise KeyFileDamagedError(path, "not JSON") from error
        if not isinstance(record, dict) or record.get("version") != _VERSION:
            raise KeyFileDamagedError(path, "of another version")
        return record

    def _write(self, name: str, record: dict[str, Any]) -> bool:
        data = json.dumps(record, indent=1).encode() + b"\n"
        return self._folder.write_new(name, data, self._random_bytes(8).hex())

    def _path(self, label: str) -> Path:
        return self._folder.path / _file_name(label)


def _file_name(label: str) -> str:
    if len(label) > _MAX_LABEL or _LABEL.fullmatch(label) is None:
        raise LabelInvalidError(label)
    # '_' is in no label, so no two labels share a file.
    return label.replace("/", "__") + _SUFFIX


def _context(label: str, kind: str) -> bytes:
    return f"license-vault/key-file/{_VERSION}\n{kind}\n{label}".encode()


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _bytes(text: Any) -> bytes:
    if not isinstance(text, str):
        raise ValueError("not base64 text")  # noqa: TRY004 - caught with binascii.Error
    return base64.b64decode(text, validate=True)
