"""What a clerk's scanner read: a code that a holder shows, or what stands on a license. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from license_vault.presenting.code_picture import PREFIX
from signing.errors import MalformedQrCodeError
from signing.qr_claims import read_qr_text

_IDENTIFIER = re.compile(r"1\.2\.156\.3005\.2\.[0-9A-Z.]{1,110}")
_CHECK_CODE = re.compile(r"[0-9A-Z]{13}")
_PRESENTED = re.compile(r"[0-9a-zA-Z]{20,40}", re.ASCII)


@dataclass(frozen=True, slots=True)
class PresentedCode:
    """A one-use code of a holder (亮证码), as the API takes it."""

    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class LicenseNumber:
    """An identifier with its check code, of a license's face or QR code; "" where it lacks one."""

    identifier: str
    check_code: str = field(repr=False)


def read_scanned(text: str, check_code: str = "") -> PresentedCode | LicenseNumber | None:
    """Return what a scanned or typed text is; None: nothing that a window reads.

    Args:
        check_code: typed beside an identifier.
    """
    text = text.strip()
    if text.upper().startswith(PREFIX.upper()):
        return PresentedCode(text)
    number = _of_a_qr_code(text)
    if number is not None:
        return number
    if _IDENTIFIER.fullmatch(text.upper()):
        return LicenseNumber(text.upper(), check_code.strip())
    return PresentedCode(text) if _PRESENTED.fullmatch(text) else None


def _of_a_qr_code(text: str) -> LicenseNumber | None:
    """Return what a license's QR code names, also one of before, which nobody signed."""
    try:
        claims = read_qr_text(text).claims
    except MalformedQrCodeError:
        _, mark, payload = text.rpartition("#")
        identifier, _, code = payload.rpartition(".")
        plain = mark and _IDENTIFIER.fullmatch(identifier) and _CHECK_CODE.fullmatch(code)
        return LicenseNumber(identifier, code) if plain else None
    return LicenseNumber(claims.identifier, claims.check_code)
