"""What opens the key folder: from the settings, a private file, or made once.

Never a default: outside development a missing passphrase stops the start.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

from api.errors import SettingsRefusedError
from api.settings import Settings
from api.settings_checks import PREFIX
from license_vault.errors import PathUnusableError


def passphrase(settings: Settings) -> bytes:
    """Return what opens the key folder.

    In development a missing file is made, with 256 random bits and mode 0600.

    Raises:
        SettingsRefusedError: production has none, or the file is readable by others.
        PathUnusableError: it cannot be made here.
    """
    if settings.keys.passphrase is not None:
        return settings.keys.passphrase.get_secret_value().encode()
    path = settings.keys.passphrase_file or settings.home / "passphrase"
    may_make = settings.environment == "development" and settings.keys.passphrase_file is None
    if may_make:
        try:
            _make_once(path)
        except OSError as error:
            raise PathUnusableError(str(path), error.strerror or "") from error
    return _read_private(path)


def _make_once(path: Path) -> None:
    if path.exists():
        # Nothing is written then: a full disk keeps nobody from the keys.
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Written aside and linked: of two processes at once both see the same one.
    aside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(32))
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(aside, path)
    finally:
        aside.unlink()


def _read_private(path: Path) -> bytes:
    name = f"{PREFIX}KEYS__PASSPHRASE_FILE"
    try:
        mode = path.stat().st_mode & 0o777
        content = path.read_bytes().strip()
    except OSError as error:
        raise SettingsRefusedError((f"{name}: {path} cannot be read",)) from error
    if mode & 0o077:
        raise SettingsRefusedError((f"{name}: {path} has mode {mode:04o}, 0600 wanted",))
    if not content:
        raise SettingsRefusedError((f"{name}: {path} is empty",))
    return content
