"""From the address of a key custodian to its provider.

One line a scheme, so that a new device adds a module and a line here. ``file:`` is the only one
yet; ``pkcs11:`` and ``sdf:`` come with their devices.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

from keys.errors import KeyAddressError
from keys.provider import KeyProvider
from keys.provider_software import SoftwareKeys


def open_keys(address: str, passphrase: bytes) -> KeyProvider:
    """Open the keys behind an address.

    Args:
        address: ``file:/folder``, ``file:///folder`` or ``file:relative/folder``.
        passphrase: what the custodian asks for; for ``file:`` it encrypts the folder.

    Raises:
        KeyAddressError: the scheme is not known, or the address has no place.
        KeyCustodyError: whatever the provider raises on opening.
    """
    scheme, colon, place = address.partition(":")
    opener = _SCHEMES.get(scheme)
    if opener is None or not colon:
        raise KeyAddressError(address)
    return opener(place, passphrase)


def _open_file(place: str, passphrase: bytes) -> KeyProvider:
    path = unquote(place.removeprefix("//"))
    # file://host/folder would name another machine; only the empty host is ours.
    if not path or "\0" in path or (place.startswith("//") and not path.startswith("/")):
        raise KeyAddressError(f"file:{place}")
    return SoftwareKeys(Path(path), passphrase)


_SCHEMES: dict[str, Callable[[str, bytes], KeyProvider]] = {"file": _open_file}
