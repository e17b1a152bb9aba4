"""Certificates and requests as text (RFC 7468), the way people hand them to each other."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Collection, Iterable

from api.errors import CommandRefusedError

CERTIFICATE = "CERTIFICATE"
REQUEST = "CERTIFICATE REQUEST"
REVOCATION_LIST = "X509 CRL"

_BLOCK = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----\s+([A-Za-z0-9+/=\s]+?)-----END \1-----")


def to_pem(kind: str, values: Iterable[bytes]) -> str:
    """Return DER values as PEM blocks, one after the other."""
    return "".join(map(lambda der: _block(kind, der), values))


def _block(kind: str, der: bytes) -> str:
    text = base64.b64encode(der).decode("ascii")
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    return "\n".join((f"-----BEGIN {kind}-----", *lines, f"-----END {kind}-----", ""))


def from_pem(kind: str, text: str) -> tuple[bytes, ...]:
    """Return the DER of every block of a kind, in order; at least one.

    Raises:
        CommandRefusedError: there is none, or one is no Base64.
    """
    found = tuple(_decoded(name, body) for name, body in _BLOCK.findall(text) if name == kind)
    if not found:
        raise CommandRefusedError(f"文件中没有 {kind}。", f"The file has no {kind}.")
    return found


def blocks(data: bytes, kinds: Collection[str]) -> tuple[bytes, ...]:
    """Return the DER of every block of some kinds; bytes without any PEM are DER themselves.

    Raises:
        CommandRefusedError: there is PEM, but none of these kinds, or one is no Base64.
    """
    # Some put names in their own encoding between the blocks; nothing in them is used.
    found = _BLOCK.findall(data.decode("ascii", errors="replace"))
    if not found:
        return (data,)
    wanted = tuple(_decoded(name, body) for name, body in found if name in kinds)
    if not wanted:
        kind = " / ".join(kinds)
        raise CommandRefusedError(f"文件中没有 {kind}。", f"The file has no {kind}.")
    return wanted


def _decoded(kind: str, body: str) -> bytes:
    try:
        return base64.b64decode("".join(body.split()), validate=True)
    except binascii.Error as error:
        raise CommandRefusedError(f"{kind} 不是有效的 PEM。", f"A {kind} is no PEM.") from error
